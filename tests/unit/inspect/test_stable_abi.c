#include "core/inspect/stable_abi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stddef.h>
#include <string.h>

static void test_find(void **state)
{
	static const struct {
		const char *symbol;
		unsigned minor; /* 0: none of it */
		enum stable_abi_condition condition;
		bool is_opaque;
	} rows[] = {
		{"PyArg_Parse", 2, STABLE_ABI_ANY, false},
		{"PyModule_Create2", 2, STABLE_ABI_ANY, true},
		{"PyModuleDef_Init", 5, STABLE_ABI_ANY, true},
		{"PyType_GetModuleByDef", 13, STABLE_ABI_ANY, true},
		{"PyUnicode_AsUTF8AndSize", 10, STABLE_ABI_ANY, false},
		{"PyObject_Vectorcall", 12, STABLE_ABI_ANY, false},
		{"PyModule_FromSlotsAndSpec", 15, STABLE_ABI_ANY, false},
		{"_Py_Dealloc", 2, STABLE_ABI_ANY, false},
		{"_Py_NoneStruct", 2, STABLE_ABI_ANY, false},
		{"PyErr_SetFromWindowsErr", 7, STABLE_ABI_WINDOWS, false},
		{"PyOS_AfterFork_Child", 7, STABLE_ABI_UNIX, false},
		{"_Py_RefTotal", 10, STABLE_ABI_DEBUG, false},
		{"PyUnicode_New", 0, STABLE_ABI_ANY, false},
		{"_PyLong_Sign", 0, STABLE_ABI_ANY, false},
		{"PyArg_Pars", 0, STABLE_ABI_ANY, false},
		{"PyArg_Parsed", 0, STABLE_ABI_ANY, false},
		{"", 0, STABLE_ABI_ANY, false},
		{"zzz", 0, STABLE_ABI_ANY, false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct stable_abi *row = stable_abi_find(str_from(rows[i].symbol));
		assert_int_equal(row != NULL, rows[i].minor != 0);
		if (row != NULL) {
			assert_string_equal(row->name, rows[i].symbol);
			assert_int_equal(row->minor, rows[i].minor);
			assert_int_equal(row->condition, rows[i].condition);
			assert_int_equal(row->is_opaque, rows[i].is_opaque);
		}
	}
}

static void test_all_are_found(void **state)
{
	assert_true(stable_abi_count > 900);
	for (size_t i = 0; i < stable_abi_count; i++) {
		struct str name = str_from(stable_abi_table[i].name);
		assert_ptr_equal(stable_abi_find(name), &stable_abi_table[i]);
		assert_true(stable_abi_is_python(name));
		assert_true(i == 0 || strcmp(stable_abi_table[i - 1].name, stable_abi_table[i].name) < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_all_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
