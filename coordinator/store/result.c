#include "coordinator/store/result.h"

static int put_stages(struct store *s, int64_t id, const struct json_objects *stages, struct err *e)
{
	const struct result_stage *v = stages->v;
	for (size_t i = 0; i < stages->n; i++) {
		struct sql_query *q = sql_start(store_sql(s), SQL_RESULT_STAGE_ADD);
		sql_bind_int(q, 1, id);
		sql_bind_int(q, 2, (int64_t)i);
		sql_bind_text(q, 3, v[i].stage);
		sql_bind_text(q, 4, v[i].status);
		sql_bind_real(q, 5, v[i].wall_s);
		sql_bind_real(q, 6, v[i].cpu_s);
		sql_bind_int(q, 7, v[i].peak_memory);
		sql_bind_int(q, 8, v[i].log_from);
		sql_bind_int(q, 9, v[i].log_to);
		int code = sql_do(q, e);
		if (code < 0) {
			return code;
		}
	}
	return 0;
}

static int put_files(struct store *s, int64_t id, const struct result_record *r, struct err *e)
{
	const struct result_file *v = r->result->files.v;
	for (size_t i = 0; i < r->result->files.n; i++) {
		bool wheel = str_is(str_from(v[i].kind), "wheel");
		struct sql_query *q = sql_start(store_sql(s), SQL_ARTEFACT_ADD);
		sql_bind_int(q, 1, id);
		sql_bind_text(q, 2, v[i].filename);
		sql_bind_text(q, 3, v[i].sha256);
		sql_bind_int(q, 4, v[i].size);
		sql_bind_text(q, 5, v[i].kind);
		sql_bind_text(q, 6, wheel ? r->wheel_inspect : NULL);
		int code = sql_do(q, e);
		if (code < 0) {
			return code;
		}
	}
	return 0;
}

static int put_imports(
	struct store *s, int64_t id, const struct json_objects *imports, struct err *e)
{
	const struct result_import *v = imports->v;
	for (size_t i = 0; i < imports->n; i++) {
		struct sql_query *q = sql_start(store_sql(s), SQL_IMPORT_ADD);
		sql_bind_int(q, 1, id);
		sql_bind_int(q, 2, (int64_t)i);
		sql_bind_text(q, 3, v[i].module);
		sql_bind_int(q, 4, v[i].ok);
		sql_bind_int(q, 5, v[i].native);
		sql_bind_text(q, 6, v[i].error);
		int code = sql_do(q, e);
		if (code < 0) {
			return code;
		}
	}
	return 0;
}

int result_put(struct store *s, const struct result_record *r, int64_t *id, struct err *e)
{
	const struct result *v = r->result;
	struct sql_query *q = sql_start(store_sql(s), SQL_RESULT_ADD);
	sql_bind_int(q, 1, r->job);
	sql_bind_int(q, 2, r->lease);
	sql_bind_int(q, 3, r->accepted);
	sql_bind_text(q, 4, v->state);
	sql_bind_text(q, 5, v->stage);
	sql_bind_text(q, 6, v->reason);
	sql_bind_text(q, 7, r->owner);
	sql_bind_text(q, 8, v->line);
	sql_bind_text(q, 9, v->mode);
	sql_bind_text(q, 10, v->executor);
	sql_bind_int(q, 11, r->proven);
	sql_bind_int(q, 12, v->tests_passed);
	sql_bind_int(q, 13, v->tests_failed);
	sql_bind_text(q, 14, r->log_sha256);
	sql_bind_int(q, 15, r->log_size);
	sql_bind_int(q, 16, v->started);
	sql_bind_int(q, 17, v->finished);
	sql_bind_text(q, 18, r->recipe_commit);
	sql_bind_int(q, 19, r->recipe_dirty);
	sql_bind_int(q, 20, r->final);
	sql_bind_text(q, 21, r->body);
	int code = sql_do(q, e);
	if (code < 0) {
		return code;
	}
	*id = sql_last_id(store_sql(s));
	if ((code = put_stages(s, *id, &v->stages, e)) < 0 || (code = put_files(s, *id, r, e)) < 0 ||
		(code = put_imports(s, *id, &v->imports, e)) < 0) {
		return code;
	}
	return 0;
}

int result_build_fact(struct store *s, int64_t package, int64_t target, struct arena *arena,
	struct build_fact *out, struct err *e)
{
	*out = (struct build_fact){0};
	struct sql_query *q = sql_start(store_sql(s), SQL_RESULT_BUILD_FACT);
	sql_bind_int(q, 1, package);
	sql_bind_int(q, 2, target);
	if (sql_next(q)) {
		*out = (struct build_fact){
			.known = true,
			.state = sql_copy(q, 0, arena),
			.owner = sql_copy(q, 1, arena),
			.version = sql_copy(q, 2, arena),
			.proven = sql_int(q, 3) != 0,
		};
	}
	return sql_end(q, e);
}
