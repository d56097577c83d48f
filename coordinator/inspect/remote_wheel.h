/* A wheel on a web server, judged there: core/inspect asks for ranges of the file, and HTTP range
 * requests (RFC 9110, 14) bring them.
 *
 * For WHEEL_HEADERS the end of the file comes first, then the zip's directory, then the beginnings of
 * its binaries, many at once. For WHEEL_FULL, and where the server knows no ranges, the whole file
 * comes in one answer into an unnamed temporary file. Nothing blocks the loop: bytes are judged on
 * libuv's pool. */
#pragma once

#include "core/inspect/wheel.h"
#include "core/io/fetch.h"
#include "core/io/sha256.h"

struct remote_wheel;

struct remote_wheel_result {
	struct wheel_report report; /* the caller finishes it; zeroed after an error */
	bool whole; /* all of the file came, although only headers were asked for */
	unsigned requests;
	uint64_t received; /* body bytes on the wire */
	char sha256[SHA256_HEX]; /* of all bytes if all came, else "" */
};

struct remote_wheel_options {
	uv_loop_t *loop;
	struct fetch *fetch;
	const char *url; /* http or https */
	const char *const *headers; /* more request headers, NULL-ended, or NULL */
	/* as for wheel_check_create; an empty file_name is the URL's last part */
	struct wheel_expectation expect;
	enum wheel_depth depth;
	uint64_t whole_max; /* bytes of a file that comes whole; 0: 512 MiB */
	struct str sha256; /* all bytes must have this hash, where all come; empty: not checked */
	/* Exactly once, on the loop. 0 and a report; ERR_INVALID (no wheel's name, no target),
	 * ERR_NOT_FOUND (404, 410), ERR_DENIED (401, 403), ERR_HTTP (any other answer that is not what
	 * was asked for), ERR_CONFLICT (the file changed between two answers), ERR_TOO_LARGE,
	 * ERR_HASH_MISMATCH, ERR_CANCELLED, or the network's. Sentences name the URL, without user,
	 * password and query. *result is the callback's to take. */
	void (*on_end)(void *user, int code, struct remote_wheel_result *result, const struct err *e);
	void *user;
};

/* Everything in the options is copied. Frees itself after on_end. */
struct remote_wheel *remote_wheel_start(const struct remote_wheel_options *options);
void remote_wheel_cancel(struct remote_wheel *w); /* on_end comes with ERR_CANCELLED */

/* The URL without user, password, query and fragment: what messages may say. The caller frees. */
char *remote_wheel_shown(const char *url);
/* The last part of its path, percent signs decoded. The caller frees. */
char *remote_wheel_file_name(const char *url);
/* Percent signs decoded (RFC 3986, 2.1); those that mean nothing stay. The caller frees. */
char *remote_wheel_decode(struct str text);
bool remote_wheel_is_url(const char *text); /* http:// or https:// */
