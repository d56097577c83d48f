#include "coordinator/store/result.h"

#include "coordinator/store/store_parts.h"
#include "core/io/json.h"
#include "sql/db.h"

void store_result_body(struct str sent, const char *fence, struct buf *out)
{
	struct str secret = str_from(fence);
	ptrdiff_t at;
	buf_reserve(out, sent.n);
	while (secret.n != 0 && (at = str_find_text(sent, secret)) >= 0) {
		buf_add_str(out, str_slice(sent, 0, (size_t)at));
		sent = str_slice(sent, (size_t)at + secret.n, sent.n);
	}
	buf_add_str(out, sent);
}

static void write_said(const struct result *said, struct buf *out)
{
	struct json_writer w;
	json_writer_init(&w, out, false);
	result_write(&w, said);
	json_writer_finish(&w);
}

static int add_row(struct store *s, const struct store_result_new *r, struct err *e)
{
	struct buf written = {0};
	if (r->body.n == 0) {
		write_said(r->said, &written);
	}
	const char *reason = r->pass ? NULL : reason_code(r->reason);
	const char *owner = r->pass ? NULL : reason_owner_name(reason_owner_of(r->reason));
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_RESULT_INSERT, e);
	sql_bind_int(&q, r->job);
	sql_bind_int(&q, r->lease);
	sql_bind_int(&q, r->accepted);
	sql_bind_text(&q, r->pass ? "pass" : "fail");
	sql_bind_text(&q, r->pass ? NULL : r->stage);
	sql_bind_text(&q, reason);
	sql_bind_text(&q, owner);
	sql_bind_text(&q, r->line);
	sql_bind_text(&q, r->said->mode);
	sql_bind_str_or_null(&q, str_from(r->said->executor));
	sql_bind_int(&q, r->proven);
	sql_bind_int(&q, r->said->tests_passed);
	sql_bind_int(&q, r->said->tests_failed);
	sql_bind_text(&q, r->log_sha256);
	sql_bind_int(&q, r->log_size);
	sql_bind_int(&q, r->said->started);
	sql_bind_int(&q, r->said->finished);
	sql_bind_str_or_null(&q, str_from(r->recipe_commit));
	sql_bind_int(&q, r->recipe_dirty);
	sql_bind_int(&q, r->final);
	sql_bind_text(&q, r->said->toolchain_sha256);
	sql_bind_text(&q, r->log_blob);
	sql_bind_str(&q, r->body.n != 0 ? r->body : buf_view(&written));
	sql_bind_int(&q, r->said->tests_skipped);
	int code = sql_run(&q);
	buf_finish(&written);
	return code;
}

static int add_files(struct store *s, int64_t id, const struct store_result_new *r, struct err *e)
{
	const struct result_file *files = r->said->files.v;
	int code = 0;
	for (size_t i = 0; code == 0 && i < r->said->files.n; i++) {
		bool wheel = str_is(str_from(files[i].kind), "wheel");
		struct sql_query q;
		sql_start(&q, store_sql(s), SQL_RESULT_ARTEFACT_INSERT, e);
		sql_bind_int(&q, id);
		sql_bind_text(&q, files[i].filename);
		sql_bind_text(&q, files[i].sha256);
		sql_bind_int(&q, files[i].size);
		sql_bind_text(&q, files[i].kind);
		sql_bind_text(&q, wheel ? r->inspect : NULL);
		code = sql_run(&q);
	}
	return code;
}

int store_result_add(struct store *s, const struct store_result_new *r, int64_t *id, struct err *e)
{
	int code = add_row(s, r, e);
	*id = sql_last_id(store_sql(s));
	return code == 0 ? add_files(s, *id, r, e) : code;
}

int store_result_find(struct store *s, int64_t lease, struct buf *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_RESULT_FIND, e);
	sql_bind_int(&q, lease);
	bool found = sql_row(&q);
	if (found) {
		buf_add_str(out, sql_str(&q, 0));
	}
	int code = sql_end(&q);
	if (code == 0 && !found) {
		code = err_set(e, ERR_NOT_FOUND, "lease %lld has no result", (long long)lease);
	}
	return code;
}

int store_result_of_agent(struct store *s, int64_t agent, int64_t after, struct arena *arena,
	struct store_result_place **out, size_t *count, struct err *e)
{
	VEC(struct store_result_place) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_RESULT_OF_AGENT, e);
	sql_bind_int(&q, agent);
	sql_bind_int(&q, after);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct store_result_place){sql_int(&q, 0), sql_int(&q, 1)};
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

int store_result_withdraw(struct store *s, int64_t result, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_RESULT_WITHDRAW, e);
	sql_bind_int(&q, result);
	return sql_run(&q);
}
