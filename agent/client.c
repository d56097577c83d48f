#include "agent/client.h"

#include "core/farm_protocol/message.h"
#include "core/io/loop.h"
#include "core/io/sha256.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
	TIMEOUT_MS = 60000,
	BACKOFF_FIRST_MS = 500,
	BACKOFF_MOST_MS = 30000,
	RETRY_AFTER_MOST_S = 300,
	BLOB_TRIES = 8,
	BLOB_WAIT_MS = 4000,
	REPLY_BYTES = 8 << 20,
};

void client_init(struct client *c, uv_loop_t *loop, const struct agent_config *config)
{
	*c = (struct client){.loop = loop, .config = config};
	struct fetch_options options = {
		.user_agent = "wheelfarm-agent/" WHEELFARM_VERSION,
		.ca_file = config->ca_file,
		/* each slot may wait for a lease, send its log and beat its heart at the same time */
		.max_connections = 3 * (long)config->slots + 2,
	};
	c->fetch = fetch_create(loop, &options);
	c->authorization = str_format("Authorization: Bearer %s", config->token);
	c->protocol = str_format("Wheelfarm-Protocol: %d", PROTOCOL_VERSION);
}

void client_finish(struct client *c)
{
	if (c->fetch != NULL) {
		fetch_destroy(c->fetch);
	}
	free(c->authorization);
	free(c->protocol);
	*c = (struct client){0};
}

uint64_t client_backoff_ms(unsigned tries, int64_t retry_after_s)
{
	uint64_t ms = BACKOFF_FIRST_MS;
	for (unsigned i = 1; i < tries && ms < BACKOFF_MOST_MS; i++) {
		ms *= 2;
	}
	ms = ms > BACKOFF_MOST_MS ? BACKOFF_MOST_MS : ms;
	uint32_t dice = 0;
	if (getrandom(&dice, sizeof(dice), GRND_NONBLOCK) != (ssize_t)sizeof(dice)) {
		dice = (uint32_t)getpid() * UINT32_C(2654435761);
	}
	if (retry_after_s > RETRY_AFTER_MOST_S) {
		retry_after_s = RETRY_AFTER_MOST_S;
	}
	uint64_t asked = retry_after_s > 0 ? (uint64_t)retry_after_s * 1000 : 0;
	uint64_t least = ms / 2 > asked ? ms / 2 : asked;
	uint64_t spread = ms / 2 > asked / 2 ? ms / 2 : asked / 2;
	return least + dice % (spread + 1);
}

static enum client_kind kind_of(long status)
{
	if (status >= 200 && status < 300) {
		return CLIENT_OK;
	}
	switch (status) {
	case 401:
	case 426:
		return CLIENT_DENIED;
	case 403:
		return CLIENT_UNKNOWN;
	case 408:
	case 429:
		return CLIENT_AGAIN;
	case 409:
		return CLIENT_LOST;
	case 410:
		return CLIENT_OVER;
	default:
		return status >= 500 ? CLIENT_AGAIN : CLIENT_BAD;
	}
}

/* --- one request --- */

struct call {
	void (*done)(void *user, const struct client_reply *reply);
	void *user;
};

static void on_end(
	void *user, int code, const struct fetch_response *r, struct str body, const struct err *e)
{
	struct call call = *(struct call *)user;
	free(user);
	struct client_reply reply = {.retry_after_s = -1};
	char text[256] = "";
	if (code != 0) {
		reply.kind = code == ERR_CANCELLED ? CLIENT_STOPPED : CLIENT_AGAIN;
		reply.text = e != NULL ? e->text : err_text(code);
	} else {
		reply.kind = kind_of(r->status);
		reply.status = r->status;
		reply.body = body;
		reply.retry_after_s = r->retry_after_s;
		snprintf(text, sizeof(text), "HTTP %ld: %.*s", r->status,
			(int)(body.n < 160 ? body.n : 160), body.n != 0 ? body.p : "");
		reply.text = text;
	}
	call.done(call.user, &reply);
}

struct fetch_transfer *client_send(struct client *c, const struct client_request *request)
{
	struct call *call = MEM_NEW(struct call);
	*call = (struct call){.done = request->done, .user = request->user};
	char *url = str_format("%s" PROTOCOL_PATH "%s", c->config->coordinator, request->path);
	const char *type = request->type != NULL ? request->type : "application/json";
	char *content = str_format("Content-Type: %s", type);
	const char *const headers[] = {c->authorization, c->protocol, content, "Expect:", NULL};
	struct fetch_request out = {
		.method = request->method,
		.url = url,
		.headers = headers,
		.body = request->body,
		.limit = REPLY_BYTES,
		.timeout_ms = request->timeout_ms != 0 ? request->timeout_ms : TIMEOUT_MS,
		.no_redirects = true, /* the token goes to the coordinator and nowhere else */
		.on_end = on_end,
		.user = call,
	};
	struct fetch_transfer *transfer = fetch_start(c->fetch, &out);
	free(content);
	free(url);
	return transfer;
}

/* --- a blob into a file --- */

struct client_blob {
	struct client *client;
	char *sha256;
	char *path;
	FILE *file;
	struct sha256 *hash;
	struct fetch_transfer *transfer; /* NULL between tries */
	bool cancelled;
	unsigned tries;
	int disk; /* negative errno of our own file */
	void (*done)(void *user, int code, const struct err *e);
	void *user;
};

static void blob_start(void *user);

static void blob_finish(struct client_blob *b, int code, const struct err *e)
{
	b->done(b->user, code, e);
	sha256_destroy(b->hash);
	free(b->sha256);
	free(b->path);
	free(b);
}

static int blob_body(void *user, const struct fetch_response *r, struct str piece, struct err *e)
{
	struct client_blob *b = user;
	if (r->status != 200) {
		return 0;
	}
	if (fwrite(piece.p, 1, piece.n, b->file) != piece.n) {
		b->disk = -errno;
		return err_set(e, b->disk, "%s: %s", b->path, strerror(errno));
	}
	sha256_add(b->hash, piece.p, piece.n);
	return 0;
}

static void blob_end(
	void *user, int code, const struct fetch_response *r, struct str body, const struct err *e)
{
	struct client_blob *b = user;
	struct err out = e != NULL ? *e : (struct err){0};
	b->transfer = NULL;
	unsigned char digest[SHA256_BYTES];
	char hex[SHA256_HEX];
	sha256_end(b->hash, digest);
	sha256_hex(digest, hex);
	if (fclose(b->file) != 0 && b->disk == 0) {
		b->disk = -errno;
	}
	b->file = NULL;
	bool again = false;
	if (b->disk != 0) {
		code = err_set(&out, b->disk, "%s: %s", b->path, strerror(-b->disk));
	} else if (code != 0) {
		again = code != ERR_CANCELLED;
	} else if (r->status != 200) {
		again = kind_of(r->status) == CLIENT_AGAIN;
		code = err_set(&out, ERR_HTTP, "blob %s: HTTP %ld", b->sha256, r->status);
	} else if (strcmp(hex, b->sha256) != 0) {
		code = err_set(&out, ERR_HASH_MISMATCH, "blob %s: its sha256 is %s", b->sha256, hex);
	}
	if (again && b->tries < BLOB_TRIES && !b->cancelled) {
		int64_t after = r != NULL ? r->retry_after_s : -1;
		/* bounded, because an agent that ends waits for it */
		uint64_t ms = client_backoff_ms(b->tries, after);
		ms = ms < BLOB_WAIT_MS ? ms : BLOB_WAIT_MS;
		loop_after(b->client->loop, ms, blob_start, b);
		return;
	}
	blob_finish(b, code, &out);
}

static void blob_failed(void *user)
{
	struct client_blob *b = user;
	struct err e = {0};
	err_set(&e, b->disk, "%s: %s", b->path, strerror(-b->disk));
	blob_finish(b, b->disk, &e);
}

static void blob_start(void *user)
{
	struct client_blob *b = user;
	struct client *c = b->client;
	if (b->cancelled) {
		struct err e = {0};
		blob_finish(b, err_set(&e, ERR_CANCELLED, "blob %s: not wanted any more", b->sha256), &e);
		return;
	}
	b->tries++;
	unlink(b->path);
	b->file = fopen(b->path, "wbx");
	if (b->file == NULL) {
		b->disk = -errno;
		loop_after(c->loop, 0, blob_failed, b);
		return;
	}
	char *url = str_format("%s" PROTOCOL_PATH "/blob/%s", c->config->coordinator, b->sha256);
	const char *const headers[] = {
		c->authorization, c->protocol, "Accept-Encoding: identity", NULL};
	struct fetch_request request = {
		.url = url,
		.headers = headers,
		.limit = UINT64_MAX,
		.timeout_ms = INT32_MAX,
		.no_redirects = true,
		.on_body = blob_body,
		.on_end = blob_end,
		.user = b,
	};
	b->transfer = fetch_start(c->fetch, &request);
	free(url);
}

struct client_blob *client_blob_start(struct client *c, const char *sha256, const char *path,
	void (*done)(void *user, int code, const struct err *e), void *user)
{
	struct client_blob *b = MEM_NEW(struct client_blob);
	*b = (struct client_blob){
		.client = c,
		.sha256 = str_dup(str_from(sha256)),
		.path = str_dup(str_from(path)),
		.hash = sha256_create(),
		.done = done,
		.user = user,
	};
	blob_start(b);
	return b;
}

void client_blob_cancel(struct client_blob *b)
{
	b->cancelled = true;
	if (b->transfer != NULL) {
		fetch_cancel(b->transfer);
	}
}
