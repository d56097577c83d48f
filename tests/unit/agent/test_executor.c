#include "agent/executor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stddef.h>

static void test_find(void **state)
{
	static const char *const stand_ins[] = {"wine"};
	assert_null(executor_find(""));
	assert_null(executor_find("Wine"));
	assert_false(executor_find("native")->is_stand_in);
	assert_false(executor_find("qemu")->is_stand_in);
	for (size_t i = 0; i < sizeof(stand_ins) / sizeof(*stand_ins); i++) {
		assert_true(executor_find(stand_ins[i])->is_stand_in);
	}
}

static void test_who_gave_up(void **state)
{
	static const struct {
		const char *executor;
		int code;
		int own;
		const char *output;
		const char *why; /* NULL: it is the module's own failure, or none */
	} rows[] = {
		{"wine", 0, 1, "import demo: ok\n", NULL},
		{"wine", 1, 1, "ImportError: DLL load failed while importing fast: Module not found.\n",
			NULL},
		{"wine", 5, 5, "no tests ran\n", NULL},
		{"wine", 1, 1, "ImportError: wine: Call from 1 is in an error\n", NULL},
		{"wine", 0x80000100 & 0xff, 1,
			"wine: Call from 0000 to unimplemented function KERNEL32.dll.SleepWell, aborting\n",
			"wine: Call from 0000 to unimplemented function KERNEL32.dll.SleepWell, aborting"},
		{"wine", 1, 1, "first\nwine: Unhandled page fault on read access to 8\r\n",
			"wine: Unhandled page fault on read access to 8"},
		{"wine", 0xc0000005 & 0xff, 1, "", "wine ended with exit code 5"},
		{"wine", 9, 5, "", "wine ended with exit code 9"},
		{"wine", -9, 5, "", "wine ended with signal 9"},
		{"qemu", -11, 1, "wine: Unhandled\n", NULL},
		{"native", 134, 1, "", NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf why = {0};
		bool is_limit = executor_gave_up(executor_find(rows[i].executor), str_from(rows[i].output),
			rows[i].code, rows[i].own, &why);
		print_message("row %zu\n", i);
		assert_int_equal(is_limit, rows[i].why != NULL);
		assert_true(!is_limit || str_is(buf_view(&why), rows[i].why));
		buf_finish(&why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_who_gave_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
