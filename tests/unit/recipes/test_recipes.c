/* The recipe tree: the shipped one loads; recipes that must load do, with what they say; those that
 * must not are refused at the right line. */
#include "core/base/vec.h"
#include "core/io/file.h"
#include "recipes/data.h"
#include "recipes/draft.h"
#include "recipes/image.h"
#include "recipes/reasons.h"
#include "recipes/recipe.h"
#include "recipes/recipe_schema.h"
#include "recipes/scope.h"
#include "recipes/target.h"
#include "recipes/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define DATA TEST_DATA "/recipes"

static void test_targets(void **state)
{
	struct target_set set;
	struct err e = {0};
	if (target_set_load(RECIPES, &set, &e) != 0) {
		fail_msg("%s", e.text);
	}
	assert_int_equal(set.n, 35);
	const struct recipe_target *t = target_set_find(&set, STR("cp313-manylinux_2_28_aarch64"));
	assert_non_null(t);
	assert_string_equal(t->job.compiler_triple, "aarch64-linux-gnu.2.28");
	assert_string_equal(t->job.extension_suffix, ".cpython-313-aarch64-linux-gnu.so");
	assert_string_equal(t->job.host_platform, "linux-aarch64");
	assert_string_equal(t->job.libc, "glibc");
	assert_int_equal(t->job.glibc_minor, 28);
	assert_string_equal(t->family, "glibc");
	assert_string_equal(t->job.abi, "cp313");
	assert_int_equal(strlen(t->object), 40);
	t = target_set_find(&set, STR("cp314t-win_arm64"));
	assert_string_equal(t->job.extension_suffix, ".cp314t-win_arm64.pyd");
	assert_string_equal(t->job.os, "windows");
	assert_true(t->pep.free_threaded);
	assert_null(target_set_find(&set, STR("cp310-win_arm64")));
	target_set_finish(&set);
}

static void test_short_names(void **state)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
		{"win_arm64", "cp313-win_arm64"},
		{"aarch64", "cp313-manylinux_2_28_aarch64"},
		{"cp315t-aarch64", "cp315t-manylinux_2_28_aarch64"},
		{"musllinux_1_2_aarch64", "cp313-musllinux_1_2_aarch64"},
		{"cp312-manylinux_2_39_aarch64", "cp312-manylinux_2_39_aarch64"},
		{"cp39-win_arm64", NULL},
		{"arm64", NULL},
		{"", NULL},
		{"-", NULL},
	};
	struct target_set set;
	assert_int_equal(target_set_load(RECIPES, &set, NULL), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err e = {0};
		const struct recipe_target *t =
			target_set_resolve(&set, str_from(cases[i].text), "cp313", &e);
		if (cases[i].name != NULL) {
			assert_non_null(t);
			assert_string_equal(t->pep.name, cases[i].name);
		} else {
			assert_null(t);
			assert_int_equal(e.code, ERR_NOT_FOUND);
		}
	}
	target_set_finish(&set);
}

/* Every image that a target names is there, and the reverse data loads. */
static void test_shipped_tree(void **state)
{
	struct target_set targets;
	struct image_set images;
	struct recipe_set recipes;
	struct scope scope;
	struct err e = {0};
	assert_int_equal(target_set_load(RECIPES, &targets, &e), 0);
	if (image_set_load(RECIPES, &images, &e) != 0 || recipe_set_load(RECIPES, &recipes, &e) != 0 ||
		scope_load(RECIPES, &scope, &e) != 0) {
		fail_msg("%s", e.text);
	}
	for (size_t i = 0; i < targets.n; i++) {
		const struct recipe_target *t = &targets.v[i];
		for (size_t k = 0; k <= t->build_count; k++) {
			const char *name = k < t->build_count ? t->builds[k].builder : t->tester;
			if (name != NULL && image_set_find(&images, str_from(name)) == NULL) {
				fail_msg("%s: no image %s", t->pep.name, name);
			}
		}
	}
	if (recipes.problem_count != 0) {
		fail_msg("%s", recipes.problems[0].text);
	}
	assert_non_null(scope_find(&scope, STR("uvloop"), STR("cp313-win_arm64")));
	assert_null(scope_find(&scope, STR("uvloop"), STR("cp313-manylinux_2_28_aarch64")));
	assert_null(scope_find(&scope, STR("uvloop2"), STR("cp313-win_arm64")));
	target_set_finish(&targets);
	image_set_finish(&images);
	recipe_set_finish(&recipes);
	scope_finish(&scope);
}

/* What an image that no target names can test. */
static void test_what_an_image_runs(void **state)
{
	static const struct {
		const char *image, *target, *executor;
	} rows[] = {
		{"bookworm-arm64-wine", "cp313-win_arm64", "wine"},
		{"bookworm-arm64-wine", "cp313t-win_arm64", NULL},
		{"bookworm-arm64-wine", "cp311-win_arm64", NULL},
		{"bookworm-arm64-wine-cp311", "cp311-win_arm64", "wine"},
		{"bookworm-arm64-wine", "cp312-win_arm64", NULL},
		{"bookworm-arm64-wine", "cp313-manylinux_2_28_aarch64", NULL},
		{"windows-arm64", "cp313-win_arm64", "native"},
		{"windows-arm64", "cp313t-win_arm64", NULL},
		{"trixie-arm64-test", "cp313-win_arm64", NULL},
		{"trixie-arm64-test", "cp313-manylinux_2_28_aarch64", NULL},
	};
	struct target_set targets;
	struct image_set images;
	assert_int_equal(target_set_load(RECIPES, &targets, NULL), 0);
	assert_int_equal(image_set_load(RECIPES, &images, NULL), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct recipe_image *image = image_set_find(&images, str_from(rows[i].image));
		const struct recipe_target *t = target_set_find(&targets, str_from(rows[i].target));
		const char *executor = recipe_image_executor(image, &t->job);
		assert_int_equal(executor != NULL, rows[i].executor != NULL);
		assert_true(executor == NULL || strcmp(executor, rows[i].executor) == 0);
		assert_int_equal(
			recipe_image_is_plain(image), str_starts(str_from(rows[i].image), "trixie"));
	}
	image_set_finish(&images);
	target_set_finish(&targets);
}

static void test_good_recipes(void **state)
{
	struct arena arena = {0};
	struct recipe r;
	struct err e = {0};
	if (recipe_load(DATA, DATA "/good/patched.yaml", &arena, &r, &e) != 0) {
		fail_msg("%s", e.text);
	}
	assert_int_equal(r.revision, 4);
	assert_int_equal(r.env_count, 2);
	assert_string_equal(r.env[0].target, "*-win_arm64");
	assert_string_equal(r.env[1].value, "");
	assert_string_equal(r.tools.v[0], "rust");
	assert_int_equal(r.library_count, 2);
	assert_string_equal(r.libraries[1].target, "*");
	assert_true(recipe_as_target(&r, STR("cp313-win_arm64")));
	assert_false(recipe_as_target(&r, STR("cp313-manylinux_2_28_aarch64")));
	assert_int_equal(r.patch_count, 1);
	assert_int_equal(strlen(r.patches[0].object), 40);
	assert_int_equal(r.patches[0].strip, 1);
	assert_int_equal(r.min_tests, 12);
	assert_string_equal(r.test_command.v[2], "pytest");
	assert_int_equal(r.limits.memory_mb, 6000);
	assert_int_equal(r.limits.pids, 0);
	assert_true(recipe_admits(&r, STR("2.5")));
	assert_false(recipe_admits(&r, STR("3.0")));
	assert_string_equal(r.test_sources.v[1], "pytest.ini");
	assert_string_equal(r.test_env[0].value, "1");
	assert_string_equal(r.deselects[0].id, "tests/test_speed.py::test_fast");
	const struct recipe_skip *skip =
		recipe_skip_find(&r, STR("cp313-musllinux_1_2_aarch64"), "2027-01-31");
	assert_non_null(skip);
	assert_int_equal(skip->code, REASON_CODE_MISSING_C_LIBRARY);
	assert_null(recipe_skip_find(&r, STR("cp313-musllinux_1_2_aarch64"), "2027-02-01"));
	assert_null(recipe_skip_find(&r, STR("cp313-win_arm64"), "2027-01-01"));
	if (recipe_load(DATA, DATA "/good/plain.yaml", &arena, &r, &e) != 0) {
		fail_msg("%s", e.text);
	}
	assert_true(recipe_admits(&r, STR("0.1.dev3")));
	assert_int_equal(r.min_tests, 0);
	arena_finish(&arena);
}

static void test_schema_is_the_tables(void **state)
{
	struct buf made = {0}, kept = {0};
	struct err e = {0};
	recipe_schema_write(&made);
	assert_int_equal(file_read(RECIPES "/recipe.schema.json", 1 << 20, &kept, &e), 0);
	if (!str_equal(buf_view(&made), buf_view(&kept))) {
		fail_msg("recipes/recipe.schema.json is old: wheelfarm recipe schema writes it");
	}
	buf_finish(&made);
	buf_finish(&kept);
}

/* Whatever the source holds, a draft loads; and it shows what is there. */
static void test_draft(void **state)
{
	struct arena arena = {0};
	struct recipe r;
	struct err e = {0};
	struct buf text = {0};
	char folder[] = "/tmp/wheelfarm-draft-XXXXXX";
	assert_non_null(mkdtemp(folder));
	const struct draft draft = {.name = "demo", .folder = DATA "/draft"};
	draft_write(&draft, &text);
	assert_true(str_find_text(buf_view(&text), STR("{name: zlib}")) >= 0);
	assert_true(str_find_text(buf_view(&text), STR("{name: lz4}")) < 0); /* it lies in the source */
	char *path = file_join(folder, "demo.yaml");
	assert_int_equal(file_write_atomic(path, buf_view(&text), &e), 0);
	if (recipe_load(folder, path, &arena, &r, &e) != 0) {
		fail_msg("%s", e.text);
	}
	assert_string_equal(r.test_sources.v[0], "tests");
	assert_string_equal(r.test_requires.v[0], "pytest");
	assert_string_equal(r.test_requires.v[1], "hypothesis");
	assert_int_equal(r.min_tests, 1);
	file_remove_tree(folder, NULL);
	free(path);
	buf_finish(&text);
	arena_finish(&arena);
}

/* "# LINE: words" of the first line. */
static void check_bad(const char *path)
{
	struct arena arena = {0};
	struct recipe r;
	struct err e = {0};
	struct buf text = {0};
	assert_int_equal(file_read(path, 1 << 20, &text, &e), 0);
	struct str rest = buf_view(&text), first;
	assert_true(str_split(&rest, '\n', &first) && str_starts(first, "# "));
	ptrdiff_t colon = str_find(first, ':');
	assert_true(colon > 2);
	char *place = str_format("%s:%.*s: ", path, (int)colon - 2, first.p + 2);
	struct str words = str_trim(str_slice(first, (size_t)colon + 1, first.n));
	if (recipe_load(DATA, path, &arena, &r, &e) == 0) {
		fail_msg("%s: loads", path);
	}
	if (!str_starts(str_from(e.text), place) || str_find_text(str_from(e.text), words) < 0) {
		fail_msg("\"%s\" is not at \"%s\" or has no \"%.*s\"", e.text, place, STR_ARG(words));
	}
	free(place);
	buf_finish(&text);
	arena_finish(&arena);
}

static void test_bad_recipes(void **state)
{
	struct arena arena = {0};
	struct json_texts names;
	assert_int_equal(data_list(DATA "/bad", &arena, &names, NULL), 0);
	assert_true(names.n >= 20);
	for (size_t i = 0; i < names.n; i++) {
		char *path = str_format("%s/bad/%s.yaml", DATA, names.v[i]);
		check_bad(path);
		free(path);
	}
	arena_finish(&arena);
}

static void test_patterns(void **state)
{
	assert_true(recipe_target_matches("*", STR("cp313-win_arm64")));
	assert_true(recipe_target_matches("*-win_arm64", STR("cp313-win_arm64")));
	assert_false(recipe_target_matches("*-win_arm64", STR("cp313-win_amd64")));
	assert_true(recipe_target_matches("cp313-*", STR("cp313-win_arm64")));
	assert_false(recipe_target_matches("cp313-*", STR("cp313t-win_arm64")));
	assert_true(recipe_target_matches("cp313-win_arm64", STR("cp313-win_arm64")));
	assert_false(recipe_target_matches("cp313-win_arm64", STR("cp313-win_arm6")));
}

static const struct {
	const char *yaml, *error;
} bad_rules[] = {
	{"schema: 1\nrules:\n  - {code: x86_flags, stage: build, pattern: '(', example: a, counter: "
	 "b}\n",
		"r.yaml:3: pattern"},
	{"schema: 1\nrules:\n  - code: nobody\n    stage: build\n    pattern: a\n    example: a\n"
	 "    counter: b\n",
		"r.yaml:3: no reason"},
	{"schema: 1\nrules:\n  - code: crash\n    stage: bake\n    pattern: a\n    example: a\n"
	 "    counter: b\n",
		"r.yaml:3: no stage"},
	{"schema: 1\nrules:\n  - code: crash\n    stage: any\n    pattern: a\n    example: b\n"
	 "    counter: b\n",
		"r.yaml:3: the pattern does not match its example"},
	{"schema: 1\nrules:\n  - code: crash\n    stage: any\n    pattern: a\n    example: a\n"
	 "    counter: ba\n",
		"r.yaml:3: the pattern matches its counter-example"},
	{"schema: 9\nrules: []\n", "r.yaml:1: schema 9"},
	{"rules: []\n", "r.yaml:1: "},
};

static void test_bad_rules(void **state)
{
	for (size_t i = 0; i < sizeof(bad_rules) / sizeof(*bad_rules); i++) {
		struct err e = {0};
		assert_null(reason_rules_parse(str_from(bad_rules[i].yaml), "r.yaml", &e));
		if (!str_starts(str_from(e.text), bad_rules[i].error)) {
			fail_msg("\"%s\", not \"%s\"", e.text, bad_rules[i].error);
		}
	}
}

/* git's own ids: of the empty blob and of "hello\n". */
static void test_tree(void **state)
{
	char object[TREE_OBJECT];
	tree_object_of((struct str){0}, object);
	assert_string_equal(object, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
	tree_object_of(STR("hello\n"), object);
	assert_string_equal(object, "ce013625030ba8dba906f756967f9e9ca394464a");
	struct recipe_tree tree;
	struct err e = {0};
	assert_int_equal(recipe_tree_open(RECIPES, &tree, &e), 0);
	assert_true(tree.commit[0] == '\0' || strlen(tree.commit) == 40);
	recipe_tree_finish(&tree);
	assert_int_equal(recipe_tree_open("/", &tree, &e), ERR_NOT_FOUND);
	recipe_tree_finish(&tree);
	char folder[] = "/tmp/wheelfarm-tree-XXXXXX";
	assert_non_null(mkdtemp(folder));
	char *targets = file_join(folder, "targets");
	assert_int_equal(file_make_folders(targets, &e), 0);
	assert_int_equal(recipe_tree_open(folder, &tree, &e), 0);
	assert_string_equal(tree.commit, ""); /* no repository there */
	assert_false(tree.dirty);
	recipe_tree_finish(&tree);
	file_remove_tree(folder, NULL);
	free(targets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_short_names),
		cmocka_unit_test(test_shipped_tree),
		cmocka_unit_test(test_what_an_image_runs),
		cmocka_unit_test(test_good_recipes),
		cmocka_unit_test(test_schema_is_the_tables),
		cmocka_unit_test(test_draft),
		cmocka_unit_test(test_bad_recipes),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_bad_rules),
		cmocka_unit_test(test_tree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
