#include "coordinator/queue/parts.h"
#include "core/io/sha256.h"

#include <stdlib.h>
#include <string.h>

const char *queue_agent_name(const struct queue_agent *a)
{
	return a->name;
}

int64_t queue_agent_id(const struct queue_agent *a)
{
	return a->id;
}

struct queue_agent *queue_agent_by_name(const struct queue *q, const char *name)
{
	for (size_t i = 0; i < q->agents.n; i++) {
		if (strcmp(q->agents.v[i]->name, name) == 0) {
			return q->agents.v[i];
		}
	}
	return NULL;
}

struct queue_agent *queue_authenticate(struct queue *q, struct str token, struct err *e)
{
	unsigned char digest[SHA256_BYTES];
	char hash[SHA256_HEX];
	sha256_of(token, digest);
	sha256_hex(digest, hash);
	struct queue_agent *a = map_get(&q->agents_by_hash, str_from(hash));
	/* The map also knows tokens that an agent had before. */
	if (a == NULL || a->state == STORE_AGENT_REVOKED || strcmp(a->token_hash, hash) != 0) {
		err_set(e, ERR_DENIED, "no agent has this token");
		return NULL;
	}
	return a;
}

/* --- admission --- */

struct admission {
	struct queue *queue;
	char *name;
	bool trusted;
	bool local;
	int64_t now;
	char token[STORE_TOKEN];
	struct arena arena;
	struct store_agent row;
	void (*done)(void *user, int code, const char *token, const struct err *e);
	void *user;
};

static int write_admission(struct store *s, void *user, struct err *e)
{
	struct admission *d = user;
	int64_t id = 0;
	int code = store_agent_add(s, d->name, d->trusted, d->local, d->now, d->token, &id, e);
	return code == 0 ? store_agent_get(s, d->name, &d->arena, &d->row, e) : code;
}

static void on_admitted(void *user, int code, const struct err *e)
{
	struct admission *d = user;
	struct queue *q = d->queue;
	if (code == 0) {
		queue_read_agent(q, &d->row);
	}
	d->done(d->user, code, code == 0 ? d->token : NULL, e);
	arena_finish(&d->arena);
	free(d->name);
	free(d);
	queue_ended(q);
}

void queue_agent_add(struct queue *q, const char *name, bool trusted, bool local,
	void (*done)(void *user, int code, const char *token, const struct err *e), void *user)
{
	struct admission *d = MEM_NEW(struct admission);
	d->queue = q;
	d->name = str_dup(str_from(name));
	d->trusted = trusted;
	d->local = local;
	d->now = queue_now(q);
	d->done = done;
	d->user = user;
	queue_write(q, write_admission, on_admitted, d);
}

/* --- hello --- */

struct greeting {
	struct queue *queue;
	struct queue_agent *agent;
	int64_t agent_id;
	struct buf text;
	struct arena arena;
	struct hello hello;
	int64_t now;
	struct err err;
	store_done_fn done;
	void *user;
};

static void greeting_end(struct greeting *g, int code, const struct err *e)
{
	struct queue *q = g->queue;
	g->done(g->user, code, e);
	arena_finish(&g->arena);
	buf_finish(&g->text);
	free(g);
	queue_ended(q);
}

static int write_greeting(struct store *s, void *user, struct err *e)
{
	struct greeting *g = user;
	return store_agent_hello(s, g->agent_id, g->text.p, g->hello.version, g->now, e);
}

static void on_greeted(void *user, int code, const struct err *e)
{
	struct greeting *g = user;
	struct queue_agent *a = g->agent;
	if (code == 0) {
		arena_finish(&a->arena);
		a->arena = g->arena;
		a->hello = g->hello;
		a->said_hello = true;
		a->fits.n = 0;
		queue_canary_trust(a,
			a->trust == QUEUE_TRUST_NOBODY            ? QUEUE_TRUST_NOBODY
				: a->state == STORE_AGENT_QUARANTINED ? QUEUE_TRUST_NOTHING
													  : QUEUE_TRUST_PROOFS);
		a->seen = a->seen_written = g->now;
		a->queue->rematch = true;
		g->arena = (struct arena){0};
	}
	greeting_end(g, code, e);
}

static void refuse_greeting(void *user)
{
	struct greeting *g = user;
	greeting_end(g, g->err.code, &g->err);
}

static int check(const struct hello *hello, int64_t now, struct err *e)
{
	if (hello->protocol < PROTOCOL_VERSION - 1 || hello->protocol > PROTOCOL_VERSION + 1) {
		return err_set(e, ERR_UNSUPPORTED,
			"protocol %lld: this coordinator speaks %d; install the same version of both",
			(long long)hello->protocol, PROTOCOL_VERSION);
	}
	int64_t off = hello->clock > now ? hello->clock - now : now - hello->clock;
	if (off > QUEUE_CLOCK_MS) {
		return err_set(e, ERR_CONFLICT, "the agent's clock is %lld s off; 60 s are allowed",
			(long long)(off / 1000));
	}
	if (hello->slots < 1 || hello->slots > PROTOCOL_SLOTS) {
		return err_set(e, ERR_INVALID, "hello: slots: must be 1 to %d", PROTOCOL_SLOTS);
	}
	return 0;
}

void queue_hello(struct queue *q, struct queue_agent *a, const struct hello *hello,
	store_done_fn done, void *user)
{
	struct greeting *g = MEM_NEW(struct greeting);
	g->queue = q;
	g->agent = a;
	g->agent_id = a->id;
	g->now = queue_now(q);
	g->done = done;
	g->user = user;
	message_write(&g->text, hello_fields, hello);
	int code = check(hello, g->now, &g->err);
	if (code == 0) {
		/* its own copy, as the caller's goes */
		code =
			message_read(buf_view(&g->text), hello_fields, "hello", &g->hello, &g->arena, &g->err);
	}
	if (code != 0) {
		queue_soon(q, refuse_greeting, g);
	} else {
		queue_write(q, write_greeting, on_greeted, g);
	}
}

void queue_welcome(const struct queue *q, const struct queue_agent *a, struct welcome *out)
{
	*out = (struct welcome){.agent = a->name, .heartbeat_s = q->o.heartbeat_s};
}
