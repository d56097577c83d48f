#include "coordinator/store/control.h"

#include "coordinator/store/store_parts.h"
#include "core/farm_protocol/reason.h"
#include "sql/db.h"

int store_control_wanted(struct store *s, struct arena *arena, struct store_controlled **out,
	size_t *count, struct err *e)
{
	VEC(struct store_controlled) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_CONTROL_WANTED, e);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct store_controlled){
			.job = sql_int(&q, 0),
			.key = sql_text(&q, 1, arena),
			.spec = sql_text(&q, 2, arena),
			.target = sql_text(&q, 3, arena),
			.priority = sql_int(&q, 4),
		};
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

int store_control_apply(struct store *s, int64_t package, int64_t target, struct err *e)
{
	const char *everywhere = reason_code(REASON_CODE_FAILS_EVERYWHERE);
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_CONTROL_FAILS, e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, target);
	sql_bind_text(&q, everywhere);
	sql_bind_text(&q, reason_owner_name(REASON_PACKAGE));
	int code = sql_run(&q);
	if (code == 0) {
		sql_start(&q, store_sql(s), SQL_CONTROL_PASSES, e);
		sql_bind_int(&q, package);
		sql_bind_int(&q, target);
		sql_bind_text(&q, everywhere);
		sql_bind_text(&q, reason_code(REASON_CODE_UNKNOWN));
		sql_bind_text(&q, reason_owner_name(REASON_NOBODY));
		code = sql_run(&q);
	}
	return code;
}
