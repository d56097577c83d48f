#include "cli/main.h"
#include "cli/recipe_parts.h"
#include "core/base/clock.h"
#include "recipes/image.h"
#include "recipes/reasons.h"
#include "recipes/recipe.h"
#include "recipes/scope.h"
#include "recipes/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What was found wrong, counted; each is one line on stdout. */
struct linting {
	size_t problems; /* of files that load: exit code 1 */
	size_t unreadable; /* files that do not: 2 */
	const char *folder;
	char today[CLOCK_TEXT]; /* the date alone */
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
		for (size_t k = 0; k <= t->build_count; k++) {
			const char *name = k < t->build_count ? t->builds[k].builder : t->tester;
			if (name != NULL && image_set_find(&l->images, str_from(name)) == NULL) {
				char *text = str_format("%s:1: there is no image \"%s\"", t->file, name);
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

/* A skip that is over says nothing any more: the package is tried again until somebody looks. */
static void lint_expiry(struct linting *l, const struct recipe *r, const struct recipe_skip *skip)
{
	if (recipe_skip_expired(skip, l->today)) {
		char *text = str_format("%s:1: the skip of %s was to be looked at by %s", r->file,
			skip->target, skip->review_by);
		say(l, text);
		free(text);
	}
}

static void lint_recipe(struct linting *l, const struct recipe *r)
{
	for (size_t i = 0; i < r->env_count; i++) {
		lint_pattern(l, r->file, r->env[i].target);
	}
	for (size_t i = 0; i < r->patch_count; i++) {
		lint_pattern(l, r->file, r->patches[i].target);
	}
	for (size_t i = 0; i < r->deselect_count; i++) {
		lint_pattern(l, r->file, r->deselects[i].target);
	}
	for (size_t i = 0; i < r->skip_count; i++) {
		lint_pattern(l, r->file, r->skips[i].target);
		lint_expiry(l, r, &r->skips[i]);
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

int recipe_lint(const struct recipe_asked *a)
{
	const char *folder = a->folder;
	const struct option_list *words = &a->words;
	struct linting l = {.folder = folder};
	clock_text(clock_wall_ms(), l.today);
	l.today[strlen("YYYY-MM-DD")] = '\0';
	struct err e = {0};
	for (size_t i = 0; i < words->n; i++) {
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
	if (words->n == 0) {
		lint_tree(&l);
	}
	for (size_t i = 0; i < words->n; i++) {
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
