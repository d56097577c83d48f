/* Also built with ThreadSanitizer: writes from the loop and from worker threads at once. */
#include "coordinator/store/package.h"
#include "coordinator/store/store_parts.h"
#include "coordinator/store/writer.h"
#include "core/base/mem.h"
#include "core/io/file.h"
#include "sql/db_parts.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { WRITES = 300, THREADS = 3 };

struct place {
	char *folder;
	char *database;
	uv_loop_t loop;
	struct store_writer *writer;
	bool closed;
	int done;
	int failed;
};

static int set_up(void **state)
{
	struct place *p = MEM_NEW(struct place);
	const char *base = getenv("TMPDIR");
	struct store *s = NULL;
	p->folder = str_format("%s/wheelfarm-test-XXXXXX", base != NULL ? base : "/tmp");
	assert_non_null(mkdtemp(p->folder));
	p->database = file_join(p->folder, "facts.db");
	uv_loop_init(&p->loop);
	assert_int_equal(store_open(p->database, STORE_WRITE, &s, NULL), 0);
	assert_int_equal(store_writer_start(&p->loop, s, &p->writer, NULL), 0);
	*state = p;
	return 0;
}

static void on_closed(void *user)
{
	((struct place *)user)->closed = true;
}

static void stop(struct place *p)
{
	store_writer_stop(p->writer, on_closed, p);
	uv_run(&p->loop, UV_RUN_DEFAULT);
	assert_true(p->closed);
}

static int tear_down(void **state)
{
	struct place *p = *state;
	assert_int_equal(uv_loop_close(&p->loop), 0);
	file_remove_tree(p->folder, NULL);
	free(p->folder);
	free(p->database);
	free(p);
	return 0;
}

static size_t count(struct place *p)
{
	struct store *s = NULL;
	struct arena arena = {0};
	struct store_package *list = NULL;
	size_t n = 0;
	assert_int_equal(store_open(p->database, STORE_READ, &s, NULL), 0);
	assert_int_equal(store_package_list(s, &arena, &list, &n, NULL), 0);
	arena_finish(&arena);
	store_close(s);
	return n;
}

struct put {
	struct place *place;
	char name[32];
	bool fail_after;
};

static int put(struct store *s, void *user, struct err *e)
{
	struct put *u = user;
	int64_t id = 0;
	int code = store_package_put(s, str_from(u->name), 0, -1, &id, e);
	return code == 0 && u->fail_after ? err_set(e, ERR_CONFLICT, "%s: no", u->name) : code;
}

static void on_put(void *user, int code, const struct err *e)
{
	struct put *u = user;
	u->place->done++;
	if (code < 0) {
		assert_int_equal(code, ERR_CONFLICT);
		assert_true(str_starts(str_from(e->text), u->name));
		u->place->failed++;
	}
}

static void one_that_fails_takes_no_other(void **state)
{
	struct place *p = *state;
	struct put *puts = mem_new(WRITES, sizeof(*puts));
	for (int i = 0; i < WRITES; i++) {
		puts[i] = (struct put){.place = p, .fail_after = i % 3 == 0};
		snprintf(puts[i].name, sizeof(puts[i].name), "p%d", i);
		assert_int_equal(store_write(p->writer, put, on_put, &puts[i]), 0);
	}
	uv_run(&p->loop, UV_RUN_DEFAULT); /* ends by itself: nothing is under way any more */
	assert_int_equal(p->done, WRITES);
	assert_int_equal(p->failed, WRITES / 3);
	assert_int_equal(count(p), WRITES - WRITES / 3);
	stop(p);
	free(puts);
}

static void writer_thread(void *user)
{
	struct put *base = user;
	struct place *p = base->place;
	for (int i = 0; i < WRITES; i++) {
		struct put u = {.place = p};
		struct err e = {0};
		snprintf(u.name, sizeof(u.name), "%.10s-%d", base->name, i);
		if (store_write_wait(p->writer, put, &u, &e) != 0) {
			mem_bug("%s", e.text);
		}
	}
}

static void from_many_threads(void **state)
{
	struct place *p = *state;
	uv_thread_t threads[THREADS];
	struct put bases[THREADS];
	struct put *puts = mem_new(WRITES, sizeof(*puts));
	for (int i = 0; i < THREADS; i++) {
		bases[i] = (struct put){.place = p};
		snprintf(bases[i].name, sizeof(bases[i].name), "t%d", i);
		uv_thread_create(&threads[i], writer_thread, &bases[i]);
	}
	for (int i = 0; i < WRITES; i++) {
		puts[i] = (struct put){.place = p};
		snprintf(puts[i].name, sizeof(puts[i].name), "loop-%d", i);
		assert_int_equal(store_write(p->writer, put, on_put, &puts[i]), 0);
		uv_run(&p->loop, UV_RUN_NOWAIT);
	}
	uv_run(&p->loop, UV_RUN_DEFAULT);
	for (int i = 0; i < THREADS; i++) {
		uv_thread_join(&threads[i]);
	}
	assert_int_equal(p->done, WRITES);
	stop(p);
	assert_int_equal(count(p), (THREADS + 1) * WRITES);
	free(puts);
}

static void stop_does_what_is_queued(void **state)
{
	struct place *p = *state;
	struct put *puts = mem_new(WRITES, sizeof(*puts));
	for (int i = 0; i < WRITES; i++) {
		puts[i] = (struct put){.place = p};
		snprintf(puts[i].name, sizeof(puts[i].name), "p%d", i);
		assert_int_equal(store_write(p->writer, put, on_put, &puts[i]), 0);
	}
	store_writer_stop(p->writer, on_closed, p);
	assert_int_equal(store_write(p->writer, put, on_put, &puts[0]), ERR_CANCELLED);
	uv_run(&p->loop, UV_RUN_DEFAULT);
	assert_true(p->closed);
	assert_int_equal(p->done, WRITES);
	assert_int_equal(count(p), WRITES);
	free(puts);
}

static int sleep_long(struct store *s, void *user, struct err *e)
{
	(void)s;
	(void)e;
	while (!__atomic_load_n((bool *)user, __ATOMIC_SEQ_CST)) {
		usleep(1000);
	}
	return 0;
}

static int nothing(struct store *s, void *user, struct err *e)
{
	(void)s;
	(void)user;
	(void)e;
	return 0;
}

static void full_is_said(void **state)
{
	struct place *p = *state;
	bool go_on = false;
	assert_int_equal(store_write(p->writer, sleep_long, NULL, &go_on), 0);
	int taken = 0;
	int code = 0;
	/* the batch under way does not count */
	while (code == 0 && taken <= STORE_WRITER_QUEUE + 1000) {
		code = store_write(p->writer, nothing, NULL, NULL);
		taken += code == 0 ? 1 : 0;
	}
	assert_int_equal(code, ERR_BUSY);
	assert_true(taken >= STORE_WRITER_QUEUE - 1);
	__atomic_store_n(&go_on, true, __ATOMIC_SEQ_CST);
	stop(p);
}

/* What the transaction that it runs in does at its end: SQLite's 1 is NORMAL, 2 is FULL. */
static int read_sync(struct store *s, void *user, struct err *e)
{
	sqlite3_stmt *statement = NULL;
	assert_int_equal(
		sqlite3_prepare_v2(sql_handle(store_sql(s)), "PRAGMA synchronous", -1, &statement, NULL),
		0);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	*(int *)user = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return 0;
}

static void only_lazy_ones_alone_do_not_wait_for_the_disk(void **state)
{
	struct place *p = *state;
	int lazy[2] = {0}, both[2] = {0}, hurried = 0;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_write_lazy(p->writer, read_sync, NULL, &lazy[i]), 0);
	}
	uv_run(&p->loop, UV_RUN_DEFAULT);
	assert_int_equal(lazy[0], 1);
	assert_int_equal(lazy[1], 1);
	assert_int_equal(store_write(p->writer, read_sync, NULL, &hurried), 0);
	uv_run(&p->loop, UV_RUN_DEFAULT);
	assert_int_equal(hurried, 2);
	/* one transaction of both sorts: the first waits, the second takes it along */
	assert_int_equal(store_write_lazy(p->writer, read_sync, NULL, &both[0]), 0);
	assert_int_equal(store_write_again(p->writer, read_sync, NULL, &both[1]), 0);
	uv_run(&p->loop, UV_RUN_DEFAULT);
	assert_int_equal(both[1], 2);
	stop(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_that_fails_takes_no_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(from_many_threads, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stop_does_what_is_queued, set_up, tear_down),
		cmocka_unit_test_setup_teardown(full_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			only_lazy_ones_alone_do_not_wait_for_the_disk, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
