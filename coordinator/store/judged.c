#include "coordinator/store/judged.h"

#include "sql/db.h"

int store_unjudged_next(struct store *s, const char *rules, int64_t after, struct arena *arena,
	struct store_unjudged *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_RESULT_UNJUDGED, e);
	sql_bind_text(&q, rules);
	sql_bind_int(&q, after);
	bool found = sql_row(&q);
	if (found) {
		*out = (struct store_unjudged){
			.result = sql_int(&q, 0),
			.package = sql_int(&q, 1),
			.target = sql_int(&q, 2),
			.stage = sql_text(&q, 3, arena),
			.reason = sql_text(&q, 4, arena),
			.log_sha256 = sql_text(&q, 5, arena),
			.log_blob = sql_text(&q, 6, arena),
			.log_from = sql_int(&q, 7),
			.log_to = sql_int(&q, 8),
		};
	}
	int code = sql_end(&q);
	return code == 0 && !found ? ERR_NOT_FOUND : code;
}

int store_judged_put(struct store *s, int64_t result, const enum reason *reason, const char *line,
	const char *rules, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_RESULT_JUDGED, e);
	sql_bind_int(&q, result);
	sql_bind_text(&q, reason != NULL ? reason_code(*reason) : NULL);
	sql_bind_text(&q, reason != NULL ? reason_owner_name(reason_owner_of(*reason)) : NULL);
	sql_bind_str_or_null(&q, str_from(line));
	sql_bind_text(&q, rules);
	return sql_run(&q);
}
