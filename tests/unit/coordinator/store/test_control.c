/* What a failed run of a wheel and its x86-64 control say of a build: is the wheel built all the same, and does it
 * fail everywhere? */
#include "coordinator/store/control.h"
#include "coordinator/store/standing.h"
#include "coordinator/verdict/verdict.h"
#include "core/base/mem.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

struct place {
	char folder[64];
	sqlite3 *db;
	struct store *store;
	int job; /* the last one */
};

static void run_sql(const struct place *p, const char *format, ...)
{
	va_list arguments;
	char *why = NULL;
	va_start(arguments, format);
	char *text = sqlite3_vmprintf(format, arguments);
	va_end(arguments);
	if (sqlite3_exec(p->db, text, NULL, NULL, &why) != SQLITE_OK) {
		fail_msg("%s: %s", why, text);
	}
	sqlite3_free(text);
}

static char *ask(const struct place *p, const char *text)
{
	sqlite3_stmt *q;
	assert_int_equal(sqlite3_prepare_v2(p->db, text, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	const char *found = (const char *)sqlite3_column_text(q, 0);
	char *out = str_dup(str_from(found != NULL ? found : "null"));
	sqlite3_finalize(q);
	return out;
}

static int set_up(void **state)
{
	struct place *p = MEM_NEW(struct place);
	struct err e = {0};
	snprintf(p->folder, sizeof(p->folder), "/tmp/wheelfarm-control-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	char *path = file_join(p->folder, "facts.db");
	assert_int_equal(store_open(path, STORE_WRITE, &p->store, &e), 0);
	assert_int_equal(sqlite3_open(path, &p->db), SQLITE_OK);
	free(path);
	run_sql(p,
		"INSERT INTO package (id, name) VALUES (1, 'demo');"
		"INSERT INTO target (id, name, python, free_threaded, platform, family) VALUES "
		"(1, 'cp313-manylinux_2_28_aarch64', '3.13', 0, 'manylinux_2_28_aarch64', 'glibc');"
		"INSERT INTO agent (id, name, token_hash, state, added) VALUES (1, 'a', 'h', 'active', "
		"1);");
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	store_close(p->store);
	sqlite3_close(p->db);
	file_remove_tree(p->folder, NULL);
	free(p);
	return 0;
}

/* A final result of a new job of that kind; `stage` NULL: a pass. `said`: the reason in the agent's own words. */
static int add(struct place *p, const char *kind, const char *stage, const char *reason,
	const char *owner, const char *said, const char *wheel)
{
	int id = ++p->job;
	run_sql(p,
		"INSERT INTO job (id, key, kind, package, version, target, mode, needs, state, priority, "
		"created) "
		"VALUES (%d, 'k%d', %Q, 1, '1', 1, 'cross', '{}', 'done', 1, 1);"
		"INSERT INTO job_spec (job, spec) VALUES (%d, '{\"spec\":%d}');"
		"INSERT INTO lease (id, job, agent, attempt, fence, granted, deadline, hard_deadline) "
		"VALUES (%d, %d, 1, 1, 'f%d', 1, 1, 1);"
		"INSERT INTO result (id, job, lease, accepted, state, stage, reason, owner, mode, proven, "
		"tests_passed, tests_failed, log_size, started, finished, recipe_dirty, final, body, "
		"rules) "
		"VALUES (%d, %d, %d, 1, %Q, %Q, %Q, %Q, 'cross', 0, 0, 0, 0, 1, 2, 0, 1, "
		"json_object('reason', %Q), 'r');",
		id, id, kind, id, id, id, id, id, id, id, id, stage != NULL ? "fail" : "pass", stage,
		reason, owner, said);
	if (wheel != NULL) {
		run_sql(p,
			"INSERT INTO artefact (result, filename, sha256, size, kind, inspect) VALUES "
			"(%d, 'demo.whl', 'h', 1, 'wheel', %Q)",
			id, wheel);
	}
	return id;
}

#define FINE "{\"ok\": true}"

static void a_wheel_stays_built(void **state)
{
	static const struct {
		const char *stage, *reason, *owner, *wheel;
		char word;
	} cases[] = {
		{NULL, NULL, NULL, FINE, 'b'},
		{"test", "test_failed", "package", FINE, 'b'},
		{"import", "import_error", "package", FINE, 'b'},
		{"install", "dependency_blocked", "dependency", FINE, 'b'},
		/* no wheel is there, or a wrong one, or the wheel is what failed */
		{"test", "test_failed", "package", NULL, 'm'},
		{"test", "test_failed", "package", "{\"ok\": false}", 'm'},
		{"inspect", "tag_lies", "package", FINE, 'm'},
		{"build", "compile_error", "package", NULL, 'm'},
	};
	struct place *p = *state;
	struct err e = {0};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct store_standing now;
		run_sql(p,
			"DELETE FROM artefact; DELETE FROM result; DELETE FROM lease; DELETE FROM job_spec;"
			"DELETE FROM job;");
		add(p, "build", cases[i].stage, cases[i].reason, cases[i].owner, cases[i].reason,
			cases[i].wheel);
		assert_int_equal(verdict_refresh_target(p->store, 1, 1, 5, &e), 0);
		assert_int_equal(store_standing_words(p->store, 1, &now, &e), 0);
		if (now.v[0].word != cases[i].word) {
			fail_msg("case %zu: %c, not %c", i, now.v[0].word, cases[i].word);
		}
	}
}

static void check(struct place *p, int job, const char *want)
{
	struct err e = {0};
	char *query =
		str_format("SELECT reason || ' ' || owner || ' ' || coalesce(rules, 'none') FROM result "
				   "WHERE job = %d",
			job);
	assert_int_equal(store_control_apply(p->store, 1, 1, &e), 0);
	char *got = ask(p, query);
	assert_string_equal(got, want);
	free(got);
	free(query);
}

/* A build that failed at `stage` beside a control that failed at `control`. */
static void pair(
	struct place *p, const char *stage, const char *control, const char *owner, const char *want)
{
	int build = add(p, "build", stage, "import_error", "package", NULL, FINE);
	int other = add(p, "control", control, "crash", owner, NULL, NULL);
	run_sql(p, "INSERT INTO job_after (job, after) VALUES (%d, %d)", other, build);
	check(p, build, want);
}

static void a_control_that_fails_too(void **state)
{
	struct place *p = *state;
	pair(p, "test", "test", "package", "fails_everywhere package r");
	pair(p, "test", "import", "package", "fails_everywhere package r");
	pair(p, "import", "import", "package", "fails_everywhere package r");
	/* there it came further */
	pair(p, "import", "test", "package", "import_error package r");
	/* it says nothing of the wheel's run */
	pair(p, "test", "build", "package", "import_error package r");
	pair(p, "test", "test", "farm", "import_error package r");
	pair(p, "test", NULL, NULL, "import_error package r");
}

static void a_control_that_passes_after_all(void **state)
{
	struct place *p = *state;
	int build = add(p, "build", "test", "fails_everywhere", "package", "test_failed", FINE);
	int control = add(p, "control", NULL, NULL, NULL, NULL, NULL);
	run_sql(p, "INSERT INTO job_after (job, after) VALUES (%d, %d)", control, build);
	check(p, build, "test_failed package none");
	/* what the rules had said they say anew: it is unknown until then */
	run_sql(p, "UPDATE result SET reason = 'fails_everywhere', body = '{}' WHERE job = %d", build);
	check(p, build, "unknown nobody none");
}

static void who_asks_for_one(void **state)
{
	struct place *p = *state;
	struct arena arena = {0};
	struct store_controlled *list;
	size_t count;
	struct err e = {0};
	add(p, "build", "build", "compile_error", "package", NULL, NULL);
	add(p, "build", "test", "executor_limit", "farm", NULL, FINE);
	add(p, "control", "test", "test_failed", "package", NULL, NULL);
	add(p, "build", NULL, NULL, NULL, NULL, FINE);
	int wanted = add(p, "build", "test", "test_failed", "package", NULL, FINE);
	int old = add(p, "build", "import", "crash", "package", NULL, FINE);
	run_sql(p, "UPDATE job SET state = 'superseded' WHERE id = %d", old);
	assert_int_equal(store_control_wanted(p->store, &arena, &list, &count, &e), 0);
	assert_int_equal(count, 1);
	assert_int_equal(list[0].job, wanted);
	assert_string_equal(list[0].target, "cp313-manylinux_2_28_aarch64");
	char *spec = str_format("{\"spec\":%d}", wanted);
	assert_string_equal(list[0].spec, spec);
	free(spec);
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_wheel_stays_built, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_control_that_fails_too, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_control_that_passes_after_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_asks_for_one, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
