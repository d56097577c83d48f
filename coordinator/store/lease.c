#include "coordinator/store/lease.h"

#include "coordinator/store/store_parts.h"
#include "core/io/sha256.h"
#include "sql/db.h"

static void read_row(struct sql_query *q, struct arena *arena, struct store_lease *out)
{
	*out = (struct store_lease){
		.id = sql_int(q, 0),
		.job = sql_int(q, 1),
		.agent = sql_int(q, 2),
		.attempt = sql_int(q, 3),
		.fence = sql_text(q, 4, arena),
		.granted = sql_int(q, 5),
		.deadline = sql_int(q, 6),
		.hard_deadline = sql_int(q, 7),
		.stage = sql_text(q, 8, arena),
		.outcome = sql_text(q, 9, arena),
	};
}

static int read_job(struct store *s, int64_t job, struct arena *arena, struct store_leased *out,
	bool *queued, int64_t *attempts, struct err *e)
{
	struct sql_query q;
	*out = (struct store_leased){0};
	sql_start(&q, store_sql(s), SQL_JOB_TO_LEASE, e);
	sql_bind_int(&q, job);
	bool found = sql_row(&q);
	if (found) {
		*queued = str_is(sql_str(&q, 0), "queued");
		*attempts = sql_int(&q, 1);
		*out = (struct store_leased){
			.package = sql_int(&q, 2),
			.target = sql_int(&q, 3),
			.priority = sql_int(&q, 4),
			.farm_faults = sql_int(&q, 5),
			.limit_faults = sql_int(&q, 6),
			.avoid_agent = sql_int(&q, 7),
			.needs = sql_text(&q, 8, arena),
			.spec = sql_text(&q, 13, arena),
			.outline =
				{
					.id = job,
					.package = sql_text(&q, 9, arena),
					.version = sql_text(&q, 10, arena),
					.target.name = sql_text(&q, 11, arena),
					.mode = sql_text(&q, 12, arena),
					.source.filename = sql_text(&q, 14, arena),
					.source.sha256 = sql_text(&q, 15, arena),
					.expect_native = sql_int(&q, 16) != 0,
					.limits.wall_s = sql_int(&q, 17),
					.recipe.commit = sql_text(&q, 18, arena),
					.recipe.dirty = sql_int(&q, 19) != 0,
				},
		};
	}
	if (!sha256_hex_valid(str_from(out->outline.source.sha256))) {
		out->outline.source.filename = NULL; /* a spec of another program's time */
	}
	return store_end_numbered(&q, found, "job", job, e);
}

int store_leased_get(
	struct store *s, int64_t job, struct arena *arena, struct store_leased *out, struct err *e)
{
	bool queued;
	int64_t attempts;
	return read_job(s, job, arena, out, &queued, &attempts, e);
}

int store_lease_take(struct store *s, struct store_lease *lease, struct arena *arena,
	struct store_leased *job, struct err *e)
{
	struct sql_query q;
	bool queued = false;
	int code = read_job(s, lease->job, arena, job, &queued, &lease->attempt, e);
	if (code == ERR_NOT_FOUND || (code == 0 && !queued)) {
		return err_set(e, ERR_CONFLICT, "job %lld is not queued", (long long)lease->job);
	}
	if (code != 0) {
		return code;
	}
	lease->attempt++;
	sql_start(&q, store_sql(s), SQL_JOB_LEASE, e);
	sql_bind_int(&q, lease->job);
	sql_bind_int(&q, lease->attempt);
	return sql_run(&q);
}

int store_lease_add(struct store *s, struct store_lease *lease, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_LEASE_INSERT, e);
	sql_bind_int(&q, lease->job);
	sql_bind_int(&q, lease->agent);
	sql_bind_int(&q, lease->attempt);
	sql_bind_text(&q, lease->fence);
	sql_bind_int(&q, lease->granted);
	sql_bind_int(&q, lease->deadline);
	sql_bind_int(&q, lease->hard_deadline);
	int code = sql_run(&q);
	lease->id = sql_last_id(store_sql(s));
	return code;
}

static int was_live(struct store *s, int64_t lease, int code, struct err *e)
{
	if (code == 0 && sql_changed(store_sql(s)) == 0) {
		code = err_set(e, ERR_LEASE_LOST, "lease %lld has ended", (long long)lease);
	}
	return code;
}

int store_lease_renew(
	struct store *s, int64_t lease, int64_t deadline, const char *stage, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_LEASE_RENEW, e);
	sql_bind_int(&q, lease);
	sql_bind_int(&q, deadline);
	sql_bind_text(&q, stage);
	return was_live(s, lease, sql_run(&q), e);
}

int store_lease_end(struct store *s, int64_t lease, int64_t now, const char *outcome, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_LEASE_END, e);
	sql_bind_int(&q, lease);
	sql_bind_int(&q, now);
	sql_bind_text(&q, outcome);
	return was_live(s, lease, sql_run(&q), e);
}

int store_lease_get(
	struct store *s, struct str fence, struct arena *arena, struct store_lease *out, struct err *e)
{
	struct sql_query q;
	int64_t job = 0;
	ptrdiff_t dash = str_find(fence, '-');
	if (dash < 0 || !str_to_i64(str_slice(fence, 0, (size_t)dash), &job)) {
		return err_set(e, ERR_NOT_FOUND, "no lease has that fence");
	}
	sql_start(&q, store_sql(s), SQL_LEASE_GET, e);
	sql_bind_int(&q, job);
	sql_bind_str(&q, fence);
	bool found = sql_row(&q);
	if (found) {
		read_row(&q, arena, out);
	}
	int code = sql_end(&q);
	if (code == 0 && !found) {
		code = err_set(e, ERR_NOT_FOUND, "no lease has that fence");
	}
	return code;
}

int store_lease_live(
	struct store *s, struct arena *arena, struct store_lease **out, size_t *count, struct err *e)
{
	VEC(struct store_lease) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_LEASE_LIVE, e);
	while (sql_row(&q)) {
		read_row(&q, arena, vec_add(&list));
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

int store_lease_durations(struct store *s,
	void (*each)(void *user, const struct store_duration *duration), void *user, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_LEASE_DURATIONS, e);
	while (sql_row(&q)) {
		const struct store_duration duration = {sql_int(&q, 0), sql_double(&q, 1)};
		each(user, &duration);
	}
	return sql_end(&q);
}
