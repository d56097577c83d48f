#include "coordinator/store/with_built.h"

#include "core/base/vec.h"
#include "sql/db.h"

static struct str keep(struct arena *arena, struct str text)
{
	return (struct str){arena_copy(arena, text.p, text.n), text.n};
}

static int read_names(struct sql_query *q, struct arena *arena, const char ***out, size_t *count)
{
	VEC(const char *) list = {0};
	while (sql_row(q)) {
		*vec_add(&list) = sql_text(q, 0, arena);
	}
	*count = list.n;
	*out = vec_to_arena(&list, arena);
	return sql_end(q);
}

int store_with_built_packages(
	struct store *s, struct arena *arena, const char ***out, size_t *count, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_WITH_BUILT_PACKAGES, e);
	return read_names(&q, arena, out, count);
}

int store_with_built_told(
	struct store *s, struct arena *arena, const char ***out, size_t *count, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_WITH_BUILT_TOLD, e);
	return read_names(&q, arena, out, count);
}

int store_with_built_get(struct store *s, struct str name, struct arena *arena,
	struct store_with_built *out, struct err *e)
{
	struct sql_query q;
	*out = (struct store_with_built){0};
	sql_start(&q, store_sql(s), SQL_WITH_BUILT_GET, e);
	sql_bind_str(&q, name);
	if (sql_row(&q)) {
		out->package = sql_int(&q, 0);
		out->dependencies = keep(arena, sql_str(&q, 1));
		out->letters = keep(arena, sql_str(&q, 2));
	}
	return sql_end(&q);
}

int store_with_built_letters(
	struct store *s, int64_t package, struct arena *arena, struct str *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_WITH_BUILT_LETTERS, e);
	sql_bind_int(&q, package);
	*out = sql_row(&q) ? keep(arena, sql_str(&q, 0)) : (struct str){0};
	return sql_end(&q);
}

int store_with_built_put(struct store *s, int64_t package, struct str letters, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_WITH_BUILT_PUT, e);
	sql_bind_int(&q, package);
	sql_bind_str(&q, letters);
	return sql_run(&q);
}
