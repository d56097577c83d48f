/* The vocabulary both sides share: words, jobs, results, messages. */
#include "core/farm_protocol/message.h"
#include "core/farm_protocol/result.h"
#include "core/io/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <stdlib.h>

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char job_text[] =
	"{\"id\":7,\"kind\":\"build\",\"package\":\"lz4\",\"version\":\"4.4.4\",\"mode\":\"cross\","
	"\"toolchain\":\"cross-zig\",\"expect_native\":true,\"target\":{\"name\":\"cp313-win_arm64\","
	"\"python\":\"3.13\",\"python_full\":\"3.13.15\",\"abi\":\"cp313\",\"platform\":\"win_arm64\","
	"\"os\":\"windows\",\"arch\":\"arm64\",\"libc\":\"ucrt\",\"glibc_minor\":0,"
	"\"compiler_triple\":\"aarch64-windows-gnu\",\"extension_suffix\":\".cp313-win_arm64.pyd\","
	"\"host_platform\":\"win-arm64\"},\"builder\":{\"name\":\"trixie-amd64-builder\","
	"\"revision\":1},\"tester\":{\"name\":\"\",\"revision\":0},\"executor\":\"\",\"source\":{"
	"\"filename\":\"lz4-4.4.4.tar.gz\",\"url\":null,\"sha256\":\"" HASH "\",\"size\":9},"
	"\"limits\":{\"wall_s\":1800,\"idle_s\":600,\"memory_mb\":3072,\"pids\":512,\"disk_mb\":4096,"
	"\"log_mb\":32},\"recipe\":{\"commit\":null,\"dirty\":false,\"object\":\"\",\"env\":[{"
	"\"name\":\"LZ4_X\",\"value\":\"a "
	"b\"}],\"tools\":[\"rust\"],\"libraries\":[\"libffi\"],\"as_target\":true,\"requires_add\":["
	"\"cython>=3\"],"
	"\"requires_remove\":[],\"config_settings\":[],\"patches\":[{\"name\":\"a.patch\",\"sha256\":"
	"\"" HASH "\",\"strip\":1}],\"imports\":[\"lz4.frame\"],\"test_requires\":[],"
	"\"test_command\":[],\"min_tests\":0}}";

static const char result_text[] =
	"{\"fence\":\"f1\",\"state\":\"fail\",\"stage\":\"build\",\"reason\":null,\"line\":null,"
	"\"mode\":\"cross\",\"executor\":\"\",\"started\":1000,\"finished\":2000,\"stages\":["
	"{\"stage\":\"fetch\",\"status\":\"pass\",\"wall_s\":1.5},"
	"{\"stage\":\"build\",\"status\":\"fail\",\"wall_s\":2,\"log_from\":3,\"log_to\":9},"
	"{\"stage\":\"test\",\"status\":\"not_run\"}],"
	"\"files\":[{\"filename\":\"a.lock\",\"sha256\":\"" HASH "\",\"size\":3,\"kind\":\"lock\"}],"
	"\"imports\":[{\"module\":\"lz4\",\"ok\":false,\"error\":\"no\"}]}";

static void test_words(void **state)
{
	enum stage stage;
	enum stage_status status;
	enum reason reason;
	for (int i = 0; i < STAGE_COUNT; i++) {
		assert_true(stage_find(str_from(stage_name((enum stage)i)), &stage));
		assert_int_equal(stage, i);
	}
	assert_false(stage_find(STR("bake"), &stage));
	assert_true(stage_status_find(STR("not_run"), &status));
	assert_int_equal(status, STAGE_STATUS_NOT_RUN);
	assert_false(stage_status_find(STR(""), &status));
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		assert_true(reason_find(str_from(reason_code((enum reason)i)), &reason));
		assert_int_equal(reason, i);
		assert_true(strlen(reason_text((enum reason)i)) > 5);
		assert_true(strlen(reason_owner_name(reason_owner_of((enum reason)i))) > 3);
	}
	assert_false(reason_find(STR(""), &reason));
	assert_string_equal(reason_code(REASON_NONE), "");
	assert_string_equal(reason_owner_name(reason_owner_of(REASON_CODE_HOST_DISK)), "farm");
	assert_int_equal(reason_owner_of(REASON_CODE_FAILS_EVERYWHERE), REASON_PACKAGE);
}

static void test_job(void **state)
{
	struct arena arena = {0};
	struct job job, again;
	struct err e = {0};
	struct buf out = {0};
	struct json_writer w;
	assert_int_equal(job_read(str_from(job_text), &arena, &job, &e), 0);
	assert_int_equal(job.id, 7);
	assert_string_equal(job.target.extension_suffix, ".cp313-win_arm64.pyd");
	assert_null(job.source.url);
	assert_int_equal(job.recipe.env.n, 1);
	assert_string_equal(((const struct job_env *)job.recipe.env.v)->value, "a b");
	assert_string_equal(job.recipe.imports.v[0], "lz4.frame");
	json_writer_init(&w, &out, false);
	job_write(&w, &job);
	json_writer_finish(&w);
	assert_int_equal(job_read(buf_view(&out), &arena, &again, &e), 0);
	assert_string_equal(again.recipe.requires_add.v[0], "cython>=3");
	assert_string_equal(again.source.sha256, HASH);
	assert_true(again.expect_native);
	struct buf twice = {0};
	json_writer_init(&w, &twice, false);
	job_write(&w, &again);
	json_writer_finish(&w);
	assert_true(str_equal(buf_view(&out), buf_view(&twice)));
	buf_finish(&twice);
	buf_finish(&out);
	arena_finish(&arena);
}

/* The text with one piece replaced; the caller finishes. */
static struct buf replaced(const char *text, const char *from, const char *to)
{
	struct buf out = {0};
	const char *at = strstr(text, from);
	assert_non_null(at);
	buf_add(&out, text, (size_t)(at - text));
	buf_add_text(&out, to);
	buf_add_text(&out, at + strlen(from));
	return out;
}

static const struct {
	const char *from, *to, *error;
} bad_jobs[] = {
	{"\"kind\":\"build\"", "\"kind\":\"bake\"", "job.kind"},
	{"\"package\":\"lz4\"", "\"package\":\"LZ4\"", "job.package"},
	{"\"package\":\"lz4\"", "\"package\":\"../x\"", "job.package"},
	{"\"package\":\"lz4\",", "", "job"},
	{"\"version\":\"4.4.4\"", "\"version\":\"four\"", "job.version"},
	{"\"mode\":\"cross\"", "\"mode\":\"magic\"", "job.mode"},
	{"\"toolchain\":\"cross-zig\"", "\"toolchain\":\"../zig\"", "job.toolchain"},
	{"\"filename\":\"lz4-4.4.4.tar.gz\"", "\"filename\":\"a/b.tar.gz\"", "job.source.filename"},
	{"\"filename\":\"lz4-4.4.4.tar.gz\"", "\"filename\":\"..\"", "job.source.filename"},
	{"\"filename\":\"lz4-4.4.4.tar.gz\"", "\"filename\":\"-rf\"", "job.source.filename"},
	{"\"sha256\":\"0", "\"sha256\":\"G", "job.source.sha256"},
	{"\"size\":9", "\"size\":-9", "job.source.size"},
	{"\"wall_s\":1800", "\"wall_s\":0", "job.limits.wall_s"},
	{"\"pids\":512", "\"pids\":512000000", "job.limits.pids"},
	{"\"name\":\"LZ4_X\"", "\"name\":\"LZ4=X\"", "job.recipe.env"},
	{"\"name\":\"a.patch\"", "\"name\":\"/etc/passwd\"", "job.recipe.patches"},
	{"\"strip\":1", "\"strip\":11", "job.recipe.patches"},
	{"\"executor\":\"\"", "\"executor\":\"rosetta\"", "job.executor"},
	{"\"platform\":\"win_arm64\"", "\"platform\":\"win arm64\"", "job.target.platform"},
	{"\"id\":7", "\"id\":\"7\"", "job.id"},
};

static void test_bad_jobs(void **state)
{
	for (size_t i = 0; i < sizeof(bad_jobs) / sizeof(*bad_jobs); i++) {
		struct arena arena = {0};
		struct job job;
		struct err e = {0};
		struct buf text = replaced(job_text, bad_jobs[i].from, bad_jobs[i].to);
		assert_true(job_read(buf_view(&text), &arena, &job, &e) < 0);
		if (strstr(e.text, bad_jobs[i].error) != e.text) {
			fail_msg("%s: \"%s\"", bad_jobs[i].to, e.text);
		}
		buf_finish(&text);
		arena_finish(&arena);
	}
}

static void test_result(void **state)
{
	struct arena arena = {0};
	struct result result, again;
	struct err e = {0};
	struct buf out = {0};
	struct json_writer w;
	if (result_read(str_from(result_text), &arena, &result, &e) != 0) {
		fail_msg("%s", e.text);
	}
	assert_int_equal(result.stages.n, 3);
	assert_string_equal(result.stage, "build");
	assert_null(result.reason);
	json_writer_init(&w, &out, false);
	result_write(&w, &result);
	json_writer_finish(&w);
	assert_int_equal(result_read(buf_view(&out), &arena, &again, &e), 0);
	assert_true(((const struct result_stage *)again.stages.v)[0].wall_s > 1.4);
	assert_string_equal(((const struct result_import *)again.imports.v)->error, "no");
	buf_finish(&out);
	arena_finish(&arena);
}

static const struct {
	const char *from, *to, *error;
} bad_results[] = {
	{"\"state\":\"fail\"", "\"state\":\"pass\"", "result.state"},
	{"\"state\":\"fail\"", "\"state\":\"maybe\"", "result.state"},
	{"\"stage\":\"build\",\"reason\"", "\"stage\":\"fetch\",\"reason\"", "result.stage"},
	{"\"stage\":\"build\",\"reason\"", "\"stage\":null,\"reason\"", "result.stage"},
	{"\"status\":\"pass\"", "\"status\":\"fail\"", "result.stages"},
	{"\"stage\":\"test\"", "\"stage\":\"fetch\"", "result.stages"},
	{"\"stage\":\"test\"", "\"stage\":\"toast\"", "result.stages"},
	{"\"wall_s\":2", "\"wall_s\":-2", "result.stages"},
	{"\"log_to\":9", "\"log_to\":2", "result.stages"},
	{"\"reason\":null", "\"reason\":\"bad_luck\"", "result.reason"},
	{"\"filename\":\"a.lock\"", "\"filename\":\"../a.lock\"", "result.files"},
	{"\"kind\":\"lock\"", "\"kind\":\"virus\"", "result.files"},
	{"\"size\":3", "\"size\":-3", "result.files"},
	{"\"finished\":2000", "\"finished\":999", "result.finished"},
	{"\"started\":1000", "\"started\":-9223372036854775807", "result.finished"},
	{"\"module\":\"lz4\"", "\"module\":\"lz4\\n\"", "result.imports"},
	{"\"fence\":\"f1\"", "\"fence\":\"\"", "result.fence"},
};

static void test_bad_results(void **state)
{
	for (size_t i = 0; i < sizeof(bad_results) / sizeof(*bad_results); i++) {
		struct arena arena = {0};
		struct result result;
		struct err e = {0};
		struct buf text = replaced(result_text, bad_results[i].from, bad_results[i].to);
		assert_true(result_read(buf_view(&text), &arena, &result, &e) < 0);
		if (strstr(e.text, bad_results[i].error) != e.text) {
			fail_msg("%s: \"%s\"", bad_results[i].to, e.text);
		}
		buf_finish(&text);
		arena_finish(&arena);
	}
}

/* Behind a failed inspection, and nothing else, one stage more may have failed. */
static void test_two_failures(void **state)
{
	static const struct {
		const char *first, *second, *third;
		bool right;
	} table[] = {
		{"inspect", "import", "test", false},
		{"build", "import", NULL, false},
		{"inspect", "import", NULL, true},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct arena arena = {0};
		struct result result;
		struct err e = {0};
		char *text =
			str_format("{\"fence\":\"f1\",\"state\":\"fail\",\"stage\":\"%s\",\"reason\":"
					   "\"tag_lies\",\"mode\":\"cross\",\"executor\":\"wine\",\"started\":1,"
					   "\"finished\":2,\"stages\":[{\"stage\":\"%s\",\"status\":\"fail\"},"
					   "{\"stage\":\"%s\",\"status\":\"fail\"}%s%s%s],\"files\":[],\"imports\":[]}",
				table[i].first, table[i].first, table[i].second,
				table[i].third != NULL ? ",{\"stage\":\"" : "",
				table[i].third != NULL ? table[i].third : "",
				table[i].third != NULL ? "\",\"status\":\"fail\"}" : "");
		int code = result_read(str_from(text), &arena, &result, &e);
		assert_true((code == 0) == table[i].right);
		assert_true(table[i].right || strstr(e.text, "two stages failed") != NULL);
		free(text);
		arena_finish(&arena);
	}
}

static void test_messages(void **state)
{
	struct arena arena = {0};
	struct err e = {0};
	struct buf out = {0};
	const char *modes[] = {"cross"};
	const struct hello hello = {.protocol = PROTOCOL_VERSION,
		.version = "0.1.0",
		.clock = 5,
		.slots = 2,
		.capabilities = {.os = "linux", .arch = "x86_64", .modes = {modes, 1}, .cores = 2}};
	struct hello read = {0};
	message_write(&out, hello_fields, &hello);
	assert_int_equal(message_read(buf_view(&out), hello_fields, "hello", &read, &arena, &e), 0);
	assert_string_equal(read.capabilities.modes.v[0], "cross");
	assert_int_equal(read.slots, 2);
	buf_clear(&out);
	/* a lease whose job is wrong is a wrong lease */
	struct lease lease = {.fence = "f", .deadline = 1, .hard_deadline = 2, .heartbeat_s = 3};
	assert_int_equal(job_read(str_from(job_text), &arena, &lease.job, &e), 0);
	struct lease back = {0};
	message_write(&out, lease_fields, &lease);
	assert_int_equal(message_read(buf_view(&out), lease_fields, "lease", &back, &arena, &e), 0);
	assert_int_equal(back.job.id, 7);
	buf_clear(&out);
	lease.job.kind = "bake";
	back = (struct lease){0};
	message_write(&out, lease_fields, &lease);
	assert_int_equal(
		message_read(buf_view(&out), lease_fields, "lease", &back, &arena, &e), ERR_INVALID);
	buf_finish(&out);
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_job),
		cmocka_unit_test(test_bad_jobs),
		cmocka_unit_test(test_result),
		cmocka_unit_test(test_bad_results),
		cmocka_unit_test(test_two_failures),
		cmocka_unit_test(test_messages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
