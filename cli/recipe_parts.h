/* What the actions of `wheelfarm recipe` share. */
#pragma once

#include "cli/options.h"
#include "cli/recipe_try.h"

/* All that one run of the command was given; the words without the action. */
struct recipe_asked {
	const char *folder; /* the recipe tree */
	struct option_list words;
	struct try_options attempt;
};

/* Each returns the command's exit code. */
int recipe_lint(const struct recipe_asked *a);
int recipe_new(const struct recipe_asked *a);
/* `needs FILE`: what the recipes of a configuration's packages want this machine to have, a line
 * each, for ./farm: "rust", "library libffi win_arm64". The recipes are those that it names. */
int recipe_needs(const struct recipe_asked *a);
