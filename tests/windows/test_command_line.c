/* Words to a command line and back: by the rules as documented (CommandLineToArgvW), and through real
 * programs: our own, cmd.exe, a batch file. */
#include "core/io/command_line_windows.h"
#include "core/io/file.h"
#include "core/io/process.h"
#include "core/posix/include/posix_windows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <shellapi.h>

static const char *const words[] = {"plain", "", "two words", "tab\there", "quote\"inside", "\"",
	"\"\"", "\\", "\\\\", "ends in \\", "ends in \\\\", "\\\"", "\\\\\"", "a\\b",
	"C:\\Program Files\\x\\", "%PATH%", "%", "100%", "a^b", "a&b", "a|b>c<d", "(x)", "!v!", "*?",
	"ü€😀", "--key=value", "a,b;c", "'single'", " leading", "trailing ", "line\nend"};
enum { WORDS = sizeof(words) / sizeof(*words) };

static void test_round_trip(void **state)
{
	const char *argv[WORDS + 2] = {"C:/with space/program.exe"};
	struct buf line = {0};
	int count = 0;
	memcpy(argv + 1, words, sizeof(words));
	assert_int_equal(command_line(argv[0], argv, &line, NULL), 0);
	wchar_t *wide = posix_wide(line.p);
	wchar_t **back = CommandLineToArgvW(wide, &count);
	assert_int_equal(count, WORDS + 1);
	for (int i = 0; i < count; i++) {
		char *text = posix_narrow(back[i], wcslen(back[i]));
		assert_string_equal(text, argv[i]);
		free(text);
	}
	LocalFree(back);
	free(wide);
	buf_finish(&line);
}

static void test_lines(void **state)
{
	static const struct {
		const char *argv[6];
		const char *line;
	} table[] = {
		{{"p.exe", "a", "b c"}, "\"p.exe\" a \"b c\""},
		{{"cmd.exe", "/c", "echo", "a&b"}, "\"cmd.exe\" /s /c \"echo a&b\""},
		{{"C:/x/CMD.EXE", "/d", "/C", "say \"x y\""}, "\"C:/x/CMD.EXE\" /d /s /C \"say \"x y\"\""},
		{{"run.bat", "a b", "50"}, "cmd.exe /d /e:on /v:off /s /c \"\"run.bat\" \"a b\" 50\""},
		{{"run.CMD", "x\"&calc"}, "cmd.exe /d /e:on /v:off /s /c \"\"run.CMD\" \"x\"\"&calc\"\""},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		struct buf line = {0};
		assert_int_equal(command_line(table[i].argv[0], table[i].argv, &line, NULL), 0);
		assert_string_equal(line.p, table[i].line);
		buf_finish(&line);
	}
	static const char *const refused[] = {"two\nlines", "two\rlines", "%PATH%"};
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		const char *const argv[] = {"run.bat", refused[i], NULL};
		struct buf line = {0};
		struct err e = {0};
		assert_int_equal(command_line("run.bat", argv, &line, &e), ERR_INVALID);
		assert_non_null(strstr(e.text, "batch"));
		buf_finish(&line);
	}
}

struct heard {
	struct buf output;
	struct process_result result;
};

static void on_output(void *user, struct str piece)
{
	buf_add_str(&((struct heard *)user)->output, piece);
}

static void on_end(void *user, const struct process_result *result)
{
	((struct heard *)user)->result = *result;
}

static struct heard run(const char *const *argv)
{
	struct heard heard = {0};
	static const char *const env[] = {
		"PATH=C:/windows/system32", "SystemRoot=C:\\windows", "SECRET=expanded", NULL};
	struct process_spec spec = {.argv = argv,
		.env = env,
		.uid = -1,
		.gid = -1,
		.name = "words",
		.limits = {.wall_ms = 60000},
		.on_output = on_output,
		.on_end = on_end,
		.user = &heard};
	uv_loop_t loop;
	uv_loop_init(&loop);
	process_start(&loop, &spec);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	if (heard.result.end == PROCESS_NOT_STARTED) {
		fail_msg("%s", heard.result.text);
	}
	buf_add_char(&heard.output, '\0');
	return heard;
}

static char *beside(const char *name)
{
	static wchar_t self[1024];
	DWORD n = GetModuleFileNameW(NULL, self, 1024);
	while (n != 0 && self[n - 1] != L'\\') {
		n--;
	}
	char *folder = posix_narrow(self, n);
	char *path = str_format("%s%s", folder, name);
	free(folder);
	return path;
}

/* The words as our child prints them: four digits a UTF-16 unit. */
static void add_units(struct buf *out, const char *word)
{
	wchar_t *wide = posix_wide(word);
	for (wchar_t *p = wide; *p != L'\0'; p++) {
		buf_printf(out, "%04x", (unsigned)*p);
	}
	buf_add_char(out, '\n');
	free(wide);
}

static void test_program(void **state)
{
	const char *argv[WORDS + 3] = {beside("child.exe"), "words"};
	struct buf want = {0};
	memcpy(argv + 2, words, sizeof(words));
	for (size_t i = 0; i < WORDS; i++) {
		add_units(&want, words[i]);
	}
	struct heard heard = run(argv);
	assert_string_equal(heard.output.p, want.p);
	buf_finish(&heard.output);
	buf_finish(&want);
	free((char *)argv[0]);
}

/* Nothing in a word makes cmd.exe run another command or expand a variable. */
static void test_batch(void **state)
{
	static const char *const hostile[] = {"a b", "x&echo owned", "\"&echo owned", "^&echo owned",
		"|echo owned", ">owned.txt", "!SECRET!"};
	assert_int_equal(
		file_write_atomic("show words.bat", STR("@echo off\r\necho [%1]\r\nexit /b 4\r\n"), NULL),
		0);
	for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		const char *const argv[] = {"./show words.bat", hostile[i], NULL};
		struct heard heard = run(argv);
		printf("%s -> %s", hostile[i], heard.output.p);
		assert_null(strstr(heard.output.p, "\nowned"));
		assert_null(strstr(heard.output.p, "expanded"));
		buf_finish(&heard.output);
	}
	assert_int_equal(posix_access("owned.txt", 0), -1);
	file_remove_tree("show words.bat", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_batch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
