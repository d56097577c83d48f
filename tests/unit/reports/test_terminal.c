#include "golden.h"
#include "reports/terminal.h"
#include "views.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

/* No line has more than 100 columns, nothing but colours controls the terminal. */
static void assert_fits(const struct buf *text)
{
	size_t columns = 0;
	for (size_t i = 0; i < text->n; i++) {
		unsigned char c = (unsigned char)text->p[i];
		if (c == '\n') {
			columns = 0;
		} else if (c < 0x20 || c == 0x7F) {
			fail_msg("byte %zu is 0x%02x", i, c);
		} else if ((c & 0xC0) != 0x80 && ++columns > 100) {
			fail_msg("a line is longer than 100 columns: %.40s", text->p + i);
		}
	}
}

static void test_package(void **state)
{
	struct buf text = {0};
	struct terminal t = {.out = &text, .now = VIEWS_NOW};
	struct package_view v;
	views_package(&v);
	report_package_terminal(&t, &v, NULL);
	assert_fits(&text);
	golden_check("package.txt", buf_view(&text));
	arena_finish(&v.arena);
	buf_finish(&text);
}

static void test_hostile_package(void **state)
{
	struct buf text = {0};
	struct terminal t = {.out = &text, .now = VIEWS_NOW};
	struct package_view v;
	views_package_hostile(&v);
	report_package_terminal(&t, &v, NULL);
	assert_fits(&text);
	struct package_view *all[] = {&v};
	const char *targets[] = {"cp313-win_arm64", "\x1b[2J"};
	report_run_terminal(&t, all, 1, targets, 2, NULL);
	assert_fits(&text);
	arena_finish(&v.arena);
	buf_finish(&text);
}

static void test_run(void **state)
{
	static const char *const targets[] = {"cp313-manylinux_2_28_aarch64",
		"cp313-musllinux_1_2_aarch64", "cp313-win_arm64", "cp313t-win_arm64"};
	struct buf text = {0};
	struct terminal t = {.out = &text, .now = VIEWS_NOW};
	struct package_view a;
	struct package_view b;
	views_package(&a);
	views_package_never_scanned(&b);
	struct package_view *all[] = {&a, &b};
	/* vanished, missing, and four unknown ones of the package that nobody scanned */
	assert_int_equal(report_run_terminal(&t, all, 2, targets, 4, "http://127.0.0.1:8080/"), 6);
	assert_fits(&text);
	golden_check("run.txt", buf_view(&text));
	arena_finish(&a.arena);
	arena_finish(&b.arena);
	buf_finish(&text);
}

static void test_colour_is_only_added(void **state)
{
	static const char *const targets[] = {"cp313-win_arm64"};
	struct buf plain = {0};
	struct buf coloured = {0};
	struct package_view v;
	views_package(&v);
	struct package_view *all[] = {&v};
	struct terminal t = {.out = &plain, .now = VIEWS_NOW};
	report_run_terminal(&t, all, 1, targets, 1, NULL);
	t = (struct terminal){.out = &coloured, .colour = true, .now = VIEWS_NOW};
	report_run_terminal(&t, all, 1, targets, 1, NULL);
	assert_non_null(strstr(coloured.p, "\x1b[33m"));
	struct buf stripped = {0};
	for (size_t i = 0; i < coloured.n; i++) {
		if (coloured.p[i] == '\x1b') {
			i += strcspn(coloured.p + i, "m");
		} else {
			buf_add_char(&stripped, coloured.p[i]);
		}
	}
	assert_string_equal(stripped.p, plain.p);
	arena_finish(&v.arena);
	buf_finish(&plain);
	buf_finish(&coloured);
	buf_finish(&stripped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_package),
		cmocka_unit_test(test_hostile_package),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_colour_is_only_added),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
