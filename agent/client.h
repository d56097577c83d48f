/* The agent's side of the protocol (core/farm_protocol/message.h): requests with the token, and how
 * to wait between tries. */
#pragma once

#include "agent/config.h"
#include "core/io/fetch.h"

struct client {
	uv_loop_t *loop;
	const struct agent_config *config;
	struct fetch *fetch;
	char *authorization; /* header lines */
	char *protocol;
};
void client_init(struct client *c, uv_loop_t *loop, const struct agent_config *config);
/* Ends what is under way (each `done` comes with ERR_CANCELLED) and closes. */
void client_finish(struct client *c);

enum client_kind {
	CLIENT_OK, /* 2xx */
	CLIENT_AGAIN, /* no connection, 429, 5xx: try later */
	CLIENT_LOST, /* 409 */
	CLIENT_OVER, /* 410: no job will come any more */
	CLIENT_UNKNOWN, /* 403: hello is to be said (again), or we are in quarantine: later */
	CLIENT_DENIED, /* 401, 426: an operator must look */
	CLIENT_BAD, /* any other: it will not get better */
	CLIENT_STOPPED, /* we are ending */
};
struct client_reply {
	enum client_kind kind;
	long status; /* 0 without a response */
	struct str body;
	int64_t retry_after_s; /* -1 if none */
	const char *text; /* a sentence unless CLIENT_OK */
};

struct client_request {
	const char *method; /* "POST" */
	const char *path; /* below PROTOCOL_PATH, "/lease" */
	const char *type; /* of the body, NULL: JSON */
	struct str body; /* copied */
	int64_t timeout_ms; /* 0: 60 s */
	/* Once, on the loop, never from inside client_send. */
	void (*done)(void *user, const struct client_reply *reply);
	void *user;
};
/* The transfer may be cancelled until `done`, which then comes with CLIENT_STOPPED. */
struct fetch_transfer *client_send(struct client *c, const struct client_request *request);

/* Fetches a blob into a new file, with some tries, and checks its hash; `done` once, on the loop. The
 * handle is valid until then. */
struct client_blob;
struct client_blob *client_blob_start(struct client *c, const char *sha256, const char *path,
	void (*done)(void *user, int code, const struct err *e), void *user);
/* `done` comes with ERR_CANCELLED, within a few seconds. */
void client_blob_cancel(struct client_blob *b);

/* How long to wait before try number `tries` (from 1): doubled each time up to 30 s, with jitter, so
 * that agents do not come back all at once; never less than retry_after_s asks for, and up to half as
 * much again. */
uint64_t client_backoff_ms(unsigned tries, int64_t retry_after_s);
