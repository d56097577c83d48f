#include "coordinator/store/package.h"
#include "coordinator/store/store_parts.h"
#include "coordinator/store/target.h"
#include "coordinator/store/view_changes.h"
#include "sql/db.h"

enum { MOST_CHANGES = 50 };

static int find_both(struct store *s, struct str package, struct str target, struct feed_view *out,
	struct store_change_filter *filter, struct err *e)
{
	int code = 0;
	if (package.n != 0) {
		struct store_package p;
		code = store_package_get(s, package, &out->arena, &p, e);
		if (code != 0) {
			return code;
		}
		filter->package = p.id;
		out->package = p.name;
	}
	if (target.n != 0) {
		struct store_target t;
		code = store_target_get(s, target, &out->arena, &t, e);
		if (code != 0) {
			return code;
		}
		filter->target = t.id;
		out->target = t.name;
	}
	return code;
}

int store_feed_view(
	struct store *s, struct str package, struct str target, struct feed_view *out, struct err *e)
{
	struct store_change_filter filter = {0};
	struct sql_query q;
	*out = (struct feed_view){0};
	int code = store_begin(s, e);
	if (code != 0) {
		return code;
	}
	code = find_both(s, package, target, out, &filter, e);
	if (code == 0) {
		code = store_change_newest(
			s, &filter, MOST_CHANGES, &out->arena, &out->changes, &out->change_count, e);
	}
	if (code == 0) {
		sql_start(&q, store_sql(s), SQL_VIEW_LAST_SCAN, e);
		out->scanned = sql_row(&q) ? sql_int(&q, 0) : 0;
		code = sql_end(&q);
	}
	store_rollback(s);
	return code;
}

void feed_view_finish(struct feed_view *v)
{
	arena_finish(&v->arena);
	*v = (struct feed_view){0};
}
