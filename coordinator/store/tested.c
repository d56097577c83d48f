#include "coordinator/store/tested.h"

#include "coordinator/store/store_parts.h"
#include "sql/db.h"

int store_tested_get(
	struct store *s, int64_t job, struct arena *arena, struct store_tested *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_TESTED_WANTED, e);
	sql_bind_int(&q, job);
	bool found = sql_row(&q);
	if (found) {
		*out = (struct store_tested){
			.job = sql_int(&q, 0),
			.spec = sql_text(&q, 1, arena),
			.priority = sql_int(&q, 2),
			.filename = sql_text(&q, 3, arena),
			.sha256 = sql_text(&q, 4, arena),
			.size = sql_int(&q, 5),
		};
	}
	return store_end_numbered(&q, found, "build to test", job, e);
}

int store_tested_builds(
	struct store *s, struct arena *arena, int64_t **out, size_t *count, struct err *e)
{
	VEC(int64_t) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_TESTED_BUILDS, e);
	while (sql_row(&q)) {
		*vec_add(&list) = sql_int(&q, 0);
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

int store_tested_apply(struct store *s, int64_t package, int64_t target, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_TESTED_APPLY, e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, target);
	return sql_run(&q);
}
