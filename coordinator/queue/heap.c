#include "coordinator/queue/parts.h"
#include "core/base/log.h"

#include <stdlib.h>
#include <string.h>

struct queue_class *queue_class_of(struct queue *q, const char *needs)
{
	struct queue_class *c = map_get(&q->classes, str_from(needs));
	if (c != NULL) {
		return c;
	}
	struct err e = {0};
	c = MEM_NEW(struct queue_class);
	c->index = q->classes.n;
	if (store_needs_read(str_from(needs), &c->arena, &c->needs, &e) != 0) {
		/* Nobody has a toolchain of no name: such jobs wait, and the line says why. */
		static const char *const nothing[] = {""};
		log_error("queue", "needs of a job: %s", e.text);
		c->needs = (struct store_needs){.toolchains = {(const char **)nothing, 1}};
	}
	map_put(&q->classes, str_from(needs), c);
	return c;
}

bool queue_agent_fits(struct queue_agent *a, const struct queue_class *c)
{
	while (a->fits.n <= c->index) {
		(void)vec_add(&a->fits);
	}
	if (a->fits.v[c->index] == 0) {
		a->fits.v[c->index] = store_needs_met(&c->needs, &a->hello.capabilities) ? 1 : -1;
	}
	return a->fits.v[c->index] > 0;
}

static bool before(const struct queue_job *a, const struct queue_job *b)
{
	return a->priority != b->priority ? a->priority < b->priority : a->id < b->id;
}

static void heap_add(struct queue_bucket *b, struct queue_job *job)
{
	*vec_add(&b->heap) = job;
	size_t i = b->heap.n - 1;
	while (i > 0 && before(job, b->heap.v[(i - 1) / 2])) {
		b->heap.v[i] = b->heap.v[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	b->heap.v[i] = job;
}

static struct queue_job *heap_take(struct queue_bucket *b)
{
	struct queue_job *top = b->heap.v[0];
	struct queue_job *last = b->heap.v[--b->heap.n];
	size_t n = b->heap.n;
	size_t i = 0;
	while (n != 0) {
		size_t child = 2 * i + 1;
		if (child + 1 < n && before(b->heap.v[child + 1], b->heap.v[child])) {
			child++;
		}
		if (child >= n || !before(b->heap.v[child], last)) {
			b->heap.v[i] = last;
			break;
		}
		b->heap.v[i] = b->heap.v[child];
		i = child;
	}
	return top;
}

struct queue_lane *queue_lane_of(struct queue *q, int64_t target)
{
	for (size_t i = 0; i < q->lanes.n; i++) {
		if (q->lanes.v[i]->target == target) {
			return q->lanes.v[i];
		}
	}
	struct queue_lane *lane = MEM_NEW(struct queue_lane);
	lane->target = target;
	*vec_add(&q->lanes) = lane;
	return lane;
}

static struct queue_bucket *bucket_of(struct queue_lane *lane, struct queue_class *c)
{
	for (size_t i = 0; i < lane->buckets.n; i++) {
		if (lane->buckets.v[i]->class == c) {
			return lane->buckets.v[i];
		}
	}
	struct queue_bucket *b = MEM_NEW(struct queue_bucket);
	b->class = c;
	*vec_add(&lane->buckets) = b;
	return b;
}

/* A lane that had nothing to do gets no credit for it: it starts level with the one that is next. */
static void wake_lane(struct queue *q, struct queue_lane *lane)
{
	int64_t least = INT64_MAX;
	for (size_t i = 0; i < q->lanes.n; i++) {
		const struct queue_lane *other = q->lanes.v[i];
		if (other != lane && other->jobs != 0 && other->served < least) {
			least = other->served;
		}
	}
	if (least != INT64_MAX && lane->served < least) {
		lane->served = least;
	}
}

static void to_lane(struct queue *q, struct queue_job *job)
{
	struct queue_lane *lane = queue_lane_of(q, job->target);
	if (lane->jobs == 0) {
		wake_lane(q, lane);
	}
	lane->jobs++;
	heap_add(bucket_of(lane, job->class), job);
	q->rematch = true;
}

void queue_push(struct queue *q, struct queue_job *job)
{
	q->queued++;
	if (job->not_before > queue_now(q)) {
		*vec_add(&q->delayed) = job;
	} else {
		to_lane(q, job);
	}
}

void queue_release_delayed(struct queue *q)
{
	int64_t now = queue_now(q);
	for (size_t i = 0; i < q->delayed.n;) {
		if (q->delayed.v[i]->not_before <= now) {
			to_lane(q, q->delayed.v[i]);
			q->delayed.v[i] = q->delayed.v[--q->delayed.n];
		} else {
			i++;
		}
	}
}

/* Is there an agent other than `avoided` (may be NULL) that could take jobs of this class? */
static bool other_could(
	struct queue *q, const struct queue_class *c, const struct queue_agent *avoided)
{
	int64_t now = queue_now(q);
	for (size_t i = 0; i < q->agents.n; i++) {
		struct queue_agent *other = q->agents.v[i];
		if (other != avoided && other->said_hello && other->state == STORE_AGENT_ACTIVE &&
			now - other->seen < QUEUE_SEEN_MS && queue_agent_fits(other, c)) {
			return true;
		}
	}
	return false;
}

/* Adds `jobs` to *count if nobody could take them; the first such class is written down. */
static void count_unfit(
	struct queue *q, const struct queue_class *c, size_t jobs, size_t *count, struct buf *needs)
{
	if (jobs == 0 || other_could(q, c, NULL)) {
		return;
	}
	if (*count == 0 && needs != NULL) {
		store_needs_write(needs, &c->needs);
	}
	*count += jobs;
}

size_t queue_unfit(struct queue *q, struct buf *needs)
{
	size_t count = 0;
	for (size_t i = 0; i < q->lanes.n; i++) {
		const struct queue_lane *lane = q->lanes.v[i];
		for (size_t b = 0; b < lane->buckets.n; b++) {
			const struct queue_bucket *bucket = lane->buckets.v[b];
			count_unfit(q, bucket->class, bucket->heap.n, &count, needs);
		}
	}
	for (size_t i = 0; i < q->delayed.n; i++) {
		count_unfit(q, q->delayed.v[i]->class, 1, &count, needs);
	}
	/* Who waits for jobs that nobody does, waits for ever. */
	bool stuck = q->leased == 0 && q->granting.n == 0 && count == q->queued - q->blocked.n;
	return count + (stuck ? q->blocked.n : 0);
}

/* The best job of a bucket that this agent need not leave to another; NULL if there is none. */
static struct queue_job *take_for(
	struct queue *q, struct queue_bucket *b, const struct queue_agent *a)
{
	VEC(struct queue_job *) left = {0};
	struct queue_job *found = NULL;
	while (found == NULL && b->heap.n != 0) {
		struct queue_job *job = heap_take(b);
		if (job->avoid_agent == a->id && other_could(q, job->class, a)) {
			*vec_add(&left) = job;
		} else {
			found = job;
		}
	}
	for (size_t i = 0; i < left.n; i++) {
		heap_add(b, left.v[i]);
	}
	vec_finish(&left);
	return found;
}

static struct queue_job *take_from_lane(
	struct queue *q, struct queue_lane *lane, struct queue_agent *a)
{
	struct queue_bucket *best = NULL;
	struct queue_job *found = NULL;
	for (size_t i = 0; i < lane->buckets.n; i++) {
		struct queue_bucket *b = lane->buckets.v[i];
		if (b->heap.n == 0 || !queue_agent_fits(a, b->class)) {
			continue;
		}
		struct queue_job *job = take_for(q, b, a);
		if (job == NULL) {
			continue;
		}
		if (found == NULL || before(job, found)) {
			if (found != NULL) {
				heap_add(best, found);
			}
			found = job;
			best = b;
		} else {
			heap_add(b, job);
		}
	}
	return found;
}

static int by_served(const void *a, const void *b)
{
	const struct queue_lane *const *left = a;
	const struct queue_lane *const *right = b;
	if ((*left)->served != (*right)->served) {
		return (*left)->served < (*right)->served ? -1 : 1;
	}
	return (*left)->target < (*right)->target ? -1 : (*left)->target > (*right)->target;
}

struct queue_job *queue_pick(struct queue *q, struct queue_agent *a)
{
	if (q->lanes.n > 1) {
		qsort(q->lanes.v, q->lanes.n, sizeof(*q->lanes.v), by_served);
	}
	for (size_t i = 0; i < q->lanes.n; i++) {
		struct queue_lane *lane = q->lanes.v[i];
		struct queue_job *job = lane->jobs != 0 ? take_from_lane(q, lane, a) : NULL;
		if (job != NULL) {
			lane->jobs--;
			lane->served++;
			q->queued--;
			return job;
		}
	}
	return NULL;
}

void queue_forget_jobs(struct queue *q)
{
	for (size_t i = 0; i < q->lanes.n; i++) {
		struct queue_lane *lane = q->lanes.v[i];
		for (size_t b = 0; b < lane->buckets.n; b++) {
			struct queue_bucket *bucket = lane->buckets.v[b];
			for (size_t j = 0; j < bucket->heap.n; j++) {
				free(bucket->heap.v[j]);
			}
			bucket->heap.n = 0;
		}
		lane->jobs = 0;
	}
	for (size_t i = 0; i < q->delayed.n; i++) {
		free(q->delayed.v[i]);
	}
	q->delayed.n = 0;
	queue_forget_blocked(q);
	q->queued = 0;
}

static void forget_lanes(struct queue *q)
{
	for (size_t i = 0; i < q->lanes.n; i++) {
		struct queue_lane *lane = q->lanes.v[i];
		for (size_t b = 0; b < lane->buckets.n; b++) {
			vec_finish(&lane->buckets.v[b]->heap);
			free(lane->buckets.v[b]);
		}
		vec_finish(&lane->buckets);
		free(lane);
	}
	vec_finish(&q->lanes);
}

void queue_forget_all(struct queue *q)
{
	queue_forget_jobs(q);
	forget_lanes(q);
	vec_finish(&q->delayed);
	vec_finish(&q->blocked);
	arena_finish(&q->target_arena);
	for (size_t i = 0; i < q->classes.n; i++) {
		struct queue_class *c = q->classes.entries[i].value;
		arena_finish(&c->arena);
		free(c);
	}
	map_finish(&q->classes);
	for (size_t i = 0; i < q->agents.n; i++) {
		struct queue_agent *a = q->agents.v[i];
		while (a->leases.n != 0) {
			queue_lease_remove(q, a->leases.v[0]);
		}
		vec_finish(&a->leases);
		vec_finish(&a->fits);
		vec_finish(&a->proofs);
		arena_finish(&a->arena);
		free(a->name);
		free(a->token_hash);
		free(a);
	}
	vec_finish(&q->agents);
	map_finish(&q->agents_by_hash);
	map_finish(&q->proofs);
	vec_finish(&q->waits);
	vec_finish(&q->granting);
	vec_finish(&q->uploads);
}
