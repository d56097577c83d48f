#include "core/base/mem.h"
#include "core/io/fetch.h"

#include "fetch_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>

static void test_start_from_callbacks(void **state)
{
	for (int in_body = 0; in_body < 2; in_body++) {
		struct get second = get_of(*state, "/gzip");
		struct get first = get_of(*state, "/hello");
		first.request.on_body = get_on_body;
		first.then = &second;
		first.then_in_body = in_body != 0;
		get_run_one(&first);
		assert_int_equal(first.code, 0);
		assert_int_equal(second.ends, 1);
		assert_int_equal(second.code, 0);
		assert_int_equal(second.body.n, 6000);
		get_clean(&first);
		get_clean(&second);
	}
}

static void test_body_refused(void **state)
{
	struct get g = get_of(*state, "/endless");
	g.request.on_body = get_on_body;
	g.body_code = ERR_CORRUPT;
	get_run_one(&g);
	assert_int_equal(g.code, ERR_CORRUPT);
	assert_string_equal(g.text, "enough of it");
	get_clean(&g);
}

static void on_cancel_timer(uv_timer_t *timer)
{
	struct get *g = timer->data;
	fetch_cancel(g->transfer);
	fetch_cancel(g->transfer);
	assert_int_equal(g->ends, 0);
}

static void test_cancel(void **state)
{
	struct get g = get_of(*state, "/endless");
	g.request.on_body = get_on_body;
	g.cancel_in_body = true;
	get_run_one(&g);
	assert_int_equal(g.code, ERR_CANCELLED);
	get_clean(&g);

	uv_loop_t loop;
	uv_loop_init(&loop);
	uv_timer_t timer;
	const struct fetch_options options = {0};
	struct get slow = get_of(*state, "/slow");
	struct get at_once = get_of(*state, "/hello");
	slow.client = at_once.client = fetch_create(&loop, &options);
	get_start(&slow);
	get_start(&at_once);
	fetch_cancel(at_once.transfer); /* before curl knew of it */
	uv_timer_init(&loop, &timer);
	timer.data = &slow;
	uv_timer_start(&timer, on_cancel_timer, 100, 0);
	uint64_t before = uv_hrtime();
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_true(uv_hrtime() - before < 2000000000);
	assert_int_equal(slow.code, ERR_CANCELLED);
	assert_int_equal(at_once.code, ERR_CANCELLED);
	uv_close((uv_handle_t *)&timer, NULL);
	fetch_destroy(slow.client);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	get_clean(&slow);
	get_clean(&at_once);
}

static void test_destroy(void **state)
{
	uv_loop_t loop;
	uv_loop_init(&loop);
	const struct fetch_options options = {0};
	struct get slow = get_of(*state, "/slow");
	slow.client = fetch_create(&loop, &options);
	get_start(&slow);
	for (int i = 0; i < 20; i++) {
		uv_run(&loop, UV_RUN_NOWAIT);
	}
	fetch_destroy(slow.client);
	assert_int_equal(slow.ends, 1);
	assert_int_equal(slow.code, ERR_CANCELLED);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	get_clean(&slow);
	/* from inside its own callbacks */
	struct get g = get_of(*state, "/endless");
	g.request.on_body = get_on_body;
	g.destroy_in_body = true;
	get_run_one(&g);
	assert_int_equal(g.code, ERR_CANCELLED);
	get_clean(&g);
	struct get a = get_of(*state, "/hello");
	struct get b = get_of(*state, "/slow");
	a.destroy_in_end = true;
	get_run((struct get *[]){&a, &b}, 2);
	assert_int_equal(a.code, 0);
	assert_int_equal(b.code, ERR_CANCELLED);
	get_clean(&a);
	get_clean(&b);
}

static void test_many(void **state)
{
	enum { MANY = 600 };
	struct get *gets[MANY];
	for (int i = 0; i < MANY; i++) {
		gets[i] = MEM_NEW(struct get);
		*gets[i] = get_of(*state, i % 3 == 0 ? "/gzip" : "/hello");
	}
	get_run(gets, MANY);
	for (int i = 0; i < MANY; i++) {
		if (gets[i]->code != 0) {
			fail_msg("%d: %s", i, gets[i]->text);
		}
		assert_int_equal(gets[i]->body.n, i % 3 == 0 ? 6000 : 5);
		get_clean(gets[i]);
		free(gets[i]);
	}
}

int main(void)
{
	/* a proxy of the environment is not for loopback */
	setenv("no_proxy", "127.0.0.1", 1);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start_from_callbacks),
		cmocka_unit_test(test_body_refused),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_destroy),
		cmocka_unit_test(test_many),
	};
	return cmocka_run_group_tests_name(
		"fetch_life", tests, fixture_start_server, fixture_stop_server);
}
