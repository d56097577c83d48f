/* What core/io/json.h hears of texts, for tests/e2e/test_json_differential.py: a line of digits in, a
 * line out. Each text is a line of hexadecimal digits. The answer is "bad", or its events: brackets,
 * t, f and 0 for the words, n and the number, s or k and the string or key in hexadecimal digits. */
#include "core/base/mem.h"
#include "core/io/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int on_object_begin(void *user, struct err *e)
{
	buf_add_text(user, " {");
	return 0;
}

static int on_object_end(void *user, struct err *e)
{
	buf_add_text(user, " }");
	return 0;
}

static int on_array_begin(void *user, struct err *e)
{
	buf_add_text(user, " [");
	return 0;
}

static int on_array_end(void *user, struct err *e)
{
	buf_add_text(user, " ]");
	return 0;
}

static void add_hex(struct buf *out, char kind, struct str text)
{
	if (text.p[text.n] != '\0') {
		mem_bug("a string of JSON does not end in a zero byte");
	}
	buf_printf(out, " %c", kind);
	for (size_t i = 0; i < text.n; i++) {
		buf_printf(out, "%02x", (unsigned char)text.p[i]);
	}
}

static int on_key(void *user, struct str key, struct err *e)
{
	add_hex(user, 'k', key);
	return 0;
}

static int on_string(void *user, struct str value, struct err *e)
{
	add_hex(user, 's', value);
	return 0;
}

static int on_number(void *user, struct str text, struct err *e)
{
	buf_printf(user, " n%.*s", STR_ARG(text));
	return 0;
}

static int on_boolean(void *user, bool value, struct err *e)
{
	buf_add_text(user, value ? " t" : " f");
	return 0;
}

static int on_null(void *user, struct err *e)
{
	buf_add_text(user, " 0");
	return 0;
}

static const struct json_sink sink = {on_object_begin, on_key, on_object_end, on_array_begin,
	on_array_end, on_string, on_number, on_boolean, on_null};

/* The text in a room with no byte more than is asked for. */
static void answer(const char *digits, size_t n)
{
	struct buf events = {0};
	char *text = mem_new(n / 2 + JSON_PADDING, 1);
	for (size_t i = 0; i < n / 2; i++) {
		char byte[3] = {digits[2 * i], digits[2 * i + 1]};
		text[i] = (char)strtoul(byte, NULL, 16);
	}
	int code = json_read(text, n / 2, &sink, &events, NULL, NULL);
	puts(code == 0 ? events.p + 1 : "bad");
	free(text);
	buf_finish(&events);
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	for (ssize_t n; (n = getline(&line, &room, stdin)) > 0;) {
		answer(line, (size_t)n - (line[n - 1] == '\n'));
	}
	free(line);
	return 0;
}
