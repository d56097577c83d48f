/* Logs to reasons: every rule on its own two lines, whole logs, and the table of problem codes. */
#include "coordinator/classify/classify.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct reason_rules *load(void)
{
	struct err e = {0};
	struct reason_rules *rules = reason_rules_load(RECIPES, &e);
	if (rules == NULL) {
		fail_msg("%s", e.text);
	}
	return rules;
}

/* The two lines of each rule, and that no earlier rule of another code takes its example away. */
static void test_every_rule(void **state)
{
	struct reason_rules *rules = load();
	assert_true(reason_rules_count(rules) >= 100);
	size_t hidden = 0;
	for (size_t i = 0; i < reason_rules_count(rules); i++) {
		const struct reason_rule *rule = reason_rules_at(rules, i);
		assert_true(reason_rule_matches(rules, i, str_from(rule->example)));
		assert_false(reason_rule_matches(rules, i, str_from(rule->counter)));
		enum stage stage = rule->any_stage ? STAGE_BUILD : rule->stage;
		ptrdiff_t first = reason_rules_find(rules, stage, str_from(rule->example));
		if (first < 0 || reason_rules_at(rules, (size_t)first)->code != rule->code) {
			fprintf(stderr, "reasons.yaml:%d: its example is taken by line %d\n", rule->line,
				first >= 0 ? reason_rules_at(rules, (size_t)first)->line : 0);
			hidden++;
		}
	}
	reason_rules_destroy(rules);
	assert_int_equal(hidden, 0);
}

static const struct {
	enum stage stage;
	const char *log;
	const char *reason;
	const char *line;
} logs[] = {
	{STAGE_BUILD, "running build_ext\n", "unknown", ""},
	{STAGE_BUILD, "", "unknown", ""},
	{STAGE_BUILD,
		"running build_ext\n"
		"src/a.c:4:10: fatal error: 'immintrin.h' file not found\n"
		"    4 | #include <immintrin.h>\n"
		"1 error generated.\n"
		"error: command 'zig' failed with exit code 1\n",
		"x86_flags", "src/a.c:4:10: fatal error: 'immintrin.h' file not found"},
	{STAGE_BUILD,
		"src/a.c:9:1: error: unknown type name 'widget'\n"
		"src/a.c:10:1: error: unknown type name 'gadget'\n"
		"error: could not compile `demo` (lib) due to 1 previous error\n",
		"compile_error", "src/a.c:9:1: error: unknown type name 'widget'"},
	{STAGE_BUILD,
		"\033[1msrc/a.c:9:1: \033[0m\033[0;1;31merror: \033[0munknown type name 'widget'\n",
		"compile_error", "src/a.c:9:1: error: unknown type name 'widget'"},
	/* what was only looked for decides nothing */
	{STAGE_BUILD,
		"/bin/sh: 1: xslt-config: not found\n/bin/sh: 1: git: not found\n"
		"-- Could NOT find ZLIB (missing: ZLIB_LIBRARY ZLIB_INCLUDE_DIR)\n"
		"src/a.c:9:1: error: unknown type name 'widget'\n",
		"compile_error", "src/a.c:9:1: error: unknown type name 'widget'"},
	{STAGE_IMPORT, "src/a.c:9:1: error: unknown type name 'widget'\n", "unknown", ""},
	{STAGE_IMPORT,
		"Traceback (most recent call last):\n  File \"<string>\", line 1\n"
		"ImportError: demo.so: undefined symbol: PyUnicode_AsUnicode\n",
		"import_error", "ImportError: demo.so: undefined symbol: PyUnicode_AsUnicode"},
	{STAGE_TEST, "collected 0 items\n\n==== no tests ran in 0.01s ====\n", "no_tests",
		"collected 0 items"},
	{STAGE_BUILD, "write error: No space left on device\nsrc/a.c:1:1: error: oops\n", "host_disk",
		"write error: No space left on device"},
};

static void test_logs(void **state)
{
	struct reason_rules *rules = load();
	for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++) {
		struct classify_answer answer;
		classify_log(rules, logs[i].stage, str_from(logs[i].log), &answer);
		assert_string_equal(reason_code(answer.reason), logs[i].reason);
		assert_string_equal(answer.line, logs[i].line);
		assert_int_equal(answer.offset >= 0, answer.line[0] != '\0');
	}
	reason_rules_destroy(rules);
}

/* Logs that were made after the rules (tests/data/unseen/README): four of five get the right code, and none
 * is blamed on somebody who is not to blame. "FILE STAGE CODE" a line. */
static void test_unseen_logs(void **state)
{
	struct reason_rules *rules = load();
	struct buf table = {0};
	struct str rest, line;
	size_t all = 0, right = 0;
	assert_int_equal(file_read(TEST_DATA "/unseen/TABLE", 1 << 20, &table, NULL), 0);
	rest = buf_view(&table);
	while (str_split(&rest, '\n', &line)) {
		struct str name, stage_text;
		enum stage stage;
		enum reason wanted;
		if (!str_split(&line, ' ', &name) || name.n == 0) {
			continue;
		}
		assert_true(str_split(&line, ' ', &stage_text) && stage_find(stage_text, &stage));
		assert_true(reason_find(line, &wanted));
		char *path = str_format("%s/unseen/%.*s", TEST_DATA, STR_ARG(name));
		struct buf log = {0};
		struct classify_answer answer;
		assert_int_equal(file_read(path, 1 << 20, &log, NULL), 0);
		classify_log(rules, stage, buf_view(&log), &answer);
		enum reason_owner owner = reason_owner_of(answer.reason);
		if (owner != REASON_NOBODY && owner != reason_owner_of(wanted)) {
			fail_msg("%s: %s, not %s: %s", path, reason_code(answer.reason), reason_code(wanted),
				answer.line);
		}
		all++;
		right += answer.reason == wanted ? 1 : 0;
		if (answer.reason != wanted) {
			print_message("%.*s: %s, not %s\n", STR_ARG(name), reason_code(answer.reason),
				reason_code(wanted));
		}
		buf_finish(&log);
		free(path);
	}
	print_message("%zu of %zu\n", right, all);
	assert_true(all != 0 && right * 5 >= all * 4);
	buf_finish(&table);
	reason_rules_destroy(rules);
}

/* A hostile log may cost a match's limit, not an afternoon; and its bytes stay readable. */
static void test_hostile_log(void **state)
{
	struct reason_rules *rules = load();
	struct buf log = {0};
	for (int i = 0; i < 200000; i++) {
		buf_add_text(&log, "aaaa://.c:1");
	}
	buf_add_text(&log, "\n\xff\xfe x.c:1: error\x01\x02 \xc3\n");
	struct classify_answer answer;
	classify_log(rules, STAGE_BUILD, buf_view(&log), &answer);
	assert_int_equal(answer.reason, REASON_CODE_COMPILE_ERROR);
	assert_true(str_is_utf8(str_from(answer.line)));
	assert_null(strchr(answer.line, 1));
	buf_finish(&log);
	reason_rules_destroy(rules);
}

static void test_problems(void **state)
{
	for (int i = 0; i < WHEEL_PROBLEM_COUNT; i++) {
		enum reason r = classify_problem((enum wheel_problem_code)i);
		assert_true(r == REASON_NONE || reason_owner_of(r) == REASON_PACKAGE);
	}
	assert_int_equal(classify_problem(WHEEL_PROBLEM_MACHINE_MISMATCH), REASON_CODE_TAG_LIES);
	assert_int_equal(classify_problem(WHEEL_PROBLEM_GLIBC_TOO_NEW), REASON_CODE_GLIBC_FLOOR);
	assert_int_equal(classify_problem(WHEEL_PROBLEM_PAGE_ALIGNMENT), REASON_CODE_PAGE_SIZE);
	assert_int_equal(classify_problem(WHEEL_PROBLEM_RECORD_HASH), REASON_CODE_WRONG_WHEEL);
	assert_int_equal(classify_problem(WHEEL_PROBLEM_HYBRID_PE), REASON_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_rule),
		cmocka_unit_test(test_logs),
		cmocka_unit_test(test_unseen_logs),
		cmocka_unit_test(test_hostile_log),
		cmocka_unit_test(test_problems),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
