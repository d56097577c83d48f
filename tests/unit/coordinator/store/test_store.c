#include "coordinator/store/agent.h"
#include "coordinator/store/change.h"
#include "coordinator/store/file_pack.h"
#include "coordinator/store/lock.h"
#include "coordinator/store/package.h"
#include "coordinator/store/published.h"
#include "coordinator/store/standing.h"
#include "coordinator/store/store.h"
#include "coordinator/store/target.h"
#include "coordinator/store/view.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	char *folder;
	char *database;
	struct store *store;
	struct err e;
};

static int set_up(void **state)
{
	struct place *p = MEM_NEW(struct place);
	const char *base = getenv("TMPDIR");
	p->folder = str_format("%s/wheelfarm-test-XXXXXX", base != NULL ? base : "/tmp");
	assert_non_null(mkdtemp(p->folder));
	p->database = file_join(p->folder, "facts.db");
	assert_int_equal(store_open(p->database, STORE_WRITE, &p->store, &p->e), 0);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	store_close(p->store);
	file_remove_tree(p->folder, NULL);
	free(p->folder);
	free(p->database);
	free(p);
	return 0;
}

static void good(const struct place *p, int code)
{
	if (code != 0) {
		fail_msg("%d: %s", code, p->e.text);
	}
}

static int64_t put_target(struct place *p, const char *name, const char *python, bool free_threaded,
	const char *platform, const char *family)
{
	struct store_target t = {.name = name,
		.python = python,
		.free_threaded = free_threaded,
		.platform = platform,
		.family = family};
	good(p, store_target_put(p->store, &t, &p->e));
	return t.id;
}

static struct store_file file_of(const char *filename, const char *version, const char *kind)
{
	return (struct store_file){.filename = str_from(filename),
		.version = str_from(version),
		.kind = kind,
		.url = STR("x"),
		.size = 5,
		.uploaded = 1000};
}

static void never_scanned(void **state)
{
	struct place *p = *state;
	int64_t id = 0;
	struct package_view v;
	put_target(p, "cp313-win_arm64", "3.13", false, "win_arm64", "windows");
	assert_int_equal(store_package_view(p->store, STR("nobody"), &v, &p->e), ERR_NOT_FOUND);
	package_view_finish(&v);
	good(p, store_package_put(p->store, STR("docopt"), 0, -1, &id, &p->e));
	good(p, store_package_view(p->store, STR("docopt"), &v, &p->e));
	assert_string_equal(v.display, "docopt");
	assert_int_equal(v.rank, 0);
	assert_int_equal(v.downloads, -1);
	assert_int_equal(v.scanned, 0);
	assert_null(v.newest);
	assert_int_equal(v.target_count, 1);
	assert_string_equal(v.targets[0].headline, "unknown");
	assert_string_equal(v.targets[0].dependencies, "unknown");
	assert_null(v.targets[0].published.state);
	assert_false(v.targets[0].has_build);
	assert_int_equal(v.build_count, 0);
	assert_int_equal(v.release_count, 0);
	package_view_finish(&v);
}

static void scan_replaces_files(void **state)
{
	struct place *p = *state;
	int64_t id = 0;
	struct arena arena = {0};
	struct store_file files[] = {
		file_of("a-1.0.tar.gz", "1.0", "sdist"),
		file_of(
			"a-1.0-cp313-cp313-manylinux_2_17_aarch64.manylinux2014_aarch64.whl", "1.0", "wheel"),
		file_of("a-1.10-cp313-cp313-win_arm64.whl", "1.10", "wheel"),
		file_of("a-1.9-py3-none-any.whl", "1.9", "wheel"),
		file_of("a-2.0rc1.tar.gz", "2.0rc1", "sdist"),
		file_of("A strange.exe", "", "other"),
	};
	struct buf pack = {0};
	file_pack_write(files, 6, &pack);
	struct store_scan scan = {.display = STR("A"),
		.newest = STR("1.10"),
		.newest_date = 7,
		.scanned = 9,
		.etag = STR("\"e\""),
		.serial = 3,
		.night = 4,
		.pack = buf_view(&pack),
		.file_count = 6};
	good(p, store_package_put(p->store, STR("a"), 5, 100, &id, &p->e));
	good(p, store_begin(p->store, &p->e));
	good(p, store_package_scanned(p->store, id, &scan, &p->e));
	good(p, store_commit(p->store, &p->e));

	struct package_view v;
	good(p, store_package_view(p->store, STR("a"), &v, &p->e));
	assert_string_equal(v.display, "A");
	assert_int_equal(v.release_count, 4);
	assert_string_equal(v.releases[0].version, "2.0rc1");
	assert_true(v.releases[0].prerelease);
	assert_string_equal(v.releases[1].version, "1.10");
	assert_true(v.releases[1].windows);
	assert_false(v.releases[1].sdist);
	assert_string_equal(v.releases[2].version, "1.9");
	assert_true(v.releases[2].pure);
	assert_true(v.releases[3].glibc && v.releases[3].sdist && !v.releases[3].musl);
	package_view_finish(&v);

	/* the next scan: one goes, one changes, the rest stays */
	files[0].yanked = true;
	buf_clear(&pack);
	file_pack_write(files, 2, &pack);
	scan.pack = buf_view(&pack);
	scan.file_count = 2;
	good(p, store_package_scanned(p->store, id, &scan, &p->e));
	struct store_file *list = NULL;
	size_t count = 0;
	good(p, store_package_files(p->store, id, &arena, &list, &count, &p->e));
	assert_int_equal(count, 2);
	assert_true(str_is(list[0].filename, "a-1.0.tar.gz")); /* in the order of the page */
	assert_true(list[0].yanked);
	assert_false(list[1].yanked);

	struct store_package row;
	good(p, store_package_problem(p->store, id, 5, "page: byte 7: no JSON", &p->e));
	good(p, store_package_get(p->store, STR("a"), &arena, &row, &p->e));
	assert_string_equal(row.problem, "page: byte 7: no JSON");
	assert_string_equal(row.etag, "\"e\"");
	assert_int_equal(row.night, 5);
	assert_string_equal(row.outcome, "bad");
	const struct store_mark mark = {.package = id, .rank = 6, .downloads = -1};
	good(p, store_packages_unchanged(p->store, 6, &mark, 1, 11, &p->e));
	good(p, store_package_get(p->store, STR("a"), &arena, &row, &p->e));
	assert_null(row.problem);
	assert_int_equal(row.scanned, 11);
	assert_int_equal(row.rank, 6);
	assert_int_equal(row.downloads, 100);
	/* out of reach: the night has not settled it */
	good(p, store_package_problem(p->store, id, 0, "no answer", &p->e));
	good(p, store_package_get(p->store, STR("a"), &arena, &row, &p->e));
	assert_string_equal(row.problem, "no answer");
	assert_int_equal(row.night, 6);
	assert_string_equal(row.outcome, "unchanged");
	good(p, store_package_absent(p->store, id, 7, 12, &p->e));
	good(p, store_package_get(p->store, STR("a"), &arena, &row, &p->e));
	assert_true(row.absent);
	assert_null(row.newest);
	good(p, store_package_files(p->store, id, &arena, &list, &count, &p->e));
	assert_int_equal(count, 0);
	buf_finish(&pack);
	arena_finish(&arena);
}

/* Another headline of one target, the published fact left as it is. */
static void stand(struct place *p, int64_t id, int64_t target, enum headline h, int64_t now)
{
	struct arena arena = {0};
	struct store_standing before;
	good(p, store_standing_get(p->store, id, &arena, &before, &p->e));
	struct store_standing after = before;
	after.n = (size_t)target > after.n ? (size_t)target : after.n;
	after.v[target - 1].word = headline_letter(h);
	good(p, store_standing_put(p->store, id, &before, &after, now, &p->e));
	arena_finish(&arena);
}

static void headlines_have_a_history(void **state)
{
	struct place *p = *state;
	struct arena arena = {0};
	int64_t id = 0;
	put_target(p, "cp313-musllinux_1_2_aarch64", "3.13", false, "musllinux_1_2_aarch64", "musl");
	int64_t t = put_target(p, "cp313-win_arm64", "3.13", false, "win_arm64", "windows");
	good(p, store_package_put(p->store, STR("a"), 1, 10, &id, &p->e));
	stand(p, id, t, HEADLINE_READY, 100);
	stand(p, id, t, HEADLINE_READY, 200);
	struct store_standing standing;
	good(p, store_standing_get(p->store, id, &arena, &standing, &p->e));
	assert_int_equal(standing.n, 2);
	assert_int_equal(standing.v[0].word, STANDING_NEVER);
	assert_int_equal(standing.v[1].word, 'r');
	assert_int_equal(standing.v[1].since, 100);
	stand(p, id, t, HEADLINE_VANISHED, 300);
	good(p, store_standing_get(p->store, id, &arena, &standing, &p->e));
	assert_int_equal(standing.v[1].since, 300);
	struct store_change *changes = NULL;
	size_t count = 0;
	const struct store_change_query all = {0};
	good(p, store_change_list(p->store, &all, &arena, &changes, &count, &p->e));
	assert_int_equal(count, 1); /* a first sighting is no change */
	assert_int_equal(changes[0].kind, CHANGE_VANISHED);
	assert_int_equal(changes[0].was, HEADLINE_READY);
	assert_int_equal(changes[0].became, HEADLINE_VANISHED);
	assert_int_equal(changes[0].at, 300);
	assert_int_equal(changes[0].target_count, 1);
	assert_string_equal(changes[0].targets[0], "cp313-win_arm64");
	arena_finish(&arena);
}

static int count_rows(struct place *p, const char *sql)
{
	sqlite3 *raw = NULL;
	sqlite3_stmt *statement = NULL;
	assert_int_equal(sqlite3_open(p->database, &raw), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(raw, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	int n = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(raw);
	return n;
}

static void published_rows(void **state)
{
	struct place *p = *state;
	struct arena arena = {0};
	int64_t id = 0;
	int64_t t = put_target(p, "cp313-win_arm64", "3.13", false, "win_arm64", "windows");
	int64_t other = put_target(p, "cp314-win_arm64", "3.14", false, "win_arm64", "windows");
	int64_t third = put_target(p, "cp315-win_arm64", "3.15", false, "win_arm64", "windows");
	good(p, store_package_put(p->store, STR("a"), 1, 10, &id, &p->e));
	struct store_published row = {.state = "wheel",
		.version = "1.0",
		.file = "f",
		.emulated_alternative = true,
		.compiled_elsewhere = true,
		.first_date = 5};
	struct store_published_set set;
	const int64_t ids[] = {t, other, third};
	store_published_share(&row, 1, &arena, &set);
	good(p, store_published_replace(p->store, id, &set, ids, &p->e));
	row.state = "sdist";
	row.sdist_version = "1.1";
	row.behind = 3;
	row.newest_version = "0.9";
	row.newest_date = 6;
	char copy[] = "f";
	struct store_published rows[] = {row, row, row};
	rows[1].file = copy; /* another address, the same text: shared all the same */
	rows[2].vanished = "0.9";
	store_published_share(rows, 3, &arena, &set);
	assert_int_equal(set.n, 2);
	assert_int_equal(set.count, 3);
	good(p, store_published_replace(p->store, id, &set, ids, &p->e));
	assert_int_equal(count_rows(p, "SELECT count(*) FROM published_fact"), 2);
	assert_int_equal(count_rows(p, "SELECT count(*) FROM published"), 3);
	struct store_published *list = NULL;
	size_t count = 0;
	good(p, store_published_list(p->store, id, &arena, &list, &count, &p->e));
	assert_int_equal(count, 3);
	assert_string_equal(list[0].state, "sdist");
	assert_string_equal(list[0].sdist_version, "1.1");
	assert_string_equal(list[0].target_name, "cp313-win_arm64");
	assert_true(list[0].emulated_alternative && list[0].compiled_elsewhere);
	assert_string_equal(list[0].newest_version, "0.9");
	assert_int_equal(list[0].newest_date, 6);
	assert_int_equal(list[0].behind, 3);
	assert_null(list[0].vanished);
	assert_int_equal(list[1].target, other);
	assert_string_equal(list[2].vanished, "0.9");
	struct store_published one;
	good(p, store_published_get(p->store, id, third, &arena, &one, &p->e));
	assert_string_equal(one.vanished, "0.9");
	assert_int_equal(
		store_published_get(p->store, id, third + 1, &arena, &one, &p->e), ERR_NOT_FOUND);
	arena_finish(&arena);
}

static void package_table(void **state)
{
	struct place *p = *state;
	int64_t win = put_target(p, "cp313-win_arm64", "3.13", false, "win_arm64", "windows");
	put_target(p, "cp313t-win_arm64", "3.13", true, "win_arm64", "windows");
	int64_t glibc = put_target(
		p, "cp314-manylinux_2_28_aarch64", "3.14", false, "manylinux_2_28_aarch64", "glibc");
	static const char *const names[] = {"zlib-ng", "aiohttp", "numpy", "abc"};
	int64_t ids[4];
	for (int i = 0; i < 4; i++) {
		good(p,
			store_package_put(
				p->store, str_from(names[i]), i < 3 ? i + 1 : 0, 1000 - i * 100, &ids[i], &p->e));
	}
	stand(p, ids[0], win, HEADLINE_READY, 1);
	stand(p, ids[1], win, HEADLINE_MISSING, 1);
	stand(p, ids[2], win, HEADLINE_NOT_APPLICABLE, 1);
	stand(p, ids[0], glibc, HEADLINE_READY, 1);
	store_set_default_python(p->store, "cp313");

	struct packages_view v;
	struct package_query q = {.limit = 50};
	good(p, store_packages_view(p->store, &q, &v, &p->e));
	assert_string_equal(v.target, "cp313-win_arm64");
	assert_int_equal(v.target_count, 3);
	assert_string_equal(v.targets[0], "cp314-manylinux_2_28_aarch64");
	assert_string_equal(v.targets[1], "cp313-win_arm64");
	assert_string_equal(v.targets[2], "cp313t-win_arm64");
	assert_int_equal(v.total, 4);
	assert_int_equal(v.row_count, 4);
	assert_string_equal(v.rows[0].name, "zlib-ng");
	assert_string_equal(v.rows[0].strip[0], "ready");
	assert_string_equal(v.rows[0].strip[2], "unknown");
	assert_string_equal(v.rows[3].name, "abc"); /* no rank: last */
	assert_string_equal(v.rows[3].headline, "unknown");
	packages_view_finish(&v);

	q.headline = "not-ready";
	good(p, store_packages_view(p->store, &q, &v, &p->e));
	assert_int_equal(v.total, 2); /* aiohttp and abc, which has no row */
	assert_int_equal(v.row_count, 2);
	packages_view_finish(&v);

	q = (struct package_query){.limit = 1, .offset = 1, .sort = PACKAGE_SORT_NAME};
	good(p, store_packages_view(p->store, &q, &v, &p->e));
	assert_int_equal(v.total, 4);
	assert_int_equal(v.row_count, 1);
	assert_string_equal(v.rows[0].name, "aiohttp");
	packages_view_finish(&v);

	q = (struct package_query){.limit = 9, .search = STR("num"), .headline = "not_applicable"};
	good(p, store_packages_view(p->store, &q, &v, &p->e));
	assert_int_equal(v.total, 1);
	packages_view_finish(&v);

	q = (struct package_query){.limit = 9, .target = "cp399-win_arm64"};
	assert_int_equal(store_packages_view(p->store, &q, &v, &p->e), ERR_NOT_FOUND);
	packages_view_finish(&v);

	struct overview_view o;
	good(p, store_overview_view(p->store, &o, &p->e));
	assert_int_equal(o.packages, 4);
	assert_int_equal(o.summary_count, 3);
	assert_int_equal(o.default_count, 1);
	assert_string_equal(o.summaries[0].target, "cp313-win_arm64");
	assert_int_equal(o.summaries[0].counts[HEADLINE_READY].packages, 1);
	assert_int_equal(o.summaries[0].counts[HEADLINE_READY].downloads, 1000);
	assert_int_equal(o.summaries[0].counts[HEADLINE_UNKNOWN].packages, 1);
	assert_int_equal(o.summaries[0].counts[HEADLINE_UNKNOWN].downloads, 700);
	assert_int_equal(o.change_count, 0);
	overview_view_finish(&o);

	/* the totals follow: another word, other downloads */
	stand(p, ids[1], win, HEADLINE_READY, 2);
	good(p, store_package_put(p->store, STR("zlib-ng"), 1, 5000, &ids[0], &p->e));
	good(p, store_package_put(p->store, STR("zlib-ng"), 1, -1, &ids[0], &p->e));
	good(p, store_overview_view(p->store, &o, &p->e));
	assert_int_equal(o.summaries[0].counts[HEADLINE_READY].packages, 2);
	assert_int_equal(o.summaries[0].counts[HEADLINE_READY].downloads, 5900);
	assert_int_equal(o.summaries[0].counts[HEADLINE_MISSING].packages, 0);
	assert_int_equal(o.summaries[0].counts[HEADLINE_MISSING].downloads, 0);
	assert_int_equal(o.change_count, 1);
	assert_int_equal(o.changes[0].was, HEADLINE_MISSING);
	overview_view_finish(&o);
}

static void nothing_at_all(void **state)
{
	struct place *p = *state;
	struct packages_view v;
	struct overview_view o;
	struct job_view j;
	struct package_query q = {.limit = 50};
	good(p, store_packages_view(p->store, &q, &v, &p->e));
	assert_int_equal(v.total, 0);
	assert_null(v.target);
	packages_view_finish(&v);
	good(p, store_overview_view(p->store, &o, &p->e));
	assert_int_equal(o.packages, 0);
	overview_view_finish(&o);
	assert_int_equal(store_job_view(p->store, 1, &j, &p->e), ERR_NOT_FOUND);
	job_view_finish(&j);
}

static void readers_and_schemas(void **state)
{
	struct place *p = *state;
	struct store *s = NULL;
	char *absent = file_join(p->folder, "none.db");
	assert_int_equal(store_open(absent, STORE_READ, &s, &p->e), ERR_NOT_FOUND);
	assert_non_null(strstr(p->e.text, "none.db"));
	free(absent);
	good(p, store_open(p->database, STORE_READ, &s, &p->e));
	store_close(s);
	sqlite3 *raw = NULL;
	assert_int_equal(sqlite3_open(p->database, &raw), SQLITE_OK);
	sqlite3_exec(raw, "PRAGMA user_version = 9999", NULL, NULL, NULL);
	sqlite3_close(raw);
	assert_int_equal(store_open(p->database, STORE_WRITE, &s, &p->e), ERR_UNSUPPORTED);
	assert_null(s);
	assert_non_null(strstr(p->e.text, "newer"));
	char *text = file_join(p->folder, "text.db");
	good(p,
		file_write_atomic(text, STR("this is no database, but it is long enough to look"), &p->e));
	assert_int_equal(store_open(text, STORE_WRITE, &s, &p->e), ERR_DATABASE);
	assert_non_null(strstr(p->e.text, "text.db"));
	free(text);
}

static void one_coordinator(void **state)
{
	struct place *p = *state;
	struct store_lock *lock = NULL;
	struct store_lock *second = NULL;
	good(p, store_lock_check(p->database, &p->e));
	good(p, store_lock(p->database, &lock, &p->e));
	assert_int_equal(store_lock(p->database, &second, &p->e), ERR_BUSY);
	char *pid = str_format("%ld", (long)getpid());
	assert_non_null(strstr(p->e.text, pid));
	free(pid);
	assert_int_equal(store_lock_check(p->database, &p->e), ERR_BUSY);
	pid_t child = fork();
	if (child == 0) {
		_exit(store_lock(p->database, &second, NULL) == ERR_BUSY ? 0 : 1);
	}
	int status = 1;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	store_unlock(lock);
	good(p, store_lock_check(p->database, &p->e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(never_scanned, set_up, tear_down),
		cmocka_unit_test_setup_teardown(scan_replaces_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(headlines_have_a_history, set_up, tear_down),
		cmocka_unit_test_setup_teardown(published_rows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(package_table, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_at_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(readers_and_schemas, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_coordinator, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
