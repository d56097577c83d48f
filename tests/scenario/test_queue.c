#include "fixture.h"

#include "coordinator/queue/parts.h"
#include "coordinator/store/log.h"
#include "core/farm_protocol/check.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct held {
	char fence[64];
	int64_t job;
	int code;
};

static int set_up(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);
	fixture_init(f, NULL);
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

static void on_lease(void *user, int code, const struct queue_grant *grant, const struct err *e)
{
	(void)e;
	struct held *h = user;
	h->code = code;
	if (code == 0) {
		h->job = grant->job;
		snprintf(h->fence, sizeof(h->fence), "%s", grant->fence);
		struct arena arena = {0};
		struct lease lease = {0};
		struct err why = {0};
		/* what an agent gets must be what an agent can read, the job's number included */
		if (message_read(grant->json, lease_fields, "lease", &lease, &arena, &why) != 0) {
			fail_msg("%s", why.text);
		}
		assert_int_equal(job_check(&lease.job, &why), 0);
		assert_int_equal(lease.job.id, grant->job);
		assert_string_equal(lease.fence, grant->fence);
		arena_finish(&arena);
	}
}

static struct held take(struct fixture *f, struct queue_agent *a)
{
	struct held h = {.code = 1};
	struct lease_request request = {0};
	queue_lease(f->queue, a, &request, on_lease, &h);
	assert_int_equal(h.code, 1); /* never before it returns */
	fixture_settle(f);
	assert_int_equal(h.code, 0);
	return h;
}

static void on_code(void *user, int code, const struct err *e)
{
	if (code < 0) {
		assert_true(e->text[0] != '\0');
	}
	*(int *)user = code;
}

static void on_accepted(void *user, int code, const struct queue_grant *grant, const struct err *e)
{
	on_code(user, code, e);
}

static int send_result(struct fixture *f, struct queue_agent *a, const char *json)
{
	int code = 1;
	queue_result(f->queue, a, str_from(json), -1, on_accepted, &code);
	fixture_settle(f);
	return code;
}

static void log_becomes_a_blob_and_a_reason(void **state)
{
	struct fixture *f = *state;
	struct fixture_job job = {.name = "a"};
	fixture_add(f, &job);
	struct queue_agent *a = fixture_agent(f, "one", false, NULL, NULL);
	struct held h = take(f, a);
	uint64_t size = 0;
	struct err e = {0};
	struct str text = STR("cc -c a.c\na.c:1: error: no such thing\nmake: stop\n");
	assert_int_equal(queue_log_append(f->queue, a, str_from(h.fence), 0, text, &size, &e), 0);
	assert_int_equal(
		queue_log_append(f->queue, a, str_from(h.fence), 5, text, &size, &e), ERR_CONFLICT);
	assert_int_equal(size, text.n);

	struct store *s = NULL;
	struct job_view v;
	struct buf log = {0};
	assert_int_equal(store_open(f->database, STORE_READ, &s, &e), 0);
	assert_int_equal(store_job_view(s, h.job, &v, &e), 0);
	assert_non_null(v.log.live);
	assert_int_equal(store_log_read(&f->blobs, &v.log, 3, 5, &log, &e), 0);
	assert_string_equal(log.p, "-c");
	job_view_finish(&v);

	f->classified = REASON_CODE_COMPILE_ERROR;
	char *json = fixture_result(h.fence, "fail", "build", NULL);
	assert_int_equal(send_result(f, a, json), 0);
	free(json);
	assert_int_equal(f->on_results, 1);
	assert_int_equal(store_job_view(s, h.job, &v, &e), 0);
	assert_string_equal(v.build.reason, "compile_error");
	assert_string_equal(v.build.owner, "package");
	assert_string_equal(v.build.line, "error: no such thing");
	assert_null(v.log.live);
	assert_non_null(v.log.sha256);
	assert_int_equal(v.log.size, text.n);
	buf_clear(&log);
	assert_int_equal(store_log_read(&f->blobs, &v.log, 0, -1, &log, &e), 0);
	assert_true(str_equal(buf_view(&log), text));
	buf_finish(&log);
	job_view_finish(&v);
	store_close(s);
}

static void lie_is_a_fault_and_no_fact(void **state)
{
	struct fixture *f = *state;
	struct fixture_job job = {.name = "a", .kind = "build", .builds = true};
	fixture_add(f, &job);
	struct queue_agent *a = fixture_agent(f, "one", false, NULL, NULL);
	struct held h = take(f, a);
	char *json = fixture_result(h.fence, "pass", NULL, NULL);
	assert_int_equal(send_result(f, a, json), 0);
	free(json);
	struct store *s = NULL;
	struct job_view v;
	struct err e = {0};
	assert_int_equal(store_open(f->database, STORE_READ, &s, &e), 0);
	assert_int_equal(store_job_view(s, h.job, &v, &e), 0);
	/* it says nothing of the package: the job waits for another agent */
	assert_string_equal(v.build.job_state, "queued");
	assert_null(v.build.state);
	assert_int_equal(a->faults, 1);
	assert_int_equal(a->state, STORE_AGENT_QUARANTINED);
	job_view_finish(&v);
	store_close(s);
}

static void bad_results_change_nothing(void **state)
{
	struct fixture *f = *state;
	struct fixture_job job = {.name = "a"};
	fixture_add(f, &job);
	struct queue_agent *a = fixture_agent(f, "one", false, NULL, NULL);
	struct held h = take(f, a);
	assert_int_equal(send_result(f, a, "{"), ERR_INVALID);
	assert_int_equal(send_result(f, a, "{}"), ERR_INVALID);
	struct buf text = {0};
	buf_printf(&text,
		"{\"fence\":\"%s\",\"state\":\"pass\",\"mode\":\"cross\",\"started\":1,\"finished\":2,"
		"\"stages\":[],\"files\":[{\"filename\":\"a.txt\",\"size\":3,\"kind\":\"lock\",\"sha256\":"
		"\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"}]}",
		h.fence);
	/* the file is not here: the lease stays, and the agent may upload it */
	assert_int_equal(send_result(f, a, text.p), ERR_INVALID);
	char hex[SHA256_HEX];
	assert_int_equal(blob_store_add(&f->blobs, STR("abc"), hex, NULL), 0);
	assert_int_equal(send_result(f, a, text.p), 0);
	buf_finish(&text);
}

struct uploaded {
	int code;
	struct queue_upload_state state;
};

static void on_upload(
	void *user, int code, const struct queue_upload_state *state, const struct err *e)
{
	(void)e;
	*(struct uploaded *)user = (struct uploaded){code, *state};
}

static struct uploaded upload(struct fixture *f, struct queue_agent *a, const char *fence,
	const char *hex, uint64_t offset, uint64_t total, const char *bytes)
{
	struct uploaded u = {.code = 1};
	queue_upload_append(
		f->queue, a, str_from(fence), str_from(hex), offset, total, str_from(bytes), on_upload, &u);
	fixture_settle(f);
	return u;
}

static void uploads_resume_and_are_hashed(void **state)
{
	static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	struct fixture *f = *state;
	struct fixture_job job = {.name = "a"};
	struct queue_upload_state s;
	struct err e = {0};
	fixture_add(f, &job);
	struct queue_agent *a = fixture_agent(f, "one", false, NULL, NULL);
	struct held h = take(f, a);
	assert_int_equal(upload(f, a, "other", abc, 0, 3, "abc").code, ERR_LEASE_LOST);
	assert_int_equal(upload(f, a, h.fence, "../../etc", 0, 3, "abc").code, ERR_INVALID);
	assert_int_equal(upload(f, a, h.fence, abc, 0, (uint64_t)5 << 30, "ab").code, ERR_TOO_LARGE);
	assert_int_equal(upload(f, a, h.fence, abc, 0, 1, "ab").code, ERR_TOO_LARGE);
	struct uploaded u = upload(f, a, h.fence, abc, 0, 3, "ab");
	assert_int_equal(u.code, 0);
	assert_int_equal(u.state.size, 2);
	assert_false(u.state.complete);
	u = upload(f, a, h.fence, abc, 0, 3, "abc");
	assert_int_equal(u.code, ERR_CONFLICT);
	assert_int_equal(u.state.size, 2);
	assert_int_equal(queue_upload_size(f->queue, a, str_from(h.fence), str_from(abc), &s, &e), 0);
	assert_int_equal(s.size, 2);
	assert_int_equal(upload(f, a, h.fence, abc, 2, 3, "x").code, ERR_HASH_MISMATCH);
	assert_int_equal(upload(f, a, h.fence, abc, 0, 3, "ab").code, 0);
	u = upload(f, a, h.fence, abc, 2, 3, "c");
	assert_int_equal(u.code, 0);
	assert_true(u.state.complete);
	/* two pieces of one file at once: the second is told to ask again */
	struct uploaded first = {.code = 1};
	struct uploaded second = {.code = 1};
	static const char hello[] = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
	queue_upload_append(
		f->queue, a, str_from(h.fence), str_from(hello), 0, 5, STR("he"), on_upload, &first);
	queue_upload_append(
		f->queue, a, str_from(h.fence), str_from(hello), 2, 5, STR("llo"), on_upload, &second);
	fixture_settle(f);
	assert_int_equal(first.code, 0);
	assert_int_equal(second.code, ERR_BUSY);
}

/* A write that does not end until the test says so. */
static int hold_writer(struct store *s, void *user, struct err *e)
{
	uv_sem_wait(user);
	return 0;
}

static void slow_writer_gets_no_new_work(void **state)
{
	struct fixture *f = *state;
	struct fixture_job jobs[] = {{.name = "a"}, {.name = "b"}};
	fixture_add(f, &jobs[0]);
	fixture_add(f, &jobs[1]);
	struct queue_agent *a = fixture_agent(f, "one", false, NULL, NULL);
	struct held first = take(f, a);
	struct held refused = {.code = 1};
	const struct lease_request request = {.slot = 1};
	uv_sem_t gate;
	uv_sem_init(&gate, 0);
	f->queue->o.slow_ms = 20;
	assert_int_equal(store_write_again(f->writer, hold_writer, NULL, &gate), 0);
	while (!queue_is_slow(f->queue)) {
		uv_sleep(1);
	}
	queue_lease(f->queue, a, &request, on_lease, &refused);
	while (refused.code == 1) {
		uv_run(&f->loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(refused.code, ERR_BUSY);
	/* results are taken, and bring no next job */
	int accepted = 1;
	char *json = fixture_result(first.fence, "pass", NULL, NULL);
	queue_result(f->queue, a, str_from(json), 0, on_accepted, &accepted);
	free(json);
	uv_sem_post(&gate);
	fixture_settle(f);
	assert_int_equal(accepted, 0);
	assert_int_equal(a->leases.n, 0);
	assert_false(queue_is_slow(f->queue));
	take(f, a);
	uv_sem_destroy(&gate);
}

static void a_lease_sends_no_more_than_its_share(void **state)
{
	static const char abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	static const char hello[] = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
	struct fixture *f = *state;
	struct fixture_job job = {.name = "a"};
	fixture_add(f, &job);
	struct queue_agent *a = fixture_agent(f, "one", false, NULL, NULL);
	struct held h = take(f, a);
	f->queue->o.upload_limit = 7;
	assert_int_equal(upload(f, a, h.fence, abc, 0, 8, "abc").code, ERR_TOO_LARGE);
	assert_int_equal(upload(f, a, h.fence, abc, 0, 3, "abc").code, 0);
	assert_int_equal(upload(f, a, h.fence, hello, 0, 5, "hello").code, ERR_TOO_LARGE);
	assert_int_equal(upload(f, a, h.fence, hello, 0, 5, "hell").code, 0);
	assert_int_equal(upload(f, a, h.fence, hello, 4, 5, "o").code, ERR_TOO_LARGE);
}

static void on_token(void *user, int code, const char *token, const struct err *e)
{
	(void)e;
	snprintf(user, STORE_TOKEN, "%s", code == 0 ? token : "");
}

static void tokens_are_bound_and_revocable(void **state)
{
	struct fixture *f = *state;
	struct err e = {0};
	char first[STORE_TOKEN] = "";
	char second[STORE_TOKEN] = "";
	int code = 1;
	queue_agent_add(f->queue, "one", false, false, on_token, first);
	fixture_settle(f);
	assert_int_equal(strlen(first), 64);
	assert_non_null(queue_authenticate(f->queue, str_from(first), &e));
	assert_null(queue_authenticate(f->queue, STR(""), &e));
	assert_int_equal(e.code, ERR_DENIED);
	queue_agent_add(f->queue, "one", false, false, on_token, second);
	fixture_settle(f);
	assert_string_equal(second, "");
	queue_agent_add(f->queue, "../x", false, false, on_token, second);
	fixture_settle(f);
	assert_string_equal(second, "");
	queue_revoke_agent(f->queue, "one", on_code, &code);
	fixture_settle(f);
	assert_null(queue_authenticate(f->queue, str_from(first), &e));
	queue_agent_add(f->queue, "one", false, false, on_token, second);
	fixture_settle(f);
	assert_int_equal(strlen(second), 64);
	assert_null(queue_authenticate(f->queue, str_from(first), &e));
	assert_non_null(queue_authenticate(f->queue, str_from(second), &e));
	/* the token itself is in no file */
	struct buf text = {0};
	assert_int_equal(file_read(f->database, 16 << 20, &text, &e), 0);
	char *log = str_format("%s-wal", f->database);
	(void)file_read(log, 16 << 20, &text, &e);
	free(log);
	assert_int_equal(str_find_text(buf_view(&text), str_from(second)), -1);
	buf_finish(&text);
}

static void hello_is_checked(void **state)
{
	struct fixture *f = *state;
	struct queue_agent *a = fixture_agent(f, "one", false, NULL, NULL);
	struct hello hello = {.protocol = PROTOCOL_VERSION + 2,
		.version = "9",
		.clock = f->now,
		.slots = 1,
		.capabilities = {.os = "linux", .arch = "x86_64"}};
	int code = 1;
	queue_hello(f->queue, a, &hello, on_code, &code);
	fixture_settle(f);
	assert_int_equal(code, ERR_UNSUPPORTED);
	hello.protocol = PROTOCOL_VERSION;
	hello.clock = f->now - 61000;
	queue_hello(f->queue, a, &hello, on_code, &code);
	fixture_settle(f);
	assert_int_equal(code, ERR_CONFLICT);
	hello.clock = f->now - 59000;
	queue_hello(f->queue, a, &hello, on_code, &code);
	fixture_settle(f);
	assert_int_equal(code, 0);
	static const int64_t absurd[] = {0, -1, PROTOCOL_SLOTS + 1, INT64_MAX};
	for (size_t i = 0; i < sizeof(absurd) / sizeof(*absurd); i++) {
		hello.slots = absurd[i];
		queue_hello(f->queue, a, &hello, on_code, &code);
		fixture_settle(f);
		assert_int_equal(code, ERR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(log_becomes_a_blob_and_a_reason, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lie_is_a_fault_and_no_fact, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_results_change_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(uploads_resume_and_are_hashed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(slow_writer_gets_no_new_work, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_lease_sends_no_more_than_its_share, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tokens_are_bound_and_revocable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(hello_is_checked, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
