/* Each wheel of tests/data/inspect/wheels.txt has just the problems that its line says. */
#include "core/inspect/wheel.h"
#include "core/io/file.h"
#include "core/io/json.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The one file of a case's folder. The caller frees. */
static char *find_wheel(struct str name)
{
	char *folder = str_format("%s/%.*s", TEST_WHEELS, STR_ARG(name));
	DIR *listing = opendir(folder);
	char *found = NULL;
	assert_non_null(listing);
	for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
		if (entry->d_name[0] != '.') {
			assert_null(found);
			found = file_join(folder, entry->d_name);
		}
	}
	closedir(listing);
	free(folder);
	assert_non_null(found);
	return found;
}

/* "record_hash machine_mismatch/warning": each code once, in the order of the code table. */
static void write_codes(const struct wheel_report *r, struct buf *out)
{
	for (int code = 0; code < WHEEL_PROBLEM_COUNT; code++) {
		for (int severity = WHEEL_ERROR; severity >= WHEEL_NOTE; severity--) {
			bool found = false;
			VEC_EACH (const struct wheel_problem, problem, &r->problems) {
				found = found || ((int)problem->code == code && (int)problem->severity == severity);
			}
			if (found) {
				bool is_usual =
					(int)wheel_problem_severity((enum wheel_problem_code)code) == severity;
				buf_printf(out, "%s%s%s%s", out->n != 0 ? " " : "",
					wheel_problem_name((enum wheel_problem_code)code), is_usual ? "" : "/",
					is_usual ? "" : wheel_severity_name((enum wheel_severity)severity));
			}
		}
	}
	if (out->n == 0) {
		buf_add_text(out, "fine");
	}
}

static bool check_line(struct str line, size_t number)
{
	struct str name, target, policy, codes = line;
	assert_true(str_split(&codes, ' ', &name) && str_split(&codes, ' ', &target) &&
		str_split(&codes, ' ', &policy));
	struct wheel_expectation expect = {.target = str_is(target, "-") ? STR("") : target};
	struct wheel_report r;
	struct err e = {0};
	struct buf found = {0};
	char *path = find_wheel(name);
	assert_int_equal(wheel_check_file(path, &expect, &r, &e), 0);
	write_codes(&r, &found);
	bool is_ok = str_equal(codes, buf_view(&found)) &&
		str_equal(str_is(policy, "-") ? STR("") : policy, r.manylinux);
	bool has_error = r.problems.n != 0 && r.problems.v[0].severity == WHEEL_ERROR;
	is_ok = is_ok && r.ok == !has_error;
	if (!is_ok) {
		print_error("wheels.txt:%zu: %.*s is: %s (%.*s)\n", number, STR_ARG(name), found.p,
			STR_ARG(r.manylinux));
	}
	wheel_report_finish(&r);
	buf_finish(&found);
	free(path);
	return is_ok;
}

static void test_table(void **state)
{
	struct buf table = {0};
	size_t number = 0, wrong = 0;
	assert_int_equal(file_read(TEST_DATA "/wheels.txt", 1 << 20, &table, NULL), 0);
	struct str rest = buf_view(&table), line;
	while (str_split(&rest, '\n', &line)) {
		number++;
		if (line.n != 0 && line.p[0] != '#') {
			wrong += !check_line(line, number);
		}
	}
	buf_finish(&table);
	assert_int_equal(wrong, 0);
	assert_true(number > 100);
}

static void check(const char *name, const struct wheel_expectation *expect, struct wheel_report *r)
{
	char *path = find_wheel(str_from(name));
	assert_int_equal(wheel_check_file(path, expect, r, NULL), 0);
	free(path);
}

static void test_report(void **state)
{
	struct wheel_report r;
	struct buf text = {0};
	struct json_writer w;
	check("fine_many_tags", NULL, &r);
	assert_true(str_is(r.name, "demo") && str_is(r.version, "1.0") && str_is(r.build, "7fix"));
	assert_int_equal(r.tags.n, 2);
	assert_true(str_is(r.tags.v[1], "cp313-cp313-manylinux_2_17_aarch64"));
	assert_true(str_is(r.glibc, "2.17"));
	assert_int_equal(r.binaries.n, 1);
	assert_true(str_is(r.binaries.v[0].module, "fast"));
	assert_true(str_starts(r.metadata, "Metadata-Version: 2.4\nName: demo\n"));
	assert_false(wheel_is_pure(&r) || r.pure);
	json_writer_init(&w, &text, false);
	wheel_report_json(&r, &w);
	json_writer_finish(&w);
	assert_string_equal(text.p,
		"{\"file\":\"demo-1.0-7fix-cp313-cp313-manylinux2014_aarch64.manylinux_2_17_aarch64.whl\","
		"\"depth\":\"full\",\"name\":\"demo\",\"version\":\"1.0\",\"tags\":["
		"\"cp313-cp313-manylinux2014_aarch64\",\"cp313-cp313-manylinux_2_17_aarch64\"],"
		"\"ok\":true,\"binaries\":[{\"path\":\"demo/fast.cpython-313-aarch64-linux-gnu.so\","
		"\"format\":\"elf\",\"machine\":\"aarch64\",\"needs\":[\"libc.so.6\"],\"glibc\":\"2.17\","
		"\"page_size\":65536,\"python_abi\":\"cp313\",\"module\":\"fast\",\"soname\":null,"
		"\"symbol_versions\":[\"libc.so.6:GLIBC_2.17\"],\"rpaths\":[],\"exec_stack\":false,"
		"\"text_relocations\":false,\"python_symbols\":[],\"init_functions\":[\"PyInit_fast\"]}],"
		"\"manylinux\":\"manylinux_2_17_aarch64\",\"glibc\":\"2.17\",\"problems\":[]}");
	wheel_report_finish(&r);
	buf_finish(&text);
	check("fine_pure", NULL, &r);
	assert_true(wheel_is_pure(&r));
	wheel_report_finish(&r);
	check("pure_library", NULL, &r);
	assert_false(wheel_is_pure(&r));
	assert_true(wheel_has_problem(&r, WHEEL_PROBLEM_BINARY_IN_PURE));
	wheel_report_finish(&r);
}

static void test_expectation(void **state)
{
	struct wheel_report r;
	check("fine_linux", &(struct wheel_expectation){.name = STR("Demo"), .version = STR("1.0.0")},
		&r);
	assert_true(r.ok);
	wheel_report_finish(&r);
	check("fine_linux", &(struct wheel_expectation){.name = STR("other")}, &r);
	assert_true(wheel_has_problem(&r, WHEEL_PROBLEM_BAD_METADATA) && !r.ok);
	wheel_report_finish(&r);
	check("fine_linux", &(struct wheel_expectation){.version = STR("1.1")}, &r);
	assert_true(wheel_has_problem(&r, WHEEL_PROBLEM_BAD_METADATA));
	wheel_report_finish(&r);
	check("fine_linux",
		&(struct wheel_expectation){
			.file_name = STR("demo-1.0-cp313-cp313-manylinux_2_17_aarch64.whl")},
		&r);
	assert_true(wheel_has_problem(&r, WHEEL_PROBLEM_WHEEL_TAG_MISMATCH));
	wheel_report_finish(&r);
}

static void test_not_openable(void **state)
{
	struct wheel_report r;
	struct err e;
	assert_int_equal(wheel_check_file("/nowhere/x-1-py3-none-any.whl", NULL, &r, &e), -ENOENT);
	assert_string_equal(e.text, "/nowhere/x-1-py3-none-any.whl: No such file or directory");
	assert_int_equal(wheel_check_file(TEST_DATA "/wheels.txt", NULL, &r, &e), ERR_INVALID);
	assert_string_equal(e.text, TEST_DATA "/wheels.txt: the file is not named .whl");
	assert_true(wheel_check_file(TEST_DATA, NULL, &r, &e) < 0);
	char *path = find_wheel(STR("fine_pure"));
	struct wheel_expectation expect = {.target = STR("cp313-plan9")};
	assert_int_equal(wheel_check_file(path, &expect, &r, &e), ERR_INVALID);
	free(path);
	wheel_report_finish(&r);
}

/* Of a remote wheel only pieces are asked for, and the report says what can be said. */
static void test_headers(void **state)
{
	struct buf bytes = {0};
	struct wheel_report r;
	struct wheel_range range;
	char *path = find_wheel(STR("page_4k"));
	assert_int_equal(file_read(path, 1 << 20, &bytes, NULL), 0);
	struct wheel_expectation expect = {.file_name = str_from(strrchr(path, '/') + 1)};
	struct wheel_check *c = wheel_check_create(&expect, bytes.n, WHEEL_HEADERS, &r, NULL);
	assert_non_null(c);
	while (wheel_check_needs(c, &range)) {
		wheel_check_feed(c, str_slice(buf_view(&bytes), range.offset, range.offset + range.length));
	}
	wheel_check_destroy(c);
	assert_int_equal(r.binaries.n, 1);
	assert_true(str_is(r.binaries.v[0].machine, "aarch64"));
	assert_int_equal(r.binaries.v[0].page_size, 4096);
	assert_int_equal(r.binaries.v[0].needs.n, 0);
	assert_int_equal(r.problems.n, 1);
	assert_int_equal(r.problems.v[0].code, WHEEL_PROBLEM_PAGE_ALIGNMENT);
	assert_int_equal(r.manylinux.n, 0);
	assert_true(r.metadata.n != 0);
	wheel_report_finish(&r);
	buf_finish(&bytes);
	free(path);
}

/* The headers of 400 binaries cost less than a megabyte, and what is said to come next does come. */
static void test_headers_of_many(void **state)
{
	struct buf bytes = {0};
	struct wheel_report r;
	struct wheel_range range, next[4];
	size_t asked = 0, upcoming = 0, foretold = 0;
	char *path = find_wheel(STR("headers_many"));
	assert_int_equal(file_read(path, 16 << 20, &bytes, NULL), 0);
	assert_true(bytes.n > 6 << 20);
	struct wheel_expectation expect = {.file_name = str_from(strrchr(path, '/') + 1)};
	struct wheel_check *c = wheel_check_create(&expect, bytes.n, WHEEL_HEADERS, &r, NULL);
	while (wheel_check_needs(c, &range)) {
		asked += range.length;
		if (upcoming != 0) {
			foretold += range.offset == next[0].offset && range.length == next[0].length;
		}
		wheel_check_feed(c, str_slice(buf_view(&bytes), range.offset, range.offset + range.length));
		upcoming = wheel_check_upcoming(c, next, 4);
	}
	assert_int_equal(wheel_check_upcoming(c, next, 4), 0);
	wheel_check_destroy(c);
	assert_true(asked < 1000000);
	assert_true(foretold >= 390);
	assert_int_equal(r.binaries.n, 400);
	VEC_EACH (const struct wheel_binary, binary, &r.binaries) {
		assert_int_equal(binary->page_size, 65536);
	}
	wheel_report_finish(&r);
	buf_finish(&bytes);
	free(path);
}

static void test_problem_names(void **state)
{
	enum wheel_problem_code code;
	for (int i = 0; i < WHEEL_PROBLEM_COUNT; i++) {
		const char *name = wheel_problem_name((enum wheel_problem_code)i);
		assert_true(wheel_problem_find(str_from(name), &code) && (int)code == i);
		assert_non_null(wheel_problem_advice(code));
	}
	assert_false(wheel_problem_find(STR("nothing"), &code));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_expectation),
		cmocka_unit_test(test_not_openable),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_headers_of_many),
		cmocka_unit_test(test_problem_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
