/* Canaries: no job before one passed, quarantine by one that failed, release by one that passes or by
 * hand; what is remembered, and for whom. */
#include "fixture.h"

#include "coordinator/queue/parts.h"
#include "coordinator/store/agent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct scene {
	struct fixture farm;
	struct arena arena;
	struct queue_canary canary;
	char fence[80];
	int64_t job;
	int code;
};

static int set_up(void **state)
{
	struct scene *s = MEM_NEW(struct scene);
	fixture_canary(&s->arena, "zig", &s->canary);
	fixture_init(&s->farm, NULL);
	s->farm.canaries = &s->canary;
	s->farm.canary_count = 1;
	fixture_start(&s->farm);
	struct fixture_job job = {.name = "a", .toolchain = "zig"};
	fixture_add(&s->farm, &job);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;
	fixture_stop(&s->farm);
	fixture_finish(&s->farm);
	arena_finish(&s->arena);
	free(s);
	return 0;
}

static void on_lease(void *user, int code, const struct queue_grant *grant, const struct err *e)
{
	struct scene *s = user;
	s->code = code;
	s->job = 0;
	if (code == 0) {
		struct arena arena = {0};
		struct lease lease = {0};
		struct err why = {0};
		s->job = grant->job;
		snprintf(s->fence, sizeof(s->fence), "%s", grant->fence);
		if (message_read(grant->json, lease_fields, "lease", &lease, &arena, &why) != 0) {
			fail_msg("%s", why.text);
		}
		assert_int_equal(lease.canary, grant->job == QUEUE_CANARY_JOB);
		arena_finish(&arena);
	}
}

/* "canary", "job", or the word of the code. */
static const char *lease_slot(struct scene *s, struct queue_agent *a, int64_t slot)
{
	struct lease_request request = {.slot = slot};
	s->code = 1;
	queue_lease(s->farm.queue, a, &request, on_lease, s);
	assert_int_equal(s->code, 1); /* never before it returns */
	fixture_settle(&s->farm);
	return s->code != 0              ? fixture_code_word(s->code)
		: s->job == QUEUE_CANARY_JOB ? "canary"
									 : "job";
}

static const char *lease(struct scene *s, struct queue_agent *a)
{
	return lease_slot(s, a, 0);
}

static void on_code(void *user, int code, const struct queue_grant *grant, const struct err *e)
{
	*(int *)user = code;
}

static void end(struct scene *s, struct queue_agent *a, const char *state, const char *stage,
	const char *reason)
{
	int code = 1;
	char *json = fixture_result(s->fence, state, stage, reason);
	queue_result(s->farm.queue, a, str_from(json), -1, on_code, &code);
	fixture_settle(&s->farm);
	assert_int_equal(code, 0);
	free(json);
}

static void on_beat(void *user, int code, const struct heartbeat_reply *reply, const struct err *e)
{
	*(int *)user = code;
}

/* The agent's row: its state, and why. */
static void row_is(struct scene *s, const char *name, enum store_agent_state state, const char *why)
{
	struct store *store = NULL;
	struct arena arena = {0};
	struct store_agent row;
	struct err e = {0};
	assert_int_equal(store_open(s->farm.database, STORE_READ, &store, &e), 0);
	assert_int_equal(store_agent_get(store, name, &arena, &row, &e), 0);
	assert_int_equal(row.state, state);
	if (why == NULL) {
		assert_null(row.why);
	} else {
		assert_non_null(row.why);
		assert_non_null(strstr(row.why, why));
	}
	arena_finish(&arena);
	store_close(store);
}

static void passes_first(void **state)
{
	struct scene *s = *state;
	struct queue_agent *a = fixture_agent(&s->farm, "one", false, "zig", NULL);
	struct err e = {0};
	uint64_t size = 0;
	int code = 1;
	assert_string_equal(lease(s, a), "canary");
	char fence[80];
	memcpy(fence, s->fence, sizeof(fence));
	assert_string_equal(lease_slot(s, a, 1), "nothing"); /* once, and no job meanwhile */
	memcpy(s->fence, fence, sizeof(fence));
	struct heartbeat beat = {.fence = s->fence, .stage = "build"};
	fixture_advance(&s->farm, 50 * 1000);
	queue_heartbeat(s->farm.queue, a, &beat, on_beat, &code);
	fixture_settle(&s->farm);
	assert_int_equal(code, 0);
	fixture_advance(&s->farm, 50 * 1000);
	assert_int_equal(
		queue_log_append(s->farm.queue, a, str_from(s->fence), 0, STR("log\n"), &size, &e), 0);
	end(s, a, "pass", NULL, NULL);
	row_is(s, "one", STORE_AGENT_ACTIVE, NULL);
	assert_string_equal(lease(s, a), "job");
	/* who can do nothing of it is not asked */
	struct queue_agent *b = fixture_agent(&s->farm, "two", false, "other", NULL);
	assert_string_equal(lease(s, b), "nothing");
}

static void failing_is_quarantine(void **state)
{
	struct scene *s = *state;
	struct queue_agent *a = fixture_agent(&s->farm, "one", false, "zig", NULL);
	assert_string_equal(lease(s, a), "canary");
	end(s, a, "fail", "build", "toolchain_missing");
	row_is(s, "one", STORE_AGENT_QUARANTINED, "failed in build: toolchain_missing");
	assert_string_equal(lease(s, a), "nothing");
	fixture_advance(&s->farm, 31 * 1000);
	assert_string_equal(lease(s, a), "canary");
	end(s, a, "fail", "build", "toolchain_missing");
	fixture_advance(&s->farm, 31 * 1000);
	assert_string_equal(lease(s, a), "nothing"); /* the pause grows */
	fixture_advance(&s->farm, 31 * 1000);
	assert_string_equal(lease(s, a), "canary");
	end(s, a, "pass", NULL, NULL);
	row_is(s, "one", STORE_AGENT_ACTIVE, NULL);
	assert_string_equal(lease(s, a), "job");
}

static void proofs_are_kept(void **state)
{
	struct scene *s = *state;
	struct queue_agent *a = fixture_agent(&s->farm, "one", false, "zig", NULL);
	fixture_hello(&s->farm, a, "zig", "first");
	assert_string_equal(lease(s, a), "canary");
	end(s, a, "pass", NULL, NULL);
	fixture_stop(&s->farm);
	fixture_start(&s->farm);
	a = queue_agent_by_name(s->farm.queue, "one");
	fixture_hello(&s->farm, a, "zig", "first");
	assert_string_equal(lease(s, a), "job");
	end(s, a, "pass", NULL, NULL);
	struct fixture_job job = {.name = "b", .toolchain = "zig"};
	fixture_add(&s->farm, &job);
	/* other images, another compiler: that is to be proved */
	fixture_hello(&s->farm, a, "zig", "second");
	assert_string_equal(lease(s, a), "canary");
	end(s, a, "pass", NULL, NULL);
	/* what one agent proved is nothing for another, */
	struct queue_agent *b = fixture_agent(&s->farm, "two", false, NULL, NULL);
	fixture_hello(&s->farm, b, "zig", "second");
	assert_string_equal(lease(s, b), "canary");
	/* but local ones are all this machine */
	struct queue_agent *c = fixture_agent(&s->farm, "local-1", true, NULL, NULL);
	fixture_hello(&s->farm, c, "zig", "second");
	assert_string_equal(lease(s, c), "canary");
	end(s, c, "pass", NULL, NULL);
	struct queue_agent *d = fixture_agent(&s->farm, "local-2", true, NULL, NULL);
	fixture_hello(&s->farm, d, "zig", "second");
	assert_string_equal(lease(s, d), "job");
}

static void faults_need_a_canary(void **state)
{
	struct scene *s = *state;
	struct queue_agent *a = fixture_agent(&s->farm, "one", false, "zig", NULL);
	assert_string_equal(lease(s, a), "canary");
	end(s, a, "pass", NULL, NULL);
	for (int i = 0; i < 2; i++) { /* the fixture's limit is 3, a job bears 3 */
		assert_string_equal(lease(s, a), "job");
		end(s, a, "fail", "build", "host_memory");
		fixture_advance(&s->farm, 200 * 1000);
	}
	assert_string_equal(lease(s, a), "job");
	end(s, a, "fail", "build", "host_memory");
	row_is(s, "one", STORE_AGENT_QUARANTINED, "3 faults of its own in a row");
	struct fixture_job job = {.name = "b", .toolchain = "zig"};
	fixture_add(&s->farm, &job);
	assert_string_equal(lease(s, a), "nothing");
	fixture_advance(&s->farm, 31 * 1000);
	assert_string_equal(lease(s, a), "canary");
	end(s, a, "pass", NULL, NULL);
	row_is(s, "one", STORE_AGENT_ACTIVE, NULL);
	assert_int_equal(a->faults, 0);
	assert_string_equal(lease(s, a), "job");
}

static void on_released(void *user, int code, const struct err *e)
{
	*(int *)user = code;
}

static void released_by_hand(void **state)
{
	struct scene *s = *state;
	int code = 1;
	struct queue_agent *a = fixture_agent(&s->farm, "one", false, "zig", NULL);
	assert_string_equal(lease(s, a), "canary");
	end(s, a, "fail", "build", "toolchain_missing");
	queue_release_agent(s->farm.queue, "one", on_released, &code);
	fixture_settle(&s->farm);
	assert_int_equal(code, 0);
	row_is(s, "one", STORE_AGENT_ACTIVE, NULL);
	assert_string_equal(lease(s, a), "job");
}

static void leaving_is_no_failure(void **state)
{
	struct scene *s = *state;
	struct queue_agent *a = fixture_agent(&s->farm, "one", false, "zig", NULL);
	assert_string_equal(lease(s, a), "canary");
	fixture_advance(&s->farm, 61 * 1000);
	row_is(s, "one", STORE_AGENT_ACTIVE, NULL);
	int code = 1;
	char *json = fixture_result(s->fence, "pass", NULL, NULL);
	queue_result(s->farm.queue, a, str_from(json), -1, on_code, &code);
	fixture_settle(&s->farm);
	assert_int_equal(code, ERR_LEASE_LOST); /* too late is too late */
	free(json);
	fixture_advance(&s->farm, 31 * 1000);
	assert_string_equal(lease(s, a), "canary");
	/* revoked with a canary at work: nothing is left of it */
	queue_revoke_agent(s->farm.queue, "one", on_released, &code);
	fixture_settle(&s->farm);
	assert_int_equal(code, 0);
	assert_int_equal(s->farm.queue->leased, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(passes_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(failing_is_quarantine, set_up, tear_down),
		cmocka_unit_test_setup_teardown(proofs_are_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(faults_need_a_canary, set_up, tear_down),
		cmocka_unit_test_setup_teardown(released_by_hand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(leaving_is_no_failure, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
