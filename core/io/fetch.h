/* HTTP client: libcurl's multi interface on a libuv loop. One `fetch` a loop; many transfers at
 * once over shared connections (HTTP/2 where the server has it). */
#pragma once

#include "core/base/str.h"

#include <uv.h>

struct fetch; /* the client */

struct fetch_options {
	const char *user_agent;
	const char *ca_file; /* NULL: curl's default (CURL_CA_BUNDLE, SSL_CERT_FILE are honoured) */
	const char *proxy; /* NULL: from the environment, as curl does */
	long max_connections; /* to one host, default 8 */
};
struct fetch *fetch_create(uv_loop_t *loop, const struct fetch_options *options);
/* Cancels what is under way (each on_end is called with ERR_CANCELLED, and must start nothing), then
 * closes its handles; memory goes when the loop has run on. Called from a callback of this client it
 * waits until that returns, else all on_end calls are over when it returns. */
void fetch_destroy(struct fetch *f);

struct fetch_response {
	long status;
	const char *effective_url; /* after redirects, without user and password */
	const char *content_type; /* "" if none */
	const char *content_encoding; /* "" if none */
	const char *etag; /* "" if none */
	const char *serial; /* X-PyPI-Last-Serial, "" if none */
	const char *content_range; /* RFC 9110, 14.4: "bytes 0-9/100", "" if none */
	int64_t retry_after_s; /* -1 if none */
	uint64_t received; /* body bytes on the wire */
	bool multiplexed; /* came by HTTP/2: many at once share a connection */
};

struct fetch_request {
	const char *method; /* NULL: GET */
	const char *url; /* http, https, or file for a folder given by the user */
	/* "Name: value", NULL-ended, or NULL. With Range or Accept-Encoding among them the body is
	 * passed on as it came, not decoded: set "Accept-Encoding: identity" for a file whose hash
	 * counts. */
	const char *const *headers;
	struct str body; /* copied; for POST, PUT */
	const char *body_file; /* or: a file sent from body_offset on */
	uint64_t body_offset;
	uint64_t limit; /* bytes of body at most (decoded); 0: 64 MiB */
	int64_t timeout_ms; /* whole transfer; 0: 120,000 */
	/* seconds without a byte that end it with ERR_TIMEOUT; 0: 60 if timeout_ms is over 120,000, else
	 * none. Up to 6 s later, as curl looks at the mean of so long. A connection whose other end
	 * vanished says nothing. */
	int64_t stall_s;
	int64_t connect_ms; /* of the connection alone; 0: 30,000 */
	int64_t slowest; /* bytes a second that stall_s looks for; 0: 1 */
	bool allow_file; /* file:// may be read */
	bool no_redirects;
	/* Body bytes as they come, decoded (gzip); a negative return ends the transfer with it. NULL:
	 * the body is collected and passed to on_end. */
	int (*on_body)(void *user, const struct fetch_response *r, struct str piece, struct err *e);
	/* Exactly once, on the loop, never from inside fetch_start. code 0: a response came whole,
	 * whatever its status; else an error with its sentence. body is empty if on_body was given. */
	void (*on_end)(
		void *user, int code, const struct fetch_response *r, struct str body, const struct err *e);
	void *user;
};
struct fetch_transfer;
/* Everything in the request is copied. Redirects are bounded (5) and never to another scheme, but
 * http → https. Returns a handle for fetch_cancel, valid until on_end. */
struct fetch_transfer *fetch_start(struct fetch *f, const struct fetch_request *request);
void fetch_cancel(struct fetch_transfer *t); /* on_end comes with ERR_CANCELLED */
/* No more on_body until fetch_resume, out of which it may come. From on_body, or from the loop. */
void fetch_pause(struct fetch_transfer *t);
void fetch_resume(struct fetch_transfer *t);
