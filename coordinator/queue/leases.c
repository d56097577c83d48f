#include "coordinator/queue/parts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct queue_lease *queue_lease_add(struct queue *q, struct queue_agent *a,
	const struct store_lease *from, const struct store_leased *job, struct queue_class *class,
	struct arena *arena)
{
	struct queue_lease *lease = MEM_NEW(struct queue_lease);
	*lease = (struct queue_lease){
		.arena = *arena,
		.id = from->id,
		.attempt = from->attempt,
		.agent = a,
		.slot = -1,
		.fence = from->fence,
		.job = from->job,
		.row = *job,
		.class = class,
		.granted = from->granted,
		.deadline = from->deadline,
		.hard_deadline = from->hard_deadline,
		.log_fd = -1,
	};
	*arena = (struct arena){0};
	*vec_add(&a->leases) = lease;
	q->leased++;
	return lease;
}

struct queue_job *queue_lease_job(
	const struct queue_lease *lease, int64_t not_before, int64_t avoid_agent)
{
	struct queue_job *job = MEM_NEW(struct queue_job);
	*job = (struct queue_job){
		.id = lease->job,
		.target = lease->row.target,
		.priority = lease->row.priority,
		.not_before = not_before,
		.avoid_agent = avoid_agent,
		.class = lease->class,
	};
	return job;
}

void queue_lease_remove(struct queue *q, struct queue_lease *lease)
{
	struct queue_agent *a = lease->agent;
	for (size_t i = 0; i < a->leases.n; i++) {
		if (a->leases.v[i] == lease) {
			a->leases.v[i] = a->leases.v[--a->leases.n];
			break;
		}
	}
	if (lease->canary != NULL) {
		queue_canary_gone(q, lease);
	}
	if (lease->log_fd >= 0) {
		close(lease->log_fd);
	}
	q->leased--;
	arena_finish(&lease->arena);
	free(lease);
}

struct queue_lease *queue_lease_find(struct queue_agent *a, struct str fence)
{
	for (size_t i = 0; i < a->leases.n; i++) {
		if (str_is(fence, a->leases.v[i]->fence)) {
			return a->leases.v[i];
		}
	}
	return NULL;
}

int queue_lease_live(struct queue *q, struct queue_agent *a, struct str fence,
	struct queue_lease **out, struct err *e)
{
	struct queue_lease *lease = queue_lease_find(a, fence);
	a->seen = queue_now(q);
	if (lease == NULL || lease->ending || lease->deadline <= a->seen) {
		*out = NULL;
		return err_set(e, ERR_LEASE_LOST, "this lease has ended");
	}
	*out = lease;
	return 0;
}

struct beat {
	struct queue *queue;
	struct queue_agent *agent;
	char *fence;
	int64_t lease;
	int64_t deadline;
	char *stage;
	bool lost;
	void (*done)(void *user, int code, const struct heartbeat_reply *reply, const struct err *e);
	void *user;
};

static int write_beat(struct store *s, void *user, struct err *e)
{
	struct beat *b = user;
	return store_lease_renew(s, b->lease, b->deadline, b->stage, e);
}

static void beat_end(struct beat *b, int code, const struct err *e)
{
	struct heartbeat_reply reply = {.deadline = b->deadline};
	b->done(b->user, code, &reply, e);
	struct queue *q = b->queue;
	free(b->fence);
	free(b->stage);
	free(b);
	queue_ended(q);
}

static void on_beat(void *user, int code, const struct err *e)
{
	struct beat *b = user;
	/* It may have ended while this was written: then the agent's next message says so. */
	struct queue_lease *lease = queue_lease_find(b->agent, str_from(b->fence));
	if (code == 0 && lease != NULL) {
		if (b->deadline > lease->deadline) {
			lease->deadline = b->deadline;
		}
		if (b->stage != NULL) {
			queue_tell(b->queue, QUEUE_STAGE, lease, &(struct queue_event){.stage = b->stage});
		}
	}
	beat_end(b, code, e);
}

/* Of a lease that is in memory alone. */
static void beat_kept(void *user)
{
	beat_end(user, 0, NULL);
}

static void beat_lost(void *user)
{
	struct err e = {0};
	err_set(&e, ERR_LEASE_LOST, "this lease has ended");
	beat_end(user, ERR_LEASE_LOST, &e);
}

void queue_heartbeat(struct queue *q, struct queue_agent *a, const struct heartbeat *beat,
	void (*done)(void *user, int code, const struct heartbeat_reply *reply, const struct err *e),
	void *user)
{
	struct beat *b = MEM_NEW(struct beat);
	b->queue = q;
	b->agent = a;
	b->done = done;
	b->user = user;
	b->fence = str_dup(str_from(beat->fence));
	enum stage stage;
	if (stage_find(str_from(beat->stage), &stage)) {
		b->stage = str_dup(str_from(beat->stage));
	}
	struct queue_lease *lease = NULL;
	if (queue_lease_live(q, a, str_from(beat->fence), &lease, NULL) != 0) {
		queue_soon(q, beat_lost, b);
		return;
	}
	b->lease = lease->id;
	b->deadline = queue_now(q) + q->o.lease_s * 1000;
	if (b->deadline > lease->hard_deadline) {
		b->deadline = lease->hard_deadline;
	}
	if (lease->canary != NULL) {
		lease->deadline = b->deadline;
		queue_soon(q, beat_kept, b);
		return;
	}
	queue_write(q, write_beat, on_beat, b);
}
