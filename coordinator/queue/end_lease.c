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

struct verdict {
	bool farm_fault;
	int64_t farm_faults;
	int64_t limit_faults;
	int64_t not_before;
	bool final;
};

/* Farm reasons go back to the queue with a growing pause, a broken limit gets one more try, the rest
 * is final until an input of the job changes. */
static struct verdict judge(const struct queue_end *end, const struct store_job *job)
{
	const struct store_result_new *r = &end->result;
	bool farm = !r->pass && reason_owner_of(r->reason) == REASON_FARM;
	bool limit = !r->pass && is_limit(r->reason);
	struct verdict v = {
		.farm_fault = farm,
		.farm_faults = job->farm_faults + (farm ? 1 : 0),
		.limit_faults = job->limit_faults + (limit ? 1 : 0),
	};
	bool again = (farm && v.farm_faults < QUEUE_FARM_FAULTS) ||
		(limit && v.limit_faults < QUEUE_LIMIT_FAULTS);
	v.final = !again;
	v.not_before = farm ? end->now + (end->queue->o.retry_s * 1000 << (v.farm_faults - 1)) : 0;
	return v;
}

static int write_agent(struct store *s, struct queue_end *end, bool farm_fault, struct err *e)
{
	if (farm_fault || end->lied) {
		return store_agent_fault(
			s, end->agent, end->queue->o.fault_limit, &end->agent_faults, &end->quarantined, e);
	}
	return store_agent_fine(s, end->agent, e);
}

static int write_job(struct store *s, struct queue_end *end, struct store_job *job,
	const struct verdict *v, struct err *e)
{
	const struct queue_options *o = &end->queue->o;
	if (v->final) {
		int code = store_job_done(s, job->id, end->now, e);
		return code == 0 && o->on_result != NULL
			? o->on_result(o->user, s, job->package_id, end->now, e)
			: code;
	}
	job->not_before = v->not_before;
	job->avoid_agent = end->agent;
	queue_load_job(job, &end->back);
	return store_job_retry(
		s, job->id, v->not_before, end->agent, v->farm_faults, v->limit_faults, e);
}

int queue_end_write(struct store *s, struct queue_end *end, struct err *e)
{
	struct store_job job;
	int64_t id = 0;
	int code = store_job_get(s, end->result.job, &end->arena, &job, e);
	if (code != 0) {
		return code;
	}
	struct verdict v = judge(end, &job);
	end->result.final = v.final;
	code = store_lease_end(s, end->lease, end->now,
		end->expired       ? "expired"
			: v.farm_fault ? "farm_fault"
						   : "result",
		e);
	if (code == 0 && (v.final || !end->expired)) {
		code = store_result_add(s, &end->result, &id, e);
	}
	if (code == 0) {
		code = write_job(s, end, &job, &v, e);
	}
	return code == 0 ? write_agent(s, end, v.farm_fault, e) : code;
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

void queue_end_apply(struct queue *q, struct queue_end *end)
{
	struct queue_agent *a = end->subject->agent;
	a->faults = end->agent_faults;
	if (end->quarantined && a->state == STORE_AGENT_ACTIVE) {
		a->state = STORE_AGENT_QUARANTINED;
		log_warn("queue", "agent %s: %lld faults in a row, it gets no more jobs", a->name,
			(long long)a->faults);
	}
	if (!end->result.final) {
		q->retried++;
		queue_push_loaded(q, &end->back);
	} else if (end->result.pass) {
		q->passed++;
	} else {
		q->failed++;
	}
	tell(q, end);
	queue_lease_remove(q, end->subject);
}

void queue_end_failed(struct queue *q, struct queue_lease *lease, int code)
{
	if (code == ERR_LEASE_LOST) {
		queue_lease_remove(q, lease);
	} else {
		lease->ending = false;
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
		queue_end_failed(q, end->subject, code);
	}
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
		.mode = arena_copy(arena, lease->mode, strlen(lease->mode)),
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

void queue_expire(struct queue *q, struct queue_lease *lease)
{
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
		.line = "the agent was not heard of any more",
	};
	log_warn("queue", "job %lld: agent %s was not heard of in time", (long long)lease->job,
		lease->agent->name);
	queue_write(q, write_expiry, on_expired, end);
}
