#include "coordinator/store/job.h"

#include "coordinator/store/store_parts.h"
#include "core/farm_protocol/reason.h"
#include "core/io/json.h"
#include "sql/db.h"

static int next_id(struct store *s, int64_t *id, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_NEXT_ID, e);
	if (sql_row(&q)) {
		*id = sql_int(&q, 0);
	}
	return sql_end(&q);
}

static int find_place(struct store *s, const struct store_job_new *n, int64_t *package,
	int64_t *target, struct err *e)
{
	const char *name = n->for_target != NULL ? n->for_target : n->job->target.name;
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_PLACE, e);
	sql_bind_text(&q, n->job->package);
	sql_bind_text(&q, name);
	bool found = sql_row(&q);
	if (found) {
		*package = sql_int(&q, 0);
		*target = sql_int(&q, 1);
	}
	int code = sql_end(&q);
	if (code == 0 && !found) {
		code = err_set(
			e, ERR_NOT_FOUND, "%s, %s: package or target is not stored", n->job->package, name);
	}
	return code;
}

/* What is there of a job's key. */
struct known_job {
	int64_t id; /* 0: nothing */
	bool superseded;
	bool again; /* it has ended, and only by the farm's fault */
};

static int find_key(struct store *s, const char *key, struct known_job *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_BY_KEY, e);
	sql_bind_text(&q, key);
	*out = (struct known_job){0};
	if (sql_row(&q)) {
		struct str state = sql_str(&q, 1);
		out->id = sql_int(&q, 0);
		out->superseded = str_is(state, "superseded");
		out->again = (out->superseded || str_is(state, "done")) &&
			str_is(sql_str(&q, 2), reason_owner_name(REASON_FARM));
	}
	return sql_end(&q);
}

static int revive(struct store *s, int64_t id, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_REVIVE, e);
	sql_bind_int(&q, id);
	return sql_run(&q);
}

static int insert_blob(struct store *s, int64_t job, const char *sha256, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_INSERT_BLOB, e);
	sql_bind_int(&q, job);
	sql_bind_text(&q, sha256);
	return sql_run(&q);
}

/* The blobs of ours that its agent will ask for: they are kept as long as the job. */
static int insert_blobs(struct store *s, const struct job *job, struct err *e)
{
	const struct job_patch *patches = job->recipe.patches.v;
	int code = job->source.url == NULL ? insert_blob(s, job->id, job->source.sha256, e) : 0;
	for (size_t i = 0; code == 0 && i < job->tests.n; i++) {
		const struct job_file *sdist = (const struct job_file *)job->tests.v + i;
		code = sdist->url == NULL ? insert_blob(s, job->id, sdist->sha256, e) : 0;
	}
	for (size_t i = 0; code == 0 && i < job->recipe.patches.n; i++) {
		code = insert_blob(s, job->id, patches[i].sha256, e);
	}
	return code;
}

static int insert(
	struct store *s, const struct store_job_new *n, int64_t package, int64_t target, struct err *e)
{
	struct buf spec = {0};
	struct buf needs = {0};
	struct json_writer w;
	json_writer_init(&w, &spec, false);
	job_write(&w, n->job);
	json_writer_finish(&w);
	store_needs_write(&needs, n->needs);

	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_INSERT, e);
	sql_bind_int(&q, n->job->id);
	sql_bind_text(&q, n->key);
	sql_bind_text(&q, n->job->kind);
	sql_bind_int(&q, package);
	sql_bind_text(&q, n->job->version);
	sql_bind_int(&q, target);
	sql_bind_text(&q, n->job->mode);
	sql_bind_str(&q, buf_view(&needs));
	sql_bind_int(&q, n->priority);
	sql_bind_int(&q, n->now);
	int code = sql_run(&q);
	if (code == 0) {
		sql_start(&q, store_sql(s), SQL_JOB_INSERT_SPEC, e);
		sql_bind_int(&q, n->job->id);
		sql_bind_str(&q, buf_view(&spec));
		sql_bind_text(&q, n->job->source.filename);
		sql_bind_text(&q, n->job->source.sha256);
		sql_bind_int(&q, n->job->expect_native);
		sql_bind_int(&q, n->job->limits.wall_s);
		sql_bind_text(&q, n->job->recipe.commit);
		sql_bind_int(&q, n->job->recipe.dirty);
		code = sql_run(&q);
	}
	if (code == 0) {
		code = insert_blobs(s, n->job, e);
	}
	buf_finish(&spec);
	buf_finish(&needs);
	return code;
}

static int supersede_queued(
	struct store *s, const struct job *job, int64_t package, int64_t target, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_SUPERSEDE_QUEUED, e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, target);
	sql_bind_text(&q, job->kind);
	sql_bind_text(&q, job->mode);
	sql_bind_int(&q, job->id);
	return sql_run(&q);
}

int store_job_add(
	struct store *s, const struct store_job_new *n, enum store_job_add *out, struct err *e)
{
	int64_t package = 0;
	int64_t target = 0;
	struct known_job known = {0};
	int code = find_place(s, n, &package, &target, e);
	if (code == 0) {
		code = find_key(s, n->key, &known, e);
		n->job->id = known.id;
	}
	if (code != 0) {
		return code;
	}
	*out = n->job->id != 0 ? STORE_JOB_KNOWN : STORE_JOB_ADDED;
	if (*out == STORE_JOB_KNOWN && !known.superseded && !known.again) {
		return 0;
	}
	if (known.again) {
		code = store_job_requeue(s, known.id, e);
	} else if (*out == STORE_JOB_KNOWN) {
		code = revive(s, n->job->id, e);
	} else {
		code = next_id(s, &n->job->id, e);
		if (code == 0) {
			code = insert(s, n, package, target, e);
		}
	}
	return code == 0 ? supersede_queued(s, n->job, package, target, e) : code;
}

int store_job_requeue(struct store *s, int64_t job, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_REQUEUE, e);
	sql_bind_int(&q, job);
	int code = sql_run(&q);
	if (code == 0 && sql_changed(store_sql(s)) == 0) {
		struct arena arena = {0};
		struct store_job have;
		code = store_job_get(s, job, &arena, &have, e);
		if (code == 0) {
			code = err_set(e, ERR_CONFLICT, "job %lld is %s", (long long)job, have.state);
		}
		arena_finish(&arena);
	}
	return code;
}

int store_job_get(
	struct store *s, int64_t job, struct arena *arena, struct store_job *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_GET, e);
	sql_bind_int(&q, job);
	bool found = sql_row(&q);
	if (found) {
		*out = (struct store_job){
			.id = sql_int(&q, 0),
			.key = sql_text(&q, 1, arena),
			.kind = sql_text(&q, 2, arena),
			.package = sql_text(&q, 3, arena),
			.version = sql_text(&q, 4, arena),
			.target = sql_text(&q, 5, arena),
			.mode = sql_text(&q, 6, arena),
			.state = sql_text(&q, 7, arena),
			.spec = sql_text(&q, 8, arena),
			.needs = sql_text(&q, 9, arena),
			.package_id = sql_int(&q, 10),
			.target_id = sql_int(&q, 11),
			.priority = sql_int(&q, 12),
			.attempts = sql_int(&q, 13),
			.farm_faults = sql_int(&q, 14),
			.limit_faults = sql_int(&q, 15),
			.not_before = sql_int(&q, 16),
			.avoid_agent = sql_int(&q, 17),
		};
	}
	return store_end_numbered(&q, found, "job", job, e);
}

int store_job_queued(struct store *s, int64_t after,
	void (*each)(void *user, const struct store_queued *job), void *user, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_QUEUED, e);
	sql_bind_int(&q, after);
	while (sql_row(&q)) {
		struct store_queued job = {
			.id = sql_int(&q, 0),
			.target = sql_int(&q, 1),
			.priority = sql_int(&q, 2),
			.not_before = sql_int(&q, 3),
			.avoid_agent = sql_int(&q, 4),
			.needs = sql_str(&q, 5).p,
		};
		each(user, &job);
	}
	return sql_end(&q);
}

int store_job_add_after(struct store *s, int64_t job, int64_t after, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_COMES_AFTER, e);
	sql_bind_int(&q, after);
	sql_bind_int(&q, job);
	bool circle = sql_row(&q);
	int code = sql_end(&q);
	if (code == 0 && circle) {
		code = err_set(e, ERR_CONFLICT, "job %lld cannot wait for job %lld, which waits for it",
			(long long)job, (long long)after);
	}
	if (code != 0) {
		return code;
	}
	sql_start(&q, store_sql(s), SQL_JOB_ADD_AFTER, e);
	sql_bind_int(&q, job);
	sql_bind_int(&q, after);
	return sql_run(&q);
}

int store_job_blocks(struct store *s, void (*each)(void *user, const struct store_block *block),
	void *user, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_BLOCKS, e);
	while (sql_row(&q)) {
		const struct store_block block = {sql_int(&q, 0), sql_int(&q, 1)};
		each(user, &block);
	}
	return sql_end(&q);
}

int store_job_count(struct store *s, struct store_job_counts *out, struct err *e)
{
	*out = (struct store_job_counts){0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_COUNT, e);
	if (sql_row(&q)) {
		*out = (struct store_job_counts){
			.queued = sql_int(&q, 0),
			.leased = sql_int(&q, 1),
			.passed = sql_int(&q, 2),
			.failed = sql_int(&q, 3),
		};
	}
	return sql_end(&q);
}

int store_job_retry(struct store *s, int64_t job, int64_t not_before, int64_t avoid_agent,
	int64_t farm_faults, int64_t limit_faults, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_RETRY, e);
	sql_bind_int(&q, job);
	sql_bind_int(&q, not_before);
	sql_bind_int_or_null(&q, avoid_agent, 0);
	sql_bind_int(&q, farm_faults);
	sql_bind_int(&q, limit_faults);
	return sql_run(&q);
}

/* Of two done jobs of one package, target, kind and mode only the newer counts. */
static int supersede_done(
	struct store *s, int64_t job, int64_t package, int64_t target, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_SUPERSEDE_LATE, e);
	sql_bind_int(&q, job);
	int code = sql_run(&q);
	if (code == 0) {
		sql_start(&q, store_sql(s), SQL_JOB_SUPERSEDE_DONE, e);
		sql_bind_int(&q, job);
		sql_bind_int(&q, package);
		sql_bind_int(&q, target);
		code = sql_run(&q);
	}
	return code;
}

int store_job_done(
	struct store *s, int64_t job, int64_t package, int64_t target, int64_t now, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_JOB_DONE, e);
	sql_bind_int(&q, job);
	sql_bind_int(&q, now);
	int code = sql_run(&q);
	if (code != 0) {
		return code;
	}
	sql_start(&q, store_sql(s), SQL_JOB_HAS_OTHERS, e);
	sql_bind_int(&q, job);
	sql_bind_int(&q, package);
	sql_bind_int(&q, target);
	bool others = sql_row(&q);
	code = sql_end(&q);
	return code == 0 && others ? supersede_done(s, job, package, target, e) : code;
}
