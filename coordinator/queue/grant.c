#include "coordinator/queue/parts.h"
#include "core/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FENCE_BYTES = 24, FENCE_TEXT = 2 * FENCE_BYTES + 24 };
_Static_assert(QUEUE_SECRETS % FENCE_BYTES == 0, "no secret is cut");

/* FENCE_BYTES that are used once. */
static const unsigned char *take_secret(struct queue *q)
{
	if (q->secrets_left == 0) {
		if (getrandom(q->secrets, sizeof(q->secrets), 0) != (ssize_t)sizeof(q->secrets)) {
			mem_bug("no random bytes");
		}
		q->secrets_left = sizeof(q->secrets);
	}
	q->secrets_left -= FENCE_BYTES;
	return q->secrets + q->secrets_left;
}

const char *queue_make_fence(struct queue *q, int64_t job, struct arena *arena)
{
	char *out = arena_new(arena, FENCE_TEXT);
	const unsigned char *secret = take_secret(q);
	int n = snprintf(out, FENCE_TEXT, "%lld-", (long long)job);
	for (size_t i = 0; i < FENCE_BYTES; i++) {
		out[(size_t)n + 2 * i] = "0123456789abcdef"[secret[i] >> 4];
		out[(size_t)n + 2 * i + 1] = "0123456789abcdef"[secret[i] & 15];
	}
	out[(size_t)n + 2 * FENCE_BYTES] = '\0';
	return out;
}

/* Each stage has the job's wall limit; ten minutes more for uploads and the agent's own work. */
static int64_t hard_seconds(const struct queue_grant_new *g)
{
	if (g->queue->o.hard_s > 0) {
		return g->queue->o.hard_s;
	}
	int64_t wall_s = g->row.outline.limits.wall_s;
	return wall_s > 0 ? wall_s * STAGE_COUNT + 600 : 24 * 3600;
}

int queue_grant_write(struct store *s, struct queue_grant_new *g, struct err *e)
{
	const struct queue_options *o = &g->queue->o;
	int code = store_lease_take(s, &g->lease, &g->arena, &g->row, e);
	if (code != 0) {
		return code;
	}
	g->lease.hard_deadline = g->lease.granted + hard_seconds(g) * 1000;
	g->lease.deadline = g->lease.granted + o->lease_s * 1000;
	if (g->lease.deadline > g->lease.hard_deadline) {
		g->lease.deadline = g->lease.hard_deadline;
	}
	return store_lease_add(s, &g->lease, e);
}

bool queue_is_slow(const struct queue *q)
{
	return queue_behind_ms(q) > q->o.slow_ms;
}

struct queue_grant_new *queue_grant_start(struct queue *q, struct queue_agent *a, int64_t slot)
{
	bool may = !q->paused && !q->closing && q->queued != 0 && !queue_is_slow(q) &&
		a->state == STORE_AGENT_ACTIVE && !queue_canary_is_due(q, a);
	struct queue_job *job = may ? queue_pick(q, a) : NULL;
	if (job == NULL) {
		return NULL;
	}
	struct queue_grant_new *g = MEM_NEW(struct queue_grant_new);
	const char *fence = queue_make_fence(q, job->id, &g->arena);
	g->queue = q;
	g->agent = a;
	g->slot = slot;
	g->job = job;
	g->lease = (struct store_lease){
		.job = job->id,
		.agent = a->id,
		.fence = fence,
		.granted = queue_now(q),
	};
	*vec_add(&q->granting) = job->id;
	return g;
}

static void forget_granting(struct queue *q, int64_t job)
{
	for (size_t i = 0; i < q->granting.n; i++) {
		if (q->granting.v[i] == job) {
			q->granting.v[i] = q->granting.v[--q->granting.n];
			return;
		}
	}
}

struct queue_lease *queue_grant_apply(struct queue_grant_new *g)
{
	struct queue *q = g->queue;
	forget_granting(q, g->job->id);
	struct queue_lease *lease =
		queue_lease_add(q, g->agent, &g->lease, &g->row, g->job->class, &g->arena);
	lease->slot = g->slot;
	free(g->job);
	free(g);
	return lease;
}

void queue_grant_failed(struct queue_grant_new *g, int code)
{
	struct queue *q = g->queue;
	forget_granting(q, g->job->id);
	if (code == ERR_CONFLICT) {
		free(g->job); /* somebody superseded it in the meantime */
	} else {
		queue_push(q, g->job);
	}
	arena_finish(&g->arena);
	free(g);
}

void queue_grant_json(const struct queue_lease *lease, struct buf *out)
{
	buf_reserve(out, strlen(lease->row.spec) + 256);
	buf_printf(out,
		"{\"fence\":\"%s\",\"deadline\":%lld,\"hard_deadline\":%lld,\"heartbeat_s\":%lld,%"
		"s\"job\":",
		lease->fence, (long long)lease->deadline, (long long)lease->hard_deadline,
		(long long)lease->agent->queue->o.heartbeat_s,
		lease->canary != NULL ? "\"canary\":true," : "");
	buf_add_text(out, lease->row.spec);
	buf_add_char(out, '}');
}

/* --- a lease that nobody will know of --- */

struct back {
	struct queue *queue;
	struct queue_lease *lease;
	int64_t id, job;
	struct store_leased row; /* its texts are the lease's */
	int64_t now;
};

static int write_back(struct store *s, void *user, struct err *e)
{
	struct back *b = user;
	int code = store_lease_end(s, b->id, b->now, "revoked", e);
	return code == 0 ? store_job_retry(s, b->job, 0, b->row.avoid_agent, b->row.farm_faults,
						   b->row.limit_faults, e)
					 : code;
}

static void on_back(void *user, int code, const struct err *e)
{
	struct back *b = user;
	struct queue *q = b->queue;
	if (code == 0) {
		queue_push(q, queue_lease_job(b->lease, 0, b->row.avoid_agent));
		queue_lease_remove(q, b->lease);
		queue_match(q);
	} else if (code == ERR_LEASE_LOST) {
		queue_lease_remove(q, b->lease); /* it was revoked meanwhile, and its job is back */
	} else {
		log_warn("queue", "%s", e->text);
		b->lease->ending = false; /* it stays leased and will expire */
	}
	free(b);
	queue_ended(q);
}

void queue_lease_give_back(struct queue_lease *lease)
{
	struct queue *q = lease->agent->queue;
	struct back *b = MEM_NEW(struct back);
	*b = (struct back){
		.queue = q,
		.lease = lease,
		.id = lease->id,
		.job = lease->job,
		.row = lease->row,
		.now = queue_now(q),
	};
	lease->ending = true;
	queue_write(q, write_back, on_back, b);
}

/* --- a request that waits --- */

struct granting {
	struct queue_grant_new *grant;
	struct queue_wait *wait;
};

static int write_granting(struct store *s, void *user, struct err *e)
{
	struct granting *g = user;
	return queue_grant_write(s, g->grant, e);
}

static void answer(struct queue_wait *w, const struct queue_lease *lease)
{
	struct buf json = {0};
	queue_grant_json(lease, &json);
	struct queue_grant grant = {.job = lease->job, .fence = lease->fence, .json = buf_view(&json)};
	w->done(w->user, 0, &grant, NULL);
	buf_finish(&json);
}

static void on_granted(void *user, int code, const struct err *e)
{
	struct granting *g = user;
	struct queue_wait *w = g->wait;
	struct queue *q = w->queue;
	if (code == 0) {
		struct queue_lease *lease = queue_grant_apply(g->grant);
		if (w->done == NULL || q->closing || w->agent->state != STORE_AGENT_ACTIVE) {
			queue_lease_give_back(lease);
			queue_wait_answer(w, ERR_CANCELLED);
		} else {
			queue_tell(q, QUEUE_LEASED, lease, &(struct queue_event){0});
			answer(w, lease);
			free(w);
		}
	} else {
		queue_grant_failed(g->grant, code);
		if (code == ERR_CONFLICT && w->done != NULL && !q->closing) {
			*vec_add(&q->waits) = w; /* the agent waits on */
			w->listed = true;
			q->rematch = true;
		} else {
			log_warn("queue", "%s", e->text);
			queue_wait_answer(w, code == ERR_CONFLICT ? ERR_CANCELLED : code);
		}
	}
	free(g);
	queue_match(q);
	queue_ended(q);
}

static void unlist(struct queue_wait *w)
{
	struct queue *q = w->queue;
	for (size_t i = 0; w->listed && i < q->waits.n; i++) {
		if (q->waits.v[i] == w) {
			memmove(&q->waits.v[i], &q->waits.v[i + 1], (q->waits.n - i - 1) * sizeof(*q->waits.v));
			q->waits.n--;
			w->listed = false;
		}
	}
}

static void tell_wait(void *user)
{
	struct queue_wait *w = user;
	struct queue *q = w->queue;
	if (w->done != NULL) {
		struct err e = {0};
		err_set(&e, w->code, "%s", err_text(w->code));
		w->done(w->user, w->code, NULL, &e);
	}
	free(w);
	queue_ended(q);
}

void queue_wait_answer(struct queue_wait *w, int code)
{
	unlist(w);
	w->code = code;
	queue_soon(w->queue, tell_wait, w);
}

void queue_refuse_waits(struct queue *q, const struct queue_agent *a, int code)
{
	for (size_t i = 0; i < q->waits.n;) {
		if (q->waits.v[i]->agent == a) {
			queue_wait_answer(q->waits.v[i], code);
		} else {
			i++;
		}
	}
}

/* False if there is nothing for it now. */
static bool serve(struct queue *q, struct queue_wait *w)
{
	struct queue_grant_new *grant = queue_grant_start(q, w->agent, w->slot);
	if (grant == NULL) {
		bool offered = queue_canary_offer(q, w);
		if (offered) {
			unlist(w);
		}
		return offered;
	}
	unlist(w);
	struct granting *g = MEM_NEW(struct granting);
	*g = (struct granting){grant, w};
	queue_write(q, write_granting, on_granted, g);
	return true;
}

void queue_match(struct queue *q)
{
	if (!q->open || q->closing) {
		return;
	}
	bool may = q->queued != 0 || q->o.canary_count != 0; /* a canary may be due by now */
	for (size_t i = 0; q->rematch && may && i < q->waits.n;) {
		i += serve(q, q->waits.v[i]) ? 0 : 1;
	}
	q->rematch = false;
	while (q->draining && queue_is_empty(q) && q->waits.n != 0) {
		queue_wait_answer(q->waits.v[0], ERR_NOT_FOUND);
	}
}

bool queue_has_slot(const struct queue_agent *a, int64_t slot)
{
	return slot >= 0 && slot < a->hello.slots;
}

static int may_lease(const struct queue *q, struct queue_agent *a, int64_t slot)
{
	if (q->closing) {
		return ERR_CANCELLED;
	}
	if (a->state == STORE_AGENT_DRAINING) {
		return ERR_NOT_FOUND;
	}
	bool to_prove = a->state == STORE_AGENT_QUARANTINED && queue_canary_is_due(q, a);
	if (!a->said_hello || (a->state != STORE_AGENT_ACTIVE && !to_prove)) {
		return ERR_DENIED;
	}
	return !queue_has_slot(a, slot) ? ERR_INVALID : queue_is_slow(q) ? ERR_BUSY : 0;
}

/* Who asks for a slot has nothing in it: what was sent there did not arrive, or died with its agent. */
static void clear_slot(struct queue *q, struct queue_agent *a, int64_t slot)
{
	for (size_t i = 0; i < a->leases.n; i++) {
		if (a->leases.v[i]->slot == slot && !a->leases.v[i]->ending) {
			queue_expire(q, a->leases.v[i], "the agent asked for another job instead");
		}
	}
	for (size_t i = 0; i < q->waits.n; i++) {
		if (q->waits.v[i]->agent == a && q->waits.v[i]->slot == slot) {
			queue_wait_answer(q->waits.v[i], ERR_TIMEOUT);
			return;
		}
	}
}

struct queue_wait *queue_lease(struct queue *q, struct queue_agent *a,
	const struct lease_request *request, queue_lease_fn done, void *user)
{
	a->seen = queue_now(q);
	struct queue_wait *w = MEM_NEW(struct queue_wait);
	int64_t wait_s = request->wait_s < 0 ? 0 : request->wait_s;
	*w = (struct queue_wait){
		.queue = q,
		.agent = a,
		.slot = request->slot,
		.deadline = a->seen + 1000 * (wait_s < QUEUE_WAIT_MOST_S ? wait_s : QUEUE_WAIT_MOST_S),
		.done = done,
		.user = user,
	};
	int code = may_lease(q, a, request->slot);
	if (code != 0) {
		queue_wait_answer(w, code);
		return w;
	}
	clear_slot(q, a, request->slot);
	*vec_add(&q->waits) = w;
	w->listed = true;
	queue_release_delayed(q);
	queue_match(q);
	if (w->listed && q->open) {
		(void)serve(q, w);
	}
	if (w->listed && wait_s == 0) {
		queue_wait_answer(w, ERR_TIMEOUT);
	}
	return w;
}

void queue_lease_cancel(struct queue *q, struct queue_wait *w)
{
	w->done = NULL;
	if (w->listed) {
		unlist(w);
		free(w);
	}
}
