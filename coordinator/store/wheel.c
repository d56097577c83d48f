#include "coordinator/store/wheel.h"

#include "coordinator/store/store_parts.h"
#include "sql/db.h"

#include <stdlib.h>
#include <zlib.h>

enum { REPORT_MOST = 64 << 20 };

/* The caller finishes `out`. */
static void pack(struct str report, struct buf *out)
{
	uLongf n = compressBound(report.n);
	buf_reserve(out, n);
	if (compress2((Bytef *)out->p, &n, (const Bytef *)report.p, report.n, 6) != Z_OK) {
		mem_bug("zlib does not compress a report");
	}
	out->n = n;
}

static int unpack(struct str packed, int64_t size, const char *sha256, struct arena *arena,
	struct str *out, struct err *e)
{
	uLongf n = size >= 0 && size <= REPORT_MOST ? (uLongf)size : 0;
	char *text = arena_new(arena, n + 1);
	int code = uncompress((Bytef *)text, &n, (const Bytef *)packed.p, packed.n);
	if (code != Z_OK || (int64_t)n != size) {
		return err_set(e, ERR_CORRUPT, "the stored report on wheel %s is damaged", sha256);
	}
	*out = (struct str){.p = text, .n = n};
	return 0;
}

int store_wheel_put(struct store *s, const struct store_wheel *w, struct err *e)
{
	struct buf packed = {0};
	struct sql_query q;
	pack(w->report, &packed);
	sql_start(&q, store_sql(s), SQL_WHEEL_PUT, e);
	sql_bind_text(&q, w->sha256);
	sql_bind_text(&q, w->filename);
	sql_bind_int(&q, w->package);
	sql_bind_int(&q, w->rules);
	sql_bind_int(&q, w->columns);
	sql_bind_text(&q, w->depth);
	sql_bind_int(&q, w->inspected);
	sql_bind_int(&q, w->size);
	sql_bind_text(&q, w->machine);
	sql_bind_text(&q, w->glibc);
	sql_bind_int_or_null(&q, w->page_size, 0);
	sql_bind_text(&q, w->bundled);
	sql_bind_int(&q, w->errors);
	sql_bind_int(&q, w->warnings);
	sql_bind_text(&q, w->worst);
	sql_bind_text(&q, w->problems);
	sql_bind_text(&q, w->broken);
	sql_bind_int(&q, (int64_t)w->report.n);
	sql_bind_blob(&q, buf_view(&packed));
	int code = sql_run(&q);
	buf_finish(&packed);
	return code;
}

static int read_row(
	struct sql_query *q, struct arena *arena, struct store_wheel *out, struct err *e)
{
	*out = (struct store_wheel){
		.sha256 = sql_text(q, 0, arena),
		.filename = sql_text(q, 1, arena),
		.package = sql_int(q, 2),
		.rules = sql_int(q, 3),
		.columns = sql_int(q, 4),
		.depth = sql_text(q, 5, arena),
		.inspected = sql_int(q, 6),
		.size = sql_int(q, 7),
		.machine = sql_text(q, 8, arena),
		.glibc = sql_text(q, 9, arena),
		.page_size = sql_int(q, 10),
		.bundled = sql_text(q, 11, arena),
		.errors = sql_int(q, 12),
		.warnings = sql_int(q, 13),
		.worst = sql_text(q, 14, arena),
		.problems = sql_text(q, 15, arena),
		.broken = sql_text(q, 16, arena),
	};
	return unpack(sql_blob(q, 18), sql_int(q, 17), out->sha256, arena, &out->report, e);
}

int store_wheel_get(
	struct store *s, struct str sha256, struct arena *arena, struct store_wheel *out, struct err *e)
{
	struct sql_query q;
	int read = ERR_NOT_FOUND;
	sql_start(&q, store_sql(s), SQL_WHEEL_GET, e);
	sql_bind_str(&q, sha256);
	if (sql_row(&q)) {
		read = read_row(&q, arena, out, e);
	}
	int code = sql_end(&q);
	if (code == 0 && read == ERR_NOT_FOUND) {
		err_set(e, read, "nobody looked at wheel %.*s", STR_ARG(sha256));
	}
	return code != 0 ? code : read;
}

int store_wheel_known(
	struct store *s, struct str sha256, int64_t rules, bool full, bool *out, struct err *e)
{
	struct sql_query q;
	*out = false;
	sql_start(&q, store_sql(s), SQL_WHEEL_KNOWN, e);
	sql_bind_str(&q, sha256);
	if (sql_row(&q)) {
		*out = sql_int(&q, 0) == rules && (!full || str_is(sql_str(&q, 1), "full"));
	}
	return sql_end(&q);
}

int store_wheel_errors_get(struct store *s, struct str sha256, struct arena *arena,
	struct store_wheel_errors *out, struct err *e)
{
	struct sql_query q;
	*out = (struct store_wheel_errors){0};
	sql_start(&q, store_sql(s), SQL_WHEEL_ERRORS, e);
	sql_bind_str(&q, sha256);
	if (sql_row(&q)) {
		*out = (struct store_wheel_errors){
			.any = true, .broken = sql_text(&q, 0, arena), .glibc = sql_text(&q, 1, arena)};
	}
	return sql_end(&q);
}

int store_wheel_fails(
	struct store *s, struct str sha256, int64_t package, int64_t target, bool *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_WHEEL_FAILS, e);
	sql_bind_str(&q, sha256);
	sql_bind_int(&q, package);
	sql_bind_int(&q, target);
	*out = sql_row(&q);
	return sql_end(&q);
}

int store_wheel_stale(
	struct store *s, int64_t columns, struct arena *arena, const char **sha256, struct err *e)
{
	struct sql_query q;
	*sha256 = NULL;
	sql_start(&q, store_sql(s), SQL_WHEEL_STALE, e);
	sql_bind_int(&q, columns);
	if (sql_row(&q)) {
		*sha256 = sql_text(&q, 0, arena);
	}
	return sql_end(&q);
}
