/* A database of the first schema: what began when and what changed since is kept, pages are read anew. */
#include "coordinator/store/change.h"
#include "coordinator/store/package.h"
#include "coordinator/store/view.h"
#include "core/io/file.h"
#include "sql/db.h"
#include "sql/embedded.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct place {
	struct err e;
};

static void good(const struct place *p, int code)
{
	if (code != 0) {
		fail_msg("%d: %s", code, p->e.text);
	}
}

static void from_the_first_schema(void **state)
{
	struct place place = {0}, *p = &place;
	struct arena arena = {0};
	struct store_standing standing;
	struct store *s = NULL;
	sqlite3 *raw = NULL;
	char *folder = str_format(
		"%s/wheelfarm-migrate-XXXXXX", getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(folder));
	char *path = file_join(folder, "old.db");
	assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
	assert_int_equal(sqlite3_exec(raw, sql_migrations[0], NULL, NULL, NULL), SQLITE_OK);
	char *problem = NULL;
	sqlite3_exec(raw,
		"PRAGMA user_version = 1;"
		"INSERT INTO target VALUES (1, 'cp313-manylinux_2_28_aarch64', '3.13', 0, 'm', 'glibc'),"
		"  (2, 'cp313-win_arm64', '3.13', 0, 'win_arm64', 'windows'),"
		"  (3, 'cp314-win_arm64', '3.14', 0, 'win_arm64', 'windows');"
		"INSERT INTO package (id, name, downloads, etag, serial, scanned) VALUES"
		"  (7, 'a', 5, 'e', 9, 100), (8, 'b', NULL, NULL, NULL, NULL);"
		"INSERT INTO file (package, filename, kind, url) VALUES (7, 'a-1.zip', 'sdist', 'x');"
		"INSERT INTO published VALUES (7, 3, 'wheel', '1', 'f', NULL, NULL, NULL, NULL, 0, 0, "
		"NULL, 1);"
		"INSERT INTO headline VALUES (7, 1, 'ready', '1', 50), (7, 3, 'vanished', '1', 70);"
		"INSERT INTO headline_change (package, target, at, was, became, version) VALUES"
		"  (7, 1, 50, NULL, 'ready', '1'), (7, 3, 70, 'ready', 'vanished', '1');",
		NULL, NULL, &problem);
	assert_null(problem);
	sqlite3_close(raw);

	good(p, store_open(path, STORE_WRITE, &s, &p->e));
	good(p, store_standing_get(s, 7, &arena, &standing, &p->e));
	assert_int_equal(standing.n, 3);
	assert_int_equal(standing.v[0].word, 'r');
	assert_int_equal(standing.v[0].since, 50);
	assert_int_equal(standing.v[1].word, STANDING_NEVER);
	assert_int_equal(standing.v[2].word, 'v');
	assert_int_equal(standing.v[2].since, 70);
	assert_int_equal(standing.v[2].fact, STANDING_NEVER);
	struct store_package row;
	good(p, store_package_get(s, STR("a"), &arena, &row, &p->e));
	assert_null(row.etag);
	assert_int_equal(row.serial, 0);
	assert_int_equal(row.downloads, 5);
	struct store_change *changes;
	size_t count;
	const struct store_change_query all = {0};
	good(p, store_change_list(s, &all, &arena, &changes, &count, &p->e));
	assert_int_equal(count, 1);
	assert_int_equal(changes[0].kind, CHANGE_VANISHED);
	assert_int_equal(changes[0].at, 70);
	assert_string_equal(changes[0].targets[0], "cp314-win_arm64");
	struct package_view v;
	good(p, store_package_view(s, STR("a"), &v, &p->e));
	assert_int_equal(v.release_count, 0);
	assert_string_equal(v.targets[2].headline, "vanished");
	package_view_finish(&v);
	store_close(s);
	arena_finish(&arena);
	file_remove_tree(folder, NULL);
	free(folder);
	free(path);
}

/* Statements are prepared as they are used: a typo in one that is rarely used is found here. */
static void every_block_fits_the_schema(void **state)
{
	struct sql_db *db = NULL;
	struct err e;
	if (sql_open(":memory:", SQL_WRITE, &db, &e) != 0) {
		fail_msg("%s", e.text);
	}
	for (int block = 0; block < SQL_BLOCK_COUNT; block++) {
		struct sql_query q;
		sql_start(&q, db, (enum sql_block)block, &e);
		if (sql_end(&q) != 0) {
			fail_msg("%s", e.text);
		}
	}
	sql_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_the_first_schema), cmocka_unit_test(every_block_fits_the_schema)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
