#include "coordinator/store/keep.h"

#include "sql/db.h"

#include <stdio.h>

/* A statement that takes a slice and one or two times; adds how many rows it changed. */
static int slice(struct store *s, enum sql_block block, int64_t from, int64_t to,
	const int64_t *before, size_t count, int64_t *changed, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), block, e);
	sql_bind_int(&q, from);
	sql_bind_int(&q, to);
	for (size_t i = 0; i < count; i++) {
		sql_bind_int(&q, before[i]);
	}
	int code = sql_run(&q);
	*changed += code == 0 ? sql_changed(store_sql(s)) : 0;
	return code;
}

int store_keep_results(struct store *s, int64_t from, int64_t to,
	const struct store_keep_ages *ages, int64_t now, struct store_kept *gone, struct err *e)
{
	const int64_t logs[] = {now - ages->log_pass, now - ages->log_fail};
	const int64_t files = now - ages->files;
	const int64_t attempts = now - ages->attempts;
	int code = slice(s, SQL_KEEP_DROP_LOGS, from, to, logs, 2, &gone->logs, e);
	if (code == 0) {
		code = slice(s, SQL_KEEP_DROP_FILES, from, to, &files, 1, &gone->files, e);
	}
	return code == 0 ? slice(s, SQL_KEEP_DROP_ATTEMPTS, from, to, &attempts, 1, &gone->attempts, e)
					 : code;
}

int store_keep_leases(struct store *s, int64_t from, int64_t to, const struct store_keep_ages *ages,
	int64_t now, struct store_kept *gone, struct err *e)
{
	const int64_t before = now - ages->attempts;
	return slice(s, SQL_KEEP_DROP_LEASES, from, to, &before, 1, &gone->leases, e);
}

int store_keep_audit(struct store *s, int64_t most, const struct store_keep_ages *ages, int64_t now,
	struct store_kept *gone, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_KEEP_DROP_AUDIT, e);
	sql_bind_int(&q, now - ages->audit);
	sql_bind_int(&q, most);
	int code = sql_run(&q);
	gone->audit += code == 0 ? sql_changed(store_sql(s)) : 0;
	return code;
}

static int one_number(struct store *s, enum sql_block block, int64_t *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), block, e);
	*out = sql_row(&q) ? sql_int(&q, 0) : 0;
	return sql_end(&q);
}

int store_keep_last(struct store *s, int64_t *result, int64_t *lease, struct err *e)
{
	int code = one_number(s, SQL_KEEP_LAST_RESULT, result, e);
	return code == 0 ? one_number(s, SQL_KEEP_LAST_LEASE, lease, e) : code;
}

int store_keep_plain_log(
	struct store *s, int64_t from, int64_t *result, char sha256[static SHA256_HEX], struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_KEEP_PLAIN_LOG, e);
	sql_bind_int(&q, from);
	*result = 0;
	if (sql_row(&q)) {
		*result = sql_int(&q, 0);
		struct str hex = sql_str(&q, 1);
		snprintf(sha256, SHA256_HEX, "%.*s", STR_ARG(hex));
	}
	return sql_end(&q);
}

int store_keep_set_log(struct store *s, const char *sha256, const char *blob, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_KEEP_SET_LOG, e);
	sql_bind_text(&q, sha256);
	sql_bind_text(&q, blob);
	return sql_run(&q);
}

static int ask(struct sql_query *q, bool *answer)
{
	int64_t found = sql_row(q) ? sql_int(q, 0) : 0;
	*answer = found != 0;
	return sql_end(q);
}

int store_keep_blob_is_used(struct store *s, const char *sha256, bool *used, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_KEEP_BLOB_IS_USED, e);
	sql_bind_text(&q, sha256);
	return ask(&q, used);
}

int store_keep_job_runs(struct store *s, int64_t job, bool *runs, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_KEEP_JOB_RUNS, e);
	sql_bind_int(&q, job);
	return ask(&q, runs);
}
