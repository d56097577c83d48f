/* Against Python's own codec: "…".encode("punycode"). */
#include "core/inspect/punycode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stddef.h>
#include <string.h>

static void test_table(void **state)
{
	static const struct {
		const char *text;
		const char *encoded;
	} rows[] = {
		{"plain", "plain-"}, {"", ""}, {"mäöl", "ml-via6e"}, {"ä", "4ca"},
		{"zażółć", "za-6ja4f8n1l"}, {"スピード", "zck6a6a2l"},
		{"他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"}, /* RFC 3492, 7.1 (B) */
		{"Pročprostěnemluvíčesky", "Proprostnemluvesky-uyb24dma41a"}, /* (D) */
		{"\xf0\x9f\x90\x8d", "4n8h"}, /* four bytes: a snake */
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = {0};
		assert_true(punycode_encode(str_from(rows[i].text), &out));
		if (!str_is(buf_view(&out), rows[i].encoded)) {
			print_error("%s is %.*s\n", rows[i].text, STR_ARG(buf_view(&out)));
		}
		assert_true(str_is(buf_view(&out), rows[i].encoded));
		buf_finish(&out);
	}
}

static void test_refused(void **state)
{
	struct buf out = {0};
	char longer[256];
	memset(longer, 'a', sizeof(longer));
	assert_false(punycode_encode(STR("\xff"), &out));
	assert_false(punycode_encode(STR("\xe4l"), &out));
	assert_false(punycode_encode((struct str){.p = longer, .n = sizeof(longer)}, &out));
	assert_true(punycode_encode((struct str){.p = longer, .n = 255}, &out));
	assert_int_equal(out.n, 256);
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
