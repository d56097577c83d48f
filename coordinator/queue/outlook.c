/* When will a target be done? From how long its jobs took lately and who is here to do them. */
#include "coordinator/queue/parts.h"

#include <stdlib.h>

enum { SHARE = 16 }; /* a new duration counts for one in so many */

void queue_learn(struct queue_lane *lane, double seconds)
{
	lane->seconds = lane->known ? lane->seconds + (seconds - lane->seconds) / SHARE : seconds;
	lane->known = true;
}

static bool serves(struct queue *q, struct queue_agent *a, const struct queue_lane *lane)
{
	for (size_t i = 0; i < lane->buckets.n; i++) {
		const struct queue_bucket *b = lane->buckets.v[i];
		if (b->heap.n != 0 && queue_agent_fits(a, b->class)) {
			return true;
		}
	}
	return false;
}

/* Lanes take turns: until this one is empty, each other one gives as many jobs as this one has, or
 * all of its own. */
static double work_until_empty(const struct queue *q, const struct queue_lane *lane, size_t jobs)
{
	double seconds = 0;
	for (size_t i = 0; i < q->lanes.n; i++) {
		const struct queue_lane *other = q->lanes.v[i];
		size_t turns = other == lane || other->jobs > jobs ? jobs : other->jobs;
		seconds += (double)turns * (other->known ? other->seconds : lane->seconds);
	}
	return seconds;
}

static size_t count_where(const struct queue *q, int64_t target, size_t *leased)
{
	size_t queued = 0;
	for (size_t i = 0; i < q->delayed.n; i++) {
		queued += q->delayed.v[i]->target == target ? 1 : 0;
	}
	for (size_t i = 0; i < q->blocked.n; i++) {
		queued += q->blocked.v[i]->target == target ? 1 : 0;
	}
	*leased = 0;
	for (size_t i = 0; i < q->agents.n; i++) {
		const struct queue_agent *a = q->agents.v[i];
		for (size_t l = 0; l < a->leases.n; l++) {
			*leased += a->leases.v[l]->row.target == target ? 1 : 0;
		}
	}
	return queued;
}

static const char *name_of(const struct queue *q, int64_t target)
{
	for (size_t i = 0; i < q->target_count; i++) {
		if (q->targets[i].id == target) {
			return q->targets[i].name;
		}
	}
	return "";
}

static void look(struct queue *q, const struct queue_lane *lane, struct queue_outlook *out)
{
	int64_t now = queue_now(q);
	*out = (struct queue_outlook){
		.target = lane->target, .name = name_of(q, lane->target), .eta_s = -1};
	out->queued = lane->jobs + count_where(q, lane->target, &out->leased);
	out->average_s = lane->known ? lane->seconds : -1;
	for (size_t i = 0; i < q->agents.n; i++) {
		struct queue_agent *a = q->agents.v[i];
		bool here =
			a->said_hello && a->state == STORE_AGENT_ACTIVE && now - a->seen < QUEUE_SEEN_MS;
		if (here && serves(q, a, lane)) {
			out->agents++;
			out->slots += a->hello.slots > 0 ? (size_t)a->hello.slots : 1;
		}
	}
	if (out->queued == 0 && out->leased == 0) {
		out->eta_s = 0;
	} else if (lane->known && (out->slots != 0 || out->queued == 0)) {
		double left = work_until_empty(q, lane, out->queued);
		/* what runs now is half done on average */
		out->eta_s = (out->slots != 0 ? left / (double)out->slots : 0) +
			(out->leased != 0 ? lane->seconds / 2 : 0);
	}
}

static int by_target(const void *a, const void *b)
{
	const struct queue_outlook *left = a;
	const struct queue_outlook *right = b;
	return left->target < right->target ? -1 : left->target > right->target;
}

size_t queue_outlooks(struct queue *q, struct queue_outlook *out, size_t most)
{
	size_t n = q->lanes.n < most ? q->lanes.n : most;
	for (size_t i = 0; i < n; i++) {
		look(q, q->lanes.v[i], &out[i]);
	}
	qsort(out, n, sizeof(*out), by_target);
	return n;
}
