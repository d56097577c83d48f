#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>

static void test_err_keeps_code_and_sentence(void **state)
{
	struct err e;
	assert_int_equal(err_set(&e, ERR_INVALID, "%s:%d: bad", "f", 3), ERR_INVALID);
	assert_string_equal(e.text, "f:3: bad");
	assert_int_equal(err_prefix(&e, e.code, "recipe %s", "x"), ERR_INVALID);
	assert_string_equal(e.text, "recipe x: f:3: bad");
	assert_int_equal(err_set(NULL, -2, "no place"), -2);
	assert_string_equal(err_name(ERR_LEASE_LOST), "ERR_LEASE_LOST");
	assert_string_equal(err_text(-2), "No such file or directory");
}

static void test_split(void **state)
{
	struct str rest = STR("a,,b"), part;
	assert_true(str_split(&rest, ',', &part) && str_is(part, "a"));
	assert_true(str_split(&rest, ',', &part) && str_is(part, ""));
	assert_true(str_split(&rest, ',', &part) && str_is(part, "b"));
	assert_false(str_split(&rest, ',', &part));
	rest = STR("");
	assert_true(str_split(&rest, ',', &part) && part.n == 0);
	assert_false(str_split(&rest, ',', &part));
}

static void test_numbers(void **state)
{
	uint64_t u;
	int64_t i;
	assert_true(str_to_u64(STR("18446744073709551615"), &u) && u == UINT64_MAX);
	assert_false(str_to_u64(STR("18446744073709551616"), &u));
	assert_false(str_to_u64(STR(""), &u));
	assert_false(str_to_u64(STR("+1"), &u));
	assert_true(str_to_i64(STR("-7"), &i) && i == -7);
}

static void test_utf8_is_repaired(void **state)
{
	struct buf b = {0};
	buf_add_utf8(&b, STR("a\xC3\xA4\xFFz\xE0\x80\x80"));
	assert_string_equal(b.p, "a\xC3\xA4\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
	assert_true(str_is_utf8(buf_view(&b)));
	assert_false(str_is_utf8(STR("\xED\xA0\x80")));
	buf_finish(&b);
}

static void test_characters(void **state)
{
	const struct str s = STR("a\xC3\xA4\xE2\x82\xACz");
	assert_int_equal(str_characters(s), 4);
	assert_int_equal(str_characters((struct str){0}), 0);
	assert_true(str_is(str_first(s, 0), ""));
	assert_true(str_is(str_first(s, 2), "a\xC3\xA4"));
	assert_true(str_is(str_first(s, 3), "a\xC3\xA4\xE2\x82\xAC"));
	assert_true(str_equal(str_first(s, 4), s) && str_equal(str_first(s, 9), s));
}

static void test_printf_into_an_arena(void **state)
{
	struct arena a = {0};
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 7), "x-7");
	assert_string_equal(arena_printf(&a, "%s", ""), "");
	arena_finish(&a);
}

static void test_map(void **state)
{
	struct map m = {0};
	int values[1000];
	for (int i = 0; i < 1000; i++) {
		char key[16];
		snprintf(key, sizeof(key), "k%d", i);
		assert_null(map_put(&m, str_from(key), &values[i]));
	}
	assert_int_equal(m.n, 1000);
	assert_ptr_equal(map_get(&m, STR("k7")), &values[7]);
	assert_null(map_get(&m, STR("nope")));
	assert_ptr_equal(map_put(&m, STR("k7"), &values[8]), &values[7]);
	assert_int_equal(m.n, 1000);
	map_finish(&m);
}

static void test_vec_and_arena(void **state)
{
	VEC(int) numbers = {0};
	for (int i = 0; i < 100; i++) {
		*vec_add(&numbers) = i;
	}
	int sum = 0;
	VEC_EACH (int, n, &numbers) {
		sum += *n;
	}
	assert_int_equal(sum, 4950);
	vec_finish(&numbers);
	struct arena a = {0};
	char *big = arena_new(&a, 100000);
	char *text = arena_copy(&a, "hello", 5);
	assert_int_equal(big[99999], 0);
	assert_string_equal(text, "hello");
	arena_finish(&a);
}

/* Lent keys are the caller's own bytes; a place is found again, however often the table grew. */
static void test_map_of_lent_keys(void **state)
{
	enum { KEYS = 1000 };
	struct map m = {.lent = true};
	char texts[KEYS][8];
	for (size_t i = 0; i < KEYS; i++) {
		snprintf(texts[i], sizeof(texts[i]), "k%zu", i);
		void **place = map_place(&m, str_from(texts[i]));
		assert_null(*place);
		*place = texts[i];
	}
	assert_int_equal(m.n, KEYS);
	for (size_t i = 0; i < KEYS; i++) {
		char again[8];
		memcpy(again, texts[i], sizeof(again));
		assert_ptr_equal(*map_place(&m, str_from(again)), texts[i]);
		assert_ptr_equal(m.entries[i].key.p, texts[i]);
	}
	assert_int_equal(m.n, KEYS);
	assert_false(map_has(&m, STR("k1000")));
	map_finish(&m);
	assert_string_equal(texts[KEYS - 1], "k999");
}

static void test_clock(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"2026-11-22T23:58:00Z", 1795391880000},
		{"2000-02-29T12:00:00.250+01:30", 951820200250},
		{"1969-12-31T23:59:59Z", -1000},
		{"2026-11-22t23:58:00z", 1795391880000},
		{"2026-11-22 23:58:00.0009999-00:30", 1795393680000},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t ms;
		assert_true(clock_parse(str_from(cases[i].text), &ms));
		assert_int_equal(ms, cases[i].ms);
		char text[CLOCK_TEXT];
		int64_t again;
		clock_text(ms, text);
		assert_true(clock_parse(str_from(text), &again));
		assert_true(ms - again >= 0 && ms - again < 1000);
	}
	static const char *const bad[] = {"", "2026", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00",
		"2026-01-01T00:00:00Z ", "2026-01-01T00:00:00.Z", "2026-01-01T24:00:00Z",
		"2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+01:0",
		"2026-01-01T00:00:00+01:000", "20x6-01-01T00:00:00Z", "2026/01-01T00:00:00Z",
		"2026-01-01_00:00:00Z", "2026-01-01T00:00-00Z", "\xff\xff\xff\xff-01-01T00:00:00Z"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		int64_t ms;
		assert_false(clock_parse(str_from(bad[i]), &ms));
	}
}

static void test_next_minute_of_the_day(void **state)
{
	static const struct {
		const char *now, *next;
		int64_t minute;
	} cases[] = {
		{"2026-11-23T02:29:59Z", "2026-11-23T02:30:00Z", 150},
		{"2026-11-23T02:30:00Z", "2026-11-24T02:30:00Z", 150},
		{"2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", 0},
		{"2028-02-28T23:59:30Z", "2028-02-29T23:59:00Z", 1439},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[CLOCK_TEXT];
		int64_t now = 0;
		assert_true(clock_parse(str_from(cases[i].now), &now));
		clock_text(clock_next_minute(now, cases[i].minute), text);
		assert_string_equal(text, cases[i].next);
	}
}

static void test_log_is_logfmt(void **state)
{
	const struct log_field fields[] = {
		{.name = "job", .number = 5},
		{"package", "ruamel.yaml", 0},
		{"stage", "", 0},
		{"line", "a \"b\" c=d\\e\ntime=0 level=error\x1b[31m", 0},
	};
	struct buf out = {0};
	log_format(&out, 0, LOG_WARN, "queue", STR("late"), fields, 4);
	assert_string_equal(out.p,
		"time=1970-01-01T00:00:00Z level=warn area=queue msg=late job=5 package=ruamel.yaml "
		"line=\"a \\\"b\\\" c=d\\\\e\\ntime=0 level=error\\u001b[31m\"\n");
	buf_clear(&out);
	log_format(&out, 0, LOG_INFO, "scan", STR(""), NULL, 0);
	assert_string_equal(out.p, "time=1970-01-01T00:00:00Z level=info area=scan msg=\"\"\n");
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_err_keeps_code_and_sentence),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_utf8_is_repaired),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_printf_into_an_arena),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_vec_and_arena),
		cmocka_unit_test(test_map_of_lent_keys),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_next_minute_of_the_day),
		cmocka_unit_test(test_log_is_logfmt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
