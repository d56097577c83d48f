#include "coordinator/queue/parts.h"

#include <stdlib.h>
#include <string.h>

static struct str key_of(const int64_t *id)
{
	return (struct str){(const char *)id, sizeof(*id)};
}

void queue_block(struct queue *q, struct queue_job *job, int64_t blocker)
{
	struct queue_blocker *b = map_get(&q->blockers, key_of(&blocker));
	if (b == NULL) {
		b = MEM_NEW(struct queue_blocker);
		map_put(&q->blockers, key_of(&blocker), b);
	}
	*vec_add(&b->jobs) = job;
	if (job->blockers++ == 0) {
		*vec_add(&q->blocked) = job;
		q->queued++;
	}
}

static void take_off(struct queue *q, const struct queue_job *job)
{
	for (size_t i = 0; i < q->blocked.n; i++) {
		if (q->blocked.v[i] == job) {
			q->blocked.v[i] = q->blocked.v[--q->blocked.n];
			return;
		}
	}
}

void queue_unblock(struct queue *q, int64_t done)
{
	struct queue_blocker *b = q->blocked.n != 0 ? map_get(&q->blockers, key_of(&done)) : NULL;
	for (size_t i = 0; b != NULL && i < b->jobs.n; i++) {
		struct queue_job *job = b->jobs.v[i];
		if (--job->blockers == 0) {
			take_off(q, job);
			q->queued--;
			queue_push(q, job);
		}
	}
	if (b != NULL) {
		b->jobs.n = 0;
	}
}

void queue_forget_blocked(struct queue *q)
{
	for (size_t i = 0; i < q->blocked.n; i++) {
		free(q->blocked.v[i]);
	}
	q->blocked.n = 0;
	for (size_t i = 0; i < q->blockers.n; i++) {
		struct queue_blocker *b = q->blockers.entries[i].value;
		vec_finish(&b->jobs);
		free(b);
	}
	map_finish(&q->blockers);
}
