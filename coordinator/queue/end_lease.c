#include "coordinator/queue/parts.h"
#include "coordinator/store/log.h"
#include "core/base/log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_limit(enum reason reason)
{
	return str_starts(str_from(reason_code(reason)), "limit_");
}

/* Farm reasons go back to the queue with a growing pause, a broken limit gets one more try, the rest
 * is final until an input of the job changes. */
void queue_end_decide(struct queue_end *end)
{
	struct store_result_new *r = &end->result;
	const struct queue_lease *lease = end->subject;
	struct queue_agent *a = lease->agent;
	bool limit = !r->pass && is_limit(r->reason);
	end->package = lease->row.package;
	end->target = lease->row.target;
	end->farm_fault = !r->pass && reason_owner_of(r->reason) == REASON_FARM;
	end->farm_faults = lease->row.farm_faults + (end->farm_fault ? 1 : 0);
	end->limit_faults = lease->row.limit_faults + (limit ? 1 : 0);
	bool again = (end->farm_fault && end->farm_faults < QUEUE_FARM_FAULTS) ||
		(limit && end->limit_faults < QUEUE_LIMIT_FAULTS);
	r->final = !again;
	end->not_before =
		end->farm_fault ? end->now + (end->queue->o.retry_s * 1000 << (end->farm_faults - 1)) : 0;
	end->taken = (struct queue_take_back){.state = STORE_AGENT_QUARANTINED, .now = end->now};
	bool fault = end->farm_fault || end->lied;
	a->faulting += fault ? 1 : 0;
	end->row_of_faults_ends = !fault && (a->faults != 0 || a->faulting != 0);
}

static int write_agent(struct store *s, struct queue_end *end, struct err *e)
{
	end->agent_faults = 0;
	end->quarantined = false;
	if (end->farm_fault || end->lied) {
		return store_agent_fault(
			s, end->agent, end->queue->o.fault_limit, &end->agent_faults, &end->quarantined, e);
	}
	return end->row_of_faults_ends ? store_agent_fine(s, end->agent, e) : 0;
}

/* What a pass asks for is queued with it: whoever tests what was built need not wait for the next plan. */
static int write_next(struct store *s, struct queue_end *end, struct err *e)
{
	const struct queue_options *o = &end->queue->o;
	struct store_job row;
	int64_t next = 0;
	int code = o->on_passed(o->user, s, end->result.job, end->now, &next, e);
	if (code == 0 && next != 0) {
		code = store_job_get(s, next, &end->arena, &row, e);
	}
	if (code == 0 && next != 0) {
		queue_load_job(&row, &end->next);
	}
	return code;
}

static int write_job(struct store *s, struct queue_end *end, struct err *e)
{
	const struct queue_options *o = &end->queue->o;
	const struct store_result_new *r = &end->result;
	end->next = (struct queue_loaded_job){0};
	if (r->final) {
		int code = store_job_done(s, r->job, end->package, end->target, end->now, e);
		if (code == 0 && o->on_result != NULL) {
			code = o->on_result(o->user, s, end->package, end->target, end->now, e);
		}
		return code == 0 && r->pass && o->on_passed != NULL ? write_next(s, end, e) : code;
	}
	return store_job_retry(
		s, r->job, end->not_before, end->agent, end->farm_faults, end->limit_faults, e);
}

int queue_end_write(struct store *s, struct queue_end *end, struct err *e)
{
	int64_t id = 0;
	queue_take_back_reset(&end->taken); /* it may be the second time */
	int code = store_lease_end(s, end->lease, end->now,
		end->expired          ? "expired"
			: end->farm_fault ? "farm_fault"
							  : "result",
		e);
	if (code == 0 && end->fooled) {
		code = queue_take_back_write(s, &end->queue->o, &end->taken, end->agent, e);
		if (code == 0) {
			code = store_agent_quarantine(s, end->agent, end->result.line, true, e);
		}
	}
	if (code == 0 && (end->result.final || !end->expired)) {
		code = store_result_add(s, &end->result, &id, e);
	}
	if (code == 0) {
		code = write_job(s, end, e);
	}
	return code == 0 ? write_agent(s, end, e) : code;
}

static void tell(struct queue *q, const struct queue_end *end)
{
	const struct store_result_new *r = &end->result;
	struct queue_event event = {
		.stage = r->stage,
		.pass = r->pass,
		.proven = r->proven,
		.reason = r->pass ? "" : reason_code(r->reason),
		.line = r->line,
	};
	queue_tell(q, r->final ? QUEUE_FINISHED : QUEUE_RETRY, end->subject, &event);
}

static void forget_faulting(const struct queue_end *end)
{
	if (end->farm_fault || end->lied) {
		end->subject->agent->faulting--;
	}
}

void queue_end_apply(struct queue *q, struct queue_end *end)
{
	struct queue_agent *a = end->subject->agent;
	forget_faulting(end);
	a->faults = end->agent_faults;
	if (end->fooled) {
		queue_take_back_apply(q, &end->taken);
		log_warn("queue",
			"agent %s: job %lld: %s; it gets no more jobs, %zu of its results are withdrawn",
			a->name, (long long)end->result.job, end->result.line, end->taken.withdrawn);
	} else if (end->quarantined && a->state == STORE_AGENT_ACTIVE) {
		a->state = STORE_AGENT_QUARANTINED;
		queue_canary_trust(a, QUEUE_TRUST_NOTHING);
		a->canary_not_before = queue_now(q) + q->o.retry_s * 1000;
		log_warn("queue", "agent %s: %lld faults in a row, it gets no more jobs", a->name,
			(long long)a->faults);
	}
	if (!end->result.final) {
		q->retried++;
		queue_push(q, queue_lease_job(end->subject, end->not_before, end->agent));
	} else if (end->result.pass) {
		q->passed++;
	} else {
		q->failed++;
	}
	if (end->result.final) {
		queue_unblock(q, end->result.job);
	}
	if (end->next.job.id != 0) {
		queue_push_loaded(q, &end->next);
	}
	if (!end->expired && !end->farm_fault) {
		queue_learn(
			queue_lane_of(q, end->target), (double)(end->now - end->subject->granted) / 1000.0);
	}
	tell(q, end);
	queue_lease_remove(q, end->subject);
}

void queue_end_failed(struct queue *q, struct queue_end *end, int code)
{
	forget_faulting(end);
	if (code == ERR_LEASE_LOST) {
		queue_lease_remove(q, end->subject);
	} else {
		end->subject->ending = false;
	}
}

static int write_expiry(struct store *s, void *user, struct err *e)
{
	return queue_end_write(s, user, e);
}

static void on_expired(void *user, int code, const struct err *e)
{
	struct queue_end *end = user;
	struct queue *q = end->queue;
	if (code == 0) {
		char *log = store_log_live_path(q->live_folder, end->subject->job, end->subject->attempt);
		if (!end->result.final) {
			(void)unlink(log);
		}
		free(log);
		queue_end_apply(q, end);
		queue_match(q);
	} else {
		/* If it is the database that failed, the timer tries again. */
		log_warn("queue", "%s", e->text);
		queue_end_failed(q, end, code);
	}
	queue_take_back_finish(&end->taken);
	arena_finish(&end->arena);
	free(end);
	queue_ended(q);
}

static struct result *nothing_said(
	struct arena *arena, const struct queue_lease *lease, int64_t now)
{
	struct result *r = arena_new(arena, sizeof(*r));
	*r = (struct result){
		.fence = "",
		.state = "fail",
		.reason = reason_code(REASON_CODE_LEASE_LOST),
		.mode = lease->row.outline.mode,
		.executor = "",
		.toolchain = "",
		.builder_image = "",
		.tester_image = "",
		.sandbox = "",
		.agent_version = "",
		.started = lease->granted,
		.finished = now,
	};
	return r;
}

void queue_expire(struct queue *q, struct queue_lease *lease, const char *why)
{
	if (lease->canary != NULL) {
		queue_canary_expire(q, lease, why);
		return;
	}
	struct queue_end *end = MEM_NEW(struct queue_end);
	lease->ending = true;
	end->queue = q;
	end->subject = lease;
	end->lease = lease->id;
	end->agent = lease->agent->id;
	end->now = queue_now(q);
	end->expired = true;
	end->result = (struct store_result_new){
		.job = lease->job,
		.lease = lease->id,
		.accepted = end->now,
		.said = nothing_said(&end->arena, lease, end->now),
		.reason = REASON_CODE_LEASE_LOST,
		.line = why,
	};
	log_warn("queue", "job %lld: agent %s: %s", (long long)lease->job, lease->agent->name, why);
	queue_end_decide(end);
	queue_write(q, write_expiry, on_expired, end);
}
