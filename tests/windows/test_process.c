/* The process layer of Windows: see tests/unit/io/test_process.c for that of Linux. */
#include "core/io/file.h"
#include "core/io/process.h"
#include "core/posix/include/posix_windows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

struct run {
	uv_loop_t loop;
	struct process_spec spec;
	struct process *process;
	struct process_result result;
	struct buf output;
	int ends;
	uint64_t cancel_ms;
};

static char *child; /* child.exe, beside this program */
static char *path_entry; /* "PATH=…" */
static const char *env[] = {NULL, "GREETING=hello", NULL, NULL};

static void on_output(void *user, struct str piece)
{
	struct run *r = user;
	buf_add_str(&r->output, piece);
	if (r->spec.limits.wall_ms == 0) {
		fwrite(piece.p, 1, piece.n, stdout); /* of hang(): somebody waits for it */
		fflush(stdout);
	}
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

static void run_child(struct run *r, const char *what, const char *argument)
{
	const char *const argv[] = {child, what, argument, NULL};
	run_argv(r, argv);
}

static struct run new_run(void)
{
	/* starting anything takes Wine a while */
	return (struct run){.spec = {.uid = -1, .gid = -1, .limits = {.wall_ms = 60000}}};
}

static void finish(struct run *r)
{
	buf_finish(&r->output);
}

static void test_exit_code(void **state)
{
	struct run r = new_run();
	run_child(&r, "exit", "3");
	assert_int_equal(r.result.end, PROCESS_EXITED);
	assert_int_equal(r.result.exit_code, 3);
	assert_true(r.result.usage.wall_s > 0);
	assert_non_null(strstr(r.result.limits_in_force, "wall"));
	assert_null(strstr(r.result.limits_in_force, "idle"));
	assert_non_null(strstr(r.result.limits_in_force, "tree(job)"));
	finish(&r);
}

static void test_order_of_output(void **state)
{
	struct run r = new_run();
	run_child(&r, "order", NULL);
	struct buf want = {0};
	for (int i = 0; i < 200; i++) {
		buf_printf(&want, "line %d\n", i);
	}
	assert_string_equal(r.output.p, want.p);
	buf_finish(&want);
	finish(&r);
}

static void test_nothing_to_read(void **state)
{
	struct run r = new_run();
	run_child(&r, "read", NULL);
	assert_string_equal(r.output.p, "-1\n");
	finish(&r);
}

static void test_shell(void **state)
{
	static const char *const script[] = {
		"cmd", "/c", "echo %GREETING% & echo \"two words\" & exit 5", NULL};
	struct run r = new_run();
	run_argv(&r, script);
	assert_int_equal(r.result.exit_code, 5);
	assert_string_equal(r.output.p, "hello \r\n\"two words\" \r\n");
	finish(&r);
}

static void test_environment(void **state)
{
	struct run r = new_run();
	env[2] = "greeting=later wins";
	run_child(&r, "variables", NULL);
	env[2] = NULL;
	assert_non_null(strstr(r.output.p, "greeting=later wins\n"));
	assert_null(strstr(r.output.p, "=hello\n"));
	assert_null(strstr(r.output.p, "WINEPREFIX="));
	finish(&r);
}

static void test_handles_are_not_inherited(void **state)
{
	SECURITY_ATTRIBUTES inherit = {.nLength = sizeof(inherit), .bInheritHandle = TRUE};
	HANDLE leaked = CreateFileW(L"leaked.txt", GENERIC_READ | GENERIC_WRITE, 7, &inherit,
		CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
	DWORD n;
	assert_true(leaked != INVALID_HANDLE_VALUE && WriteFile(leaked, "!", 1, &n, NULL));
	struct run r = new_run();
	run_child(&r, "handles", NULL);
	assert_string_equal(r.output.p, "0\n");
	CloseHandle(leaked);
	finish(&r);
}

static void test_crash(void **state)
{
	struct run r = new_run();
	run_child(&r, "crash", "8");
	assert_int_equal(r.result.end, PROCESS_SIGNALED);
	assert_int_equal(r.result.signal, SIGSEGV);
	finish(&r);
}

static void test_not_started(void **state)
{
	static const char *const none[] = {"no-such-program", NULL};
	static const char *const folder[] = {"C:/windows", NULL};
	struct run r = new_run();
	run_argv(&r, none);
	assert_int_equal(r.result.end, PROCESS_NOT_STARTED);
	assert_int_equal(r.result.code, -ENOENT);
	assert_non_null(strstr(r.result.text, "no-such-program: it cannot be run: "));
	finish(&r);
	r = new_run();
	run_argv(&r, folder);
	assert_int_equal(r.result.end, PROCESS_NOT_STARTED);
	assert_int_equal(r.result.code, -EACCES);
	finish(&r);
	r = new_run();
	r.spec.cwd = "C:/no/such/folder";
	run_child(&r, "exit", "0");
	assert_int_equal(r.result.end, PROCESS_NOT_STARTED);
	assert_non_null(strstr(r.result.text, "folder"));
	finish(&r);
	r = new_run();
	assert_int_equal(file_write_atomic("no-program.exe", STR("nothing\n"), NULL), 0);
	static const char *const text[] = {"./no-program.exe", NULL};
	run_argv(&r, text);
	assert_int_equal(r.result.end, PROCESS_NOT_STARTED);
	assert_int_equal(r.result.code, -ENOEXEC);
	file_remove_tree("no-program.exe", NULL);
	finish(&r);
}

static void test_wall(void **state)
{
	struct run r = new_run();
	r.spec.limits.wall_ms = 1500;
	run_child(&r, "sleep", "60000");
	assert_int_equal(r.result.end, PROCESS_WALL);
	assert_true(r.result.usage.wall_s >= 1.5 && r.result.usage.wall_s < 30);
	finish(&r);
}

static void test_idle(void **state)
{
	struct run r = new_run();
	r.spec.limits.idle_ms = 2500;
	run_child(&r, "sleep", "60000");
	assert_int_equal(r.result.end, PROCESS_IDLE);
	assert_true(r.result.usage.wall_s < 30);
	finish(&r);
}

static void test_cancel(void **state)
{
	struct run r = new_run();
	r.cancel_ms = 500;
	run_child(&r, "sleep", "60000");
	assert_int_equal(r.result.end, PROCESS_CANCELLED);
	assert_true(r.result.usage.wall_s < 30);
	finish(&r);
}

static void test_flood(void **state)
{
	struct run r = new_run();
	r.spec.limits.log_bytes = 64 * 1024;
	r.spec.limits.output_bytes = 4 << 20;
	run_child(&r, "flood", NULL);
	assert_int_equal(r.result.end, PROCESS_OUTPUT);
	assert_true(r.output.n > 40 * 1024 && r.output.n < 70 * 1024);
	assert_non_null(strstr(r.output.p, " bytes cut …]\n"));
	finish(&r);
}

/* It wanted to break away, has a console and a group of its own, and its parent is gone. */
static void test_grandchild_is_gone(void **state)
{
	struct run r = new_run();
	run_child(&r, "leave", NULL);
	assert_int_equal(r.result.end, PROCESS_EXITED);
	assert_int_equal(r.result.exit_code, 0);
	assert_true(r.result.usage.wall_s < 30);
	DWORD pid = strtoul(r.output.p, NULL, 10);
	assert_true(pid != 0);
	HANDLE left = OpenProcess(SYNCHRONIZE, FALSE, pid);
	assert_true(left == NULL || WaitForSingleObject(left, 0) == WAIT_OBJECT_0);
	if (left != NULL) {
		CloseHandle(left);
	}
	finish(&r);
}

static void test_usage(void **state)
{
	struct run r = new_run();
	run_child(&r, "spin", "500");
	assert_true(r.result.usage.cpu_s > 0.02 && r.result.usage.cpu_s < 30);
	printf("memory: %llu\n", (unsigned long long)r.result.usage.peak_memory); /* Wine knows none */
	finish(&r);
}

/* Limits that the system says it has are in force; which those are, Windows alone shows. */
static void test_job_limits(void **state)
{
	struct run r = new_run();
	r.spec.limits.memory_bytes = 512 << 20;
	r.spec.limits.pids = 8;
	run_child(&r, "exit", "0");
	assert_int_equal(r.result.end, PROCESS_EXITED);
	printf("in force: %s\n", r.result.limits_in_force);
	finish(&r);
}

/* Not longer than 260 characters: from such a path Wine 8.0 starts no program. */
static void test_foreign_names(void **state)
{
	struct run r = new_run();
	struct err e = {0};
	file_remove_tree("grün 日本 😀", NULL); /* of a run that failed */
	assert_int_equal(file_make_folders("grün 日本 😀", &e), 0);
	assert_int_equal(file_copy(child, "grün 日本 😀/Ж.exe", 0755, &e), 0);
	r.spec.cwd = "grün 日本 😀";
	const char *const argv[] = {"./grün 日本 😀/Ж.exe", "words", "é", NULL};
	run_argv(&r, argv);
	assert_int_equal(r.result.end, PROCESS_EXITED);
	assert_string_equal(r.output.p, "00e9\n");
	assert_int_equal(file_remove_tree("grün 日本 😀", &e), 0);
	finish(&r);
}

static void test_folder(void **state)
{
	struct run r = new_run();
	r.spec.cwd = "C:/windows";
	run_child(&r, "folder", NULL);
	assert_non_null(strstr(r.output.p, "indows"));
	finish(&r);
}

/* Until somebody kills us: what we started must go with us. */
static int hang(void)
{
	struct run r = new_run();
	r.spec.limits.wall_ms = 0;
	run_child(&r, "sleep", "600000");
	return 1;
}

int main(int argc, char **argv)
{
	static wchar_t self[1024];
	DWORD n = GetModuleFileNameW(NULL, self, 1024);
	while (n != 0 && self[n - 1] != L'\\') {
		n--;
	}
	char *folder = posix_narrow(self, n);
	child = str_format("%schild.exe", folder);
	path_entry = str_dup(STR("PATH=C:/windows/system32;C:/windows"));
	env[0] = path_entry;
	if (argc == 2 && strcmp(argv[1], "hang") == 0) {
		return hang();
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exit_code),
		cmocka_unit_test(test_order_of_output),
		cmocka_unit_test(test_nothing_to_read),
		cmocka_unit_test(test_shell),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_handles_are_not_inherited),
		cmocka_unit_test(test_crash),
		cmocka_unit_test(test_not_started),
		cmocka_unit_test(test_wall),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_grandchild_is_gone),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_job_limits),
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_foreign_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
