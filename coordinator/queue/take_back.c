/* What is taken from an agent whose token or word is worth nothing any more. */
#include "coordinator/queue/parts.h"

#include <stdlib.h>

static void load_back(struct queue_take_back *t, struct store_job *job)
{
	job->not_before = 0;
	job->avoid_agent = 0;
	queue_load_job(job, vec_add(&t->back));
}

static int end_lease(
	struct store *s, struct queue_take_back *t, const struct store_lease *lease, struct err *e)
{
	struct store_job job;
	int code = store_lease_end(s, lease->id, t->now, "revoked", e);
	if (code == 0) {
		code = store_job_get(s, lease->job, &t->arena, &job, e);
	}
	if (code == 0) {
		code = store_job_retry(s, job.id, 0, 0, job.farm_faults, job.limit_faults, e);
	}
	if (code == 0) {
		*vec_add(&t->leases) = lease->id;
		load_back(t, &job);
	}
	return code;
}

static int end_leases(struct store *s, struct queue_take_back *t, int64_t agent, struct err *e)
{
	struct store_lease *leases = NULL;
	size_t count = 0;
	int code = store_lease_live(s, &t->arena, &leases, &count, e);
	for (size_t i = 0; code == 0 && i < count; i++) {
		if (leases[i].agent == agent) {
			code = end_lease(s, t, &leases[i], e);
		}
	}
	return code;
}

/* The result is no fact any more; its job, if nothing newer took its place, is done again. */
static int withdraw(struct store *s, const struct queue_options *o, struct queue_take_back *t,
	const struct store_result_place *r, struct err *e)
{
	struct store_job job;
	int code = store_result_withdraw(s, r->result, e);
	if (code == 0) {
		code = store_job_get(s, r->job, &t->arena, &job, e);
	}
	if (code == 0 && str_is(str_from(job.state), "done")) {
		code = store_job_requeue(s, job.id, e);
		load_back(t, &job);
	}
	if (code == 0 && o->on_result != NULL) {
		code = o->on_result(o->user, s, job.package_id, job.target_id, t->now, e);
	}
	t->withdrawn++;
	return code;
}

void queue_take_back_reset(struct queue_take_back *t)
{
	t->agents.n = t->leases.n = t->back.n = t->withdrawn = 0;
}

int queue_take_back_write(struct store *s, const struct queue_options *o, struct queue_take_back *t,
	int64_t agent, struct err *e)
{
	struct store_result_place *results = NULL;
	size_t count = 0;
	int code = store_agent_set_state(s, agent, t->state, e);
	if (code == 0) {
		code = end_leases(s, t, agent, e);
	}
	if (code == 0 && t->state == STORE_AGENT_QUARANTINED) {
		code = store_result_of_agent(
			s, agent, t->now - QUEUE_DISTRUST_MS, &t->arena, &results, &count, e);
	}
	for (size_t i = 0; code == 0 && i < count; i++) {
		code = withdraw(s, o, t, &results[i], e);
	}
	*vec_add(&t->agents) = agent;
	return code;
}

static bool listed(const int64_t *ids, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++) {
		if (ids[i] == id) {
			return true;
		}
	}
	return false;
}

static void forget_leases(struct queue *q, const struct queue_take_back *t, struct queue_agent *a)
{
	for (size_t i = 0; i < a->leases.n;) {
		struct queue_lease *lease = a->leases.v[i];
		/* One that is ending has an operation of its own, which finds it lost. */
		bool gone = lease->canary != NULL || listed(t->leases.v, t->leases.n, lease->id);
		if (gone && !lease->ending) {
			queue_lease_remove(q, lease);
		} else {
			i++;
		}
	}
}

void queue_take_back_apply(struct queue *q, const struct queue_take_back *t)
{
	for (size_t i = 0; i < t->back.n; i++) {
		queue_push_loaded(q, &t->back.v[i]);
	}
	for (size_t i = 0; i < q->agents.n; i++) {
		struct queue_agent *a = q->agents.v[i];
		if (listed(t->agents.v, t->agents.n, a->id)) {
			a->state = t->state;
			if (t->state == STORE_AGENT_QUARANTINED) {
				queue_canary_trust(a, QUEUE_TRUST_NOBODY);
			}
			forget_leases(q, t, a);
			queue_refuse_waits(q, a, ERR_DENIED);
		}
	}
}

void queue_take_back_finish(struct queue_take_back *t)
{
	vec_finish(&t->agents);
	vec_finish(&t->leases);
	vec_finish(&t->back);
	arena_finish(&t->arena);
}

/* --- revocation --- */

struct revocation {
	struct queue *queue;
	char *name; /* NULL: all local ones */
	struct queue_take_back taken;
	store_done_fn done;
	void *user;
};

static int write_revocation(struct store *s, void *user, struct err *e)
{
	struct revocation *r = user;
	const struct queue_options *o = &r->queue->o;
	struct store_agent *agents = NULL;
	size_t count = 0;
	queue_take_back_reset(&r->taken); /* it may be the second time */
	if (r->name != NULL) {
		struct store_agent a;
		int code = store_agent_get(s, r->name, &r->taken.arena, &a, e);
		return code == 0 ? queue_take_back_write(s, o, &r->taken, a.id, e) : code;
	}
	int code = store_agent_list(s, &r->taken.arena, &agents, &count, e);
	for (size_t i = 0; code == 0 && i < count; i++) {
		if (agents[i].local && agents[i].state != STORE_AGENT_REVOKED) {
			code = queue_take_back_write(s, o, &r->taken, agents[i].id, e);
		}
	}
	return code;
}

static void on_revoked(void *user, int code, const struct err *e)
{
	struct revocation *r = user;
	struct queue *q = r->queue;
	if (code == 0) {
		queue_take_back_apply(q, &r->taken);
	}
	if (r->done != NULL) {
		r->done(r->user, code, e);
	}
	queue_match(q);
	queue_take_back_finish(&r->taken);
	free(r->name);
	free(r);
	queue_ended(q);
}

static void start_revocation(struct queue *q, const char *name, store_done_fn done, void *user)
{
	struct revocation *r = MEM_NEW(struct revocation);
	r->queue = q;
	r->name = name != NULL ? str_dup(str_from(name)) : NULL;
	r->taken = (struct queue_take_back){.state = STORE_AGENT_REVOKED, .now = queue_now(q)};
	r->done = done;
	r->user = user;
	queue_write(q, write_revocation, on_revoked, r);
}

void queue_revoke_agent(struct queue *q, const char *name, store_done_fn done, void *user)
{
	start_revocation(q, name, done, user);
}

void queue_revoke_local_agents(struct queue *q, store_done_fn done, void *user)
{
	start_revocation(q, NULL, done, user);
}
