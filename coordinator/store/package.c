#include "coordinator/store/package.h"

#include "coordinator/store/published.h"
#include "coordinator/store/store_parts.h"
#include "sql/db.h"

static void read_row(struct sql_query *q, struct arena *arena, struct store_package *out)
{
	*out = (struct store_package){
		.id = sql_int(q, 0),
		.name = sql_text(q, 1, arena),
		.display = sql_text(q, 2, arena),
		.rank = sql_int(q, 3),
		.downloads = sql_int_or(q, 4, -1),
		.status = sql_text(q, 5, arena),
		.newest = sql_text(q, 6, arena),
		.newest_date = sql_int(q, 7),
		.scanned = sql_int(q, 8),
		.etag = sql_text(q, 9, arena),
		.serial = sql_int(q, 10),
		.absent = sql_int(q, 11) != 0,
		.problem = sql_text(q, 12, arena),
		.night = sql_int(q, 13),
		.outcome = sql_text(q, 14, arena),
	};
}

int store_package_get(
	struct store *s, struct str name, struct arena *arena, struct store_package *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PACKAGE_GET, e);
	sql_bind_str(&q, name);
	bool found = sql_row(&q);
	if (found) {
		read_row(&q, arena, out);
	}
	return store_end_named(&q, found, "package", name, e);
}

int store_package_name(
	struct store *s, int64_t package, struct arena *arena, const char **out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PACKAGE_NAME, e);
	sql_bind_int(&q, package);
	*out = sql_row(&q) ? sql_text(&q, 0, arena) : NULL;
	return store_end_numbered(&q, *out != NULL, "package", package, e);
}

int store_package_list(
	struct store *s, struct arena *arena, struct store_package **out, size_t *count, struct err *e)
{
	VEC(struct store_package) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PACKAGE_LIST, e);
	while (sql_row(&q)) {
		read_row(&q, arena, vec_add(&list));
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

static int put_rank(
	struct store *s, int64_t package, int64_t rank, int64_t downloads, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PACKAGE_RANK, e);
	sql_bind_int(&q, package);
	sql_bind_int_or_null(&q, rank, 0);
	sql_bind_int_or_null(&q, downloads, -1);
	return sql_run(&q);
}

static int insert(
	struct store *s, struct str name, int64_t rank, int64_t downloads, int64_t *id, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PACKAGE_INSERT, e);
	sql_bind_str(&q, name);
	sql_bind_int_or_null(&q, rank, 0);
	sql_bind_int_or_null(&q, downloads, -1);
	if (sql_row(&q)) {
		*id = sql_int(&q, 0);
	}
	return sql_run(&q);
}

/* Most packages of most nights are there already, with the same rank: then nothing is written. */
int store_package_put(
	struct store *s, struct str name, int64_t rank, int64_t downloads, int64_t *id, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PACKAGE_FIND, e);
	sql_bind_str(&q, name);
	bool found = sql_row(&q);
	bool other = false;
	if (found) {
		*id = sql_int(&q, 0);
		other = (rank != 0 && rank != sql_int(&q, 1)) ||
			(downloads != -1 && downloads != sql_int_or(&q, 2, -1));
	}
	int code = sql_end(&q);
	if (code == 0 && !found) {
		code = insert(s, name, rank, downloads, id, e);
	} else if (code == 0 && other) {
		code = put_rank(s, *id, rank, downloads, e);
	}
	return code;
}

static int put_scan(struct store *s, int64_t package, const struct store_scan *scan, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PACKAGE_SCANNED, e);
	sql_bind_int(&q, package);
	sql_bind_str_or_null(&q, scan->display);
	sql_bind_str_or_null(&q, scan->status);
	sql_bind_str_or_null(&q, scan->newest);
	sql_bind_int_or_null(&q, scan->newest_date, 0);
	sql_bind_int(&q, scan->scanned);
	sql_bind_str_or_null(&q, scan->etag);
	sql_bind_int_or_null(&q, scan->serial, 0);
	sql_bind_int_or_null(&q, scan->night, 0);
	return sql_run(&q);
}

int store_package_scanned(
	struct store *s, int64_t package, const struct store_scan *scan, struct err *e)
{
	int code = put_scan(s, package, scan, e);
	return code == 0 ? store_files_replace(s, package, scan->pack, scan->file_count, e) : code;
}

int store_packages_unchanged(struct store *s, int64_t night, const struct store_mark *marks,
	size_t count, int64_t scanned, struct err *e)
{
	int code = 0;
	for (size_t i = 0; code == 0 && i < count; i++) {
		struct sql_query q;
		sql_start(&q, store_sql(s), SQL_PACKAGE_UNCHANGED, e);
		sql_bind_int(&q, marks[i].package);
		sql_bind_int(&q, scanned);
		sql_bind_int_or_null(&q, night, 0);
		code = sql_run(&q);
		if (code == 0 && (marks[i].rank != 0 || marks[i].downloads != -1)) {
			code = put_rank(s, marks[i].package, marks[i].rank, marks[i].downloads, e);
		}
	}
	return code;
}

int store_package_absent(
	struct store *s, int64_t package, int64_t night, int64_t scanned, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PACKAGE_ABSENT, e);
	sql_bind_int(&q, package);
	sql_bind_int(&q, scanned);
	sql_bind_int_or_null(&q, night, 0);
	int code = sql_run(&q);
	if (code == 0) {
		code = store_files_replace(s, package, (struct str){0}, 0, e);
	}
	const struct store_published_set none = {0};
	return code == 0 ? store_published_replace(s, package, &none, NULL, e) : code;
}

int store_package_problem(
	struct store *s, int64_t package, int64_t night, const char *line, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_PACKAGE_PROBLEM, e);
	sql_bind_int(&q, package);
	sql_bind_text(&q, line);
	sql_bind_int_or_null(&q, night, 0);
	sql_bind_text(&q, night != 0 ? "bad" : NULL);
	return sql_run(&q);
}
