/* What makes a job another one. */
#include "coordinator/plan/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Each part of the key makes another job; parts cannot run into each other. */
static void test_key(void **state)
{
	static const char *const patches[] = {"p1", "p2"};
	const struct plan_key base = {"build", "lz4", "1.0", "cp313-win_arm64", "cross", "r", patches,
		1, "t", "image", 1, "tester", 1, "zig"};
	struct plan_key keys[16];
	size_t n = 0;
	for (; n < 14; n++) {
		keys[n] = base;
	}
	keys[1].kind = "rebuild";
	keys[2].package = "lz";
	keys[3].release = "1.1";
	keys[4].target = "cp314-win_arm64";
	keys[5].mode = "native";
	keys[6].recipe_object = "";
	keys[7].patch_count = 2;
	keys[8].target_object = "u";
	keys[9].image_revision = 2;
	keys[10].tester_revision = 2;
	keys[11].toolchain = "zig2";
	keys[12].package = "lz4"
					   "1.0";
	keys[12].release = "";
	keys[13].image = "other";
	char hashes[16][65];
	for (size_t i = 0; i < n; i++) {
		plan_key_hash(&keys[i], hashes[i]);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(hashes[i], hashes[k]);
		}
	}
	char again[65];
	plan_key_hash(&base, again);
	assert_string_equal(again, hashes[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
