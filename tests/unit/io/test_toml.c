/* TOML on the text cases of tests/data/io/toml_cases.txt, and what is refused for its size alone. */
#include "core/io/file.h"
#include "core/io/toml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static void decode(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (str_starts(str_slice(text, i, text.n), "%FF")) {
			buf_add_char(out, '\xFF');
			i += 2;
		} else {
			char c = text.p[i];
			buf_add_char(out, c == '|' ? '\n' : c == '^' ? '\x01' : c);
		}
	}
}

static void write_node(const struct toml_node *n, struct buf *out)
{
	size_t count = 0;
	if (n->key.n != 0) {
		buf_printf(out, "%.*s@%zu=", STR_ARG(n->key), n->line);
	}
	switch (n->kind) {
	case TOML_TEXT:
		buf_printf(out, "\"%.*s\"", STR_ARG(n->text));
		return;
	case TOML_NUMBER:
		buf_printf(out, "%lld", (long long)n->number);
		return;
	case TOML_BOOL:
		buf_add_text(out, n->number != 0 ? "true" : "false");
		return;
	case TOML_TIME:
		buf_printf(out, "time %lld", (long long)n->number);
		return;
	case TOML_ARRAY:
	case TOML_TABLE:
		buf_add_char(out, n->kind == TOML_ARRAY ? '[' : '{');
		TOML_EACH(child, n)
		{
			buf_add_text(out, count++ != 0 ? " " : "");
			write_node(child, out);
		}
		assert_int_equal(count, n->count);
		buf_add_char(out, n->kind == TOML_ARRAY ? ']' : '}');
		return;
	}
}

static void check(struct str line)
{
	ptrdiff_t arrow = str_find_text(line, STR(" => "));
	assert_true(arrow >= 0);
	struct str wanted = str_slice(line, (size_t)arrow + 4, line.n);
	struct buf text = {0}, got = {0};
	struct arena arena = {0};
	struct toml_node *root;
	struct err e = {0};
	decode(str_slice(line, 0, (size_t)arrow), &text);
	int code = toml_parse(buf_view(&text), "t", &arena, &root, &e);
	if (code == 0) {
		write_node(root, &got);
	} else {
		assert_null(root);
		buf_printf(&got, "error %s", e.text);
	}
	struct str seen = buf_view(&got);
	if (!(code == 0 ? str_equal(seen, wanted)
					: str_equal(str_slice(seen, 0, wanted.n), wanted) && wanted.n > 8)) {
		fail_msg("%.*s: %.*s", STR_ARG(line), STR_ARG(seen));
	}
	buf_finish(&text);
	buf_finish(&got);
	arena_finish(&arena);
}

static void test_cases(void **state)
{
	struct buf text = {0};
	assert_int_equal(file_read(TEST_DATA "/toml_cases.txt", 1 << 20, &text, NULL), 0);
	struct str rest = buf_view(&text), line;
	while (str_split(&rest, '\n', &line)) {
		if (line.n != 0 && line.p[0] != '#') {
			check(line);
		}
	}
	buf_finish(&text);
}

/* `piece` so many times, between two texts; a % in it is a number, another each time. */
static int parse_many(
	const char *before, const char *piece, size_t times, const char *after, size_t *count)
{
	struct buf text = {0};
	struct arena arena = {0};
	struct toml_node *root;
	buf_add_text(&text, before);
	for (size_t i = 0; i < times; i++) {
		for (const char *p = piece; *p != '\0'; p++) {
			if (*p == '%') {
				buf_printf(&text, "%08zu", i);
			} else {
				buf_add_char(&text, *p);
			}
		}
	}
	buf_add_text(&text, after);
	int code = toml_parse(buf_view(&text), "t", &arena, &root, NULL);
	*count = root != NULL ? root->count : 0;
	buf_finish(&text);
	arena_finish(&arena);
	return code;
}

static void test_sizes(void **state)
{
	size_t n;
	assert_int_equal(parse_many("", "a% = 1\n", 100000, "", &n), 0);
	assert_int_equal(n, 100000);
	assert_int_equal(parse_many("", "[[a]]\nb = 1%\n", 100000, "", &n), 0);
	assert_int_equal(parse_many("a", ".b", TOML_KEY_PARTS - 1, " = 1\n", &n), 0);
	assert_int_equal(parse_many("a", ".b", 100000, " = 1\n", &n), ERR_TOO_LARGE);
	assert_int_equal(parse_many("a", ".\"=\"", 100000, " = 1\n", &n), ERR_TOO_LARGE);
	assert_int_equal(parse_many("[a", ".b", 100000, "]\n", &n), ERR_TOO_LARGE);
	assert_int_equal(parse_many("a = ", "[", 100000, "", &n), ERR_INVALID);
	assert_int_equal(parse_many("a = ", "{a=", 100000, "", &n), ERR_INVALID);
	assert_int_equal(parse_many("a = [", "[],", TOML_VALUES_MOST, "]", &n), ERR_TOO_LARGE);
	assert_int_equal(parse_many("", "[a%]\n", TOML_HEADERS_MOST + 1, "", &n), ERR_TOO_LARGE);
	assert_int_equal(parse_many("", "a%.b=1\n", TOML_DOTTED_MOST + 1, "", &n), ERR_TOO_LARGE);
	assert_int_equal(parse_many("", "#%\n", TOML_BYTES_MOST / 10 + 10, "", &n), ERR_TOO_LARGE);
	/* Nested as deep as both rules allow. */
	struct buf text = {0};
	for (size_t i = 0; i < TOML_DEPTH - 1; i++) {
		for (size_t k = 1; k < TOML_KEY_PARTS; k++) {
			buf_add_text(&text, "b.");
		}
		buf_add_text(&text, i == 0 ? "b = {" : "b={");
	}
	buf_add_text(&text, "c=1");
	for (size_t i = 0; i < TOML_DEPTH - 1; i++) {
		buf_add_char(&text, '}');
	}
	struct arena arena = {0};
	struct toml_node *root;
	struct err e = {0};
	assert_int_equal(toml_parse(buf_view(&text), "t", &arena, &root, &e), 0);
	arena_finish(&arena);
	buf_finish(&text);
}

static void test_get(void **state)
{
	struct arena arena = {0};
	struct toml_node *root;
	assert_int_equal(toml_parse(STR("a = 'x'\nb = 1\nc = []\n"), "t", &arena, &root, NULL), 0);
	assert_true(str_is(toml_get_text(root, "a"), "x"));
	assert_int_equal(toml_get_text(root, "b").n, 0);
	assert_int_equal(toml_get(root, "b")->number, 1);
	assert_null(toml_get(root, "d"));
	assert_null(toml_get(toml_get(root, "c"), "d"));
	assert_null(toml_get(NULL, "d"));
	assert_null(toml_get_kind(root, "c", TOML_TABLE));
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_get),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
