/* What goes and what stays, as time passes: results of one job done again and again, blobs that nobody
 * names, what crashes left. */
#include "fixture.h"

#include "coordinator/keep/keep.h"
#include "coordinator/store/log.h"
#include "coordinator/store/view.h"
#include "core/io/blob_sweep.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t day = INT64_C(24) * 3600 * 1000;

static const struct store_keep_ages ages = {.log_pass = 30 * INT64_C(86400000),
	.log_fail = 180 * INT64_C(86400000),
	.files = 90 * INT64_C(86400000),
	.attempts = 10 * INT64_C(86400000),
	.audit = 10 * INT64_C(86400000)};

static int set_up(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);
	fixture_init(f, NULL);
	f->now = clock_wall_ms(); /* as the times of files are */
	fixture_start(f);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	fixture_stop(f);
	fixture_finish(f);
	free(f);
	return 0;
}

/* --- one round --- */

struct round {
	struct keep_counts counts;
	bool over;
};

static int64_t now_ms(void *user)
{
	return ((struct fixture *)user)->now;
}

static void on_round(void *user, const struct keep_counts *counts)
{
	struct round *r = user;
	r->counts = *counts;
	r->over = true;
}

static void stay_awake(uv_timer_t *timer)
{
	(void)timer;
}

static struct keep_counts one_round(struct fixture *f, const char *pinned)
{
	struct round r = {0};
	char *live = store_log_live_folder(f->database);
	const struct keep_options options = {
		.loop = &f->loop,
		.writer = f->writer,
		.database = f->database,
		.blobs = &f->blobs,
		.live_folder = live,
		.clock = {now_ms, f},
		.ages = ages,
		.orphan_ms = day,
		.pinned = &pinned,
		.pinned_count = pinned != NULL ? 1 : 0,
		.first_ms = 1,
		.rest_ms = 1,
		.on_round = on_round,
		.user = &r,
	};
	struct keep *k = keep_start(&options);
	uv_timer_t awake; /* it does not keep the loop alive by itself */
	uv_timer_init(&f->loop, &awake);
	uv_timer_start(&awake, stay_awake, 5, 5);
	while (!r.over) {
		uv_run(&f->loop, UV_RUN_ONCE);
	}
	uv_close((uv_handle_t *)&awake, NULL);
	keep_stop(k, NULL, NULL);
	uv_run(&f->loop, UV_RUN_NOWAIT);
	free(live);
	return r.counts;
}

/* --- a job, done --- */

static void on_lease(void *user, int code, const struct queue_grant *grant, const struct err *e)
{
	char *fence = user;
	assert_int_equal(code, 0);
	snprintf(fence, 64, "%s", grant->fence);
}

static void on_code(void *user, int code, const struct queue_grant *grant, const struct err *e)
{
	*(int *)user = code;
}

static void on_requeued(void *user, int code, const struct err *e)
{
	*(int *)user = code;
}

/* One attempt with a log and a file of that text; the result's state as given. */
static void attempt(struct fixture *f, struct queue_agent *a, const char *state, const char *reason,
	const char *text)
{
	char fence[64];
	char hex[SHA256_HEX];
	struct lease_request request = {0};
	struct err e = {0};
	uint64_t size = 0;
	queue_lease(f->queue, a, &request, on_lease, fence);
	fixture_settle(f);
	struct buf log = {0};
	buf_printf(&log, "the log of %s\n", text);
	assert_int_equal(
		queue_log_append(f->queue, a, str_from(fence), 0, buf_view(&log), &size, &e), 0);
	assert_int_equal(blob_store_add(&f->blobs, str_from(text), hex, &e), 0);
	struct buf json = {0};
	buf_printf(&json,
		"{\"fence\":\"%s\",\"state\":\"%s\",\"mode\":\"cross\",\"started\":1,\"finished\":2,"
		"\"files\":[{\"filename\":\"a.txt\",\"size\":%zu,\"kind\":\"lock\",\"sha256\":\"%s\"}],"
		"\"stages\":[%s]%s%s%s}",
		fence, state, strlen(text), hex,
		reason != NULL ? "{\"stage\":\"build\",\"status\":\"fail\"}" : "",
		reason != NULL ? ",\"stage\":\"build\",\"reason\":\"" : "", reason != NULL ? reason : "",
		reason != NULL ? "\"" : "");
	int code = 1;
	queue_result(f->queue, a, buf_view(&json), -1, on_code, &code);
	fixture_settle(f);
	assert_int_equal(code, 0);
	buf_finish(&json);
	buf_finish(&log);
}

static void again(struct fixture *f, int64_t job)
{
	int code = 1;
	queue_requeue(f->queue, job, on_requeued, &code);
	fixture_settle(f);
	assert_int_equal(code, 0);
}

static bool has(struct fixture *f, const char *text)
{
	unsigned char digest[SHA256_BYTES];
	char hex[SHA256_HEX];
	sha256_of(str_from(text), digest);
	sha256_hex(digest, hex);
	return blob_store_has(&f->blobs, str_from(hex), NULL);
}

/* The log of the job's newest result, as pages read it. */
static void newest_log_is(struct fixture *f, int64_t job, const char *wanted)
{
	struct store *s = NULL;
	struct job_view v;
	struct buf log = {0};
	struct err e = {0};
	assert_int_equal(store_open(f->database, STORE_READ, &s, &e), 0);
	assert_int_equal(store_job_view(s, job, &v, &e), 0);
	int code = store_log_read(&f->blobs, &v.log, 0, -1, &log, &e);
	if (wanted == NULL) {
		assert_int_equal(code, ERR_NOT_FOUND);
	} else {
		assert_int_equal(code, 0);
		assert_true(str_is(buf_view(&log), wanted));
		assert_int_equal(store_log_size(&f->blobs, &v.log), strlen(wanted));
		assert_int_equal(v.log.size, strlen(wanted));
	}
	buf_finish(&log);
	job_view_finish(&v);
	store_close(s);
}

/* A number out of the database, by a connection of its own; and a change to it. */
static int64_t number(struct fixture *f, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	assert_int_equal(sqlite3_open(f->database, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
	int64_t found = sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : 0;
	assert_int_equal(sqlite3_finalize(q), SQLITE_OK);
	sqlite3_close(db);
	return found;
}

static void results_age(void **state)
{
	struct fixture *f = *state;
	struct fixture_job job = {.name = "a"};
	fixture_add(f, &job);
	struct queue_agent *a = fixture_agent(f, "one", false, NULL, NULL);
	attempt(f, a, "fail", "host_memory", "lost"); /* the farm's fault: it goes back */
	fixture_advance(f, 40 * 1000);
	attempt(f, a, "pass", NULL, "first");
	again(f, job.id);
	attempt(f, a, "fail", "compile_error", "second");
	again(f, job.id);
	attempt(f, a, "pass", NULL, "third");
	newest_log_is(f, job.id, "the log of third\n");
	assert_int_equal(number(f, "SELECT count(*) FROM result WHERE log_blob = log_sha256"), 0);

	struct keep_counts c = one_round(f, NULL);
	assert_int_equal(c.rows.logs + c.rows.files + c.rows.attempts + c.rows.leases, 0);
	assert_int_equal(c.blobs, 0);

	f->now += 31 * day;
	c = one_round(f, NULL);
	assert_int_equal(c.rows.attempts, 1); /* what the farm lost */
	assert_int_equal(c.rows.leases, 1);
	assert_int_equal(c.rows.logs, 1); /* of the first pass */
	assert_int_equal(c.rows.files, 0);
	assert_int_equal(c.blobs, 3); /* that log; the log and the file of the lost one */
	assert_true(has(f, "first") && has(f, "second") && has(f, "third") && !has(f, "lost"));
	newest_log_is(f, job.id, "the log of third\n");

	f->now += 60 * day;
	c = one_round(f, NULL);
	assert_int_equal(c.rows.logs, 0); /* a failure's log lives longer */
	assert_int_equal(c.rows.files, 2);
	assert_int_equal(c.blobs, 2);
	assert_true(!has(f, "first") && !has(f, "second") && has(f, "third"));

	f->now += 1000 * day;
	c = one_round(f, NULL);
	assert_int_equal(c.rows.logs, 1);
	assert_int_equal(c.rows.files, 0);
	newest_log_is(f, job.id, "the log of third\n");
	assert_true(has(f, "third"));
	assert_int_equal(number(f, "SELECT count(*) FROM result"), 3);
	assert_int_equal(number(f, "SELECT count(*) FROM artefact WHERE kept"), 1);
}

static void blobs_without_a_name(void **state)
{
	struct fixture *f = *state;
	struct fixture_job job = {.name = "a"};
	struct err e = {0};
	char pinned[SHA256_HEX];
	char hex[SHA256_HEX];
	fixture_add(f, &job);
	const char *const texts[] = {"orphan", "wanted soon"};
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(blob_store_add(&f->blobs, str_from(texts[i]), hex, &e), 0);
	}
	assert_int_equal(blob_store_add(&f->blobs, STR("pinned"), pinned, &e), 0);
	uint64_t size = 0;
	assert_int_equal(blob_store_partial_append(&f->blobs, str_from(hex), 0, STR("wan"), &size, &e),
		ERR_CONFLICT);
	memset(hex, 'a', SHA256_HEX - 1);
	assert_int_equal(
		blob_store_partial_append(&f->blobs, str_from(hex), 0, STR("begun"), &size, &e), 0);
	char *dead = str_format("%s/partial/dead-%s", f->blobs.folder, hex);
	assert_int_equal(file_write_atomic(dead, STR("of a crash"), &e), 0);
	struct keep_counts c = one_round(f, pinned);
	assert_int_equal(c.blobs, 1); /* the dead file alone */
	assert_true(access(dead, F_OK) != 0 && has(f, "orphan"));
	free(dead);

	f->now += 2 * day;
	c = one_round(f, pinned);
	assert_false(has(f, "orphan"));
	assert_true(has(f, "pinned"));
	assert_int_equal(c.blobs, 3);
	struct blob_usage usage;
	assert_int_equal(blob_usage(&f->blobs, &usage, &e), 0);
	assert_int_equal(usage.files, 1);
	assert_int_equal(usage.partial_files, 0);
}

static void old_logs_are_packed(void **state)
{
	struct fixture *f = *state;
	struct fixture_job job = {.name = "a"};
	fixture_add(f, &job);
	struct queue_agent *a = fixture_agent(f, "one", false, NULL, NULL);
	attempt(f, a, "pass", NULL, "x");
	/* as a program of before kept it: the text itself, by its hash */
	char hex[SHA256_HEX];
	struct err e = {0};
	assert_int_equal(blob_store_add(&f->blobs, STR("the log of x\n"), hex, &e), 0);
	number(f, "UPDATE result SET log_blob = log_sha256");
	newest_log_is(f, job.id, "the log of x\n");
	f->now += 2 * day;
	struct keep_counts c = one_round(f, NULL);
	assert_int_equal(c.packed, 1);
	assert_int_equal(number(f, "SELECT count(*) FROM result WHERE log_blob <> log_sha256"), 1);
	assert_false(has(f, "the log of x\n"));
	newest_log_is(f, job.id, "the log of x\n");
	assert_int_equal(one_round(f, NULL).packed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(results_age, set_up, tear_down),
		cmocka_unit_test_setup_teardown(blobs_without_a_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(old_logs_are_packed, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
