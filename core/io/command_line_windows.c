#include "core/io/command_line_windows.h"

#include <string.h>

/* "Parsing C++ command-line arguments": backslashes count only before a quote, where each is written
 * twice, and the quote itself has one before it. */
static void add_quoted(struct buf *out, const char *word)
{
	if (word[0] != '\0' && strpbrk(word, " \t\n\v\"") == NULL) {
		buf_add_text(out, word);
		return;
	}
	size_t slashes = 0;
	buf_add_char(out, '"');
	for (const char *p = word;; p++) {
		if (*p == '\\') {
			slashes++;
			continue;
		}
		size_t n = *p == '"' ? 2 * slashes + 1 : *p == '\0' ? 2 * slashes : slashes;
		for (; n != 0; n--) {
			buf_add_char(out, '\\');
		}
		slashes = 0;
		if (*p == '\0') {
			break;
		}
		buf_add_char(out, *p);
	}
	buf_add_char(out, '"');
}

/* cmd.exe expands %NAME% inside quotes too, and no escape is documented: refused. A quote is written twice. */
static int add_for_batch(struct buf *out, const char *word, struct err *e)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
								"#$*+-./:?@_";
	size_t n = strlen(word);
	if (strpbrk(word, "\r\n%") != NULL) {
		return err_set(e, ERR_INVALID, "'%s': a batch file is given no line's end and no %%", word);
	}
	if (n != 0 && strspn(word, plain) == n) {
		buf_add_text(out, word);
		return 0;
	}
	size_t slashes = 0;
	buf_add_char(out, '"');
	for (const char *p = word; *p != '\0'; p++) {
		if (*p == '"') {
			for (; slashes != 0; slashes--) {
				buf_add_char(out, '\\');
			}
			buf_add_text(out, "\"\"");
		} else {
			buf_add_char(out, *p);
		}
		slashes = *p == '\\' ? slashes + 1 : 0;
	}
	for (; slashes != 0; slashes--) {
		buf_add_char(out, '\\');
	}
	buf_add_char(out, '"');
	return 0;
}

enum command_line_kind command_line_kind_of(const char *program)
{
	struct str path = str_from(program);
	size_t from = path.n;
	while (from != 0 && path.p[from - 1] != '/' && path.p[from - 1] != '\\') {
		from--;
	}
	struct str name = str_slice(path, from, path.n);
	ptrdiff_t dot = str_find_last(name, '.');
	struct str ending = dot < 0 ? (struct str){0} : str_slice(name, (size_t)dot, name.n);
	if (str_equal_nocase(ending, STR(".bat")) || str_equal_nocase(ending, STR(".cmd"))) {
		return COMMAND_LINE_BATCH;
	}
	return str_equal_nocase(name, STR("cmd.exe")) ? COMMAND_LINE_CMD : COMMAND_LINE_PROGRAM;
}

static void add_for_cmd(struct buf *out, const char *const *argv)
{
	for (; *argv != NULL; argv++) {
		struct str word = str_from(*argv);
		if (str_equal_nocase(word, STR("/c")) || str_equal_nocase(word, STR("/k"))) {
			buf_printf(out, " /s %s \"", *argv);
			for (argv++; *argv != NULL; argv++) {
				buf_printf(out, "%s%s", *argv, argv[1] != NULL ? " " : "");
			}
			buf_add_char(out, '"');
			return;
		}
		buf_add_char(out, ' ');
		add_quoted(out, *argv);
	}
}

int command_line(const char *program, const char *const *argv, struct buf *out, struct err *e)
{
	enum command_line_kind kind = command_line_kind_of(program);
	int code = 0;
	if (kind == COMMAND_LINE_BATCH) {
		/* /d: no AutoRun of the registry; /v:off: no !NAME!; the outer quotes are what /s takes away */
		buf_printf(out, "cmd.exe /d /e:on /v:off /s /c \"\"%s\"", program);
		for (argv++; *argv != NULL && code == 0; argv++) {
			buf_add_char(out, ' ');
			code = add_for_batch(out, *argv, e);
		}
		buf_add_char(out, '"');
		return code;
	}
	/* the program's own name is read by other rules: quotes alone, and it has none */
	buf_printf(out, "\"%s\"", argv[0]);
	if (kind == COMMAND_LINE_CMD) {
		add_for_cmd(out, argv + 1);
		return 0;
	}
	for (argv++; *argv != NULL; argv++) {
		buf_add_char(out, ' ');
		add_quoted(out, *argv);
	}
	return 0;
}
