/* Places inside as places on the disk. */
#include "agent/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static struct sandbox_spec spec_of(struct arena *a)
{
	struct sandbox_spec s = {.image = "C:/cache/images/w-1/root", .tmp = "C:/work/s0/tmp"};
	sandbox_bind(&s, a, "C:/work/s0/src", "/wheelfarm/src", true);
	sandbox_bind(&s, a, "C:/work/s0/env", "/wheelfarm/env", false);
	sandbox_bind(&s, a, "C:/cache/sdk", "/wheelfarm/src/sdk", false);
	return s;
}

static void test_words(void **state)
{
	static const struct {
		const char *inside;
		const char *outside;
	} table[] = {
		{"/wheelfarm/src", "C:/work/s0/src"},
		{"/wheelfarm/src/a b/c", "C:/work/s0/src/a b/c"},
		{"/wheelfarm/src/sdk/x", "C:/cache/sdk/x"},
		{"/wheelfarm/srcs", "/wheelfarm/srcs"},
		{"-I/wheelfarm/src/include", "-IC:/work/s0/src/include"},
		{"--input=/wheelfarm/src/x", "--input=C:/work/s0/src/x"},
		{"a=/tmp/x;/tmp", "a=C:/work/s0/tmp/x;C:/work/s0/tmp"},
		{"x/tmp", "x/tmp"},
		{"Z:/tmp/x", "Z:/tmp/x"},
		{"/LIBPATH:Z:/tmp/x", "/LIBPATH:Z:/tmp/x"},
		{"/LIBPATH:/tmp/x", "/LIBPATH:C:/work/s0/tmp/x"},
		{"/usr/bin/python3.13", "C:/cache/images/w-1/root/python.exe"},
		{"/usr/bin/pythonic", "/usr/bin/pythonic"},
		{"/wheelfarm/env/bin/python", "C:/work/s0/env/Scripts/python.exe"},
		{"plain", "plain"},
		{"", ""},
	};
	struct arena a = {0};
	struct sandbox_spec s = spec_of(&a);
	struct text_list out = {0};
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		text_list_add(&s.argv, &a, table[i].inside);
	}
	assert_int_equal(sandbox_argv(&s, &a, &out, NULL), 0);
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		assert_string_equal(out.v[i], table[i].outside);
	}
	arena_finish(&a);
}

static const char *value(const struct text_list *env, const char *name)
{
	const char *found = NULL;
	size_t n = strlen(name);
	for (size_t i = 0; i < env->n; i++) {
		if (strncmp(env->v[i], name, n) == 0 && env->v[i][n] == '=') {
			found = env->v[i] + n + 1;
		}
	}
	return found;
}

static void test_environment(void **state)
{
	struct arena a = {0};
	struct sandbox_spec s = spec_of(&a);
	struct text_list env = {0};
	text_list_add(&s.env, &a, "PATH=/wheelfarm/env/bin:/usr/local/bin:/usr/bin:/bin");
	text_list_add(&s.env, &a, "HOME=/tmp");
	sandbox_env(&s, &a, &env);
	const char *path = value(&env, "PATH");
	assert_true(str_starts(str_from(path),
		"C:/work/s0/env/bin;C:/work/s0/env/Scripts;C:/cache/images/w-1/root;"
		"C:/cache/images/w-1/root/Scripts;"));
	assert_null(strstr(path, "/usr"));
	assert_non_null(strstr(path, "ystem32"));
	assert_string_equal(value(&env, "HOME"), "C:/work/s0/tmp");
	assert_string_equal(value(&env, "TEMP"), "C:/work/s0/tmp");
	assert_non_null(value(&env, "SystemRoot"));
	assert_null(value(&env, "USERNAME"));
	s.cwd = "/wheelfarm/src/x";
	assert_string_equal(sandbox_cwd(&s, &a), "C:/work/s0/src/x");
	s.cwd = NULL;
	assert_string_equal(sandbox_cwd(&s, &a), "C:/work/s0/tmp");
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_environment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
