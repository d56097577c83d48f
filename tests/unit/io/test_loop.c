#include "core/io/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct counts {
	uv_loop_t loop;
	uv_thread_t worked_on;
	int after;
	int worked;
	int done;
	int stopped;
};

static void on_after(void *user)
{
	struct counts *c = user;
	c->after++;
}

static void on_work(void *user)
{
	struct counts *c = user;
	c->worked++;
	c->worked_on = uv_thread_self();
}

static void on_done(void *user)
{
	struct counts *c = user;
	c->done += c->worked;
}

static void test_after_and_work(void **state)
{
	struct counts c = {0};
	uv_loop_init(&c.loop);
	loop_after(&c.loop, 20, on_after, &c);
	loop_after(&c.loop, 0, on_after, &c);
	loop_work(&c.loop, on_work, on_done, &c);
	uv_run(&c.loop, UV_RUN_DEFAULT);
	assert_int_equal(c.after, 2);
	assert_int_equal(c.done, 1);
	uv_thread_t self = uv_thread_self();
	assert_false(uv_thread_equal(&c.worked_on, &self));
	assert_int_equal(uv_loop_close(&c.loop), 0);
}

static void on_stop(struct loop_signals *s, int number)
{
	struct counts *c = s->user;
	c->stopped = number;
	loop_signals_stop(s);
}

static void raise_term(void *user)
{
	raise(SIGTERM);
}

static void test_signal_stops(void **state)
{
	struct counts c = {0};
	struct loop_signals s;
	uv_loop_init(&c.loop);
	assert_int_equal(loop_signals_start(&c.loop, &s, on_stop, &c, NULL), 0);
	loop_after(&c.loop, 0, raise_term, NULL);
	loop_after(&c.loop, 50, on_after, &c);
	uv_run(&c.loop, UV_RUN_DEFAULT);
	assert_int_equal(c.stopped, SIGTERM);
	assert_int_equal(s.open, 0);
	assert_int_equal(uv_loop_close(&c.loop), 0);
}

static void ignore_stop(struct loop_signals *s, int number)
{
}

static void test_second_signal_ends(void **state)
{
	pid_t pid = fork();
	if (pid == 0) {
		uv_loop_t loop;
		struct loop_signals s;
		uv_loop_init(&loop);
		loop_signals_start(&loop, &s, ignore_stop, NULL, NULL);
		loop_after(&loop, 0, raise_term, NULL);
		loop_after(&loop, 50, raise_term, NULL);
		loop_after(&loop, 5000, raise_term, NULL);
		uv_run(&loop, UV_RUN_DEFAULT);
		_exit(1);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 130);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_after_and_work),
		cmocka_unit_test(test_signal_stops),
		cmocka_unit_test(test_second_signal_ends),
	};
	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
