#include "coordinator/store/job.h"

#include "core/base/vec.h"

static int take_job(struct store *s, int64_t job, int64_t *attempt, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_JOB_LEASE);
	sql_bind_int(q, 1, job);
	bool taken = false;
	while (sql_next(q)) {
		taken = true;
		*attempt = sql_int(q, 0);
	}
	int code = sql_end(q, e);
	return code == 0 && !taken ? err_set(e, ERR_CONFLICT, "job %lld is not queued", (long long)job)
							   : code;
}

int lease_grant(struct store *s, struct lease_record *l, struct err *e)
{
	int code = take_job(s, l->job, &l->attempt, e);
	if (code < 0) {
		return code;
	}
	struct sql_query *q = sql_start(store_sql(s), SQL_LEASE_ADD);
	sql_bind_int(q, 1, l->job);
	sql_bind_int(q, 2, l->agent);
	sql_bind_int(q, 3, l->attempt);
	sql_bind_text(q, 4, l->fence);
	sql_bind_int(q, 5, l->granted);
	sql_bind_int(q, 6, l->deadline);
	sql_bind_int(q, 7, l->hard_deadline);
	if ((code = sql_do(q, e)) == 0) {
		l->id = sql_last_id(store_sql(s));
	}
	return code;
}

static void read_lease(struct sql_query *q, struct arena *arena, struct lease_record *out)
{
	*out = (struct lease_record){
		.id = sql_int(q, 0),
		.job = sql_int(q, 1),
		.agent = sql_int(q, 2),
		.attempt = sql_int(q, 3),
		.fence = sql_copy(q, 4, arena),
		.granted = sql_int(q, 5),
		.deadline = sql_int(q, 6),
		.hard_deadline = sql_int(q, 7),
		.stage = sql_copy(q, 8, arena),
		.ended = sql_int(q, 9),
		.outcome = sql_copy(q, 10, arena),
	};
}

int lease_find(struct store *s, struct str fence, struct arena *arena, struct lease_record *out,
	struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_LEASE_FIND);
	sql_bind_str(q, 1, fence);
	bool found = sql_next(q);
	if (found) {
		read_lease(q, arena, out);
	}
	int code = sql_end(q, e);
	return code == 0 && !found ? err_set(e, ERR_NOT_FOUND, "no such lease") : code;
}

int lease_renew(struct store *s, int64_t id, int64_t deadline, const char *stage, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_LEASE_RENEW);
	sql_bind_int(q, 1, id);
	sql_bind_int(q, 2, deadline);
	sql_bind_text(q, 3, stage);
	return sql_do(q, e);
}

int lease_end(struct store *s, int64_t id, int64_t now, const char *outcome, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_LEASE_END);
	sql_bind_int(q, 1, id);
	sql_bind_int(q, 2, now);
	sql_bind_text(q, 3, outcome);
	return sql_do(q, e);
}

int lease_live(struct store *s, int64_t agent, int64_t before, struct arena *arena,
	struct lease_records *out, struct err *e)
{
	VEC(struct lease_record) leases = {0};
	struct sql_query *q = sql_start(store_sql(s), SQL_LEASE_LIVE);
	sql_bind_int(q, 1, agent);
	sql_bind_int(q, 2, before);
	while (sql_next(q)) {
		read_lease(q, arena, vec_add(&leases));
	}
	int code = sql_end(q, e);
	out->n = leases.n;
	out->v = vec_to_arena(&leases, arena);
	return code;
}
