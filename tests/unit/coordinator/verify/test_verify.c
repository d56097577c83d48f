/* What the coordinator finds in a result: wheels by tests/data/verify/wheels.txt, the rest by hand. */
#include "coordinator/verify/verify.h"
#include "core/io/file.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TARGET "cp313-manylinux_2_28_aarch64"

/* A result with one wheel, made for one job; change what a case is about. */
struct scene {
	char folder[64];
	struct blob_store blobs;
	struct arena arena;
	struct job job;
	struct result_file files[2];
	struct result_stage stages[2];
	struct result_import imports[2];
	struct result result;
	char hex[2][SHA256_HEX];
	char name[256];
	struct verify_answer answer;
	struct err err;
};

/* The bytes of the one file in the case's folder go into the store; its name into s->name. */
static void add_wheel(struct scene *s, const char *name)
{
	char *folder = str_format("%s/%s", TEST_WHEELS, name);
	DIR *listing = opendir(folder);
	struct buf bytes = {0};
	assert_non_null(listing);
	s->name[0] = '\0';
	for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
		if (entry->d_name[0] != '.') {
			snprintf(s->name, sizeof(s->name), "%s", entry->d_name);
		}
	}
	closedir(listing);
	char *path = file_join(folder, s->name);
	assert_int_equal(file_read(path, 128 << 20, &bytes, &s->err), 0);
	assert_int_equal(blob_store_add(&s->blobs, buf_view(&bytes), s->hex[0], &s->err), 0);
	s->files[0] = (struct result_file){
		.filename = s->name, .sha256 = s->hex[0], .size = (int64_t)bytes.n, .kind = "wheel"};
	buf_finish(&bytes);
	free(path);
	free(folder);
}

static void begin(struct scene *s, const char *wheel)
{
	*s = (struct scene){.folder = "/tmp/test_verify.XXXXXX"};
	assert_non_null(mkdtemp(s->folder));
	assert_int_equal(blob_store_open(&s->blobs, s->folder, &s->err), 0);
	s->job = (struct job){
		.kind = "build",
		.package = "demo",
		.version = "1.0",
		.expect_native = true,
		.target = {.name = TARGET},
		.source = {.filename = "demo-1.0.tar.gz"},
	};
	s->stages[0] = (struct result_stage){.stage = "build", .status = "pass"};
	s->stages[1] = (struct result_stage){.stage = "import", .status = "pass"};
	s->imports[0] = (struct result_import){.module = "demo", .ok = true};
	s->imports[1] = (struct result_import){.module = "demo.fast", .ok = true, .native = true};
	s->result = (struct result){
		.state = "pass",
		.mode = "cross",
		.executor = "qemu",
		.stages = {.v = s->stages, .n = 2},
		.files = {.v = s->files, .n = 1},
		.imports = {.v = s->imports, .n = 2},
	};
	add_wheel(s, wheel);
}

static int look(struct scene *s)
{
	s->err = (struct err){0};
	return verify_result(&s->blobs, &s->job, &s->result, &s->arena, &s->answer, &s->err);
}

static void look_fine(struct scene *s)
{
	assert_int_equal(look(s), 0);
	assert_true(s->answer.ok);
	assert_int_equal(s->answer.reason, REASON_NONE);
	assert_null(s->answer.line);
}

static void look_lie(struct scene *s, enum reason reason)
{
	assert_int_equal(look(s), 0);
	assert_false(s->answer.ok || s->answer.proven);
	assert_int_equal(s->answer.reason, reason);
	assert_non_null(s->answer.line);
}

static void look_invalid(struct scene *s, const char *text)
{
	assert_int_equal(look(s), ERR_INVALID);
	assert_int_equal(s->err.code, ERR_INVALID);
	assert_non_null(strstr(s->err.text, text));
}

static void end(struct scene *s)
{
	blob_store_finish(&s->blobs);
	arena_finish(&s->arena);
	assert_int_equal(file_remove_tree(s->folder, &s->err), 0);
}

/* --- the table --- */

static bool is_one_line(const char *line)
{
	bool is_plain = str_is_utf8(str_from(line));
	for (const char *c = line; *c != '\0'; c++) {
		is_plain = is_plain && (unsigned char)*c >= ' ' && *c != 0x7f;
	}
	return is_plain;
}

static bool check_line(struct str line, size_t number)
{
	struct arena texts = {0};
	struct str rest = line, part;
	const char *words[6];
	struct scene s;
	for (size_t i = 0; i < 6; i++) {
		assert_true(str_split(&rest, ' ', &part));
		words[i] = arena_copy(&texts, part.p, part.n);
	}
	begin(&s, words[0]);
	s.job.package = words[1];
	s.job.version = words[2];
	s.job.target.name = words[3];
	s.job.expect_native = strcmp(words[4], "native") == 0;
	int code = look(&s);
	const struct verify_answer *a = &s.answer;
	const char *said = a->ok ? "ok" : reason_code(a->reason);
	bool is_right = code == 0 && strcmp(said, words[5]) == 0 && a->inspect != NULL &&
		(!a->ok || a->requires.p != NULL) && str_starts(str_from(a->inspect), "{\"file\":") &&
		a->ok == (a->line == NULL) && a->proven == a->ok &&
		(a->ok ||
			(is_one_line(a->line) && str_starts(str_from(a->line), s.name) &&
				strlen(a->line) > strlen(s.name) + strlen(": ")));
	if (!is_right) {
		print_error("wheels.txt:%zu: %s is: %s: %s%s\n", number, words[0], said,
			a->line != NULL ? a->line : "", s.err.text);
	}
	end(&s);
	arena_finish(&texts);
	return is_right;
}

static void test_table(void **state)
{
	struct buf table = {0};
	size_t number = 0, wrong = 0, checked = 0;
	assert_int_equal(file_read(TEST_DATA "/wheels.txt", 1 << 20, &table, NULL), 0);
	struct str rest = buf_view(&table), line;
	while (str_split(&rest, '\n', &line)) {
		number++;
		if (line.n != 0 && line.p[0] != '#') {
			checked++;
			wrong += !check_line(line, number);
		}
	}
	buf_finish(&table);
	assert_int_equal(wrong, 0);
	assert_true(checked > 30);
}

/* --- the files --- */

static void test_not_uploaded(void **state)
{
	struct scene s;
	begin(&s, "fine_linux");
	memset(s.hex[0], 'a', SHA256_HEX - 1);
	look_invalid(&s, "was not uploaded");
	s.result.state = "fail"; /* its files must be there as well */
	look_invalid(&s, "was not uploaded");
	s.files[0].sha256 = "../../etc/passwd";
	look_invalid(&s, "its SHA-256 is none");
	add_wheel(&s, "fine_linux");
	s.result.state = "pass";
	look_fine(&s);
	/* nor is it enough that the wheel is there */
	memset(s.hex[1], 'b', SHA256_HEX - 1);
	s.files[1] = (struct result_file){
		.filename = "build.lock", .sha256 = s.hex[1], .size = 3, .kind = "lock"};
	s.result.files.n = 2;
	look_invalid(&s, "build.lock: ");
	assert_int_equal(blob_store_add(&s.blobs, STR("abc"), s.hex[1], &s.err), 0);
	look_fine(&s);
	end(&s);
}

static void test_other_size(void **state)
{
	struct scene s;
	begin(&s, "fine_linux");
	s.files[0].size++;
	look_invalid(&s, "bytes, the result says");
	s.files[0].size = -1;
	look_invalid(&s, "bytes, the result says");
	end(&s);
}

static void test_other_bytes(void **state)
{
	struct scene s;
	begin(&s, "fine_linux");
	char *path = blob_store_path(&s.blobs, str_from(s.hex[0]));
	FILE *file = fopen(path, "r+b");
	assert_non_null(file);
	assert_int_equal(fseek(file, 100, SEEK_SET), 0);
	int byte = fgetc(file);
	assert_int_equal(fseek(file, 100, SEEK_SET), 0);
	assert_int_not_equal(fputc(byte ^ 1, file), EOF);
	assert_int_equal(fclose(file), 0);
	free(path);
	look_invalid(&s, "SHA-256 is ");
	end(&s);
}

/* --- results --- */

static void test_no_wheel(void **state)
{
	struct scene s;
	begin(&s, "fine_linux");
	s.result.files.n = 0;
	look_lie(&s, REASON_CODE_NO_WHEEL);
	assert_null(s.answer.inspect);
	s.result.state = "fail";
	look_fine(&s);
	assert_false(s.answer.proven);
	s.result.state = "pass";
	s.result.files.n = 1;
	s.files[0].filename = "demo.zip";
	look_lie(&s, REASON_CODE_WRONG_WHEEL);
	end(&s);
}

static void test_two_wheels(void **state)
{
	struct scene s;
	begin(&s, "fine_windows");
	s.files[1] = s.files[0];
	s.files[1].filename = "demo-1.0-cp313-cp313-win_arm64.whl";
	memcpy(s.hex[1], s.hex[0], SHA256_HEX);
	s.files[1].sha256 = s.hex[1];
	add_wheel(&s, "fine_linux");
	s.result.files.n = 2;
	look_lie(&s, REASON_CODE_TAG_LIES);
	assert_non_null(strstr(s.answer.inspect, "win_arm64")); /* the wrong one's */
	end(&s);
}

/* Of a failure only the report is wanted: what went wrong was said. */
static void test_failure(void **state)
{
	struct scene s;
	begin(&s, "machine_x86");
	s.result.state = "fail";
	s.result.stage = "inspect";
	s.stages[1].status = "not_run";
	s.result.imports.n = 0;
	look_fine(&s);
	assert_non_null(strstr(s.answer.inspect, "machine_mismatch"));
	assert_false(s.answer.proven);
	end(&s);
}

static void test_target_is_none(void **state)
{
	struct scene s;
	begin(&s, "fine_linux");
	s.job.target.name = "cp313-beos"; /* no fault of the wheel */
	assert_int_equal(look(&s), ERR_INVALID);
	end(&s);
}

/* --- imports --- */

static bool proven(struct scene *s)
{
	look_fine(s);
	return s->answer.proven;
}

static void test_proven(void **state)
{
	struct scene s;
	begin(&s, "fine_linux");
	assert_true(proven(&s));
	s.imports[0].ok = false;
	assert_false(proven(&s));
	s.imports[0].ok = true;
	s.imports[1].native = false; /* the wheel is compiled, and what was imported is not */
	assert_false(proven(&s));
	s.imports[1].native = true;
	s.result.imports.n = 0;
	assert_false(proven(&s));
	s.result.imports.n = 2;
	s.result.executor = "";
	assert_false(proven(&s));
	s.result.executor = NULL;
	assert_false(proven(&s));
	s.result.executor = "native";
	s.stages[1].status = "not_run";
	assert_false(proven(&s));
	s.stages[1].status = "pass";
	assert_true(proven(&s));
	end(&s);
}

/* Its tests may fail: what was imported was imported. */
static void test_proven_failure(void **state)
{
	struct scene s;
	begin(&s, "fine_linux");
	s.result.state = "fail";
	s.result.stage = "test";
	assert_true(proven(&s));
	end(&s);
}

static void test_proven_pure(void **state)
{
	struct scene s;
	begin(&s, "fine_pure");
	s.job.expect_native = false;
	s.result.imports.n = 1;
	assert_true(proven(&s));
	s.job.expect_native = true;
	look_lie(&s, REASON_CODE_SILENT_PURE);
	end(&s);
}

/* A program in a wheel is compiled code and no module: nothing of it can be imported. */
static void test_proven_program(void **state)
{
	struct scene s;
	begin(&s, "fine_program");
	s.result.imports.n = 1;
	assert_true(proven(&s));
	end(&s);
}

/* --- jobs that test a wheel --- */

static void test_built_wheel(void **state)
{
	struct scene s;
	begin(&s, "fine_linux");
	s.job.kind = "test_built";
	s.job.source = (struct job_file){.filename = s.name, .sha256 = s.hex[0]};
	s.result.files.n = 0;
	assert_true(proven(&s));
	assert_non_null(s.answer.inspect);
	s.imports[1].native = false;
	assert_false(proven(&s));
	add_wheel(&s, "machine_x86");
	look_lie(&s, REASON_CODE_TAG_LIES);
	add_wheel(&s, "fine_pure"); /* published so: nobody here built it */
	look_fine(&s);
	end(&s);
}

static void test_published_wheel(void **state)
{
	struct scene s;
	begin(&s, "fine_linux");
	s.job.kind = "test_published";
	s.job.source = (struct job_file){.filename = s.name, .sha256 = s.hex[0]};
	memset(s.hex[0], 'c', SHA256_HEX - 1); /* it is not here */
	s.result.files.n = 0;
	assert_true(proven(&s));
	assert_null(s.answer.inspect);
	s.imports[1].native = false; /* its name says that it is compiled */
	assert_false(proven(&s));
	s.job.source.filename = "demo-1.0-py3-none-any.whl";
	assert_true(proven(&s));
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_not_uploaded),
		cmocka_unit_test(test_other_size),
		cmocka_unit_test(test_other_bytes),
		cmocka_unit_test(test_no_wheel),
		cmocka_unit_test(test_two_wheels),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_target_is_none),
		cmocka_unit_test(test_proven),
		cmocka_unit_test(test_proven_failure),
		cmocka_unit_test(test_proven_pure),
		cmocka_unit_test(test_proven_program),
		cmocka_unit_test(test_built_wheel),
		cmocka_unit_test(test_published_wheel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
