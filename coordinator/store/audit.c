#include "coordinator/store/audit.h"

#include "coordinator/store/store_parts.h"
#include "core/base/vec.h"
#include "sql/db.h"

int store_audit_begin(struct store *s, const struct store_audit *a, int64_t *id, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_AUDIT_ADD, e);
	sql_bind_int(&q, a->at);
	sql_bind_text(&q, a->who);
	sql_bind_text(&q, a->action);
	sql_bind_text(&q, a->subject);
	int code = sql_run(&q);
	*id = sql_last_id(store_sql(s));
	return code;
}

int store_audit_end(struct store *s, int64_t id, const char *outcome, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_AUDIT_END, e);
	sql_bind_int(&q, id);
	sql_bind_text(&q, outcome);
	return sql_run(&q);
}

int store_audit_list(struct store *s, int64_t most, struct arena *arena, struct store_audit **out,
	size_t *count, struct err *e)
{
	VEC(struct store_audit) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_AUDIT_LIST, e);
	sql_bind_int(&q, most);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct store_audit){
			.at = sql_int(&q, 0),
			.who = sql_text(&q, 1, arena),
			.action = sql_text(&q, 2, arena),
			.subject = sql_text(&q, 3, arena),
			.outcome = sql_text(&q, 4, arena),
		};
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}
