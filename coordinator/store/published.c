#include "coordinator/store/published.h"

#include "coordinator/store/store_parts.h"
#include "sql/db.h"

static void read_row(struct sql_query *q, struct arena *arena, struct store_published *out)
{
	*out = (struct store_published){
		.target = sql_int(q, 0),
		.target_name = sql_text(q, 1, arena),
		.state = sql_text(q, 2, arena),
		.version = sql_text(q, 3, arena),
		.file = sql_text(q, 4, arena),
		.sdist_version = sql_text(q, 5, arena),
		.sdist_file = sql_text(q, 6, arena),
		.first_version = sql_text(q, 7, arena),
		.first_date = sql_int(q, 8),
		.lost_accelerator = sql_int(q, 9) != 0,
		.emulated_alternative = sql_int(q, 10) != 0,
		.vanished = sql_text(q, 11, arena),
		.behind = -1,
		.compiled_elsewhere = sql_int(q, 12) != 0,
	};
}

int store_published_put(
	struct store *s, int64_t package, const struct store_published *p, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PUBLISHED_PUT, e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, p->target);
	sql_bind_text(&q, p->state);
	sql_bind_text(&q, p->version);
	sql_bind_text(&q, p->file);
	sql_bind_text(&q, p->sdist_version);
	sql_bind_text(&q, p->sdist_file);
	sql_bind_text(&q, p->first_version);
	sql_bind_int_or_null(&q, p->first_date, 0);
	sql_bind_int(&q, p->lost_accelerator);
	sql_bind_int(&q, p->emulated_alternative);
	sql_bind_text(&q, p->vanished);
	sql_bind_int(&q, p->compiled_elsewhere);
	return sql_run(&q);
}

int store_published_list(struct store *s, int64_t package, struct arena *arena,
	struct store_published **out, size_t *count, struct err *e)
{
	VEC(struct store_published) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PUBLISHED_LIST, e);
	sql_bind_int(&q, package);
	while (sql_row(&q)) {
		read_row(&q, arena, vec_add(&list));
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

int store_published_get(struct store *s, int64_t package, int64_t target, struct arena *arena,
	struct store_published *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PUBLISHED_GET, e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, target);
	bool found = sql_row(&q);
	if (found) {
		read_row(&q, arena, out);
	}
	int code = sql_end(&q);
	if (code == 0 && !found) {
		code = err_set(e, ERR_NOT_FOUND, "package %lld has no published row of target %lld",
			(long long)package, (long long)target);
	}
	return code;
}
