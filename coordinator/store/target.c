#include "coordinator/store/target.h"

#include "coordinator/store/store_parts.h"
#include "sql/db.h"

static void read_row(struct sql_query *q, struct arena *arena, struct store_target *out)
{
	*out = (struct store_target){
		.id = sql_int(q, 0),
		.name = sql_text(q, 1, arena),
		.python = sql_text(q, 2, arena),
		.free_threaded = sql_int(q, 3) != 0,
		.platform = sql_text(q, 4, arena),
		.family = sql_text(q, 5, arena),
	};
}

int store_target_put(struct store *s, struct store_target *t, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_TARGET_PUT, e);
	sql_bind_text(&q, t->name);
	sql_bind_text(&q, t->python);
	sql_bind_int(&q, t->free_threaded);
	sql_bind_text(&q, t->platform);
	sql_bind_text(&q, t->family);
	if (sql_row(&q)) {
		t->id = sql_int(&q, 0);
	}
	int code = sql_run(&q);
	if (code == 0 && (t->id < 1 || t->id > STORE_TARGETS)) {
		code = err_set(
			e, ERR_TOO_LARGE, "%s: the database has over %d targets", t->name, STORE_TARGETS);
	}
	return code;
}

int store_target_get(
	struct store *s, struct str name, struct arena *arena, struct store_target *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_TARGET_GET, e);
	sql_bind_str(&q, name);
	bool found = sql_row(&q);
	if (found) {
		read_row(&q, arena, out);
	}
	int code = sql_end(&q);
	if (code == 0 && !found) {
		code = err_set(e, ERR_NOT_FOUND, "%.*s: the database has no such target", STR_ARG(name));
	}
	return code;
}

int store_target_list(
	struct store *s, struct arena *arena, struct store_target **out, size_t *count, struct err *e)
{
	VEC(struct store_target) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_TARGET_LIST, e);
	while (sql_row(&q)) {
		read_row(&q, arena, vec_add(&list));
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}
