#include "cli/recipe.h"

#include "cli/main.h"
#include "cli/options.h"
#include "core/io/file.h"
#include "core/pep/name.h"
#include "recipes/image.h"
#include "recipes/reasons.h"
#include "recipes/recipe.h"
#include "recipes/scope.h"
#include "recipes/target.h"
#include "recipes/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of --recipes, else the default; the caller frees. */
static char *folder_of(const char *given)
{
	return given != NULL ? str_dup(str_from(given)) : recipe_tree_default();
}

static int refuse(const struct err *e)
{
	fprintf(stderr, "wheelfarm recipe: %s\n", e->text);
	return EXIT_USAGE;
}

static int list(const char *folder, const struct option_list *words)
{
	struct recipe_set set;
	struct err e = {0};
	if (recipe_set_load(folder, &set, &e) != 0) {
		recipe_set_finish(&set);
		return refuse(&e);
	}
	for (size_t i = 0; i < set.n; i++) {
		const struct recipe *r = &set.v[i];
		printf("%-24s %-12s revision %lld, %zu patches, %zu skipped\n", r->name,
			r->versions[0] != '\0' ? r->versions : "any", (long long)r->revision, r->patch_count,
			r->skip_count);
	}
	for (size_t i = 0; i < set.problem_count; i++) {
		printf("%-24s %s\n", set.problems[i].name, set.problems[i].text);
	}
	int code = set.problem_count != 0 ? EXIT_NOT_FINE : EXIT_FINE;
	recipe_set_finish(&set);
	return code;
}

/* What was found wrong, counted; each is one line on stdout. */
struct linting {
	size_t problems; /* of files that load: exit code 1 */
	size_t unreadable; /* files that do not: 2 */
	const char *folder;
	struct target_set targets;
	struct image_set images;
};

static void say(struct linting *l, const char *text)
{
	printf("%s\n", text);
	l->problems++;
}

/* What one file cannot know: does the image exist, is there such a target? */
static void unreadable(struct linting *l, const char *text)
{
	fprintf(stderr, "%s\n", text);
	l->unreadable++;
}

static void lint_targets(struct linting *l)
{
	for (size_t i = 0; i < l->targets.n; i++) {
		const struct recipe_target *t = &l->targets.v[i];
		const char *const names[] = {t->builder, t->tester};
		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++) {
			if (names[k] != NULL && image_set_find(&l->images, str_from(names[k])) == NULL) {
				char *text = str_format("%s:1: there is no image \"%s\"", t->file, names[k]);
				say(l, text);
				free(text);
			}
		}
	}
}

static void lint_pattern(struct linting *l, const char *file, const char *pattern)
{
	for (size_t i = 0; i < l->targets.n; i++) {
		if (recipe_target_matches(pattern, str_from(l->targets.v[i].pep.name))) {
			return;
		}
	}
	char *text = str_format("%s:1: no target matches \"%s\"", file, pattern);
	say(l, text);
	free(text);
}

static void lint_recipe(struct linting *l, const struct recipe *r)
{
	for (size_t i = 0; i < r->env_count; i++) {
		lint_pattern(l, r->file, r->env[i].target);
	}
	for (size_t i = 0; i < r->patch_count; i++) {
		lint_pattern(l, r->file, r->patches[i].target);
	}
	for (size_t i = 0; i < r->skip_count; i++) {
		lint_pattern(l, r->file, r->skips[i].target);
	}
}

static void lint_tree(struct linting *l)
{
	struct err e = {0};
	struct scope scope;
	struct recipe_set recipes;
	if (scope_load(l->folder, &scope, &e) != 0) {
		unreadable(l, e.text);
	}
	for (size_t i = 0; i < scope.n; i++) {
		lint_pattern(l, "scope.yaml", scope.v[i].target);
	}
	scope_finish(&scope);
	struct reason_rules *rules = reason_rules_load(l->folder, &e);
	if (rules == NULL) {
		unreadable(l, e.text);
	}
	reason_rules_destroy(rules);
	if (recipe_set_load(l->folder, &recipes, &e) != 0) {
		unreadable(l, e.text);
	}
	for (size_t i = 0; i < recipes.problem_count; i++) {
		unreadable(l, recipes.problems[i].text);
	}
	for (size_t i = 0; i < recipes.n; i++) {
		lint_recipe(l, &recipes.v[i]);
	}
	recipe_set_finish(&recipes);
}

static void lint_file(struct linting *l, const char *file)
{
	struct arena arena = {0};
	struct recipe recipe;
	struct err e = {0};
	if (recipe_load(l->folder, file, &arena, &recipe, &e) != 0) {
		unreadable(l, e.text);
	} else {
		lint_recipe(l, &recipe);
	}
	arena_finish(&arena);
}

static int lint(const char *folder, const struct option_list *words)
{
	struct linting l = {.folder = folder};
	struct err e = {0};
	for (size_t i = 1; i < words->n; i++) {
		if (access(words->v[i], R_OK) != 0) {
			return options_wrong("recipe", "%s cannot be read", words->v[i]);
		}
	}
	if (target_set_load(folder, &l.targets, &e) != 0) {
		say(&l, e.text);
	}
	if (image_set_load(folder, &l.images, &e) != 0) {
		say(&l, e.text);
	} else {
		lint_targets(&l);
	}
	if (words->n == 1) {
		lint_tree(&l);
	}
	for (size_t i = 1; i < words->n; i++) {
		lint_file(&l, words->v[i]);
	}
	if (l.problems + l.unreadable == 0) {
		printf("fine\n");
	}
	target_set_finish(&l.targets);
	image_set_finish(&l.images);
	if (l.unreadable != 0) {
		return EXIT_USAGE;
	}
	return l.problems != 0 ? EXIT_NOT_FINE : EXIT_FINE;
}

/* key=value lines, one word each: for shell scripts. */
static void print_image(const struct recipe_image *image)
{
	printf("name=%s\nrevision=%lld\nsuite=%s\narchitecture=%s\nvariant=%s\nrole=%s\npackages=",
		image->name, (long long)image->revision, image->suite, image->architecture, image->variant,
		image->role);
	for (size_t i = 0; i < image->packages.n; i++) {
		printf("%s%s", i != 0 ? "," : "", image->packages.v[i]);
	}
	printf("\n");
}

/* `image NAME`, or `image` for the names of all. */
static int image(const char *folder, const struct option_list *words)
{
	struct image_set set;
	struct err e = {0};
	int code = EXIT_FINE;
	if (image_set_load(folder, &set, &e) != 0) {
		code = refuse(&e);
	} else if (words->n == 1) {
		for (size_t i = 0; i < set.n; i++) {
			printf("%s\n", set.v[i].name);
		}
	} else {
		const struct recipe_image *found = image_set_find(&set, str_from(words->v[1]));
		if (found != NULL) {
			print_image(found);
		} else {
			code = options_wrong("recipe", "no image is called '%s'", words->v[1]);
		}
	}
	image_set_finish(&set);
	return code;
}

/* A skeleton that loads: the smallest recipe, with the other fields as comments. */
static int new_recipe(const char *folder, const struct option_list *words)
{
	char name[256];
	struct err e = {0};
	if (words->n != 2 || !name_is_valid(str_from(words->v[1])) ||
		!name_normalise_to(str_from(words->v[1]), name, sizeof(name))) {
		return options_wrong("recipe", "new takes one package name");
	}
	char *packages = file_join(folder, "packages");
	char *path = str_format("%s/%s.yaml", packages, name);
	char *text = str_format("schema: 1\nname: %s\nrevision: 1\n"
							"# versions: '>=1.0'\n"
							"# env:\n#   - {name: SOME_OPTION, value: '1', target: '*-win_arm64'}\n"
							"# requires_add: [cython]\n# requires_remove: [cmake]\n"
							"# config_settings: ['setup-args=-Dopt=off']\n"
							"# imports: [%s]\n"
							"# test:\n#   requires: [pytest]\n"
							"#   command: [python3, -m, pytest]\n#   min_tests: 1\n",
		name, name);
	int code = EXIT_FINE;
	if (access(path, F_OK) == 0) {
		code = options_wrong("recipe", "%s is there already", path);
	} else if (file_make_folders(packages, &e) != 0 ||
		file_write_atomic(path, str_from(text), &e) != 0) {
		fprintf(stderr, "wheelfarm recipe: %s\n", e.text);
		code = EXIT_WORLD;
	} else {
		printf("%s\n", path);
	}
	free(text);
	free(path);
	free(packages);
	return code;
}

static const struct {
	const char *name;
	int (*run)(const char *folder, const struct option_list *words);
} actions[] = {
	{"list", list},
	{"lint", lint},
	{"new", new_recipe},
	{"image", image},
};

int command_recipe(int argc, char **argv)
{
	const char *recipes = NULL;
	bool names = false;
	struct option_list words;
	const struct option table[] = {
		{.name = "recipes",
			.kind = OPTION_TEXT,
			.out = &recipes,
			.value = "DIR",
			.help = "another recipe tree"},
		{.name = "names",
			.kind = OPTION_FLAG,
			.out = &names,
			.help = "of image: the names of all (as without NAME)"},
		{0},
	};
	const struct options about = {
		.command = "recipe",
		.usage = "list | lint [FILE…] | new NAME | image [NAME]",
		.about =
			"Per-package recipes, and the data around them.\n\n"
			"  list         every recipe, and those that do not load\n"
			"  lint [FILE…] check the whole tree, or these recipes; ends with 1 if one is wrong\n"
			"  new NAME     write the smallest recipe, to be filled in\n"
			"  image [NAME] an image's data as key=value lines, for scripts",
		.example = "wheelfarm recipe lint recipes/packages/lz4.yaml",
		.table = table,
		.words_min = 1,
		.words_max = SIZE_MAX,
	};
	int code = options_parse(&about, argc, argv, &words);
	if (code == OPTIONS_GO) {
		char *folder = folder_of(recipes);
		code = -1;
		for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
			if (strcmp(words.v[0], actions[i].name) == 0) {
				code = actions[i].run(folder, &words);
			}
		}
		if (code < 0) {
			code = options_wrong("recipe", "'%s' is none of list, lint, new, image", words.v[0]);
		}
		free(folder);
	}
	options_list_finish(&words);
	return code;
}
