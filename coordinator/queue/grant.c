#include "coordinator/queue/parts.h"
#include "core/base/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FENCE_BYTES = 24, FENCE_TEXT = 2 * FENCE_BYTES + 1 };

struct grant {
	struct queue *queue;
	struct queue_wait *wait;
	struct queue_job *job;
	struct arena arena;
	char fence[FENCE_TEXT];
	struct store_lease lease;
	struct store_job row;
	int64_t lease_s;
	int64_t hard_s;
};

static void make_fence(char out[static FENCE_TEXT])
{
	unsigned char secret[FENCE_BYTES];
	if (getrandom(secret, sizeof(secret), 0) != (ssize_t)sizeof(secret)) {
		mem_bug("no random bytes");
	}
	for (size_t i = 0; i < FENCE_BYTES; i++) {
		out[2 * i] = "0123456789abcdef"[secret[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[secret[i] & 15];
	}
	out[FENCE_TEXT - 1] = '\0';
}

/* Each stage has the job's wall limit; ten minutes more for uploads and the agent's own work. */
static int64_t hard_seconds(const struct grant *g, struct arena *arena)
{
	struct job job;
	if (g->hard_s > 0) {
		return g->hard_s;
	}
	if (job_read(str_from(g->row.spec), arena, &job, NULL) != 0 || job.limits.wall_s <= 0) {
		return 24 * 3600;
	}
	return job.limits.wall_s * STAGE_COUNT + 600;
}

static int write_grant(struct store *s, void *user, struct err *e)
{
	struct grant *g = user;
	int code = store_job_get(s, g->lease.job, &g->arena, &g->row, e);
	if (code != 0) {
		return code;
	}
	g->lease.hard_deadline = g->lease.granted + hard_seconds(g, &g->arena) * 1000;
	g->lease.deadline = g->lease.granted + g->lease_s * 1000;
	if (g->lease.deadline > g->lease.hard_deadline) {
		g->lease.deadline = g->lease.hard_deadline;
	}
	code = store_lease_grant(s, &g->lease, e);
	return code == 0 ? store_agent_seen(s, g->lease.agent, g->lease.granted, e) : code;
}

struct back {
	struct queue *queue;
	struct queue_lease *lease;
	struct queue_job *job;
	int64_t id;
	int64_t now;
};

static int write_back(struct store *s, void *user, struct err *e)
{
	struct back *b = user;
	struct arena arena = {0};
	struct store_job job;
	int code = store_lease_end(s, b->id, b->now, "revoked", e);
	if (code == 0) {
		code = store_job_get(s, b->job->id, &arena, &job, e);
	}
	if (code == 0) {
		code = store_job_retry(
			s, b->job->id, 0, job.avoid_agent, job.farm_faults, job.limit_faults, e);
	}
	arena_finish(&arena);
	return code;
}

static void give_back(void *user, int code, const struct err *e)
{
	struct back *b = user;
	struct queue *q = b->queue;
	if (code == 0) {
		queue_lease_remove(q, b->lease);
		queue_push(q, b->job);
		queue_match(q);
	} else {
		/* It stays leased and will expire. */
		log_warn("queue", "%s", e->text);
		b->lease->ending = false;
		free(b->job);
	}
	free(b);
	queue_ended(q);
}

/* The client went away while its lease was written: nobody knows the fence. */
static void start_back(struct queue *q, struct queue_lease *lease, struct queue_job *job)
{
	struct back *b = MEM_NEW(struct back);
	*b = (struct back){q, lease, job, lease->id, queue_now(q)};
	lease->ending = true;
	queue_write(q, write_back, give_back, b);
}

static void answer(struct queue *q, struct queue_wait *w, const struct queue_lease *lease)
{
	struct buf json = {0};
	buf_printf(&json,
		"{\"fence\":\"%s\",\"deadline\":%lld,\"hard_deadline\":%lld,\"heartbeat_s\":%lld,\"job\":%"
		"s}",
		lease->fence, (long long)lease->deadline, (long long)lease->hard_deadline,
		(long long)q->o.heartbeat_s, lease->spec);
	struct queue_grant grant = {.job = lease->job, .fence = lease->fence, .json = buf_view(&json)};
	w->done(w->user, 0, &grant, NULL);
	buf_finish(&json);
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

static void on_granted(void *user, int code, const struct err *e)
{
	struct grant *g = user;
	struct queue *q = g->queue;
	struct queue_wait *w = g->wait;
	forget_granting(q, g->job->id);
	if (code == 0) {
		struct queue_lease *lease = queue_lease_add(q, w->agent, &g->lease, &g->row);
		if (w->done == NULL || q->closing || w->agent->state == STORE_AGENT_REVOKED) {
			start_back(q, lease, g->job);
			g->job = NULL;
			queue_wait_answer(w, ERR_CANCELLED);
		} else {
			queue_tell(q, QUEUE_LEASED, lease, &(struct queue_event){0});
			answer(q, w, lease);
			free(w);
		}
	} else if ((code == ERR_CONFLICT || code == ERR_NOT_FOUND) && w->done != NULL && !q->closing) {
		/* Somebody superseded it in the meantime: not a job any more; the agent waits on. */
		*vec_add(&q->waits) = w;
		w->listed = true;
	} else {
		log_warn("queue", "%s", e->text);
		if (code != ERR_CONFLICT && code != ERR_NOT_FOUND) {
			queue_push(q, g->job);
			g->job = NULL;
		}
		queue_wait_answer(w, code == ERR_CONFLICT || code == ERR_NOT_FOUND ? ERR_CANCELLED : code);
	}
	free(g->job);
	arena_finish(&g->arena);
	free(g);
	queue_match(q);
	queue_ended(q);
}

static void start_grant(struct queue *q, struct queue_wait *w, struct queue_job *job)
{
	struct grant *g = MEM_NEW(struct grant);
	g->queue = q;
	g->wait = w;
	g->job = job;
	g->lease_s = q->o.lease_s;
	g->hard_s = q->o.hard_s;
	make_fence(g->fence);
	g->lease = (struct store_lease){
		.job = job->id,
		.agent = w->agent->id,
		.fence = g->fence,
		.granted = queue_now(q),
	};
	*vec_add(&q->granting) = job->id;
	queue_write(q, write_grant, on_granted, g);
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

void queue_match(struct queue *q)
{
	if (!q->open || q->closing) {
		return;
	}
	for (size_t i = 0; !q->paused && q->queued != 0 && i < q->waits.n;) {
		struct queue_wait *w = q->waits.v[i];
		struct queue_job *job = queue_pick(q, w->agent);
		if (job == NULL) {
			i++;
			continue;
		}
		unlist(w);
		start_grant(q, w, job);
	}
	while (q->draining && queue_is_empty(q) && q->waits.n != 0) {
		queue_wait_answer(q->waits.v[0], ERR_NOT_FOUND);
	}
}

static int may_lease(const struct queue *q, const struct queue_agent *a)
{
	if (q->closing) {
		return ERR_CANCELLED;
	}
	if (a->state == STORE_AGENT_DRAINING) {
		return ERR_NOT_FOUND;
	}
	return a->said_hello && a->state == STORE_AGENT_ACTIVE ? 0 : ERR_DENIED;
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
	int code = may_lease(q, a);
	if (code != 0) {
		queue_wait_answer(w, code);
		return w;
	}
	for (size_t i = 0; i < q->waits.n; i++) {
		if (q->waits.v[i]->agent == a && q->waits.v[i]->slot == request->slot) {
			queue_wait_answer(q->waits.v[i], ERR_TIMEOUT);
			break;
		}
	}
	*vec_add(&q->waits) = w;
	w->listed = true;
	queue_release_delayed(q);
	queue_match(q);
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
