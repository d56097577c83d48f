/* The index's list of serials: of all its names only those that were asked about are kept. */
#include "coordinator/scan/serials.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ASKED = 3 };

struct answer {
	int64_t serials[ASKED]; /* of demo, a-b, c */
	size_t read;
	int code;
	struct err err;
};

static struct answer read_list(struct str text)
{
	struct answer a = {0};
	struct map names = {0};
	map_put(&names, STR("demo"), &a.serials[0]);
	map_put(&names, STR("a-b"), &a.serials[1]);
	map_put(&names, STR("c"), &a.serials[2]);
	struct buf copy = {0};
	buf_add_str(&copy, text);
	a.code = serials_read(&copy, &names, &a.read, &a.err);
	buf_finish(&copy);
	map_finish(&names);
	return a;
}

static void names_and_serials(void **state)
{
	static const struct str list = {
		"{\"meta\": {\"_last-serial\": 900, \"name\": \"demo\"}, \"projects\": ["
		"{\"_last-serial\": 11, \"name\": \"Demo\"}, {\"name\": \"A.__b\", \"_last-serial\": 12},"
		"{\"name\": \"unasked\", \"_last-serial\": 13},"
		"{\"name\": \"c\", \"more\": {\"name\": \"demo\", \"_last-serial\": 1}, \"_last-serial\": "
		"14},"
		"{\"name\": \"no serial\"}], \"others\": [{\"name\": \"c\", \"_last-serial\": 2}]}",
		0};
	struct answer a = read_list(str_from(list.p));
	assert_int_equal(a.code, 0);
	assert_int_equal(a.read, 5);
	assert_int_equal(a.serials[0], 11);
	assert_int_equal(a.serials[1], 12);
	assert_int_equal(a.serials[2], 14);
}

static void what_is_no_serial_is_none(void **state)
{
	static const char *const values[] = {"-1", "0", "1.5", "99999999999999999999", "\"7\"", "null",
		"[7]", "{\"_last-serial\": 7}", "true"};
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		char *text =
			str_format("{\"projects\": [{\"name\": \"demo\", \"_last-serial\": %s}]}", values[i]);
		struct answer a = read_list(str_from(text));
		assert_int_equal(a.code, 0);
		assert_int_equal(a.serials[0], 0);
		free(text);
	}
}

static void other_texts_are_refused(void **state)
{
	static const char *const texts[] = {"", "[]", "{}", "7", "{\"projects\": {}}",
		"{\"projects\": 7}", "{\"projects\": [", "{\"projects\": []} x",
		"{\"x\": {\"projects\": []}}"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct answer a = read_list(str_from(texts[i]));
		assert_true(a.code < 0);
		assert_true(a.err.text[0] != '\0');
	}
	assert_int_equal(read_list(STR("{\"projects\": []}")).code, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_serials),
		cmocka_unit_test(what_is_no_serial_is_none),
		cmocka_unit_test(other_texts_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
