#include "core/inspect/exports.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stddef.h>

static void test_lists_are_sorted(void **state)
{
	for (size_t i = 0; i < exports_count; i++) {
		const struct exports *x = &exports_table[i];
		assert_true(i == 0 || str_compare(str_from(x[-1].dll), str_from(x->dll)) < 0);
		for (size_t k = 1; k < x->count; k++) {
			assert_true(str_compare(str_from(x->names[k - 1]), str_from(x->names[k])) < 0);
		}
	}
}

static void test_find(void **state)
{
	static const struct {
		const char *dll;
		const char *symbol;
		bool is_known;
		bool has;
	} rows[] = {
		{"KERNEL32.dll", "GetProcAddress", true, true},
		{"kernel32.dll", "getprocaddress", true, false},
		{"kernel32.dll", "", true, false},
		{"api-ms-win-crt-stdio-l1-1-0.dll", "__stdio_common_vfprintf", true, true},
		{"API-MS-WIN-CRT-math-l1-1-0.dll", "cexp", true, true},
		{"ucrtbase.dll", "vfprintf", true, false},
		{"bcryptprimitives.dll", "ProcessPrng", true, true},
		{"ws2_32.dll", "WSASocketW", true, true},
		{"python311.dll", "PyModule_Create2", true, true},
		{"python311.dll", "PyExc_ValueError", true, true},
		{"python311.dll", "PyErr_GetRaisedException", true, false}, /* of 3.12 */
		{"python311.dll", "_PyImport_FixupExtensionObject", true, true},
		{"python313.dll", "PyErr_GetRaisedException", true, true},
		{"python313.dll", "PyNothing_Here", true, false},
		{"api-ms-win-crt-convert-l1-1-0.dll", "btowc", true, true},
		{"msvcp140.dll", "throw", false, false},
		{"", "a", false, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct exports *x = exports_find(str_from(rows[i].dll));
		print_message("%s %s\n", rows[i].dll, rows[i].symbol);
		assert_int_equal(x != NULL, rows[i].is_known);
		assert_int_equal(x != NULL && exports_has(x, str_from(rows[i].symbol)), rows[i].has);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists_are_sorted),
		cmocka_unit_test(test_find),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
