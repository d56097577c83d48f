#include "core/inspect/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>

#define EMPTY "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"

static void check_lines(const char *text, size_t lines)
{
	struct record r;
	struct err e = {0};
	assert_int_equal(record_read(str_from(text), &r, &e), 0);
	assert_int_equal(r.lines.n, lines);
	record_finish(&r);
}

static void check_bad(const char *text, const char *sentence)
{
	struct record r;
	struct err e = {0};
	assert_int_equal(record_read(str_from(text), &r, &e), ERR_INVALID);
	assert_string_equal(e.text, sentence);
	record_finish(&r);
}

static void test_lines(void **state)
{
	check_lines("", 0);
	check_lines("a,,\n", 1);
	check_lines("a,,", 1);
	check_lines("a,,\r\nb,,\r\n\r\n", 2);
	check_lines("a,sha256=" EMPTY ",0\n\nb,,\n", 2);
	check_bad("a\n", "line 1: not path, hash and size");
	check_bad("a,,\nb,,,\n", "line 2: not path, hash and size");
	check_bad(",,\n", "line 1: not path, hash and size");
	check_bad("a,,x\n", "line 1: the size is not a number");
	check_bad("a,,-1\n", "line 1: the size is not a number");
	check_bad("\"a,,\n", "line 1: a quote does not end its field");
	check_bad("\"a\"b,,\n", "line 1: a quote does not end its field");
}

static void test_fields(void **state)
{
	struct record r;
	assert_int_equal(
		record_read(STR("\"a,\"\"b\"\"\",sha256=" EMPTY ",12\nc,,\n\"\"\"\",,\n"), &r, NULL), 0);
	assert_true(str_is(r.lines.v[0].path, "a,\"b\""));
	assert_int_equal(r.lines.v[0].hash, RECORD_HASH_SHA256);
	assert_int_equal(r.lines.v[0].digest[0], 0xe3); /* of the empty text: e3b0c442… */
	assert_int_equal(r.lines.v[0].digest[31], 0x55);
	assert_int_equal(r.lines.v[0].size, 12);
	assert_false(r.lines.v[1].has_size);
	assert_int_equal(r.lines.v[1].hash, RECORD_HASH_NONE);
	assert_int_equal(r.lines.v[1].number, 2);
	assert_true(str_is(r.lines.v[2].path, "\""));
	record_finish(&r);
}

static void test_hashes(void **state)
{
	static const struct {
		const char *text;
		enum record_hash hash;
	} rows[] = {
		{"a,sha256=" EMPTY ",", RECORD_HASH_SHA256},
		{"a,sha256=" EMPTY "=,", RECORD_HASH_BAD}, /* padded */
		{"a,sha256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU,", RECORD_HASH_BAD}, /* + and / */
		{"a,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFV,", RECORD_HASH_BAD}, /* stray bits */
		{"a,sha256=,", RECORD_HASH_BAD},
		{"a," EMPTY ",", RECORD_HASH_BAD},
		{"a,md5=1B2M2Y8AsgTpgAmY7PhCfg,", RECORD_HASH_BAD},
		{"a,sha512=abc,", RECORD_HASH_OTHER},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct record r;
		assert_int_equal(record_read(str_from(rows[i].text), &r, NULL), 0);
		assert_int_equal(r.lines.v[0].hash, rows[i].hash);
		record_finish(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_hashes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
