#include "coordinator/queue/parts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *keep(struct arena *arena, const char *text)
{
	return arena_copy(arena, text, strlen(text));
}

struct queue_lease *queue_lease_add(struct queue *q, struct queue_agent *a,
	const struct store_lease *from, const struct store_job *job)
{
	struct queue_lease *lease = MEM_NEW(struct queue_lease);
	lease->id = from->id;
	lease->job = from->job;
	lease->attempt = from->attempt;
	lease->agent = a;
	lease->fence = keep(&lease->arena, from->fence);
	lease->granted = from->granted;
	lease->deadline = from->deadline;
	lease->hard_deadline = from->hard_deadline;
	lease->package = job->package_id;
	lease->package_name = keep(&lease->arena, job->package);
	lease->version = keep(&lease->arena, job->version);
	lease->target = keep(&lease->arena, job->target);
	lease->mode = keep(&lease->arena, job->mode);
	lease->spec = keep(&lease->arena, job->spec);
	lease->log_fd = -1;
	*vec_add(&a->leases) = lease;
	q->leased++;
	return lease;
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
	int64_t agent_id;
	int64_t now;
	int64_t deadline;
	char *stage;
	bool lost;
	void (*done)(void *user, int code, const struct heartbeat_reply *reply, const struct err *e);
	void *user;
};

static int write_beat(struct store *s, void *user, struct err *e)
{
	struct beat *b = user;
	int code = store_lease_renew(s, b->lease, b->deadline, b->stage, e);
	return code == 0 ? store_agent_seen(s, b->agent_id, b->now, e) : code;
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
	b->agent_id = a->id;
	b->done = done;
	b->user = user;
	b->now = queue_now(q);
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
	b->deadline = b->now + q->o.lease_s * 1000;
	if (b->deadline > lease->hard_deadline) {
		b->deadline = lease->hard_deadline;
	}
	queue_write(q, write_beat, on_beat, b);
}
