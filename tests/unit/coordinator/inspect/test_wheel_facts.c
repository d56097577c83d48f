/* The few facts that a report comes to. */
#include "coordinator/inspect/wheel_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct wheel_binary *add(struct wheel_report *r, const char *path, const char *machine,
	const char *module, uint64_t page_size)
{
	struct wheel_binary *b = vec_add(&r->binaries);
	b->path = str_from(path);
	b->machine = str_from(machine);
	b->module = str_from(module);
	b->page_size = page_size;
	return b;
}

static void add_problem(struct wheel_report *r, enum wheel_problem_code code,
	enum wheel_severity severity, const char *path)
{
	*vec_add(&r->problems) =
		(struct wheel_problem){.code = code, .severity = severity, .path = str_from(path)};
}

static void test_facts(void **state)
{
	struct wheel_report r = {.glibc = STR("2.17")};
	struct arena arena = {0};
	struct wheel_facts f;
	add(&r, "demo/fast.cpython-313-aarch64-linux-gnu.so", "aarch64", "fast", 0x10000);
	add(&r, "demo/slow.cpython-313-aarch64-linux-gnu.so", "aarch64", "slow", 0x1000);
	add(&r, "demo/tools/helper", "x86_64", "", 0x200);
	add(&r, "demo.libs/whatever-1a2b.so.3", "aarch64", "", 0x10000);
	add(&r, "demo/lib/libfoo.so.1", "aarch64", "", 0x10000);
	add(&r, "demo/lib/other.DLL", "aarch64", "", 0);
	wheel_facts_of(&r, &arena, &f);
	assert_true(str_is(f.machine, "aarch64, x86_64"));
	assert_int_equal(f.page_size, 0x1000);
	assert_true(str_is(f.glibc, "2.17"));
	assert_int_equal(f.bundled.n, 3);
	assert_true(str_is(f.bundled.v[0], "whatever-1a2b.so.3"));
	assert_true(str_is(f.bundled.v[1], "libfoo.so.1"));
	assert_true(str_is(f.bundled.v[2], "other.DLL"));
	assert_null(f.worst);
	assert_null(f.broken);
	arena_finish(&arena);
	wheel_report_finish(&r);
}

static void test_broken(void **state)
{
	struct wheel_report r = {0};
	struct arena arena = {0};
	struct wheel_facts f;
	add(&r, "demo/fast.so", "aarch64", "fast", 0x10000);
	add(&r, "demo/helper.so", "x86_64", "", 0x1000);
	/* another machine's helper and a repackager's slip break no import */
	add_problem(&r, WHEEL_PROBLEM_MACHINE_MISMATCH, WHEEL_ERROR, "demo/helper.so");
	add_problem(&r, WHEEL_PROBLEM_RECORD_HASH, WHEEL_ERROR, "demo/fast.so");
	add_problem(&r, WHEEL_PROBLEM_SUFFIX_MISMATCH, WHEEL_WARNING, "demo/fast.so");
	wheel_facts_of(&r, &arena, &f);
	assert_null(f.broken);
	assert_ptr_equal(f.worst, &r.problems.v[0]);
	assert_int_equal(f.errors, 2);
	assert_int_equal(f.warnings, 1);
	add_problem(&r, WHEEL_PROBLEM_ARM64EC, WHEEL_ERROR, "demo/fast.so");
	wheel_facts_of(&r, &arena, &f);
	assert_ptr_equal(f.broken, &r.problems.v[3]);
	arena_finish(&arena);
	wheel_report_finish(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_broken),
	};
	return cmocka_run_group_tests_name("wheel_facts", tests, NULL, NULL);
}
