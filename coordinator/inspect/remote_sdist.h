/* The PKG-INFO of an sdist on a web server (or in a folder), of which no more is read than comes before it:
 * gzip has no places to jump to, so this streams, into a thread that unpacks. At most some MiB are held. */
#pragma once

#include "core/io/fetch.h"

enum {
	REMOTE_SDIST_MOST = 64 << 20, /* bytes of an sdist that are read */
	REMOTE_SDIST_MS = 60 * 1000, /* and how long that may take */
};

struct remote_sdist;

struct remote_sdist_options {
	uv_loop_t *loop;
	struct fetch *fetch;
	const char *url;
	const char *const *headers; /* more request headers, NULL-ended, at most 4, or NULL */
	struct str file_name;
	bool allow_file; /* file:// may be read */
	/* Exactly once, on the loop. 0 and the text, which goes with it. Of the bytes themselves speak ERR_CORRUPT,
	 * ERR_INVALID (no PKG-INFO), ERR_TOO_LARGE and ERR_UNSUPPORTED (no archive that we read); else ERR_NOT_FOUND
	 * (404, 410), ERR_DENIED (401, 403), ERR_HTTP, ERR_CANCELLED or the network's. */
	void (*on_end)(void *user, int code, struct str pkg_info, const struct err *e);
	void *user;
};

/* Everything in the options is copied. Frees itself after on_end. */
struct remote_sdist *remote_sdist_start(const struct remote_sdist_options *options);
void remote_sdist_cancel(struct remote_sdist *s); /* on_end comes with ERR_CANCELLED */
