#include "coordinator/store/published.h"

#include "core/base/vec.h"

int target_put(struct store *s, struct target_record *t, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_TARGET_PUT);
	sql_bind_text(q, 1, t->name);
	sql_bind_text(q, 2, t->python);
	sql_bind_int(q, 3, t->free_threaded);
	sql_bind_text(q, 4, t->platform);
	sql_bind_text(q, 5, t->family);
	while (sql_next(q)) {
		t->id = sql_int(q, 0);
	}
	return sql_end(q, e);
}

int target_list(struct store *s, struct arena *arena, struct target_records *out, struct err *e)
{
	VEC(struct target_record) targets = {0};
	struct sql_query *q = sql_start(store_sql(s), SQL_TARGET_LIST);
	while (sql_next(q)) {
		*vec_add(&targets) = (struct target_record){
			.id = sql_int(q, 0),
			.name = sql_copy(q, 1, arena),
			.python = sql_copy(q, 2, arena),
			.free_threaded = sql_int(q, 3) != 0,
			.platform = sql_copy(q, 4, arena),
			.family = sql_copy(q, 5, arena),
		};
	}
	int code = sql_end(q, e);
	out->n = targets.n;
	out->v = vec_to_arena(&targets, arena);
	return code;
}

int target_find(struct store *s, const char *name, int64_t *id, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_TARGET_FIND);
	sql_bind_text(q, 1, name);
	*id = sql_next(q) ? sql_int(q, 0) : 0;
	return sql_end(q, e);
}

int published_put(struct store *s, int64_t package, const struct published_record *p, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_PUBLISHED_PUT);
	sql_bind_int(q, 1, package);
	sql_bind_int(q, 2, p->target);
	sql_bind_text(q, 3, p->state);
	sql_bind_text(q, 4, p->version);
	sql_bind_text(q, 5, p->file);
	sql_bind_text(q, 6, p->sdist_version);
	sql_bind_text(q, 7, p->first_version);
	if (p->first_date != 0) {
		sql_bind_int(q, 8, p->first_date);
	} else {
		sql_bind_null(q, 8);
	}
	sql_bind_int(q, 9, p->lost_accelerator);
	sql_bind_int(q, 10, p->emulated_alternative);
	sql_bind_text(q, 11, p->vanished);
	sql_bind_int(q, 12, p->compiled_elsewhere);
	return sql_do(q, e);
}

int published_list(struct store *s, int64_t package, struct arena *arena,
	struct published_records *out, struct err *e)
{
	VEC(struct published_record) facts = {0};
	struct sql_query *q = sql_start(store_sql(s), SQL_PUBLISHED_LIST);
	sql_bind_int(q, 1, package);
	while (sql_next(q)) {
		*vec_add(&facts) = (struct published_record){
			.target = sql_int(q, 0),
			.state = sql_copy(q, 1, arena),
			.version = sql_copy(q, 2, arena),
			.file = sql_copy(q, 3, arena),
			.sdist_version = sql_copy(q, 4, arena),
			.first_version = sql_copy(q, 5, arena),
			.first_date = sql_int(q, 6),
			.lost_accelerator = sql_int(q, 7) != 0,
			.emulated_alternative = sql_int(q, 8) != 0,
			.vanished = sql_copy(q, 9, arena),
			.compiled_elsewhere = sql_int(q, 10) != 0,
		};
	}
	int code = sql_end(q, e);
	out->n = facts.n;
	out->v = vec_to_arena(&facts, arena);
	return code;
}

int headline_list(struct store *s, int64_t package, struct arena *arena,
	struct headline_records *out, struct err *e)
{
	VEC(struct headline_record) rows = {0};
	struct sql_query *q = sql_start(store_sql(s), SQL_HEADLINE_LIST);
	sql_bind_int(q, 1, package);
	while (sql_next(q)) {
		*vec_add(&rows) = (struct headline_record){
			.target = sql_int(q, 0),
			.headline = sql_copy(q, 1, arena),
			.version = sql_copy(q, 2, arena),
			.since = sql_int(q, 3),
		};
	}
	int code = sql_end(q, e);
	out->n = rows.n;
	out->v = vec_to_arena(&rows, arena);
	return code;
}

static bool same_text(struct sql_query *q, int column, const char *text)
{
	if (sql_is_null(q, column) || text == NULL) {
		return sql_is_null(q, column) && text == NULL;
	}
	return str_is(sql_str(q, column), text);
}

int headline_put(struct store *s, int64_t package, int64_t target, const char *headline,
	const char *version, int64_t now, struct err *e)
{
	struct arena arena = {0};
	struct sql_query *q = sql_start(store_sql(s), SQL_HEADLINE_FIND);
	sql_bind_int(q, 1, package);
	sql_bind_int(q, 2, target);
	bool known = sql_next(q);
	const char *was = known ? sql_copy(q, 0, &arena) : NULL;
	bool same_word = known && str_is(str_from(was), headline);
	bool same_version = known && same_text(q, 1, version);
	int code = sql_end(q, e);
	if (code < 0 || (same_word && same_version)) {
		goto out;
	}
	if (same_word) {
		q = sql_start(store_sql(s), SQL_HEADLINE_SET_VERSION);
		sql_bind_int(q, 1, package);
		sql_bind_int(q, 2, target);
		sql_bind_text(q, 3, version);
		code = sql_do(q, e);
		goto out;
	}
	q = sql_start(store_sql(s), SQL_HEADLINE_PUT);
	sql_bind_int(q, 1, package);
	sql_bind_int(q, 2, target);
	sql_bind_text(q, 3, headline);
	sql_bind_text(q, 4, version);
	sql_bind_int(q, 5, now);
	if ((code = sql_do(q, e)) < 0) {
		goto out;
	}
	q = sql_start(store_sql(s), SQL_HEADLINE_CHANGE_ADD);
	sql_bind_int(q, 1, package);
	sql_bind_int(q, 2, target);
	sql_bind_int(q, 3, now);
	sql_bind_text(q, 4, was);
	sql_bind_text(q, 5, headline);
	sql_bind_text(q, 6, version);
	code = sql_do(q, e);
out:
	arena_finish(&arena);
	return code;
}
