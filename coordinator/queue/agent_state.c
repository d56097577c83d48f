#include "coordinator/queue/parts.h"

#include <stdlib.h>

/* An operator's word on one agent: draining, or active again. */
struct agent_change {
	struct queue *queue;
	char *name;
	enum store_agent_state state;
	int64_t agent;
	store_done_fn done;
	void *user;
};

static int write_change(struct store *s, void *user, struct err *e)
{
	struct agent_change *c = user;
	return store_agent_change(s, c->name, c->state, &c->agent, e);
}

/* What waits is told again what it may have: a drained agent nothing, a released one jobs. */
static void apply(struct queue *q, const struct agent_change *c)
{
	struct queue_agent *a = queue_agent_by_name(q, c->name);
	if (a == NULL || a->id != c->agent) {
		return;
	}
	a->state = c->state;
	if (c->state == STORE_AGENT_ACTIVE) {
		a->faults = 0;
		queue_canary_trust(a, QUEUE_TRUST_ALL);
		q->rematch = true;
	}
	if (c->state == STORE_AGENT_DRAINING) {
		queue_refuse_waits(q, a, ERR_NOT_FOUND);
	}
	queue_match(q);
}

static void on_changed(void *user, int code, const struct err *e)
{
	struct agent_change *c = user;
	struct queue *q = c->queue;
	if (code == 0) {
		apply(q, c);
	}
	if (c->done != NULL) {
		c->done(c->user, code, e);
	}
	free(c->name);
	free(c);
	queue_ended(q);
}

static void start(
	struct queue *q, const char *name, enum store_agent_state state, store_done_fn done, void *user)
{
	struct agent_change *c = MEM_NEW(struct agent_change);
	*c = (struct agent_change){
		.queue = q, .name = str_dup(str_from(name)), .state = state, .done = done, .user = user};
	queue_write(q, write_change, on_changed, c);
}

void queue_drain_agent(struct queue *q, const char *name, store_done_fn done, void *user)
{
	start(q, name, STORE_AGENT_DRAINING, done, user);
}

void queue_release_agent(struct queue *q, const char *name, store_done_fn done, void *user)
{
	start(q, name, STORE_AGENT_ACTIVE, done, user);
}
