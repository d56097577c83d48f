#include "agent/wheel_bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void names_get_a_hash_before_their_ending(void **state)
{
	static const char *const cases[][2] = {
		{"libyaml-0.so.2.0.9", "libyaml-0-01234567.so.2.0.9"},
		{"libz.so", "libz-01234567.so"},
		{"odd", "odd-01234567"},
		{".so", ".so-01234567"},
	};
	struct arena a = {0};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct str name = wheel_bundle_name(str_from(cases[i][0]), "0123456789abcdef", &a);
		assert_true(str_is(name, cases[i][1]));
	}
	arena_finish(&a);
}

static void paths_of_the_builder_go(void **state)
{
	static const char *const cases[][3] = {
		{"", "", ""},
		{"/wheelfarm/src/build", "", ""},
		{"/usr/lib:$ORIGIN/near:build", "", "$ORIGIN/near"},
		{"", "$ORIGIN/../demo.libs", "$ORIGIN/../demo.libs"},
		{"$ORIGIN:/lib:$ORIGIN/a", "$ORIGIN/b", "$ORIGIN:$ORIGIN/a:$ORIGIN/b"},
		{"$ORIGIN/b:$ORIGIN/a", "$ORIGIN/b", "$ORIGIN/b:$ORIGIN/a"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf out = {0};
		wheel_bundle_rpath(str_from(cases[i][0]), str_from(cases[i][1]), &out);
		assert_true(str_is(buf_view(&out), cases[i][2]));
		buf_finish(&out);
	}
}

static void only_manylinux_is_looked_at(void **state)
{
	assert_true(wheel_bundle_wants("manylinux_2_28_aarch64"));
	assert_false(wheel_bundle_wants("musllinux_1_2_aarch64"));
	assert_false(wheel_bundle_wants("win_arm64"));
}

/* Bytes that are no image stay as they are, whatever they say they are. */
static void what_cannot_be_read_is_left_alone(void **state)
{
	struct wheel_bundle b = {.platform = "manylinux_2_28_aarch64", .package = STR("demo")};
	struct bundle_file file = {.path = STR("demo/a.so"), .bytes = STR("\177ELF and nothing more")};
	struct err e = {0};
	*vec_add(&b.files) = file;
	assert_int_equal(wheel_bundle(&b, &e), 0);
	assert_int_equal(b.files.n, 1);
	assert_false(b.files.v[0].changed);
	wheel_bundle_finish(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_get_a_hash_before_their_ending),
		cmocka_unit_test(paths_of_the_builder_go),
		cmocka_unit_test(only_manylinux_is_looked_at),
		cmocka_unit_test(what_cannot_be_read_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
