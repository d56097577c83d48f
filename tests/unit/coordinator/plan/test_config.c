/* The configuration: what is refused, and what people start from. */
#include "coordinator/config.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
	const char *text, *error;
} bad_configs[] = {
	{"schema: 1\npackages: [a]\nlisten: here\n", ":3: \"here\" is not ADDRESS:PORT"},
	{"schema: 2\npackages: [a]\n", ":1: schema 2"},
	{"schema: 1\npackages: [a]\ncolour: red\n", ":3: "},
	{"schema: 1\npackages:\n  - fine\n  - not fine\n", ":4: \"not fine\" is no package name"},
	{"schema: 1\n", ":1: no packages"},
	{"schema: 1\npackages: [a]\ntargets:\n  - cp313-win_arm64\n  - cp13-vax\n",
		":5: no target \"cp13-vax\""},
	{"schema: 1\npackages: [a]\nbuild: some\n", ":3: build is"},
	{"schema: 1\npackages: [a]\ntargets: [aarch64]\nmodes: [cross, magic]\n",
		":4: no target is built by \"magic\""},
	{"schema: 1\npackages: [a]\ntargets: [aarch64]\nmodes:\n  - cross\n  - cross-gcc\n",
		":6: cross-gcc and cross are both cross for cp313-manylinux_2_28_aarch64: name one"},
	{"schema: 1\npackages: [a]\nagents: {slots: 900}\n", ":3: slots"},
	{"schema: 1\npackages: [a]\nlimits:\n  pids: -4\n", ":4: pids"},
	{"schema: 1\npackages: [a]\nindex: ftp://x.example.invalid/\n", ":3: an index"},
	{"schema: 1\npackages: [a]\npython: cp27\n", ":3: no target has the Python"},
	{"schema: 1\npackages: [a]\ntargets: [win_arm64]\ncontrol: no-such-image\n",
		":4: no image is called \"no-such-image\""},
	{"schema: 1\npackages: [a]\ntargets: [win_arm64]\ncontrol: trixie-arm64-test\n",
		":4: trixie-arm64-test is no image of the role control"},
	{"schema: 1\npackages: [a]\ntargets: [win_arm64]\ntesters:\n  - no-such-image\n",
		":5: no image is called \"no-such-image\""},
	{"schema: 1\npackages: [a]\ntargets: [win_arm64]\ntesters: [trixie-arm64-test]\n",
		":4: trixie-arm64-test runs none of the targets"},
	{"schema: 1\npackages: [a]\ntargets: [aarch64]\ntesters: [bookworm-arm64-wine]\n",
		":4: bookworm-arm64-wine runs none of the targets"},
	{"schema: 1\npackages: [a]\ntests: [published, all]\n", ":3: tests are of published, built"},
	{"schema: 1\npackages: [a\n", ":"},
};

/* Which wheels have tests that are jobs of their own. */
static void test_tests(void **state)
{
	static const struct {
		const char *text;
		bool published, built;
	} rows[] = {{"", false, false}, {"tests: [published]\n", true, false},
		{"tests: [built, published]\n", true, true}};
	char folder[] = "/tmp/wheelfarm-config-XXXXXX";
	assert_non_null(mkdtemp(folder));
	char *path = file_join(folder, "farm.yaml");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct config config;
		struct err e = {0};
		char *text = str_format("schema: 1\npackages: [a]\n%s", rows[i].text);
		assert_int_equal(file_write_atomic(path, str_from(text), &e), 0);
		assert_int_equal(config_load(path, &config, &e), 0);
		assert_int_equal(config.test_published, rows[i].published);
		assert_int_equal(config.test_built, rows[i].built);
		config_finish(&config);
		free(text);
	}
	free(path);
	file_remove_tree(folder, NULL);
}

static void test_bad_configs(void **state)
{
	char folder[] = "/tmp/wheelfarm-config-XXXXXX";
	assert_non_null(mkdtemp(folder));
	char *path = file_join(folder, "bad.yaml");
	for (size_t i = 0; i < sizeof(bad_configs) / sizeof(*bad_configs); i++) {
		struct config config;
		struct err e = {0};
		assert_int_equal(file_write_atomic(path, str_from(bad_configs[i].text), &e), 0);
		assert_true(config_load(path, &config, &e) < 0);
		char *start = str_format("%s%s", path, bad_configs[i].error);
		if (!str_starts(str_from(e.text), start)) {
			fail_msg("\"%s\" does not start with \"%s\"", e.text, start);
		}
		free(start);
		config_finish(&config);
	}
	free(path);
	file_remove_tree(folder, NULL);
}

/* The examples are what people start from. */
static void test_examples(void **state)
{
	struct config config;
	struct err e = {0};
	if (config_load(EXAMPLES "/first-light.yaml", &config, &e) != 0) {
		fail_msg("%s", e.text);
	}
	assert_int_equal(config.packages.n, 12);
	assert_int_equal(config.targets.n, 2);
	assert_int_equal(config.build, CONFIG_BUILD_ALL);
	assert_int_equal(config.agents.slots, 2);
	assert_true(str_ends(str_from(config.database), "/first-light/facts.db"));
	config_finish(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_tests),
		cmocka_unit_test(test_bad_configs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
