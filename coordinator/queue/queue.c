#include "coordinator/queue/queue.h"

#include "coordinator/queue/parts.h"
#include "core/base/log.h"
#include "core/io/loop.h"

#include <stdlib.h>

struct refused {
	struct queue *queue;
	store_done_fn done;
	void *user;
	int code;
};

static void tell_refused(void *user)
{
	struct refused *r = user;
	struct err e = {0};
	err_set(&e, r->code, "the database's writer %s", r->code == ERR_BUSY ? "is busy" : "ends");
	r->done(r->user, r->code, &e);
	free(r);
}

void queue_write(struct queue *q, store_write_fn fn, store_done_fn done, void *user)
{
	q->under_way++;
	int code = store_write_again(q->o.writer, fn, done, user);
	if (code != 0) {
		struct refused *r = MEM_NEW(struct refused);
		*r = (struct refused){q, done, user, code};
		loop_after(q->o.loop, 0, tell_refused, r);
	}
}

void queue_work(struct queue *q, void (*work)(void *), void (*done)(void *), void *user)
{
	q->under_way++;
	loop_work(q->o.loop, work, done, user);
}

void queue_soon(struct queue *q, void (*fn)(void *user), void *user)
{
	q->under_way++;
	loop_after(q->o.loop, 0, fn, user);
}

static void free_queue(struct queue *q)
{
	void (*closed)(void *) = q->closed;
	void *user = q->closed_user;
	queue_forget_all(q);
	free(q->live_folder);
	free(q);
	if (closed != NULL) {
		closed(user);
	}
}

static void on_timer_closed(uv_handle_t *handle)
{
	free_queue(handle->data);
}

static void close_if_idle(struct queue *q)
{
	if (q->closing && q->under_way == 0) {
		if (q->timer_open) {
			q->timer_open = false;
			uv_close((uv_handle_t *)&q->timer, on_timer_closed);
		}
	}
}

void queue_ended(struct queue *q)
{
	q->under_way--;
	close_if_idle(q);
}

void queue_destroy(struct queue *q, void (*closed)(void *user), void *user)
{
	q->closing = true;
	q->closed = closed;
	q->closed_user = user;
	uv_timer_stop(&q->timer);
	while (q->waits.n != 0) {
		queue_wait_answer(q->waits.v[0], ERR_CANCELLED);
	}
	close_if_idle(q);
}

void queue_tell(struct queue *q, enum queue_event_kind kind, const struct queue_lease *lease,
	const struct queue_event *more)
{
	if (q->o.on_event == NULL) {
		return;
	}
	struct queue_event event = *more;
	event.kind = kind;
	event.job = lease->job;
	event.package = lease->row.outline.package;
	event.version = lease->row.outline.version;
	event.target = lease->row.outline.target.name;
	event.mode = lease->row.outline.mode;
	event.agent = lease->agent->name;
	event.only_tested = job_is_wheel(&lease->row.outline);
	event.seconds = (double)(queue_now(q) - lease->granted) / 1000.0;
	if (event.reason == NULL) {
		event.reason = "";
	}
	q->o.on_event(q->o.user, &event);
}

/* --- when agents were seen last: not worth a write at each of their requests --- */

struct seen_agent {
	int64_t agent, seen;
};

struct seen {
	struct queue *queue;
	VEC(struct seen_agent) agents;
};

static int write_seen_rows(struct store *s, void *user, struct err *e)
{
	const struct seen *seen = user;
	int code = 0;
	for (size_t i = 0; code == 0 && i < seen->agents.n; i++) {
		code = store_agent_seen(s, seen->agents.v[i].agent, seen->agents.v[i].seen, e);
	}
	return code;
}

static void on_seen_written(void *user, int code, const struct err *e)
{
	struct seen *seen = user;
	struct queue *q = seen->queue;
	if (code != 0) {
		log_warn("queue", "%s", e->text);
	}
	vec_finish(&seen->agents);
	free(seen);
	queue_ended(q);
}

static void write_seen(struct queue *q, int64_t now)
{
	if (now - q->seen_written < QUEUE_SEEN_WRITE_MS) {
		return;
	}
	q->seen_written = now;
	struct seen *seen = MEM_NEW(struct seen);
	seen->queue = q;
	for (size_t i = 0; i < q->agents.n; i++) {
		struct queue_agent *a = q->agents.v[i];
		if (a->seen > a->seen_written && a->state != STORE_AGENT_REVOKED) {
			a->seen_written = a->seen;
			*vec_add(&seen->agents) = (struct seen_agent){a->id, a->seen};
		}
	}
	if (seen->agents.n == 0) {
		free(seen);
		return;
	}
	queue_write(q, write_seen_rows, on_seen_written, seen);
}

void queue_tick(struct queue *q)
{
	if (!q->open || q->closing) {
		return;
	}
	int64_t now = queue_now(q);
	for (size_t a = 0; a < q->agents.n; a++) {
		struct queue_agent *agent = q->agents.v[a];
		for (size_t i = 0; i < agent->leases.n; i++) {
			struct queue_lease *lease = agent->leases.v[i];
			if (!lease->ending && lease->deadline <= now) {
				queue_expire(q, lease, "the agent was not heard of any more");
			}
		}
	}
	write_seen(q, now);
	queue_release_delayed(q);
	q->rematch = true; /* who was away a while ago may be avoided no more */
	queue_match(q);
	for (size_t i = 0; i < q->waits.n;) {
		if (q->waits.v[i]->deadline <= now) {
			queue_wait_answer(q->waits.v[i], ERR_TIMEOUT);
		} else {
			i++;
		}
	}
}

static void on_timer(uv_timer_t *timer)
{
	queue_tick(timer->data);
}

static int64_t or_default(int64_t value, int64_t standard)
{
	return value != 0 ? value : standard;
}

struct queue *queue_create(const struct queue_options *options,
	void (*ready)(void *user, int code, const struct err *e), void *user)
{
	struct queue *q = MEM_NEW(struct queue);
	q->o = *options;
	q->o.lease_s = or_default(q->o.lease_s, 60);
	q->o.heartbeat_s = or_default(q->o.heartbeat_s, 15);
	q->o.retry_s = or_default(q->o.retry_s, 30);
	q->o.fault_limit = or_default(q->o.fault_limit, 5);
	q->o.slow_ms = or_default(q->o.slow_ms, 2000);
	q->o.tick_ms = or_default(q->o.tick_ms, 1000);
	q->o.upload_limit = q->o.upload_limit != 0 ? q->o.upload_limit : (uint64_t)4 << 30;
	q->o.log_limit = q->o.log_limit != 0 ? q->o.log_limit : (uint64_t)256 << 20;
	q->live_folder = str_dup(str_from(options->live_folder));
	q->o.live_folder = q->live_folder;
	uv_timer_init(q->o.loop, &q->timer);
	q->timer.data = q;
	q->timer_open = true;
	if (q->o.tick_ms > 0) {
		uv_timer_start(&q->timer, on_timer, (uint64_t)q->o.tick_ms, (uint64_t)q->o.tick_ms);
	}
	queue_load(q, ready, user);
	return q;
}

void queue_set_draining(struct queue *q, bool draining)
{
	q->draining = draining;
	queue_match(q);
}

void queue_set_paused(struct queue *q, bool paused)
{
	q->paused = paused;
	q->rematch = true;
	queue_match(q);
}

void queue_counts(const struct queue *q, struct queue_counts *out)
{
	int64_t now = queue_now(q);
	*out = (struct queue_counts){
		.queued = q->queued,
		.leased = q->leased + q->granting.n,
		.passed = q->passed,
		.failed = q->failed,
		.retried = q->retried,
		.waiting = q->waits.n,
		.paused = q->paused,
	};
	for (size_t i = 0; i < q->agents.n; i++) {
		const struct queue_agent *a = q->agents.v[i];
		out->agents +=
			a->said_hello && a->state != STORE_AGENT_REVOKED && now - a->seen < QUEUE_SEEN_MS ? 1
																							  : 0;
	}
}

int64_t queue_behind_ms(const struct queue *q)
{
	return store_writer_behind_ms(q->o.writer);
}

bool queue_is_empty(const struct queue *q)
{
	return q->queued == 0 && q->leased == 0 && q->granting.n == 0;
}
