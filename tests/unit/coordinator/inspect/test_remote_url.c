/* What is said of an address, and the name of the file behind it. */
#include "coordinator/inspect/remote_wheel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>

static void test_shown(void **state)
{
	static const char *const pairs[][2] = {
		{"https://host/a/b.whl", "https://host/a/b.whl"},
		{"https://user:secret@host:8/a.whl?token=secret#x", "https://host:8/a.whl"},
		{"https://a@b:secret@host/@a.whl", "https://host/@a.whl"},
		{"https://host", "https://host"},
		{"https://user@", "https://"},
	};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		char *shown = remote_wheel_shown(pairs[i][0]);
		assert_string_equal(shown, pairs[i][1]);
		free(shown);
	}
}

static void test_file_name(void **state)
{
	static const char *const pairs[][2] = {
		{"https://host/a/demo-1.0-py3-none-any.whl", "demo-1.0-py3-none-any.whl"},
		{"https://host/demo-1.0%2Blocal-py3-none-any.whl?x=/y.whl#z",
			"demo-1.0+local-py3-none-any.whl"},
		{"https://host/a%2", "a%2"},
		{"https://host/a%zz%", "a%zz%"},
		{"https://host/a/", ""},
	};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		char *name = remote_wheel_file_name(pairs[i][0]);
		assert_string_equal(name, pairs[i][1]);
		free(name);
	}
}

static void test_is_url(void **state)
{
	assert_true(remote_wheel_is_url("http://x"));
	assert_true(remote_wheel_is_url("HTTPS://x"));
	assert_false(remote_wheel_is_url("http:/x"));
	assert_false(remote_wheel_is_url("ftp://x"));
	assert_false(remote_wheel_is_url("x.whl"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_file_name),
		cmocka_unit_test(test_is_url),
	};
	return cmocka_run_group_tests_name("remote_url", tests, NULL, NULL);
}
