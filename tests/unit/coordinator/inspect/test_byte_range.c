/* Content-Range as servers write it, ranges joined, parts put together. */
#include "coordinator/inspect/byte_range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void test_content_range(void **state)
{
	struct byte_range r;
	uint64_t total;
	assert_true(byte_range_parse(STR("bytes 0-9/100"), &r, &total));
	assert_int_equal(r.from, 0);
	assert_int_equal(r.to, 10);
	assert_int_equal(total, 100);
	assert_true(byte_range_parse(STR("Bytes  99-99/100"), &r, &total));
	static const char *const bad[] = {"", "bytes", "bytes */100", "bytes 0-9/*", "bytes 9-0/100",
		"bytes 0-100/100", "bytes -9/100", "bytes 0-/100", "bytes 0-9", "octets 0-9/100",
		"bytes 0-9/100/2", "bytes 0-18446744073709551616/18446744073709551617", "bytes /0-9",
		"bytes 0-0/0", "bytes 0-18446744073709551615/18446744073709551615"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (byte_range_parse(str_from(bad[i]), &r, &total)) {
			fail_msg("'%s' was taken", bad[i]);
		}
	}
}

static void add(struct byte_ranges *ranges, uint64_t from, uint64_t to)
{
	*vec_add(&ranges->list) = (struct byte_range){.from = from, .to = to};
}

static void check(struct byte_ranges *ranges, const char *expected)
{
	struct buf text = {0};
	VEC_EACH (const struct byte_range, r, &ranges->list) {
		buf_printf(&text, "%s%d-%d", text.n != 0 ? " " : "", (int)r->from, (int)r->to);
	}
	assert_string_equal(text.n != 0 ? text.p : "", expected);
	buf_finish(&text);
	vec_finish(&ranges->list);
}

static void test_join(void **state)
{
	struct byte_ranges r = {0};
	byte_ranges_join(&r, 10, 100);
	check(&r, "");
	add(&r, 50, 60);
	add(&r, 0, 10);
	add(&r, 20, 30);
	add(&r, 41, 45);
	byte_ranges_join(&r, 10, 100);
	check(&r, "0-30 41-60");
	add(&r, 0, 60);
	add(&r, 60, 120);
	byte_ranges_join(&r, 10, 100);
	check(&r, "0-60 60-120");
	add(&r, 0, 90); /* overlaps of more than the most: no byte twice */
	add(&r, 80, 150);
	add(&r, 85, 88);
	byte_ranges_join(&r, 0, 100);
	check(&r, "0-90 90-150");
}

static void put(struct byte_cache *c, uint64_t from, const char *text)
{
	struct buf bytes = {0};
	buf_add_text(&bytes, text);
	byte_cache_add(c, from, &bytes);
	assert_null(bytes.p);
}

static void test_cache(void **state)
{
	struct byte_cache c = {0};
	struct byte_ranges missing = {0};
	struct buf joined = {0};
	put(&c, 20, "uvwxy");
	put(&c, 0, "abcde");
	put(&c, 5, "fgh");
	byte_cache_missing(&c, (struct byte_range){0, 30}, &missing);
	check(&missing, "8-20 25-30");
	byte_cache_missing(&c, (struct byte_range){1, 8}, &missing);
	check(&missing, "");
	byte_cache_missing(&c, (struct byte_range){21, 22}, &missing);
	check(&missing, "");
	byte_cache_missing(&c, (struct byte_range){10, 15}, &missing);
	check(&missing, "10-15");
	struct str inside = byte_cache_get(&c, (struct byte_range){21, 23}, &joined);
	assert_true(str_is(inside, "vw"));
	assert_ptr_equal(inside.p, c.blocks.v[2].bytes.p + 1);
	assert_true(str_is(byte_cache_get(&c, (struct byte_range){3, 7}, &joined), "defg"));
	/* of a file that ends early there is less */
	assert_true(str_is(byte_cache_get(&c, (struct byte_range){24, 40}, &joined), "y"));
	assert_int_equal(byte_cache_get(&c, (struct byte_range){30, 40}, &joined).n, 0);
	buf_finish(&joined);
	byte_cache_finish(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_content_range),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_cache),
	};
	return cmocka_run_group_tests_name("byte_range", tests, NULL, NULL);
}
