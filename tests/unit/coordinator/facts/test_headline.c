/* The nine rows of the headline's table, each alone and against the rows before it. */
#include "coordinator/verdict/headline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
	const char *what;
	struct headline_facts facts;
	enum headline want;
} cases[] = {
	{"never scanned", {0}, HEADLINE_UNKNOWN},
	{"policy", {.scanned = true, .state = PUBLISHED_NOT_APPLICABLE, .build = HEADLINE_BUILT},
		HEADLINE_NOT_APPLICABLE},
	{"python", {.scanned = true, .state = PUBLISHED_PYTHON_EXCLUDED, .vanished = true},
		HEADLINE_NOT_APPLICABLE},
	{"broken",
		{.scanned = true,
			.state = PUBLISHED_WHEEL,
			.published_broken = true,
			.dependencies = DEPENDENCIES_BLOCKED},
		HEADLINE_BROKEN},
	{"broken needs a wheel", {.scanned = true, .state = PUBLISHED_SDIST, .published_broken = true},
		HEADLINE_UNKNOWN},
	{"blocked",
		{.scanned = true,
			.state = PUBLISHED_PURE,
			.lost_accelerator = true,
			.dependencies = DEPENDENCIES_BLOCKED},
		HEADLINE_BLOCKED},
	{"dependencies unknown: row skipped", {.scanned = true, .state = PUBLISHED_WHEEL},
		HEADLINE_READY},
	{"degraded", {.scanned = true, .state = PUBLISHED_PURE, .lost_accelerator = true},
		HEADLINE_DEGRADED},
	{"pure", {.scanned = true, .state = PUBLISHED_PURE, .dependencies = DEPENDENCIES_OK},
		HEADLINE_READY},
	{"ready though vanished", {.scanned = true, .state = PUBLISHED_WHEEL, .vanished = true},
		HEADLINE_READY},
	{"vanished though built",
		{.scanned = true,
			.state = PUBLISHED_SDIST,
			.vanished = true,
			.compiled_elsewhere = true,
			.build = HEADLINE_BUILT},
		HEADLINE_VANISHED},
	{"builds",
		{.scanned = true,
			.state = PUBLISHED_SDIST,
			.compiled_elsewhere = true,
			.build = HEADLINE_BUILT},
		HEADLINE_BUILDS},
	{"builds where nothing fits",
		{.scanned = true, .state = PUBLISHED_NONE, .build = HEADLINE_BUILT}, HEADLINE_BUILDS},
	{"none", {.scanned = true, .state = PUBLISHED_NONE}, HEADLINE_MISSING},
	{"compiled elsewhere", {.scanned = true, .state = PUBLISHED_SDIST, .compiled_elsewhere = true},
		HEADLINE_MISSING},
	{"failed by the package",
		{.scanned = true,
			.state = PUBLISHED_SDIST,
			.build = HEADLINE_BUILD_FAILED,
			.owner = REASON_PACKAGE},
		HEADLINE_MISSING},
	{"failed by the toolchain",
		{.scanned = true,
			.state = PUBLISHED_SDIST,
			.build = HEADLINE_BUILD_FAILED,
			.owner = REASON_TOOLCHAIN},
		HEADLINE_MISSING},
	{"failed by the farm",
		{.scanned = true,
			.state = PUBLISHED_SDIST,
			.build = HEADLINE_BUILD_FAILED,
			.owner = REASON_FARM},
		HEADLINE_UNKNOWN},
	{"failed by the recipe",
		{.scanned = true,
			.state = PUBLISHED_SDIST,
			.build = HEADLINE_BUILD_FAILED,
			.owner = REASON_RECIPE},
		HEADLINE_UNKNOWN},
	{"failed, nobody knows why",
		{.scanned = true,
			.state = PUBLISHED_SDIST,
			.build = HEADLINE_BUILD_FAILED,
			.owner = REASON_NOBODY},
		HEADLINE_UNKNOWN},
	{"a failed build of ours says nothing of a published wheel",
		{.scanned = true,
			.state = PUBLISHED_WHEEL,
			.build = HEADLINE_BUILD_FAILED,
			.owner = REASON_PACKAGE},
		HEADLINE_READY},
	{"a pure sdist never tried", {.scanned = true, .state = PUBLISHED_SDIST}, HEADLINE_UNKNOWN},
	{"built, never scanned", {.build = HEADLINE_BUILT}, HEADLINE_BUILDS},
};

static void test_table(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		enum headline have = headline_of(&cases[i].facts);
		if (have != cases[i].want) {
			fail_msg(
				"%s: %s, not %s", cases[i].what, headline_word(have), headline_word(cases[i].want));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_table)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
