#include "coordinator/store/log.h"
#include "coordinator/store/store.h"
#include "coordinator/store/store_parts.h"
#include "coordinator/store/view_build.h"
#include "core/farm_protocol/result.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What only the stored body of the result has. */
static void read_body(struct str body, struct job_view *out)
{
	struct json_node *root = NULL;
	struct result said = {0};
	/* Read leniently: a body of an older program may lack members, which then show as unknown. */
	if (json_tree_parse(body, "result", &out->arena, &root, NULL) == 0 &&
		json_struct_read(root, result_fields, &said, "result", &out->arena, NULL) == 0) {
		out->toolchain = said.toolchain;
		out->toolchain_sha256 = said.toolchain_sha256;
		out->builder_image = said.builder_image;
		out->tester_image = said.tester_image;
		out->sandbox = said.sandbox;
	}
}

static void find_live_log(struct store *s, int64_t job, int64_t attempt, struct job_view *out)
{
	char *folder = store_log_live_folder(sql_path(store_sql(s)));
	char *path = store_log_live_path(folder, job, attempt);
	if (access(path, R_OK) == 0) {
		out->log.live = arena_copy(&out->arena, path, strlen(path));
	}
	free(path);
	free(folder);
}

static int read_job(
	struct store *s, int64_t job, struct job_view *out, int64_t *result, struct err *e)
{
	struct arena *arena = &out->arena;
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_VIEW_JOB, e);
	sql_bind_int(&q, job);
	bool found = sql_row(&q);
	if (found) {
		bool running = !sql_is_null(&q, 13) && sql_is_null(&q, 15);
		out->key = sql_text(&q, 1, arena);
		out->created = sql_int(&q, 2);
		out->spec = sql_text(&q, 3, arena);
		*result = sql_int(&q, 4);
		out->started = sql_int_or(&q, 5, sql_int(&q, 13));
		out->finished = sql_int(&q, 6);
		out->log.sha256 = running ? NULL : sql_text(&q, 7, arena);
		out->log.blob = running ? NULL : sql_text(&q, 16, arena);
		out->log.size = sql_int(&q, 8);
		out->source = sql_text(&q, 17, arena);
		out->source_sha256 = sql_text(&q, 18, arena);
		out->recipe_commit = sql_text(&q, 9, arena);
		out->recipe_dirty = sql_int(&q, 10) != 0;
		if (!sql_is_null(&q, 11)) {
			read_body(sql_str(&q, 11), out);
		}
		out->agent = sql_text(&q, 12, arena);
		if (out->log.sha256 == NULL && !sql_is_null(&q, 13)) {
			find_live_log(s, job, sql_int(&q, 14), out);
		}
	}
	return store_end_numbered(&q, found, "job", job, e);
}

static int read_build(struct store *s, int64_t job, struct job_view *out, struct err *e)
{
	struct build_view *builds = NULL;
	size_t count = 0;
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_VIEW_BUILD_OF_JOB, e);
	sql_bind_int(&q, job);
	int code = view_build_list(&q, &out->arena, &builds, &count, NULL);
	if (code == 0 && count != 0) {
		out->build = builds[0];
	}
	return code;
}

static int read_imports(struct store *s, int64_t result, struct job_view *out, struct err *e)
{
	VEC(struct import_view) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_VIEW_IMPORTS, e);
	sql_bind_int(&q, result);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct import_view){
			.module = sql_text(&q, 0, &out->arena),
			.ok = sql_int(&q, 1) != 0,
			.native = sql_int(&q, 2) != 0,
			.error = sql_text(&q, 3, &out->arena),
		};
	}
	out->imports = store_list_copy(&out->arena, list.v, list.n, sizeof(*list.v));
	out->import_count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

/* The first error of a report that we wrote; where it is none, nothing is said of it. */
static void find_wrong(struct job_view *out)
{
	struct json_node *root = NULL;
	if (out->inspect == NULL ||
		json_tree_parse(str_from(out->inspect), "report", &out->arena, &root, NULL) != 0) {
		return;
	}
	JSON_EACH (problem, json_tree_get(root, "problems")) {
		const struct json_node *severity = json_tree_get(problem, "severity");
		const struct json_node *code = json_tree_get(problem, "code");
		if (out->wrong == NULL && severity != NULL && str_is(severity->text, "error") &&
			code != NULL && code->kind == JSON_STRING) {
			out->wrong = code->text.p;
		}
	}
}

static int read_artefacts(struct store *s, int64_t result, struct job_view *out, struct err *e)
{
	VEC(struct artefact_view) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_VIEW_ARTEFACTS, e);
	sql_bind_int(&q, result);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct artefact_view){
			.filename = sql_text(&q, 0, &out->arena),
			.sha256 = sql_text(&q, 1, &out->arena),
			.size = sql_int(&q, 2),
			.kind = sql_text(&q, 3, &out->arena),
			.kept = sql_int(&q, 5) != 0,
		};
		if (out->inspect == NULL) {
			out->inspect = sql_text(&q, 4, &out->arena);
		}
	}
	out->artefacts = store_list_copy(&out->arena, list.v, list.n, sizeof(*list.v));
	out->artefact_count = list.n;
	find_wrong(out);
	vec_finish(&list);
	return sql_end(&q);
}

static int read_control(struct store *s, int64_t job, struct job_view *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_CONTROL_OF_BUILD, e);
	sql_bind_int(&q, job);
	if (sql_row(&q)) {
		out->control = (struct control_view){
			.job = sql_int(&q, 0),
			.state = sql_text(&q, 1, &out->arena),
			.stage = sql_text(&q, 2, &out->arena),
			.owner = sql_text(&q, 3, &out->arena),
		};
	}
	return sql_end(&q);
}

static int read_tested(struct store *s, int64_t job, struct job_view *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_TESTED_OF_BUILD, e);
	sql_bind_int(&q, job);
	if (sql_row(&q)) {
		out->tested = sql_int(&q, 0);
	}
	return sql_end(&q);
}

int store_job_view(struct store *s, int64_t job, struct job_view *out, struct err *e)
{
	*out = (struct job_view){0};
	int64_t result = 0;
	int code = store_begin(s, e);
	if (code != 0) {
		return code;
	}
	code = read_job(s, job, out, &result, e);
	if (code == 0) {
		code = read_build(s, job, out, e);
	}
	if (code == 0) {
		code = read_imports(s, result, out, e);
	}
	if (code == 0) {
		code = read_artefacts(s, result, out, e);
	}
	if (code == 0) {
		code = read_control(s, job, out, e);
	}
	if (code == 0) {
		code = read_tested(s, job, out, e);
	}
	store_rollback(s);
	return code;
}

void job_view_finish(struct job_view *v)
{
	arena_finish(&v->arena);
	*v = (struct job_view){0};
}

int store_job_numbers(struct store *s, int64_t **out, size_t *count, struct err *e)
{
	VEC(int64_t) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_VIEW_JOB_NUMBERS, e);
	while (sql_row(&q)) {
		*vec_add(&list) = sql_int(&q, 0);
	}
	*out = list.v;
	*count = list.n;
	return sql_end(&q);
}
