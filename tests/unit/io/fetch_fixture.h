/* A web server on loopback and transfers that remember what they heard, for the tests of fetch. */
#pragma once

#include "core/io/fetch.h"

#include <sys/types.h>

struct server {
	pid_t pid;
	int input; /* it ends when this is closed */
	int port;
};

int fixture_start_server(void **state); /* cmocka's group setup; *state is a struct server */
int fixture_stop_server(void **state);

struct get {
	uv_loop_t *loop;
	struct fetch *client;
	struct fetch_request request;
	struct fetch_transfer *transfer;
	char *url;
	int ends;
	int code;
	char text[512];
	long status;
	char *effective_url;
	char *content_type;
	char *etag;
	char *serial;
	int64_t retry_after_s;
	uint64_t received;
	struct buf body;
	struct get *then; /* started from inside on_body or on_end */
	bool then_in_body;
	bool cancel_in_body;
	bool destroy_in_body;
	bool destroy_in_end;
	int body_code;
};

struct get get_of(struct server *s, const char *path); /* freed by get_clean */
void get_clean(struct get *g);
void get_start(struct get *g); /* its client is set */
/* An on_body for requests that want one: collects, and does what the flags ask for. */
int get_on_body(void *user, const struct fetch_response *r, struct str piece, struct err *e);
/* Runs `n` transfers on a fresh client; those with `then` start theirs. */
void get_run(struct get *const *gets, size_t n);
void get_run_one(struct get *g);
/* Runs one that must end with `code` and these words in the sentence, and cleans it. */
void get_check_error(struct get *g, int code, const char *words);
