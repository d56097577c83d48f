/* Reports in the database: kept whole, known by their rules, columns made again from what is kept. */
#include "coordinator/inspect/wheel_row.h"
#include "coordinator/store/package.h"
#include "coordinator/verdict/broken.h"
#include "core/io/file.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const char hash[] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

struct place {
	char *folder;
	struct store *store;
	int64_t package;
	struct arena arena;
};

static int set_up(void **state)
{
	struct place *p = MEM_NEW(struct place);
	const char *base = getenv("TMPDIR");
	p->folder = str_format("%s/wheelfarm-test-XXXXXX", base != NULL ? base : "/tmp");
	assert_non_null(mkdtemp(p->folder));
	char *database = file_join(p->folder, "facts.db");
	assert_int_equal(store_open(database, STORE_WRITE, &p->store, NULL), 0);
	assert_int_equal(store_package_put(p->store, STR("demo"), 0, -1, &p->package, NULL), 0);
	free(database);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	store_close(p->store);
	file_remove_tree(p->folder, NULL);
	arena_finish(&p->arena);
	free(p->folder);
	free(p);
	return 0;
}

/* The row of a wheel of tests/data/inspect/wheels.txt. */
static struct store_wheel row_of(struct place *p, const char *name)
{
	struct wheel_report report;
	struct store_wheel row = {0};
	char *folder = file_join(TEST_WHEELS, name), *path = NULL;
	DIR *listing = opendir(folder);
	assert_non_null(listing);
	for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
		if (entry->d_name[0] != '.') {
			free(path);
			path = file_join(folder, entry->d_name);
		}
	}
	closedir(listing);
	assert_int_equal(wheel_check_file(path, NULL, &report, NULL), 0);
	wheel_row_make(&report, &p->arena, &row);
	wheel_report_finish(&report);
	free(folder);
	free(path);
	row.sha256 = hash;
	row.package = p->package;
	row.inspected = 1000;
	return row;
}

static void same_columns(const struct store_wheel *a, const struct store_wheel *b)
{
	assert_string_equal(a->machine, b->machine);
	assert_string_equal(a->glibc != NULL ? a->glibc : "", b->glibc != NULL ? b->glibc : "");
	assert_int_equal(a->page_size, b->page_size);
	assert_string_equal(a->bundled, b->bundled);
	assert_string_equal(a->problems, b->problems);
	assert_string_equal(a->worst != NULL ? a->worst : "", b->worst != NULL ? b->worst : "");
	assert_string_equal(a->broken != NULL ? a->broken : "", b->broken != NULL ? b->broken : "");
	assert_int_equal(a->errors, b->errors);
	assert_int_equal(a->warnings, b->warnings);
	assert_int_equal(a->columns, WHEEL_COLUMNS);
}

static void test_kept_and_made_again(void **state)
{
	static const char *const names[] = {"fine_linux", "fine_vendored", "fine_windows", "fine_musl"};
	struct place *p = *state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct store_wheel row = row_of(p, names[i]), found;
		assert_string_equal(row.machine, "aarch64");
		assert_int_equal(store_wheel_put(p->store, &row, NULL), 0);
		assert_int_equal(store_wheel_get(p->store, STR(hash), &p->arena, &found, NULL), 0);
		assert_true(str_equal(found.report, row.report));
		assert_string_equal(found.filename, row.filename);
		assert_string_equal(found.depth, "full");
		assert_int_equal(found.rules, WHEEL_RULES);
		same_columns(&found, &row);
		found.machine = found.bundled = found.problems = "x";
		assert_int_equal(wheel_row_again(&found, &p->arena, NULL), 0);
		same_columns(&found, &row);
	}
}

static void test_known(void **state)
{
	struct place *p = *state;
	struct store_wheel row = row_of(p, "fine_linux"), found;
	bool known = true;
	const char *stale = "x";
	assert_int_equal(store_wheel_known(p->store, STR(hash), WHEEL_RULES, false, &known, NULL), 0);
	assert_false(known);
	assert_int_equal(store_wheel_get(p->store, STR(hash), &p->arena, &found, NULL), ERR_NOT_FOUND);
	row.depth = "headers";
	assert_int_equal(store_wheel_put(p->store, &row, NULL), 0);
	assert_int_equal(store_wheel_known(p->store, STR(hash), WHEEL_RULES, false, &known, NULL), 0);
	assert_true(known);
	assert_int_equal(store_wheel_known(p->store, STR(hash), WHEEL_RULES, true, &known, NULL), 0);
	assert_false(known);
	assert_int_equal(
		store_wheel_known(p->store, STR(hash), WHEEL_RULES + 1, false, &known, NULL), 0);
	assert_false(known);
	assert_int_equal(store_wheel_stale(p->store, WHEEL_COLUMNS, &p->arena, &stale, NULL), 0);
	assert_null(stale);
	assert_int_equal(store_wheel_stale(p->store, WHEEL_COLUMNS + 1, &p->arena, &stale, NULL), 0);
	assert_string_equal(stale, hash);
}

static void test_damaged(void **state)
{
	struct place *p = *state;
	struct store_wheel row = row_of(p, "fine_linux");
	row.report = STR("[1, 2");
	assert_int_equal(wheel_row_again(&row, &p->arena, NULL), ERR_CORRUPT);
	row.report = STR("[1, 2]");
	assert_int_equal(wheel_row_again(&row, &p->arena, NULL), ERR_CORRUPT);
}

static void test_glibc_of_a_platform(void **state)
{
	assert_true(broken_has_glibc("manylinux_2_28_aarch64", "2.28"));
	assert_true(broken_has_glibc("manylinux_2_28_aarch64", "2.9"));
	assert_true(broken_has_glibc("manylinux_3_0_aarch64", "2.99"));
	assert_false(broken_has_glibc("manylinux_2_28_aarch64", "2.29"));
	assert_false(broken_has_glibc("manylinux_2_28_aarch64", "3.0"));
	assert_false(broken_has_glibc("musllinux_1_2_aarch64", "2.1"));
	assert_false(broken_has_glibc("win_arm64", "2.1"));
	assert_false(broken_has_glibc("manylinux_2_28_aarch64", "x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kept_and_made_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_known, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damaged, set_up, tear_down),
		cmocka_unit_test(test_glibc_of_a_platform),
	};
	return cmocka_run_group_tests_name("wheel_row", tests, NULL, NULL);
}
