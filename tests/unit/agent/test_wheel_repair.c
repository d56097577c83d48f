#include "agent/inspect_reason.h"
#include "agent/wheel_repair.h"
#include "core/inspect/record.h"
#include "core/io/file.h"
#include "core/io/sha256.h"

#include <archive.h>
#include <archive_entry.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char folder[] = "/tmp/test-wheel-repair-XXXXXX";

struct entry {
	const char *path;
	const char *text;
};

static int setup(void **state)
{
	assert_non_null(mkdtemp(folder));
	return 0;
}

static int teardown(void **state)
{
	return file_remove_tree(folder, NULL);
}

/* A wheel of these entries; its path, which the caller frees. */
static char *make(const char *name, const struct entry *entries)
{
	char *path = file_join(folder, name);
	struct archive *out = archive_write_new();
	archive_write_set_format_zip(out);
	assert_int_equal(archive_write_open_filename(out, path), ARCHIVE_OK);
	for (const struct entry *e = entries; e->path != NULL; e++) {
		struct archive_entry *header = archive_entry_new();
		archive_entry_set_pathname(header, e->path);
		archive_entry_set_size(header, (la_int64_t)strlen(e->text));
		archive_entry_set_filetype(header, S_IFREG);
		archive_entry_set_perm(header, 0600);
		archive_entry_set_mtime(header, 1700000000, 0);
		archive_write_header(out, header);
		archive_write_data(out, e->text, strlen(e->text));
		archive_entry_free(header);
	}
	archive_write_close(out);
	archive_write_free(out);
	return path;
}

/* The text of one entry, or NULL; the caller frees. */
static char *text_of(const char *wheel, const char *path)
{
	struct archive *in = archive_read_new();
	struct archive_entry *header = NULL;
	char *found = NULL;
	archive_read_support_format_zip(in);
	assert_int_equal(archive_read_open_filename(in, wheel, 8192), ARCHIVE_OK);
	while (archive_read_next_header(in, &header) == ARCHIVE_OK) {
		if (strcmp(archive_entry_pathname(header), path) == 0) {
			struct buf b = {0};
			char piece[512];
			for (la_ssize_t n = 0; (n = archive_read_data(in, piece, sizeof(piece))) > 0;) {
				buf_add(&b, piece, (size_t)n);
			}
			found = buf_take(&b);
		}
	}
	archive_read_free(in);
	return found;
}

#define INFO "demo-1.0.dist-info/"
static const struct entry linux_wheel[] = {
	{"demo/__init__.py", "x = 1\n"},
	{"demo/a,b.py", "comma\n"},
	{"demo/_c.cpython-313-aarch64-linux-gnu.so", "not really\n"},
	{INFO "METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"},
	{INFO "WHEEL",
		"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\n"
		"Tag: cp313-cp313-linux_aarch64\n\n"},
	{INFO "RECORD", "wrong,,\n"},
	{NULL, NULL},
};

static void a_linux_wheel_gets_the_targets_tag_and_a_right_record(void **state)
{
	char *from = make("demo-1.0-cp313-cp313-linux_aarch64.whl", linux_wheel);
	struct wheel_repair r = {.from = from,
		.folder = folder,
		.platform = "manylinux_2_28_aarch64",
		.expect_native = true,
		.epoch = 946684800};
	struct err e = {0};
	assert_int_equal(wheel_repair(&r, &e), 0);
	assert_string_equal(r.wheel, "demo-1.0-cp313-cp313-manylinux_2_28_aarch64.whl");
	char *made = file_join(folder, r.wheel);
	char *wheel = text_of(made, INFO "WHEEL");
	assert_string_equal(wheel,
		"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\n"
		"Tag: cp313-cp313-manylinux_2_28_aarch64\n\n");
	char *record_text = text_of(made, INFO "RECORD");
	struct record record = {0};
	assert_int_equal(record_read(str_from(record_text), &record, &e), 0);
	assert_int_equal(record.lines.n, 6);
	VEC_EACH (struct record_line, line, &record.lines) {
		char *path = str_dup(line->path);
		char *text = text_of(made, path);
		assert_non_null(text);
		if (str_ends(line->path, "/RECORD")) {
			assert_int_equal(line->hash, RECORD_HASH_NONE);
		} else {
			unsigned char digest[SHA256_BYTES];
			sha256_of(str_from(text), digest);
			assert_int_equal(line->hash, RECORD_HASH_SHA256);
			assert_memory_equal(line->digest, digest, sizeof(digest));
			assert_int_equal(line->size, strlen(text));
		}
		free(text);
		free(path);
	}
	record_finish(&record);
	/* the same bytes in make the same bytes out */
	char first[SHA256_HEX];
	char second[SHA256_HEX];
	assert_int_equal(sha256_of_file(made, first, NULL, NULL), 0);
	free(r.wheel);
	assert_int_equal(wheel_repair(&r, &e), 0);
	assert_int_equal(sha256_of_file(made, second, NULL, NULL), 0);
	assert_string_equal(first, second);
	free(r.wheel);
	free(record_text);
	free(wheel);
	free(made);
	free(from);
}

static void strays_of_the_linker_are_left_out(void **state)
{
	static const struct entry entries[] = {
		{"demo/_c.cp313-win_arm64.pyd", "MZ"},
		{"demo/_c.cp313-win_arm64.pdb", "debug"},
		{"demo/_c.lib", "import library"},
		{"demo/_c.cp313-win_arm64.dll.a", "import library"},
		{"demo/npymath.lib", "meant to be there"},
		{INFO "METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"},
		{INFO "WHEEL", "Wheel-Version: 1.0\nTag: cp313-cp313-win_arm64\n"},
		{INFO "RECORD", ""},
		{NULL, NULL},
	};
	char *from = make("demo-1.0-cp313-cp313-win_arm64.whl", entries);
	char *out = file_join(folder, "out");
	assert_int_equal(mkdir(out, 0755), 0);
	struct wheel_repair r = {.from = from, .folder = out, .platform = "win_arm64"};
	assert_int_equal(wheel_repair(&r, NULL), 0);
	assert_int_equal(r.dropped, 3);
	assert_string_equal(r.wheel, "demo-1.0-cp313-cp313-win_arm64.whl");
	char *made = file_join(out, r.wheel);
	char *kept = text_of(made, "demo/npymath.lib");
	char *pdb = text_of(made, "demo/_c.cp313-win_arm64.pdb");
	char *lib = text_of(made, "demo/_c.lib");
	assert_non_null(kept);
	assert_null(pdb);
	assert_null(lib);
	free(kept);
	free(made);
	free(r.wheel);
	free(out);
	free(from);
}

static void a_pure_wheel_where_compiled_code_was_expected_is_told(void **state)
{
	static const struct entry entries[] = {
		{INFO "METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"},
		{INFO "WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n"},
		{INFO "RECORD", ""},
		{NULL, NULL},
	};
	char *from = make("demo-1.0-py3-none-any.whl", entries);
	struct wheel_repair r = {
		.from = from, .folder = folder, .platform = "win_arm64", .expect_native = true};
	struct err e = {0};
	assert_true(wheel_repair(&r, &e) < 0);
	assert_int_equal(r.reason, REASON_CODE_SILENT_PURE);
	assert_non_null(strstr(e.text, "demo-1.0-py3-none-any.whl"));
	char *out = file_join(folder, "pure");
	assert_int_equal(mkdir(out, 0755), 0);
	r.folder = out;
	r.expect_native = false;
	assert_int_equal(wheel_repair(&r, &e), 0);
	free(r.wheel);
	free(out);
	free(from);
}

static void hostile_wheels_are_refused(void **state)
{
	static const struct entry none[] = {{"demo/x.py", "x"}, {NULL, NULL}};
	static const struct entry two[] = {
		{"a-1.dist-info/WHEEL", "Wheel-Version: 1.0\n"},
		{"b-1.dist-info/WHEEL", "Wheel-Version: 1.0\n"},
		{NULL, NULL},
	};
	static const struct {
		const char *name;
		const struct entry *entries;
	} cases[] = {
		{"demo-1.0-cp313-cp313-win_arm64.whl", none},
		{"two-1.0-cp313-cp313-win_arm64.whl", two},
		{"nonsense.whl", linux_wheel},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *out = str_format("%s/hostile%zu", folder, i);
		char *from = make(cases[i].name, cases[i].entries);
		assert_int_equal(mkdir(out, 0755), 0);
		struct wheel_repair r = {.from = from, .folder = out, .platform = "win_arm64"};
		struct err e = {0};
		assert_true(wheel_repair(&r, &e) < 0);
		assert_int_equal(r.reason, REASON_CODE_WRONG_WHEEL);
		assert_true(e.text[0] != '\0');
		free(r.wheel);
		free(from);
		free(out);
	}
	char *garbage = file_join(folder, "garbage-1.0-cp313-cp313-win_arm64.whl");
	assert_int_equal(file_write_atomic(garbage, STR("PK\003\004 no zip at all"), NULL), 0);
	struct wheel_repair r = {.from = garbage, .folder = folder, .platform = "win_arm64"};
	struct err e = {0};
	assert_true(wheel_repair(&r, &e) < 0);
	assert_int_equal(r.reason, REASON_CODE_WRONG_WHEEL);
	free(r.wheel);
	free(garbage);
}

static void platforms_follow_the_target(void **state)
{
	static const char *const cases[][3] = {
		{"linux_aarch64", "manylinux_2_28_aarch64", "manylinux_2_28_aarch64"},
		{"linux_aarch64", "musllinux_1_2_aarch64", "musllinux_1_2_aarch64"},
		{"linux_x86_64", "manylinux_2_28_aarch64", "linux_x86_64"},
		{"manylinux_2_17_aarch64.linux_aarch64", "manylinux_2_28_aarch64",
			"manylinux_2_17_aarch64.manylinux_2_28_aarch64"},
		{"win_arm64", "win_arm64", "win_arm64"},
		{"linux_arm64", "win_arm64", "linux_arm64"},
		{"any", "win_arm64", "any"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf out = {0};
		wheel_repair_platform(str_from(cases[i][0]), cases[i][1], &out);
		assert_string_equal(out.p, cases[i][2]);
		buf_finish(&out);
	}
}

static void problems_have_reasons(void **state)
{
	assert_int_equal(inspect_reason(WHEEL_PROBLEM_MACHINE_MISMATCH), REASON_CODE_TAG_LIES);
	assert_int_equal(inspect_reason(WHEEL_PROBLEM_GLIBC_TOO_NEW), REASON_CODE_GLIBC_FLOOR);
	assert_int_equal(inspect_reason(WHEEL_PROBLEM_PAGE_ALIGNMENT), REASON_CODE_PAGE_SIZE);
	assert_int_equal(inspect_reason(WHEEL_PROBLEM_RECORD_HASH), REASON_CODE_WRONG_WHEEL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_linux_wheel_gets_the_targets_tag_and_a_right_record),
		cmocka_unit_test(strays_of_the_linker_are_left_out),
		cmocka_unit_test(a_pure_wheel_where_compiled_code_was_expected_is_told),
		cmocka_unit_test(hostile_wheels_are_refused),
		cmocka_unit_test(platforms_follow_the_target),
		cmocka_unit_test(problems_have_reasons),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
