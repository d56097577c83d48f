#include "core/io/file.h"
#include "core/io/process.h"
#include "core/io/process_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct run {
	uv_loop_t loop;
	struct process_spec spec;
	struct process *process;
	struct process_result result;
	struct buf output;
	int ends;
	uint64_t cancel_ms;
};

static void on_output(void *user, struct str piece)
{
	struct run *r = user;
	buf_add_str(&r->output, piece);
}

static void on_end(void *user, const struct process_result *result)
{
	struct run *r = user;
	r->result = *result;
	r->ends++;
}

static void on_cancel(uv_timer_t *timer)
{
	struct run *r = timer->data;
	process_cancel(r->process);
	process_cancel(r->process); /* twice is once */
	assert_int_equal(r->ends, 0);
}

static const char *const env[] = {"PATH=/usr/bin:/bin", "GREETING=hello", NULL};

static void run_argv(struct run *r, const char *const *argv)
{
	uv_timer_t timer;
	uv_loop_init(&r->loop);
	r->spec.argv = argv;
	r->spec.env = env;
	r->spec.name = "unit-test";
	r->spec.on_output = on_output;
	r->spec.on_end = on_end;
	r->spec.user = r;
	uv_timer_init(&r->loop, &timer);
	timer.data = r;
	r->process = process_start(&r->loop, &r->spec);
	assert_int_equal(r->ends, 0);
	if (r->cancel_ms != 0) {
		uv_timer_start(&timer, on_cancel, r->cancel_ms, 0);
	}
	uv_unref((uv_handle_t *)&timer);
	uv_run(&r->loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&r->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&r->loop), 0);
	assert_int_equal(r->ends, 1);
	buf_reserve(&r->output, 0);
	r->output.p[r->output.n] = '\0';
}

static void run_shell(struct run *r, const char *script)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	run_argv(r, argv);
}

static struct run new_run(void)
{
	return (struct run){
		.spec = {.uid = -1, .gid = -1, .limits = {.wall_ms = 20000, .memory_bytes = 256 << 20}}};
}

static void finish(struct run *r)
{
	buf_finish(&r->output);
}

static bool has_group(const struct run *r, const char *what)
{
	char *text = str_format("%s(cgroup", what);
	bool there = strstr(r->result.limits_in_force, text) != NULL;
	free(text);
	return there;
}

static void test_exit_and_output(void **state)
{
	struct run r = new_run();
	r.spec.cwd = "/usr";
	run_shell(&r, "echo $GREETING; pwd; echo err >&2; cat; echo $HOME; exit 3");
	assert_int_equal(r.result.end, PROCESS_EXITED);
	assert_int_equal(r.result.exit_code, 3);
	assert_string_equal(r.output.p, "hello\n/usr\nerr\n\n");
	assert_true(r.result.usage.wall_s > 0 && r.result.usage.wall_s < 25);
	assert_true(r.result.usage.peak_memory > 0);
	assert_non_null(strstr(r.result.limits_in_force, "wall"));
	assert_null(strstr(r.result.limits_in_force, "idle"));
	finish(&r);
}

static void test_signaled(void **state)
{
	struct run r = new_run();
	run_shell(&r, "kill -SEGV $$");
	assert_int_equal(r.result.end, PROCESS_SIGNALED);
	assert_int_equal(r.result.signal, SIGSEGV);
	finish(&r);
}

static void test_not_started(void **state)
{
	static const char *const none[] = {"no-such-program", NULL};
	static const char *const folder[] = {"/usr", NULL};
	struct run r = new_run();
	run_argv(&r, none);
	assert_int_equal(r.result.end, PROCESS_NOT_STARTED);
	assert_int_equal(r.result.code, -ENOENT);
	assert_non_null(strstr(r.result.text, "no-such-program: it cannot be run"));
	finish(&r);
	r = new_run();
	run_argv(&r, folder);
	assert_int_equal(r.result.code, -EACCES);
	finish(&r);
	r = new_run();
	r.spec.cwd = "/no/such/folder";
	run_shell(&r, "true");
	assert_int_equal(r.result.end, PROCESS_NOT_STARTED);
	assert_non_null(strstr(r.result.text, "folder"));
	finish(&r);
}

static void test_descriptors_are_not_inherited(void **state)
{
	int leaked = dup(2);
	struct run r = new_run();
	run_shell(&r, "ls /proc/self/fd | wc -l");
	close(leaked);
	assert_string_equal(r.output.p, "4\n"); /* 0, 1, 2 and that of the folder itself */
	finish(&r);
}

static void test_wall(void **state)
{
	struct run r = new_run();
	r.spec.limits.wall_ms = 200;
	run_shell(&r, "trap '' TERM INT; sleep 30; sleep 30");
	assert_int_equal(r.result.end, PROCESS_WALL);
	assert_true(r.result.usage.wall_s >= 0.2 && r.result.usage.wall_s < 25);
	finish(&r);
}

static void test_idle(void **state)
{
	struct run r = new_run();
	r.spec.limits.idle_ms = 400;
	run_shell(&r, "for i in 1 2 3 4; do echo $i; sleep 0.2; done; sleep 30");
	assert_int_equal(r.result.end, PROCESS_IDLE);
	assert_string_equal(r.output.p, "1\n2\n3\n4\n");
	assert_true(r.result.usage.wall_s >= 0.9 && r.result.usage.wall_s < 25);
	finish(&r);
}

static void test_cancel(void **state)
{
	struct run r = new_run();
	r.cancel_ms = 100;
	run_shell(&r, "sleep 30");
	assert_int_equal(r.result.end, PROCESS_CANCELLED);
	assert_true(r.result.usage.wall_s < 25);
	finish(&r);
}

static void test_endless_output(void **state)
{
	struct run r = new_run();
	r.spec.limits.wall_ms = 500;
	r.spec.limits.log_bytes = 64 * 1024;
	run_shell(&r, "echo first; yes endless");
	assert_int_equal(r.result.end, PROCESS_WALL);
	assert_true(r.output.n > 48 * 1024 && r.output.n < 65 * 1024);
	assert_true(str_starts(buf_view(&r.output), "first\nendless\n"));
	assert_non_null(strstr(r.output.p, "\n[… "));
	assert_non_null(strstr(r.output.p, " bytes cut …]\nendless\n"));
	finish(&r);
}

static void test_too_much_output(void **state)
{
	struct run r = new_run();
	r.spec.limits.log_bytes = 64 * 1024;
	r.spec.limits.output_bytes = 8 << 20;
	run_shell(&r, "echo first; yes endless");
	assert_int_equal(r.result.end, PROCESS_OUTPUT);
	assert_true(r.output.n > 48 * 1024 && r.output.n < 65 * 1024);
	assert_non_null(strstr(r.result.limits_in_force, " output "));
	finish(&r);
}

/* The process named in a file, if it lives: one that is dead may wait for init to notice. */
static int64_t alive(const char *path)
{
	struct buf text = {0};
	uint64_t pid;
	assert_int_equal(file_read(path, 100, &text, NULL), 0);
	assert_true(str_to_u64(str_trim(buf_view(&text)), &pid));
	char *stat_path = str_format("/proc/%d/stat", (int)pid);
	buf_clear(&text);
	bool there = file_read(stat_path, 4096, &text, NULL) == 0 && strstr(text.p, ") Z ") == NULL;
	free(stat_path);
	buf_finish(&text);
	return there ? (int64_t)pid : 0;
}

/* A child in the background that holds the output open, in the group and in a session of its own. */
static void test_daemonised_child(void **state)
{
	for (size_t i = 0; i < 2; i++) {
		char path[] = "/tmp/wheelfarm-process-XXXXXX";
		close(mkstemp(path));
		char *script = str_format(i == 0 ? "sleep 60 & echo $! > %s; echo started"
										 : "setsid sh -c 'echo $$ > %s; exec sleep 60' &"
										   " sleep 0.3; echo started",
			path);
		struct run r = new_run();
		run_shell(&r, script);
		assert_int_equal(r.result.end, PROCESS_EXITED);
		assert_int_equal(r.result.exit_code, 0);
		assert_string_equal(r.output.p, "started\n");
		assert_true(r.result.usage.wall_s < 25);
		int64_t pid = alive(path);
		if (i == 0 || has_group(&r, "tree")) {
			assert_int_equal(pid, 0);
		} else if (pid != 0) {
			kill((pid_t)pid, SIGKILL);
		}
		unlink(path);
		free(script);
		finish(&r);
	}
}

static void test_fork_bomb(void **state)
{
	struct run r = new_run();
	r.spec.limits.pids = 50;
	r.spec.limits.wall_ms = 2000;
	if (geteuid() == 0) {
		r.spec.uid = 64999;
	}
	run_shell(&r, "bomb() { bomb | bomb & }; bomb; sleep 60");
	if (strstr(r.result.limits_in_force, "pids(") == NULL) {
		finish(&r);
		skip();
	}
	assert_true(r.result.end == PROCESS_WALL || r.result.end == PROCESS_EXITED);
	assert_true(r.result.usage.wall_s < 50); /* not the 60 s that it wanted to sleep */
	finish(&r);
}

static void test_memory_bomb(void **state)
{
	struct run r = new_run();
	r.spec.limits.memory_bytes = 64 << 20;
	run_shell(&r, "exec python3 -c 'x = bytearray(512 << 20); print(len(x))'");
	if (has_group(&r, "memory")) {
		assert_int_equal(r.result.end, PROCESS_MEMORY);
		assert_true(r.result.usage.peak_memory > 32 << 20);
		assert_true(r.result.usage.peak_memory <= 65 << 20);
	} else {
		assert_true(r.result.end == PROCESS_EXITED && r.result.exit_code != 0);
	}
	finish(&r);
}

static void test_file_size(void **state)
{
	char path[] = "/tmp/wheelfarm-process-XXXXXX";
	close(mkstemp(path));
	char *script = str_format("head -c 1000000 /dev/zero > %s", path);
	struct run r = new_run();
	r.spec.limits.file_bytes = 1000;
	run_shell(&r, script);
	assert_true(r.result.end == PROCESS_SIGNALED || r.result.exit_code != 0);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 1000);
	unlink(path);
	free(script);
	finish(&r);
}

static void test_cpu_of_tree(void **state)
{
	struct run r = new_run();
	run_shell(&r, "(i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done) & wait");
	assert_int_equal(r.result.end, PROCESS_EXITED);
	assert_true(r.result.usage.cpu_s > 0.02 && r.result.usage.cpu_s < 20);
	finish(&r);
}

static void test_uid(void **state)
{
	if (geteuid() != 0) {
		skip();
	}
	struct run r = new_run();
	r.spec.uid = 64999;
	r.spec.gid = 64998;
	run_shell(&r, "id -u; id -g; id -G; id -ru; touch /etc/x-wheelfarm 2>/dev/null || echo denied");
	assert_string_equal(r.output.p, "64999\n64998\n64998\n64999\ndenied\n");
	finish(&r);
}

/* An agent that was killed leaves its build's children behind; the next one ends them. */
static void test_leftovers_of_killed_run(void **state)
{
	char path[] = "/tmp/wheelfarm-process-XXXXXX";
	close(mkstemp(path));
	pid_t agent = fork();
	if (agent == 0) {
		struct run r = new_run();
		char *script = str_format("setsid sh -c 'echo $$ > %s; exec sleep 60' & sleep 60", path);
		run_shell(&r, script);
		_exit(1);
	}
	struct stat st = {0};
	for (int i = 0; i < 500 && (stat(path, &st) != 0 || st.st_size == 0); i++) {
		usleep(10000);
	}
	kill(agent, SIGKILL);
	waitpid(agent, NULL, 0);
	int64_t pid = alive(path);
	assert_true(pid != 0);
	struct run r = new_run();
	run_shell(&r, "sleep 0.3");
	if (has_group(&r, "tree")) {
		assert_int_equal(alive(path), 0);
	} else {
		kill((pid_t)pid, SIGKILL);
	}
	unlink(path);
	finish(&r);
	r = new_run();
	run_shell(&r, "true"); /* takes the empty group away */
	finish(&r);
}

/* Two at a time under one name are two groups. */
static void test_same_name_twice(void **state)
{
	struct run a = new_run();
	struct run b = new_run();
	const char *const argv[] = {"sh", "-c", "sleep 0.2; echo done", NULL};
	uv_loop_t loop;
	uv_loop_init(&loop);
	struct run *both[] = {&a, &b};
	for (int i = 0; i < 2; i++) {
		both[i]->spec.argv = argv;
		both[i]->spec.env = env;
		both[i]->spec.name = "unit-test";
		both[i]->spec.on_output = on_output;
		both[i]->spec.on_end = on_end;
		both[i]->spec.user = both[i];
		process_start(&loop, &both[i]->spec);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(both[i]->result.end, PROCESS_EXITED);
		assert_string_equal(both[i]->output.p, "done\n");
		finish(both[i]);
	}
}

static void test_no_groups_left(void **state)
{
	static const char *const folders[] = {"/sys/fs/cgroup/cpuacct/wheelfarm",
		"/sys/fs/cgroup/pids/wheelfarm", "/sys/fs/cgroup/wheelfarm"};
	for (size_t i = 0; i < 3; i++) {
		char *path = file_join(folders[i], "unit-test");
		assert_int_equal(access(path, F_OK), -1);
		free(path);
	}
}

static void test_log_limit(void **state)
{
	struct run r = {0};
	struct process_log l;
	process_log_init(&l, 40, on_output, &r);
	for (int i = 0; i < 10; i++) {
		char line[16];
		snprintf(line, sizeof(line), "line %d\n", i);
		process_log_add(&l, str_from(line));
	}
	process_log_end(&l);
	/* 30 bytes of head, the last 10 of 70; "8\n" of them goes with its broken line */
	assert_string_equal(
		r.output.p, "line 0\nline 1\nline 2\nline 3\nli\n[… 33 bytes cut …]\nline 9\n");
	buf_clear(&r.output);
	process_log_init(&l, 40, on_output, &r);
	process_log_add(&l, STR("0123456789012345678901234567890123456789"));
	process_log_end(&l);
	assert_string_equal(r.output.p, "0123456789012345678901234567890123456789");
	buf_clear(&r.output);
	process_log_init(&l, 8, on_output, &r);
	process_log_add(&l, STR("0123456789012345678901234567890123456789"));
	process_log_end(&l);
	assert_string_equal(r.output.p, "012345\n[… 32 bytes cut …]\n89");
	finish(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log_limit),
		cmocka_unit_test(test_exit_and_output),
		cmocka_unit_test(test_signaled),
		cmocka_unit_test(test_not_started),
		cmocka_unit_test(test_descriptors_are_not_inherited),
		cmocka_unit_test(test_wall),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_endless_output),
		cmocka_unit_test(test_too_much_output),
		cmocka_unit_test(test_daemonised_child),
		cmocka_unit_test(test_fork_bomb),
		cmocka_unit_test(test_memory_bomb),
		cmocka_unit_test(test_file_size),
		cmocka_unit_test(test_cpu_of_tree),
		cmocka_unit_test(test_uid),
		cmocka_unit_test(test_leftovers_of_killed_run),
		cmocka_unit_test(test_same_name_twice),
		cmocka_unit_test(test_no_groups_left),
	};
	return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
