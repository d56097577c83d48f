#include "coordinator/store/proof.h"

#include "sql/db.h"

int store_proof_add(struct store *s, const char *key, const char *agent, const char *target,
	int64_t now, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PROOF_ADD, e);
	sql_bind_text(&q, key);
	sql_bind_text(&q, agent);
	sql_bind_text(&q, target);
	sql_bind_int(&q, now);
	return sql_run(&q);
}

int store_proof_drop(struct store *s, const char *key, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PROOF_DROP, e);
	sql_bind_text(&q, key);
	return sql_run(&q);
}

int store_proof_list(
	struct store *s, void (*add)(void *user, struct str key), void *user, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PROOF_LIST, e);
	while (sql_row(&q)) {
		add(user, sql_str(&q, 0));
	}
	return sql_end(&q);
}
