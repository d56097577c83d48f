#include "cli/recipe_parts.h"

#include "cli/main.h"
#include "coordinator/config.h"
#include "core/base/map.h"
#include "recipes/recipe.h"
#include "recipes/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each line once: more than one package may want the same. */
struct needs {
	struct map seen;
};

static void need(struct needs *n, const char *kind, const char *name, const char *platform)
{
	char *line = str_format("%s%s%s%s%s", kind, name != NULL ? " " : "", name != NULL ? name : "",
		platform != NULL ? " " : "", platform != NULL ? platform : "");
	if (map_put(&n->seen, str_from(line), n) == NULL) {
		printf("%s\n", line);
	}
	free(line);
}

static void add_recipe(struct needs *n, const struct recipe *r, const struct config *config,
	const struct target_set *targets)
{
	for (size_t i = 0; i < r->tools.n; i++) {
		need(n, r->tools.v[i], NULL, NULL);
	}
	for (size_t i = 0; i < config->targets.n; i++) {
		struct str name = str_from(config->targets.v[i]);
		const struct recipe_target *target = target_set_find(targets, name);
		for (size_t k = 0; k < r->library_count && target != NULL; k++) {
			if (recipe_target_matches(r->libraries[k].target, name)) {
				need(n, "library", r->libraries[k].name, target->job.platform);
			}
		}
	}
}

int recipe_needs(const struct recipe_asked *a)
{
	if (a->words.n != 1) {
		return options_wrong("recipe", "needs takes one configuration");
	}
	struct config config;
	struct recipe_set recipes = {0};
	struct target_set targets = {0};
	struct needs n = {0};
	struct err e = {0};
	int code = config_load(a->words.v[0], &config, &e);
	if (code == 0) {
		code = recipe_set_load(config.recipes, &recipes, &e);
	}
	if (code == 0) {
		code = target_set_load(config.recipes, &targets, &e);
	}
	for (size_t i = 0; code == 0 && i < config.testers.n; i++) {
		need(&n, "image", config.testers.v[i], NULL);
	}
	if (code == 0 && config.control != NULL) {
		need(&n, "image", config.control, NULL);
	}
	for (size_t i = 0; code == 0 && i < config.packages.n; i++) {
		const char *problem;
		const struct recipe *r =
			recipe_set_find(&recipes, str_from(config.packages.v[i].name), &problem);
		if (r != NULL) {
			add_recipe(&n, r, &config, &targets);
		}
	}
	if (code != 0) {
		fprintf(stderr, "wheelfarm recipe: %s\n", e.text);
	}
	map_finish(&n.seen);
	target_set_finish(&targets);
	recipe_set_finish(&recipes);
	config_finish(&config);
	return code == 0 ? EXIT_FINE : EXIT_USAGE;
}
