#include "coordinator/store/trend.h"

#include "coordinator/store/headline.h"
#include "coordinator/store/store_parts.h"
#include "coordinator/store/target.h"
#include "sql/db.h"

#include <stdlib.h>

const int64_t trend_tops[TREND_TOPS] = {100, 1000, 0};

/* One package more in the points of all targets. */
static void count_package(struct trend_point *points, size_t n, struct str words, int64_t downloads)
{
	for (size_t i = 0; i < n; i++) {
		bool ready = i < words.n && headline_of_letter(words.p[i]) == HEADLINE_READY;
		points[i].packages++;
		points[i].downloads += downloads;
		points[i].ready += ready ? 1 : 0;
		points[i].ready_downloads += ready ? downloads : 0;
	}
}

static int put_point(struct store *s, int64_t target, int64_t top, int64_t night,
	const struct trend_point *p, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_TREND_PUT, e);
	sql_bind_int(&q, target);
	sql_bind_int(&q, top);
	sql_bind_int(&q, night);
	sql_bind_int(&q, p->packages);
	sql_bind_int(&q, p->ready);
	sql_bind_int(&q, p->downloads);
	sql_bind_int(&q, p->ready_downloads);
	return sql_run(&q);
}

static int count_all(struct store *s, struct trend_point (*points)[STORE_TARGETS], struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_TREND_PACKAGES, e);
	while (sql_row(&q)) {
		int64_t rank = sql_int_or(&q, 0, INT64_MAX);
		for (size_t k = 0; k < TREND_TOPS; k++) {
			if (trend_tops[k] == 0 || rank <= trend_tops[k]) {
				count_package(points[k], STORE_TARGETS, sql_str(&q, 1), sql_int(&q, 2));
			}
		}
	}
	return sql_end(&q);
}

int store_trend_add(struct store *s, int64_t night, struct err *e)
{
	struct trend_point(*points)[STORE_TARGETS] = mem_new(TREND_TOPS, sizeof(*points));
	struct arena arena = {0};
	struct store_target *targets;
	size_t count = 0;
	int code = store_target_list(s, &arena, &targets, &count, e);
	if (code == 0) {
		code = count_all(s, points, e);
	}
	for (size_t i = 0; code == 0 && i < count * TREND_TOPS; i++) {
		size_t k = i % TREND_TOPS;
		int64_t id = targets[i / TREND_TOPS].id;
		code = put_point(s, id, trend_tops[k], night, &points[k][id - 1], e);
	}
	arena_finish(&arena);
	free(points);
	return code;
}

int store_trend_list(struct store *s, int64_t target, int64_t top, size_t most, struct arena *arena,
	struct trend_point **out, size_t *count, struct err *e)
{
	VEC(struct trend_point) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_TREND_OF_TARGET, e);
	sql_bind_int(&q, target);
	sql_bind_int(&q, top);
	sql_bind_int(&q, (int64_t)most);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct trend_point){
			.at = sql_int(&q, 0),
			.packages = sql_int(&q, 1),
			.ready = sql_int(&q, 2),
			.downloads = sql_int(&q, 3),
			.ready_downloads = sql_int(&q, 4),
		};
	}
	for (size_t i = 0; i < list.n / 2; i++) {
		struct trend_point held = list.v[i];
		list.v[i] = list.v[list.n - 1 - i];
		list.v[list.n - 1 - i] = held;
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

int store_trend_now(struct store *s, int64_t top, struct trend_point *out, size_t n, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_TREND_TOP, e);
	sql_bind_int(&q, top);
	while (sql_row(&q)) {
		count_package(out, n, sql_str(&q, 0), sql_int(&q, 1));
	}
	return sql_end(&q);
}
