#include "core/inspect/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stddef.h>
#include <stdio.h>

static void test_find(void **state)
{
	static const struct {
		const char *tag;
		const char *name; /* NULL: none */
	} rows[] = {
		{"manylinux_2_17_aarch64", "manylinux_2_17"},
		{"manylinux2014_aarch64", "manylinux_2_17"},
		{"manylinux2014_x86_64", "manylinux_2_17"},
		{"manylinux1_x86_64", "manylinux_2_5"},
		{"manylinux_2_28_aarch64", "manylinux_2_28"},
		{"manylinux_2_30_aarch64", "manylinux_2_28"}, /* between two */
		{"manylinux_2_99_aarch64", "manylinux_2_41"},
		{"manylinux_2_16_aarch64", NULL}, /* below the first of that machine */
		{"manylinux_2_17_mips", NULL},
		{"musllinux_1_2_aarch64", "musllinux_1_2"},
		{"musllinux_1_1_aarch64", "musllinux_1_1"},
		{"linux_aarch64", NULL},
		{"manylinux_2_aarch64", NULL},
		{"manylinux_", NULL},
		{"", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct policy *p = policy_find(str_from(rows[i].tag));
		if (rows[i].name == NULL) {
			assert_null(p);
		} else {
			assert_non_null(p);
			assert_string_equal(p->name, rows[i].name);
		}
	}
}

/* Sets, not everything below the highest (PEP 600 policies as auditwheel has them). */
static void test_versions(void **state)
{
	const struct policy *p = policy_find(STR("manylinux_2_17_aarch64"));
	assert_true(policy_allows_version(p, STR("GLIBC_2.17")));
	assert_true(policy_allows_version(p, STR("GLIBC_2.18")));
	assert_true(policy_allows_version(p, STR("GLIBC_2.0")));
	assert_false(policy_allows_version(p, STR("GLIBC_2.10")));
	assert_false(policy_allows_version(p, STR("GLIBC_2.19")));
	assert_false(policy_allows_version(p, STR("GLIBC_PRIVATE")));
	assert_true(policy_allows_version(p, STR("GLIBCXX_3.4.19")));
	assert_false(policy_allows_version(p, STR("GLIBCXX_3.4.20")));
	assert_true(policy_allows_version(p, STR("CXXABI_TM_1")));
	assert_true(policy_allows_version(p, STR("OPENSSL_3.0.0")));
	assert_true(policy_allows_version(p, STR("unversioned")));
	assert_false(policy_allows_version(p, STR("GLIBC_ABI_DT_RELR")));
	p = policy_find(STR("manylinux_2_36_aarch64"));
	assert_true(policy_allows_version(p, STR("GLIBC_ABI_DT_RELR")));
	p = policy_find(STR("manylinux_2_37_aarch64"));
	assert_false(policy_allows_version(p, STR("GLIBC_2.37"))); /* there never was one */
}

static void test_libraries(void **state)
{
	const struct policy *p = policy_find(STR("manylinux_2_17_aarch64"));
	assert_true(policy_allows_library(p, STR("libc.so.6")));
	assert_true(policy_allows_library(p, STR("ld-linux-aarch64.so.1")));
	assert_false(policy_allows_library(p, STR("libmvec.so.1")));
	assert_false(policy_allows_library(p, STR("libpython3.13.so.1.0")));
	assert_false(policy_allows_symbol(p, STR("libz.so.1"), STR("inflate_table")));
	assert_true(policy_allows_symbol(p, STR("libz.so.1"), STR("inflate")));
	assert_true(policy_allows_symbol(p, STR("libc.so.6"), STR("inflate_table")));
	assert_true(policy_knows_symbol(STR("inflate_table")));
	assert_false(policy_knows_symbol(STR("inflate")));
	assert_true(
		policy_allows_library(policy_find(STR("manylinux_2_24_aarch64")), STR("libmvec.so.1")));
	p = policy_find(STR("musllinux_1_2_aarch64"));
	assert_true(policy_allows_library(p, STR("libc.musl-aarch64.so.1")));
	assert_true(policy_allows_library(p, STR("libc.so")));
	assert_false(policy_allows_library(p, STR("libc.so.6")));
	assert_false(policy_allows_library(p, STR("libgcc_s.so.1")));
}

static void test_walk_goes_up(void **state)
{
	unsigned last = 0;
	size_t n = 0;
	for (const struct policy *p = policy_first(STR("aarch64"), false); p != NULL;
		 p = policy_next(p)) {
		assert_true(p->minor > last);
		assert_false(p->is_musl);
		last = p->minor;
		n++;
	}
	assert_int_equal(n, 14);
}

static void test_glibc_version(void **state)
{
	unsigned major, minor;
	assert_true(policy_glibc_version(STR("GLIBC_2.17"), &major, &minor));
	assert_int_equal(major * 100 + minor, 217);
	assert_true(policy_glibc_version(STR("GLIBC_2.2.5"), &major, &minor));
	assert_int_equal(minor, 2);
	assert_false(policy_glibc_version(STR("GLIBC_PRIVATE"), &major, &minor));
	assert_false(policy_glibc_version(STR("GLIBC_"), &major, &minor));
	assert_false(policy_glibc_version(STR("GLIBCXX_3.4"), &major, &minor));
	assert_false(policy_glibc_version(STR("GLIBC_2.99999"), &major, &minor));
}

static void test_windows(void **state)
{
	assert_true(policy_windows_has(STR("KERNEL32.dll")));
	assert_true(policy_windows_has(STR("api-ms-win-crt-runtime-l1-1-0.dll")));
	assert_true(policy_windows_has(STR("ucrtbase.dll")));
	assert_false(policy_windows_has(STR("msvcp140.dll")));
	assert_false(policy_windows_has(STR("vcruntime140.dll")));
	assert_false(policy_windows_has(STR("foo.dll")));
	assert_false(policy_windows_has(STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_libraries),
		cmocka_unit_test(test_walk_goes_up),
		cmocka_unit_test(test_glibc_version),
		cmocka_unit_test(test_windows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
