/* Stored logs and edited rules: what changes, what stays, and that each log is read once. */
#include "coordinator/verify/rejudge.h"
#include "core/base/mem.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sqlite3.h>

#define LOG "== fetch\n== build\nsrc/a.c:1:1: error: odd\nmore\n"
#define RULE                                                                         \
	"schema: 1\nrules:\n  - code: %s\n    stage: build\n    pattern: 'error: odd'\n" \
	"    example: 'error: odd'\n    counter: 'fine'\n"

struct place {
	char folder[64];
	char *database;
	struct blob_store blobs;
	char log[SHA256_HEX];
	uv_loop_t loop;
	struct reason_rules *rules;
	size_t told; /* on_changed was called */
};

static void run_sql(const struct place *p, const char *text)
{
	sqlite3 *db;
	char *why = NULL;
	assert_int_equal(sqlite3_open(p->database, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK) {
		fail_msg("%s", why);
	}
	sqlite3_close(db);
}

static void check_row(const struct place *p, int id, const char *reason, const char *line)
{
	sqlite3 *db;
	sqlite3_stmt *q;
	assert_int_equal(sqlite3_open(p->database, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db, "SELECT reason, line FROM result WHERE id = ?", -1, &q, NULL),
		SQLITE_OK);
	sqlite3_bind_int(q, 1, id);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(q, 0), reason);
	assert_string_equal((const char *)sqlite3_column_text(q, 1), line);
	sqlite3_finalize(q);
	sqlite3_close(db);
}

static void add_result(
	const struct place *p, int id, const char *reason, const char *line, const char *body)
{
	char *text = str_format(
		"INSERT INTO job (id, key, kind, package, version, target, mode, needs, state, priority, "
		"created) VALUES (%d, 'k%d', 'build', 1, '1', 1, 'cross', '{}', 'done', 1, 1);"
		"INSERT INTO lease (id, job, agent, attempt, fence, granted, deadline, hard_deadline) "
		"VALUES (%d, %d, 1, 1, 'f%d', 1, 1, 1);"
		"INSERT INTO result (id, job, lease, accepted, state, stage, reason, owner, line, mode, "
		"proven, tests_passed, tests_failed, log_sha256, log_blob, log_size, started, finished, "
		"recipe_dirty, final, body) VALUES (%d, %d, %d, 1, 'fail', 'build', '%s', 'package', '%s', "
		"'cross', 0, 0, 0, '%s', '%s', 40, 1, 2, 0, 1, json_set('%s', '$.stages', json("
		"'[{\"stage\":\"build\",\"status\":\"fail\",\"log_from\":9,\"log_to\":48}]')));",
		id, id, id, id, id, id, id, id, reason, line, p->log, p->log, body);
	run_sql(p, text);
	free(text);
}

static int set_up(void **state)
{
	struct place *p = MEM_NEW(struct place);
	struct store *s;
	struct err e = {0};
	snprintf(p->folder, sizeof(p->folder), "/tmp/wheelfarm-rejudge-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	p->database = file_join(p->folder, "facts.db");
	char *blobs = file_join(p->folder, "store");
	assert_int_equal(blob_store_open(&p->blobs, blobs, &e), 0);
	free(blobs);
	assert_int_equal(blob_store_add(&p->blobs, STR(LOG), p->log, &e), 0);
	assert_int_equal(store_open(p->database, STORE_WRITE, &s, &e), 0);
	store_close(s);
	run_sql(p,
		"INSERT INTO package (id, name) VALUES (1, 'demo');"
		"INSERT INTO target (id, name, python, free_threaded, platform, family) VALUES "
		"(1, 'cp313-win_arm64', '3.13', 0, 'win_arm64', 'windows');"
		"INSERT INTO agent (id, name, token_hash, state, added) VALUES (1, 'a', 'h', 'active', "
		"1);");
	uv_loop_init(&p->loop);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	uv_loop_close(&p->loop);
	blob_store_finish(&p->blobs);
	file_remove_tree(p->folder, NULL);
	free(p->database);
	free(p);
	return 0;
}

static void classify(void *user, enum stage stage, struct str log, struct classify_answer *out)
{
	struct place *p = user;
	classify_log(p->rules, stage, log, out);
}

static int on_changed(
	void *user, struct store *s, int64_t package, int64_t target, int64_t now, struct err *e)
{
	struct place *p = user;
	assert_int_equal(package, 1);
	p->told++;
	return 0;
}

static struct rejudge_counts judge(struct place *p, const char *code)
{
	struct store *writing, *reading;
	struct store_writer *writer;
	struct rejudge_counts counts;
	struct err e = {0};
	char *yaml = str_format(RULE, code);
	p->rules = reason_rules_parse(str_from(yaml), "rules", &e);
	assert_non_null(p->rules);
	assert_int_equal(store_open(p->database, STORE_WRITE, &writing, &e), 0);
	assert_int_equal(store_writer_start(&p->loop, writing, &writer, &e), 0);
	assert_int_equal(store_open(p->database, STORE_READ, &reading, &e), 0);
	const struct rejudge_options options = {
		.store = reading,
		.writer = writer,
		.blobs = &p->blobs,
		.rules = reason_rules_object(p->rules),
		.now = 5,
		.classify = classify,
		.on_changed = on_changed,
		.user = p,
	};
	if (rejudge_run(&options, &counts, &e) != 0) {
		fail_msg("%s", e.text);
	}
	store_close(reading);
	store_writer_stop(writer, NULL, NULL);
	uv_run(&p->loop, UV_RUN_DEFAULT);
	reason_rules_destroy(p->rules);
	free(yaml);
	return counts;
}

#define SAID_NOTHING "{\"state\":\"fail\",\"reason\":null}"

static void test_edited_rules(void **state)
{
	struct place *p = *state;
	add_result(p, 1, "unknown", "", SAID_NOTHING);
	add_result(p, 2, "limit_time", "said by the agent",
		"{\"state\":\"fail\",\"reason\":\"limit_time\",\"line\":\"said by the agent\"}");
	add_result(p, 3, "tag_lies", "found by the coordinator", "{\"state\":\"pass\"}");
	struct rejudge_counts c = judge(p, "compile_error");
	assert_int_equal(c.judged, 1);
	assert_int_equal(c.changed, 1);
	check_row(p, 1, "compile_error", "src/a.c:1:1: error: odd");
	check_row(p, 2, "limit_time", "said by the agent");
	check_row(p, 3, "tag_lies", "found by the coordinator");
	/* the same rules have nothing more to say, others have */
	c = judge(p, "compile_error");
	assert_int_equal(c.judged, 0);
	c = judge(p, "compiler_gap");
	assert_int_equal(c.changed, 1);
	check_row(p, 1, "compiler_gap", "src/a.c:1:1: error: odd");
	assert_int_equal(p->told, 2);
}

static void test_a_log_that_is_gone(void **state)
{
	struct place *p = *state;
	struct err e = {0};
	add_result(p, 1, "link_error", "old evidence", SAID_NOTHING);
	char *path = blob_store_path(&p->blobs, str_from(p->log));
	assert_int_equal(file_remove_tree(path, &e), 0);
	free(path);
	struct rejudge_counts c = judge(p, "compile_error");
	assert_int_equal(c.gone, 1);
	assert_int_equal(c.changed, 0);
	check_row(p, 1, "link_error", "old evidence");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_edited_rules, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_log_that_is_gone, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
