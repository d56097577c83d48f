#include "coordinator/store/job.h"

#include "core/base/vec.h"

static int find_by_key(struct store *s, struct job_record *j, bool *superseded, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_JOB_BY_KEY);
	sql_bind_text(q, 1, j->key);
	if (sql_next(q)) {
		j->id = sql_int(q, 0);
		*superseded = str_is(sql_str(q, 1), "superseded");
	}
	return sql_end(q, e);
}

static int run_on_job(struct store *s, enum sql_block block, int64_t id, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), block);
	sql_bind_int(q, 1, id);
	return sql_do(q, e);
}

int job_add(struct store *s, struct job_record *j, bool *added, struct err *e)
{
	struct sql_db *sql = store_sql(s);
	struct sql_query *q = sql_start(sql, SQL_JOB_ADD);
	sql_bind_text(q, 1, j->key);
	sql_bind_text(q, 2, j->kind);
	sql_bind_int(q, 3, j->package);
	sql_bind_text(q, 4, j->version);
	sql_bind_int(q, 5, j->target);
	sql_bind_text(q, 6, j->mode);
	sql_bind_text(q, 7, j->spec);
	sql_bind_text(q, 8, j->needs);
	sql_bind_int(q, 9, j->priority);
	sql_bind_int(q, 10, j->created);
	int code = sql_do(q, e);
	if (code < 0) {
		return code;
	}
	*added = sql_changes(sql) != 0;
	bool superseded = false;
	if (*added) {
		j->id = sql_last_id(sql);
	} else if ((code = find_by_key(s, j, &superseded, e)) < 0) {
		return code;
	}
	/* An input went back to what it was: the old job is wanted again. */
	if (superseded && (code = run_on_job(s, SQL_JOB_REVIVE, j->id, e)) < 0) {
		return code;
	}
	q = sql_start(sql, SQL_JOB_SUPERSEDE);
	sql_bind_int(q, 1, j->package);
	sql_bind_int(q, 2, j->target);
	sql_bind_text(q, 3, j->kind);
	sql_bind_text(q, 4, j->mode);
	sql_bind_int(q, 5, j->created);
	sql_bind_int(q, 6, j->id);
	return sql_do(q, e);
}

static void read_job(struct sql_query *q, struct arena *arena, struct job_record *out)
{
	*out = (struct job_record){
		.id = sql_int(q, 0),
		.key = sql_copy(q, 1, arena),
		.kind = sql_copy(q, 2, arena),
		.package = sql_int(q, 3),
		.version = sql_copy(q, 4, arena),
		.target = sql_int(q, 5),
		.mode = sql_copy(q, 6, arena),
		.spec = sql_copy(q, 7, arena),
		.needs = sql_copy(q, 8, arena),
		.state = sql_copy(q, 9, arena),
		.priority = sql_int(q, 10),
		.created = sql_int(q, 11),
		.attempts = sql_int(q, 12),
		.farm_faults = sql_int(q, 13),
		.not_before = sql_int(q, 14),
		.avoid_agent = sql_int(q, 15),
	};
}

int job_find(struct store *s, int64_t id, struct arena *arena, struct job_record *out, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_JOB_FIND);
	sql_bind_int(q, 1, id);
	bool found = sql_next(q);
	if (found) {
		read_job(q, arena, out);
	}
	int code = sql_end(q, e);
	return code == 0 && !found ? err_set(e, ERR_NOT_FOUND, "no job %lld", (long long)id) : code;
}

int job_queued(struct store *s, int64_t now, int64_t limit, struct arena *arena,
	struct job_records *out, struct err *e)
{
	VEC(struct job_record) jobs = {0};
	struct sql_query *q = sql_start(store_sql(s), SQL_JOB_QUEUED);
	sql_bind_int(q, 1, now);
	sql_bind_int(q, 2, limit);
	while (sql_next(q)) {
		read_job(q, arena, vec_add(&jobs));
	}
	int code = sql_end(q, e);
	out->n = jobs.n;
	out->v = vec_to_arena(&jobs, arena);
	return code;
}

int job_next_time(struct store *s, int64_t now, int64_t *out, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_JOB_NEXT_TIME);
	sql_bind_int(q, 1, now);
	*out = sql_next(q) ? sql_int(q, 0) : 0;
	return sql_end(q, e);
}

int job_requeue(struct store *s, int64_t id, bool farm_fault, int64_t not_before,
	int64_t avoid_agent, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_JOB_REQUEUE);
	sql_bind_int(q, 1, id);
	sql_bind_int(q, 2, farm_fault);
	sql_bind_int(q, 3, not_before);
	if (avoid_agent != 0) {
		sql_bind_int(q, 4, avoid_agent);
	} else {
		sql_bind_null(q, 4);
	}
	return sql_do(q, e);
}

int job_finish(struct store *s, int64_t id, int64_t now, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_JOB_FINISH);
	sql_bind_int(q, 1, id);
	sql_bind_int(q, 2, now);
	return sql_do(q, e);
}

int job_count(struct store *s, struct job_counts *out, struct err *e)
{
	*out = (struct job_counts){0};
	struct {
		const char *state;
		int64_t *count;
	} states[] = {
		{"queued", &out->queued},
		{"leased", &out->leased},
		{"done", &out->done},
		{"superseded", &out->superseded},
	};
	struct sql_query *q = sql_start(store_sql(s), SQL_JOB_COUNT);
	while (sql_next(q)) {
		for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
			if (str_is(sql_str(q, 0), states[i].state)) {
				*states[i].count = sql_int(q, 1);
			}
		}
	}
	return sql_end(q, e);
}
