/* From facts to jobs: what is planned, what is left out, and what makes a new job. */
#include "coordinator/plan/plan_control.h"
#include "coordinator/plan/plan_test.h"
#include "coordinator/store/job.h"
#include "coordinator/store/file_pack.h"
#include "coordinator/store/package.h"
#include "coordinator/store/target.h"
#include "coordinator/store/writer.h"
#include "core/base/vec.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <sqlite3.h>

#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" /* of nothing */
#define OTHER "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* A database with a few packages, a config file and the shipped recipes. */
struct farm {
	char folder[64];
	uv_loop_t loop;
	struct store *store;
	struct store_writer *writer;
	struct blob_store blobs;
	struct config config;
	struct plan_recipes recipes;
	struct buf reports;
};

static void on_report(void *user, const char *line)
{
	struct farm *farm = user;
	buf_printf(&farm->reports, "%s\n", line);
}

static struct store_file file_of(const char *name, const char *url, const char *sha256)
{
	return (struct store_file){.filename = str_from(name),
		.version = STR("1.0"),
		.kind = str_ends(str_from(name), ".whl") ? "wheel" : "sdist",
		.url = str_from(url),
		.sha256 = str_from(sha256),
		.size = -1};
}

/* store_write_fn: what a scan would have stored. */
static int put_facts(struct store *s, void *user, struct err *e)
{
	struct farm *farm = user;
	char local[128];
	snprintf(local, sizeof(local), "file://%s/local-1.0.tar.gz", farm->folder);
	const struct {
		const char *name;
		struct store_file files[3];
		size_t n;
	} packages[] = {
		{"compiled",
			{file_of("compiled-1.0.tar.gz", "https://f.example.invalid/c.tar.gz", OTHER),
				file_of("compiled-1.0-cp313-cp313-win_amd64.whl", "https://f.example.invalid/c",
					OTHER)},
			2},
		{"ready",
			{file_of("ready-1.0.tar.gz", "https://f.example.invalid/r.tar.gz", OTHER),
				file_of("ready-1.0-py3-none-any.whl", "https://f.example.invalid/r", OTHER)},
			2},
		{"wheelonly",
			{file_of(
				"wheelonly-1.0-cp313-cp313-win_amd64.whl", "https://f.example.invalid/w", OTHER)},
			1},
		{"local", {file_of("local-1.0.tar.gz", local, HASH)}, 1},
		{"liar", {file_of("liar-1.0.tar.gz", local, OTHER)}, 1},
		{"hashless", {file_of("hashless-1.0.tar.gz", "https://f.example.invalid/h.tar.gz", "")}, 1},
		{"uvloop", {file_of("uvloop-1.0.tar.gz", "https://f.example.invalid/u.tar.gz", OTHER)}, 1},
	};
	int code = 0;
	for (size_t i = 0; code == 0 && i < farm->recipes.targets.n; i++) {
		const struct recipe_target *t = &farm->recipes.targets.v[i];
		struct store_target row = {.name = t->pep.name,
			.python = t->job.python,
			.platform = t->job.platform,
			.family = t->family};
		code = store_target_put(s, &row, e);
	}
	for (size_t i = 0; code == 0 && i < sizeof(packages) / sizeof(*packages); i++) {
		int64_t id;
		code = store_package_put(s, str_from(packages[i].name), 0, -1, &id, e);
		struct buf pack = {0};
		file_pack_write(packages[i].files, packages[i].n, &pack);
		const struct store_scan scan = {
			.scanned = 1, .pack = buf_view(&pack), .file_count = packages[i].n};
		if (code == 0) {
			code = store_package_scanned(s, id, &scan, e);
		}
		buf_finish(&pack);
	}
	return code;
}

static void write_config_of(
	struct farm *farm, const char *targets, const char *build, const char *more)
{
	char *path = str_format("%s/config.yaml", farm->folder);
	char *text =
		str_format("schema: 1\nstate: state\nrecipes: %s\nbuild: %s\n"
				   "targets: [%s]\n"
				   "packages: [compiled, Ready, wheelonly, local, liar, hashless, uvloop,\n"
				   "  never-scanned]\nlimits: {wall_s: 77}\n%s",
			RECIPES, build, targets, more);
	struct err e = {0};
	assert_int_equal(file_write_atomic(path, str_from(text), &e), 0);
	if (config_load(path, &farm->config, &e) != 0) {
		fail_msg("%s", e.text);
	}
	free(text);
	free(path);
}

static void write_config(struct farm *farm, const char *build, const char *more)
{
	write_config_of(farm, "cp313-manylinux_2_28_aarch64, win_arm64, cp310-aarch64", build, more);
}

static int setup(void **state)
{
	struct farm *farm = MEM_NEW(struct farm);
	struct store *writing;
	struct err e = {0};
	snprintf(farm->folder, sizeof(farm->folder), "/tmp/wheelfarm-plan-XXXXXX");
	assert_non_null(mkdtemp(farm->folder));
	char *db = file_join(farm->folder, "facts.db");
	char *blobs = file_join(farm->folder, "blobs");
	char *sdist = file_join(farm->folder, "local-1.0.tar.gz");
	assert_int_equal(file_write_atomic(sdist, (struct str){0}, &e), 0);
	uv_loop_init(&farm->loop);
	if (plan_recipes_load(RECIPES, &farm->recipes, &e) != 0 ||
		store_open(db, STORE_WRITE, &writing, &e) != 0 ||
		store_open(db, STORE_READ, &farm->store, &e) != 0 ||
		store_writer_start(&farm->loop, writing, &farm->writer, &e) != 0 ||
		blob_store_open(&farm->blobs, blobs, &e) != 0 ||
		store_write_wait(farm->writer, put_facts, farm, &e) != 0) {
		fail_msg("%s", e.text);
	}
	free(sdist);
	free(blobs);
	free(db);
	*state = farm;
	return 0;
}

static int teardown(void **state)
{
	struct farm *farm = *state;
	store_writer_stop(farm->writer, NULL, NULL);
	uv_run(&farm->loop, UV_RUN_DEFAULT);
	uv_loop_close(&farm->loop);
	store_close(farm->store);
	blob_store_finish(&farm->blobs);
	config_finish(&farm->config);
	plan_recipes_finish(&farm->recipes);
	buf_finish(&farm->reports);
	file_remove_tree(farm->folder, NULL);
	free(farm);
	return 0;
}

static struct plan_options options_of(struct farm *farm)
{
	return (struct plan_options){
		.config = &farm->config,
		.recipes = &farm->recipes,
		.store = farm->store,
		.writer = farm->writer,
		.blobs = &farm->blobs,
		.now = 1000,
		.on_report = on_report,
		.user = farm,
	};
}

static struct plan_counts plan(struct farm *farm)
{
	struct plan_counts counts;
	struct err e = {0};
	const struct plan_options options = options_of(farm);
	buf_clear(&farm->reports);
	if (plan_run(&options, &counts, &e) != 0) {
		fail_msg("%s", e.text);
	}
	return counts;
}

static bool was_reported(const struct farm *farm, const char *words)
{
	return str_find_text(buf_view(&farm->reports), str_from(words)) >= 0;
}

static void test_missing(void **state)
{
	struct farm *farm = *state;
	write_config(farm, "missing", "");
	struct plan_counts counts = plan(farm);
	assert_int_equal(counts.wanted, 8 * 3);
	/* compiled, local and uvloop (not on Windows) on two targets that can be built */
	assert_int_equal(counts.added, 2 + 2 + 1);
	assert_int_equal(counts.no_sdist, 2);
	assert_int_equal(counts.failed, 2 + 2);
	assert_true(was_reported(farm, "liar: sdist liar-1.0.tar.gz: hash differs"));
	assert_true(
		was_reported(farm, "hashless: sdist hashless-1.0.tar.gz: the page gives no sha256"));
	assert_true(was_reported(farm, "never-scanned: not scanned yet"));
	assert_true(was_reported(farm, "cp310-manylinux_2_28_aarch64: no image"));
	assert_true(blob_store_has(&farm->blobs, STR(HASH), NULL));
	struct plan_counts again = plan(farm);
	assert_int_equal(again.added, 0);
	assert_int_equal(again.known, 5);
}

static void test_all_and_the_job(void **state)
{
	struct farm *farm = *state;
	write_config(farm, "all", "");
	struct plan_counts counts = plan(farm);
	assert_int_equal(counts.added, 7);
	struct arena arena = {0};
	struct err e = {0};
	bool seen = false;
	for (int64_t id = 1; id <= 7; id++) {
		struct store_job row;
		struct job job;
		assert_int_equal(store_job_get(farm->store, id, &arena, &row, &e), 0);
		if (job_read(str_from(row.spec), &arena, &job, &e) != 0) {
			fail_msg("%s", e.text);
		}
		assert_int_equal(job.limits.wall_s, 77);
		assert_int_equal(strlen(row.key), 64);
		assert_int_equal(job.expect_native, strcmp(job.package, "compiled") == 0);
		assert_int_equal(job.source.url == NULL, strcmp(job.package, "local") == 0);
		if (strcmp(job.package, "compiled") == 0 && strcmp(job.target.os, "windows") == 0) {
			seen = true;
			assert_string_equal(job.target.name, "cp313-win_arm64");
			assert_string_equal(job.source.filename, "compiled-1.0.tar.gz");
			assert_string_equal(job.builder.name, "trixie-amd64-builder");
			assert_string_equal(job.toolchain, "cross-zig");
			assert_non_null(strstr(row.needs, "trixie-amd64-builder-"));
		}
	}
	assert_true(seen);
	arena_finish(&arena);
}

static void run_sql(const struct farm *farm, const char *sql)
{
	sqlite3 *db;
	char *path = file_join(farm->folder, "facts.db");
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	free(path);
}

static struct plan_counts plan_for_failed(struct farm *farm)
{
	struct plan_counts counts;
	struct err e = {0};
	const struct plan_options options = options_of(farm);
	if (plan_controls(&options, &counts, &e) != 0) {
		fail_msg("%s", e.text);
	}
	return counts;
}

/* What fails its tests on ARM Linux is built and tested on x86-64, once; on Windows nothing here is a control. */
static void test_controls(void **state)
{
	struct farm *farm = *state;
	struct arena arena = {0};
	struct err e = {0};
	struct store_job build, row;
	struct job job;
	write_config(farm, "all", "control: trixie-amd64-control\n");
	assert_int_equal(plan(farm).added, 7);
	assert_int_equal(plan_for_failed(farm).wanted, 0);
	run_sql(farm,
		"INSERT INTO agent (id, name, token_hash, state, added) VALUES (1, 'a', 'h', 'active', "
		"1);"
		"INSERT INTO lease (id, job, agent, attempt, fence, granted, deadline, hard_deadline)"
		"  SELECT id, id, 1, 1, id, 1, 1, 1 FROM job;"
		"INSERT INTO result (id, job, lease, accepted, state, stage, reason, owner, mode, "
		"proven,"
		"  tests_passed, tests_failed, log_size, started, finished, recipe_dirty, final, body)"
		"  SELECT id, id, id, 1, 'fail', 'test', 'test_failed', 'package', 'cross', 0, 0, 1, "
		"0, 1, 2,"
		"  0, 1, '{}' FROM job WHERE package = (SELECT id FROM package WHERE name = "
		"'compiled');"
		"UPDATE job SET state = 'done';");
	struct plan_counts counts = plan_for_failed(farm);
	assert_int_equal(counts.wanted, 1);
	assert_int_equal(counts.added, 1);
	assert_int_equal(store_job_get(farm->store, 8, &arena, &row, &e), 0);
	assert_string_equal(row.kind, "control");
	assert_string_equal(row.target, "cp313-manylinux_2_28_aarch64"); /* whose row it is */
	assert_int_equal(job_read(str_from(row.spec), &arena, &job, &e), 0);
	assert_string_equal(job.target.name, "cp313-manylinux_2_41_x86_64");
	assert_string_equal(job.target.extension_suffix, ".cpython-313-x86_64-linux-gnu.so");
	assert_string_equal(job.mode, "native");
	assert_string_equal(job.executor, "native");
	assert_string_equal(job.toolchain, "image");
	assert_string_equal(job.builder.name, "trixie-amd64-control");
	assert_string_equal(job.tester.name, "trixie-amd64-control");
	assert_non_null(strstr(row.needs, "x86_64"));
	assert_int_equal(job.limits.wall_s, 77); /* as the build's */
	for (int64_t id = 1; id <= 7; id++) {
		struct job built;
		assert_int_equal(store_job_get(farm->store, id, &arena, &build, &e), 0);
		assert_int_equal(job_read(str_from(build.spec), &arena, &built, &e), 0);
		if (strcmp(built.package, "compiled") == 0) {
			assert_string_equal(built.source.sha256, job.source.sha256);
		}
	}
	assert_int_equal(plan_for_failed(farm).known, 1);
	config_finish(&farm->config);
	write_config(farm, "all", "");
	assert_int_equal(plan_for_failed(farm).wanted, 0); /* nobody asked for controls */
	arena_finish(&arena);
}

/* A tester that the configuration names makes other jobs: for the targets it runs, and for no others. */
static void test_testers(void **state)
{
	struct farm *farm = *state;
	write_config(farm, "all", "");
	(void)plan(farm);
	config_finish(&farm->config);
	write_config(farm, "all", "testers: [bookworm-arm64-wine]\n");
	struct plan_counts counts = plan(farm);
	assert_int_equal(counts.added, 3); /* compiled, ready and local on Windows */
	assert_int_equal(counts.known, 4);
	struct arena arena = {0};
	struct err e = {0};
	for (int64_t id = 1; id <= 10; id++) {
		struct store_job row;
		struct job job;
		assert_int_equal(store_job_get(farm->store, id, &arena, &row, &e), 0);
		assert_int_equal(job_read(str_from(row.spec), &arena, &job, &e), 0);
		bool windows = strcmp(job.target.os, "windows") == 0;
		assert_string_equal(job.executor, !windows ? "qemu" : id <= 7 ? "" : "wine");
		assert_string_equal(job.tester.name,
			!windows      ? "trixie-arm64-test"
				: id <= 7 ? ""
						  : "bookworm-arm64-wine");
		assert_int_equal(strstr(row.needs, "bookworm-arm64-wine-") != NULL, id > 7);
	}
	arena_finish(&arena);
}

/* A mode makes a job of its own, in its own image; a target that is not built that way has none. */
static void test_modes(void **state)
{
	struct farm *farm = *state;
	write_config(farm, "all", "");
	(void)plan(farm);
	config_finish(&farm->config);
	write_config(farm, "all", "modes: [cross, emulated, native]\n");
	struct plan_counts counts = plan(farm);
	assert_int_equal(counts.known, 7);
	assert_int_equal(counts.added, 4 * 2); /* compiled, ready, local, uvloop on Linux */
	struct arena arena = {0};
	struct err e = {0};
	for (int64_t id = 8; id <= 15; id++) {
		struct store_job row;
		struct job job;
		assert_int_equal(store_job_get(farm->store, id, &arena, &row, &e), 0);
		assert_int_equal(job_read(str_from(row.spec), &arena, &job, &e), 0);
		bool native = strcmp(job.mode, "native") == 0;
		assert_string_equal(job.mode, native ? "native" : "emulated");
		assert_string_equal(job.toolchain, "gcc");
		assert_string_equal(job.builder.name, "trixie-arm64-builder");
		assert_string_equal(job.executor, native ? "native" : "qemu");
		assert_int_equal(strstr(row.needs, "\"aarch64\"") != NULL, native);
		assert_null(strstr(row.needs, "x86_64"));
	}
	arena_finish(&arena);
	config_finish(&farm->config);
	write_config(farm, "all", "modes: [cross-gcc]\n");
	counts = plan(farm);
	assert_int_equal(counts.added, 4);
	assert_int_equal(counts.failed, 2);
}

/* The file that users download is tested where something runs the target; what is published for another is none. */
static void test_tests_of_published(void **state)
{
	struct farm *farm = *state;
	struct arena arena = {0};
	struct err e = {0};
	struct store_job row;
	struct job job;
	write_config(farm, "missing", "tests: [published]\n");
	struct plan_counts counts = plan(farm);
	assert_int_equal(counts.added, 5);
	assert_int_equal(counts.tests, 1); /* ready on Linux: nothing runs Windows here */
	config_finish(&farm->config);
	write_config(farm, "missing", "tests: [published]\ntesters: [bookworm-arm64-wine]\n");
	assert_int_equal(plan(farm).tests, 1);
	assert_int_equal(plan(farm).tests, 0);
	size_t seen = 0;
	for (int64_t id = 1; store_job_get(farm->store, id, &arena, &row, &e) == 0; id++) {
		if (strcmp(row.kind, "test_published") != 0) {
			continue;
		}
		seen++;
		assert_int_equal(job_read(str_from(row.spec), &arena, &job, &e), 0);
		bool windows = strcmp(job.target.os, "windows") == 0;
		assert_string_equal(job.package, "ready");
		assert_string_equal(job.source.filename, "ready-1.0-py3-none-any.whl");
		assert_string_equal(job.mode, "emulated");
		assert_string_equal(job.executor, windows ? "wine" : "qemu");
		assert_int_equal(job.tests.n, 0); /* no recipe has tests for it */
		assert_int_equal(strstr(row.needs, "bookworm-arm64-wine-") != NULL, windows);
		assert_non_null(strstr(row.needs, "trixie-amd64-builder-")); /* whose pip installs */
		assert_non_null(strstr(row.needs, "\"toolchains\":[]"));
	}
	assert_int_equal(seen, 2);
	arena_finish(&arena);
}

static void test_tests_of_what_nothing_builds(void **state)
{
	struct farm *farm = *state;
	struct arena arena = {0};
	struct store_job row;
	write_config_of(farm, "cp311-win_arm64, cp314-win_arm64", "missing",
		"tests: [published]\ntesters: [bookworm-arm64-wine-cp311]\n");
	assert_int_equal(plan(farm).tests, 1); /* nothing runs cp314 */
	assert_int_equal(store_job_get(farm->store, 1, &arena, &row, NULL), 0);
	assert_non_null(strstr(row.needs, "bookworm-arm64-wine-cp311-"));
	assert_non_null(strstr(row.needs, "trixie-amd64-builder-")); /* whose pip installs */
	arena_finish(&arena);
}

static size_t plan_tests_of_built(struct farm *farm)
{
	struct plan_counts counts;
	struct err e = {0};
	const struct plan_options options = options_of(farm);
	if (plan_tests(&options, &counts, &e) != 0) {
		fail_msg("%s", e.text);
	}
	return counts.added;
}

/* A machine that runs Windows builds nothing of Linux's: builds are the same jobs as without it, and their wheels
 * are tested there, those of before too. */
static void test_tests_of_built(void **state)
{
	struct farm *farm = *state;
	struct arena arena = {0};
	struct err e = {0};
	struct store_job row;
	struct job job;
	write_config(farm, "all", "");
	assert_int_equal(plan(farm).added, 7);
	run_sql(farm,
		"INSERT INTO agent (id, name, token_hash, state, added) VALUES (1, 'a', 'h', 'active', 1);"
		"INSERT INTO lease (id, job, agent, attempt, fence, granted, deadline, hard_deadline)"
		"  SELECT id, id, 1, 1, id, 1, 1, 1 FROM job;"
		"INSERT INTO result (id, job, lease, accepted, state, mode, executor, proven, tests_passed,"
		"  tests_failed, log_size, started, finished, recipe_dirty, final, body)"
		"  SELECT j.id, j.id, j.id, 1, 'pass', 'cross', iif(t.name LIKE '%win%', NULL, 'qemu'), 0,"
		"  0, 0, 0, 1, 2, 0, 1, '{}' FROM job j JOIN target t ON t.id = j.target;"
		"INSERT INTO artefact (result, filename, sha256, size, kind) SELECT r.id, p.name ||"
		"  '-1.0-cp313-cp313-win_arm64.whl', '" OTHER "', 5, 'wheel' FROM result r"
		"  JOIN job j ON j.id = r.job JOIN package p ON p.id = j.package;"
		"UPDATE job SET state = 'done';");
	assert_int_equal(plan_tests_of_built(farm), 0); /* nothing runs it */
	config_finish(&farm->config);
	write_config(farm, "all", "testers: [windows-arm64]\n");
	assert_int_equal(plan(farm).known, 7);
	assert_int_equal(plan_tests_of_built(farm), 3); /* compiled, ready and local */
	for (int64_t id = 8; id <= 10; id++) {
		assert_int_equal(store_job_get(farm->store, id, &arena, &row, &e), 0);
		assert_string_equal(row.kind, "test_built");
		assert_int_equal(job_read(str_from(row.spec), &arena, &job, &e), 0);
		assert_string_equal(job.mode, "native");
		assert_string_equal(job.executor, "native");
		assert_null(job.source.url);
		assert_string_equal(job.source.sha256, OTHER);
		assert_string_equal(row.needs,
			"{\"os\":\"windows\",\"arch\":\"aarch64\",\"modes\":[\"native\"],\"toolchains\":[],"
			"\"images\":[\"windows-arm64-1\"],\"targets\":[\"cp313-win_arm64\"]}");
	}
	run_sql(farm, "UPDATE job SET state = 'done' WHERE id > 7");
	assert_int_equal(plan_tests_of_built(farm), 0);
	config_finish(&farm->config);
	/* where one agent could have both, the configuration says it */
	write_config(farm, "all", "testers: [bookworm-arm64-wine]\ntests: [built]\n");
	assert_int_equal(plan(farm).known, 3); /* Windows; on Linux the tests leave their jobs */
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_and_the_job, setup, teardown),
		cmocka_unit_test_setup_teardown(test_testers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_controls, setup, teardown),
		cmocka_unit_test_setup_teardown(test_modes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tests_of_published, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tests_of_what_nothing_builds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tests_of_built, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
