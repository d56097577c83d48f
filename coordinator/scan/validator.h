/* What tells that a page is the one whose facts are stored, so that it need not be read again: the
 * server's ETag, its serial header, or the page's own bytes; kept in the package's `etag` column. */
#pragma once

#include "coordinator/scan/scan.h"
#include "core/io/sha256.h"

enum { VALIDATOR_FINGERPRINT = 17 };

/* What the stored facts depend on besides the page: index, targets and policy. A validator that was
 * stored under another one does not hold, so a new target gets its facts without a special case. */
void validator_fingerprint(const struct scan_options *o, char out[static VALIDATOR_FINGERPRINT]);

/* Of a package that is not known or absent, everything is empty. A page that was bad or out of reach
 * since changes nothing: the facts of before are still there, and so is what tells of them. */
struct validator {
	int64_t package; /* id, 0: not known */
	int64_t scanned; /* wall ms */
	bool current; /* facts are stored, and by this fingerprint */
	const char *etag; /* NULL: the server gave none */
	const char *hash; /* of the page's bytes as they came; NULL where etag or serial told enough */
	int64_t serial; /* 0: none */
	int64_t listed; /* what the index's list of serials says, 0: nothing */
	int64_t night; /* the last one that settled it (store/night.h), 0: none */
	char outcome; /* of that night: the first letter of the word in store_package */
	bool ranked; /* the stored rank and downloads are those of the list */
};
/* Of all packages of the scan at once: an array beside options->packages, in the arena. Blocking. */
int validators_load(const struct scan_options *o, const char *fingerprint, struct arena *arena,
	struct validator **out, struct err *e);

/* Which scan it is: what it depends on besides pages, and the packages asked for. The caller frees. */
char *validator_list(const struct scan_options *o, const char *fingerprint);

/* The ETag in a text that was stored under that fingerprint, in the arena; NULL: there is none. */
const char *validator_etag(const char *text, const char *fingerprint, struct arena *arena);

/* The text to store; etag and hash may be empty. In the arena. */
const char *validator_text(
	const char *fingerprint, const char *hash, const char *etag, struct arena *arena);
