#include "coordinator/store/view_waits.h"

#include "sql/db.h"

int view_waits_read(struct store *s, int64_t target, struct waits *out, struct err *e)
{
	struct sql_query q;
	*out = (struct waits){0};
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_WAITS, e);
	sql_bind_int(&q, target);
	while (sql_row(&q)) {
		struct root_waits *w = arena_new(&out->arena, sizeof(*w));
		*w = (struct root_waits){
			.packages = sql_int(&q, 1), .downloads = sql_int(&q, 2), .freed = sql_int(&q, 3)};
		map_put(&out->roots, sql_str(&q, 0), w);
	}
	return sql_end(&q);
}

void view_waits_finish(struct waits *w)
{
	map_finish(&w->roots);
	arena_finish(&w->arena);
}

struct root_waits view_waits_of(const struct waits *w, struct str name)
{
	const struct root_waits *found = map_get(&w->roots, name);
	return found != NULL ? *found : (struct root_waits){0};
}
