/* What fetch.c (the client on the loop) and fetch_transfer.c (one request on one curl handle) share;
 * for nobody else. */
#pragma once

#include "core/io/curl.h"
#include "core/io/fetch.h"

enum { FETCH_SPARES = 64 };

struct fetch_settings {
	char *user_agent;
	char *ca_file; /* NULL: curl's default */
	char *proxy; /* NULL: from the environment */
	/* Handles of transfers that are over, for those to come: making one takes longer than all else that
	 * a small request costs us. */
	CURL *spares[FETCH_SPARES];
	size_t spare_count;
};

enum fetch_header {
	FETCH_ETAG,
	FETCH_SERIAL,
	FETCH_CONTENT_RANGE,
	FETCH_CONTENT_ENCODING,
	FETCH_RETRY_AFTER,
	FETCH_HEADERS,
};

enum fetch_state {
	FETCH_WAITING, /* in the queue, curl knows nothing of it */
	FETCH_ACTIVE, /* in curl's multi handle */
	FETCH_ENDING, /* its on_end runs */
};

struct fetch_transfer {
	struct fetch *client;
	struct fetch_settings *settings; /* of the client */
	struct fetch_transfer *previous;
	struct fetch_transfer *next;
	enum fetch_state state;
	bool cancelled;

	CURL *easy;
	struct curl_slist *headers;
	char *method;
	char *url;
	char *shown; /* the URL as errors may say it: no user, password or query */
	struct buf request_body;
	size_t request_sent;
	int body_fd; /* -1 without a file */
	uint64_t body_offset;
	bool allow_file;
	bool no_redirects;
	uint64_t limit;
	int64_t timeout_ms;
	int64_t stall_s; /* 0: none */
	int64_t slowest;
	int64_t connect_ms;
	int (*on_body)(void *user, const struct fetch_response *r, struct str piece, struct err *e);
	void (*on_end)(
		void *user, int code, const struct fetch_response *r, struct str body, const struct err *e);
	void *user;

	struct fetch_response response;
	char *effective_url;
	char *content_type;
	char *headers_kept[FETCH_HEADERS]; /* of the last response, NULL where it has none */
	uint64_t header_bytes;
	uint64_t body_bytes; /* decoded */
	struct buf body;
	int code; /* what a callback ended the transfer with */
	struct err err;
	char curl_text[CURL_ERROR_SIZE];
};

/* Copies the request; an error that is known already is in `code`. Freed by _destroy. */
struct fetch_transfer *fetch_transfer_create(
	const struct fetch_request *request, struct fetch_settings *settings);
void fetch_transfer_destroy(struct fetch_transfer *t);
void fetch_settings_finish(struct fetch_settings *settings);
/* Calls on_end, for a transfer that curl has let go. status is curl's verdict; `code` goes first. */
void fetch_transfer_end(struct fetch_transfer *t, CURLcode status);
