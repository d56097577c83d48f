/* Addresses as pages have them, whole and relative, plain and odd. */
#include "coordinator/scan/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char base[] = "https://index.example/simple/demo/";

static void check(const char *reference, const char *expected)
{
	struct arena arena = {0};
	struct str url = url_resolve(str_from(base), str_from(reference), &arena);
	if (!str_is(url, expected)) {
		print_error("%s: %.*s, not %s\n", reference, STR_ARG(url), expected);
	}
	assert_true(str_is(url, expected));
	arena_finish(&arena);
}

static void addresses(void **state)
{
	static const char *const cases[][2] = {
		{"https://files.example/p/demo-1.0.tar.gz", "https://files.example/p/demo-1.0.tar.gz"},
		{"http://files.example/../x", "http://files.example/../x"},
		{"/p/demo-1.0.tar.gz", "https://index.example/p/demo-1.0.tar.gz"},
		{"/a/../b/demo-1.0-py3-none-any.whl", "https://index.example/b/demo-1.0-py3-none-any.whl"},
		{"/p/./demo-1.0.tar.gz", "https://index.example/p/demo-1.0.tar.gz"},
		{"/packages/0123456789/0123456789/012345678./../demo-1.0.tar.gz",
			"https://index.example/packages/0123456789/0123456789/demo-1.0.tar.gz"},
		{"//files.example/x", "https://files.example/x"},
		{"../x.exe", "https://index.example/simple/x.exe"},
		{"x.exe", "https://index.example/simple/demo/x.exe"},
		{"", base},
		{"/a b", ""},
		{"https://files.example/a\tb", ""},
		{"https://files.example/0123456789/0123456789/\x7f", ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		check(cases[i][0], cases[i][1]);
	}
}

/* White space and control characters at any place of an address of any length. */
static void what_is_not_clean(void **state)
{
	char text[64] = "/p/";
	memset(text + 3, 'a', sizeof(text) - 4);
	for (size_t n = 4; n < sizeof(text); n++) {
		text[n] = '\0';
		for (size_t at = 3; at < n; at++) {
			for (int c = 1; c < 256; c++) {
				struct arena arena = {0};
				text[at] = (char)c;
				bool clean = c > ' ' && c != 0x7f;
				struct str url = url_resolve(str_from(base), (struct str){text, n}, &arena);
				assert_int_equal(url.n != 0, clean);
				arena_finish(&arena);
			}
			text[at] = 'a';
		}
		text[n] = 'a';
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(what_is_not_clean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
