#include "cli/recipe.h"

#include "cli/main.h"
#include "cli/recipe_parts.h"
#include "recipes/image.h"
#include "recipes/recipe.h"
#include "recipes/recipe_schema.h"
#include "recipes/target.h"
#include "recipes/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int refuse(const struct err *e)
{
	fprintf(stderr, "wheelfarm recipe: %s\n", e->text);
	return EXIT_USAGE;
}

static int list(const struct recipe_asked *a)
{
	struct recipe_set set;
	struct err e = {0};
	if (recipe_set_load(a->folder, &set, &e) != 0) {
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

static void print_list(const char *key, const struct json_texts *list)
{
	printf("%s=", key);
	for (size_t i = 0; i < list->n; i++) {
		printf("%s%s", i != 0 ? "," : "", list->v[i]);
	}
	printf("\n");
}

/* key=value lines, one word each: for shell scripts. */
static void print_image(const struct recipe_image *image)
{
	printf("name=%s\nrevision=%lld\nsuite=%s\narchitecture=%s\nvariant=%s\nrole=%s\nkind=%s\n",
		image->name, (long long)image->revision, image->suite, image->architecture, image->variant,
		image->role, image->kind);
	print_list("packages", &image->packages);
	print_list("pythons", &image->pythons);
}

static bool is_usual(const struct target_set *targets, const char *image)
{
	for (size_t i = 0; i < targets->n; i++) {
		const struct recipe_target *t = &targets->v[i];
		if ((t->tester != NULL && strcmp(t->tester, image) == 0) ||
			(t->build_count != 0 && strcmp(t->builds[0].builder, image) == 0)) {
			return true;
		}
	}
	return false;
}

/* Those that some target is built or tested in where nobody says otherwise. */
static int print_names(const char *folder, const struct image_set *set, struct err *e)
{
	struct target_set targets;
	int code = target_set_load(folder, &targets, e);
	for (size_t i = 0; code == 0 && i < set->n; i++) {
		if (is_usual(&targets, set->v[i].name)) {
			printf("%s\n", set->v[i].name);
		}
	}
	target_set_finish(&targets);
	return code;
}

/* `image NAME`, or `image` for the names of those that are always made. */
static int image(const struct recipe_asked *a)
{
	const struct option_list *words = &a->words;
	struct image_set set;
	struct err e = {0};
	int code = EXIT_FINE;
	if (image_set_load(a->folder, &set, &e) != 0) {
		code = refuse(&e);
	} else if (words->n == 0) {
		code = print_names(a->folder, &set, &e) == 0 ? EXIT_FINE : refuse(&e);
	} else {
		const struct recipe_image *found = image_set_find(&set, str_from(words->v[0]));
		if (found != NULL) {
			print_image(found);
		} else {
			code = options_wrong("recipe", "no image is called '%s'", words->v[0]);
		}
	}
	image_set_finish(&set);
	return code;
}

static int schema(const struct recipe_asked *a)
{
	struct buf text = {0};
	recipe_schema_write(&text);
	fwrite(text.p, 1, text.n, stdout);
	buf_finish(&text);
	return EXIT_FINE;
}

static int attempt(const struct recipe_asked *a)
{
	struct try_options options = a->attempt;
	if (a->words.n != 1) {
		return options_wrong("recipe", "try takes one package name");
	}
	options.asked.name = a->words.v[0];
	options.asked.recipes = a->folder;
	return recipe_try(&options);
}

static const struct {
	const char *name;
	int (*run)(const struct recipe_asked *a);
} actions[] = {
	{"list", list},
	{"lint", recipe_lint},
	{"new", recipe_new},
	{"try", attempt},
	{"image", image},
	{"schema", schema},
	{"needs", recipe_needs},
};

static int run_action(struct recipe_asked *a, const char *given)
{
	const char *action = a->words.v[0];
	int code = -1;
	a->words.v++;
	a->words.n--;
	char *folder = given != NULL ? str_dup(str_from(given)) : recipe_tree_default();
	a->folder = folder;
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		if (strcmp(action, actions[i].name) == 0) {
			code = actions[i].run(a);
		}
	}
	if (code < 0) {
		code = options_wrong(
			"recipe", "'%s' is none of list, lint, new, try, image, schema, needs", action);
	}
	free(folder);
	a->words.v--;
	a->words.n++;
	return code;
}

int command_recipe(int argc, char **argv)
{
	const char *recipes = NULL;
	bool names = false;
	struct recipe_asked a = {0};
	struct try_options *t = &a.attempt;
	const struct option table[] = {
		{"recipes", 0, OPTION_TEXT, &recipes, "DIR", "another recipe tree"},
		{"target", 0, OPTION_TEXT, &t->asked.target, "T", "of try: for what; default aarch64"},
		{"mode", 0, OPTION_TEXT, &t->asked.mode, "M",
			"of try: cross, emulated, native, or a toolchain of the target's file"},
		{"release", 0, OPTION_TEXT, &t->asked.release, "V", "of try, new: not the newest one"},
		{"source", 0, OPTION_TEXT, &t->asked.source, "FILE", "of try, new: an sdist at hand"},
		{"index", 0, OPTION_TEXT, &t->asked.index, "URL|DIR",
			"of try, new: where pages are; without: the index pip uses here"},
		{"published", 0, OPTION_FLAG, &t->asked.published, NULL,
			"of try: build nothing, import the wheel that pip would take there"},
		{"control", 0, OPTION_FLAG, &t->asked.control, NULL,
			"of try: build and test it on x86-64 instead: is it broken on ARM, or broken?"},
		{"dir", 0, OPTION_TEXT, &t->dir, "DIR", "of try: where the workspace lies"},
		{"keep", 0, OPTION_FLAG, &t->keep, NULL, "of try: keep the workspace of a pass too"},
		{"verbose", 'v', OPTION_FLAG, &t->verbose, NULL, "of try: the log as it comes"},
		{"json", 0, OPTION_FLAG, &t->json, NULL, "of try: the result as JSON"},
		{"names", 0, OPTION_FLAG, &names, NULL, "of image: those always made (as without NAME)"},
		{0},
	};
	const struct options about = {
		.command = "recipe",
		.usage = "list | lint [FILE…] | new NAME | try NAME [--target T] | image [NAME] | schema | "
				 "needs FILE",
		.about =
			"Per-package recipes, and the data around them.\n\n"
			"  list         every recipe, and those that do not load\n"
			"  lint [FILE…] check the whole tree, or these recipes; ends with 1 if one is wrong\n"
			"  new NAME     write a draft from what the package's sdist shows\n"
			"  try NAME     build, import and test it here, in a sandbox, as a farm would;\n"
			"               ends with 0 if it passes, 1 if not, 3 if this machine failed\n"
			"  schema       the form of a recipe as JSON Schema, for editors\n"
			"  image [NAME] an image's data as key=value lines, for scripts\n"
			"  needs FILE   what a configuration and its recipes want prepared, for scripts",
		.example = "wheelfarm recipe try lz4 --target aarch64",
		.table = table,
		.words_min = 1,
		.words_max = SIZE_MAX,
	};
	int code = options_parse(&about, argc, argv, &a.words);
	if (code == OPTIONS_GO) {
		code = run_action(&a, recipes);
	}
	options_list_finish(&a.words);
	return code;
}
