#include "reports/html.h"
#include "reports/visible.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdint.h>

struct row {
	const char *in;
	const char *out;
};

static void check_html(const struct row *rows, void (*write)(struct html *, const char *))
{
	for (; rows->in != NULL; rows++) {
		struct buf b = {0};
		struct html h = {.out = &b};
		write(&h, rows->in);
		assert_string_equal(b.p, rows->out);
		buf_finish(&b);
	}
}

static void test_text_is_escaped(void **state)
{
	static const struct row rows[] = {
		{"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
		{"a & b \"c\" 'd'", "a &amp; b &quot;c&quot; &#39;d&#39;"},
		{"&amp;", "&amp;amp;"},
		{"line\nnext\ttab", "line next tab"},
		{"\x1b[31m<b>", "\xE2\x90\x9B[31m&lt;b&gt;"},
		{"bad \xFF utf", "bad \xEF\xBF\xBD utf"},
		{"over \xE2\x80\xAE ride", "over &lt;U+202E&gt; ride"},
		{"\xC3\xA4\xE2\x9C\x93", "\xC3\xA4\xE2\x9C\x93"},
		{NULL, NULL},
	};
	check_html(rows, html_cstr);
}

static void write_attr(struct html *h, const char *value)
{
	html_attr(h, "title", value);
}

static void test_attributes_cannot_be_left(void **state)
{
	static const struct row rows[] = {
		{"\" onclick=\"x", " title=\"&quot; onclick=&quot;x\""},
		{"' > <", " title=\"&#39; &gt; &lt;\""},
		{"", " title=\"\""},
		{NULL, NULL},
	};
	check_html(rows, write_attr);
}

static void test_addresses(void **state)
{
	static const struct row rows[] = {
		{"a-b_c.d~1", "a-b_c.d~1"},
		{"a/b?c=d&e#f", "a%2Fb%3Fc%3Dd%26e%23f"},
		{"javascript:alert(1)", "javascript%3Aalert%281%29"},
		{"\xC3\xA4 \"", "%C3%A4%20%22"},
		{NULL, NULL},
	};
	check_html(rows, html_url);
}

static void test_numbers(void **state)
{
	static const struct {
		int64_t value;
		const char *text;
	} rows[] = {{0, "0"}, {999, "999"}, {1000, "1,000"}, {1234567, "1,234,567"}, {-1204, "-1,204"},
		{INT64_MIN, "-9,223,372,036,854,775,808"}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf b = {0};
		struct html h = {.out = &b};
		html_int(&h, rows[i].value);
		assert_string_equal(b.p, rows[i].text);
		buf_finish(&b);
	}
}

static void test_limit_is_sticky_and_said(void **state)
{
	struct buf b = {0};
	struct html h = {.out = &b, .limit = 10};
	struct err e;
	html_cstr(&h, "12345678");
	assert_int_equal(html_end(&h, &e), 0);
	html_cstr(&h, "too long");
	html_cstr(&h, "x");
	assert_string_equal(b.p, "12345678");
	assert_int_equal(html_end(&h, &e), ERR_TOO_LARGE);
	buf_finish(&b);
}

static void test_log_text(void **state)
{
	static const struct row rows[] = {
		{"\x1b[1;31mred\x1b[0m", "red"},
		{"tab\tstays", "tab\tstays"},
		{"\x1b[2Jclear", "\xE2\x90\x9B[2Jclear"},
		{"\x1b]0;title\x07", "\xE2\x90\x9B]0;title\xE2\x90\x87"},
		{"10%\r20%",
			"10%\xE2\x90\x8D"
			"20%"},
		{"\x1b[31", "\xE2\x90\x9B[31"},
		{"nul \x7F", "nul \xE2\x90\xA1"},
		{"c1 \xC2\x9B"
		 "31m",
			"c1 <U+009B>31m"},
		{"zero\xE2\x80\x8Bwidth", "zero<U+200B>width"},
		{NULL, NULL},
	};
	for (const struct row *r = rows; r->in != NULL; r++) {
		struct buf b = {0};
		visible_add(&b, str_from(r->in), VISIBLE_LOG);
		assert_string_equal(b.p, r->out);
		buf_finish(&b);
	}
}

static void test_cut(void **state)
{
	static const struct {
		const char *in;
		size_t columns;
		const char *out;
	} rows[] = {
		{"abcdef", 6, "abcdef"},
		{"abcdef", 5, "abcd\xE2\x80\xA6"},
		{"\xC3\xA4\xC3\xB6\xC3\xBC", 2, "\xC3\xA4\xE2\x80\xA6"},
		{"ab", 1, "\xE2\x80\xA6"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf b = {0};
		visible_add_cut(&b, str_from(rows[i].in), VISIBLE_LINE, rows[i].columns);
		assert_true(str_is(buf_view(&b), rows[i].out));
		buf_finish(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_escaped),
		cmocka_unit_test(test_attributes_cannot_be_left),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_limit_is_sticky_and_said),
		cmocka_unit_test(test_log_text),
		cmocka_unit_test(test_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
