/* What tells that a page is the one whose facts are stored, so that it need not be read again: the
 * server's ETag, its serial header, or the page's own bytes; kept in the package's `etag` column. */
#pragma once

#include "coordinator/scan/scan.h"
#include "core/io/sha256.h"

enum { VALIDATOR_FINGERPRINT = 17 };

/* What the stored facts depend on besides the page: index, targets and policy. A validator that was
 * stored under another one does not hold, so a new target gets its facts without a special case. */
void validator_fingerprint(const struct scan_options *o, char out[static VALIDATOR_FINGERPRINT]);

struct validator {
	bool current; /* facts are stored, and by this fingerprint */
	char *etag; /* NULL: the server gave none */
	char hash[SHA256_HEX]; /* of the page's bytes; "" where etag or serial told enough */
	int64_t serial; /* 0: none */
};
/* Of a package that is not known, absent, or in trouble, everything is empty. */
void validator_read(
	struct store *s, const char *name, const char *fingerprint, struct validator *out);
void validator_finish(struct validator *v);

/* The text to store; etag and hash may be empty. In the arena. */
const char *validator_text(
	const char *fingerprint, const char *hash, const char *etag, struct arena *arena);
