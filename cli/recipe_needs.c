#include "cli/recipe_parts.h"

#include "cli/main.h"
#include "coordinator/config.h"
#include "core/base/map.h"
#include "recipes/image.h"
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

static size_t ways_of(const struct config *config)
{
	return config->modes.n != 0 ? config->modes.n : 1; /* the usual one */
}

/* How the configuration's `index`-th pair of target and way is built, NULL if it is not. */
static const struct recipe_build *way_at(
	const struct config *config, const struct target_set *targets, size_t index)
{
	size_t ways = ways_of(config);
	const struct recipe_target *target =
		target_set_find(targets, str_from(config->targets.v[index / ways]));
	return target == NULL
		? NULL
		: recipe_target_build(target, config->modes.n != 0 ? config->modes.v[index % ways] : NULL);
}

static void need_tools(
	struct needs *n, const struct recipe *r, const char *builder, const struct image_set *images)
{
	const struct recipe_image *image =
		builder != NULL ? image_set_find(images, str_from(builder)) : NULL;
	for (size_t i = 0; i < r->tools.n && image != NULL; i++) {
		need(n, r->tools.v[i], image->architecture, NULL);
	}
}

/* For each kind of machine that the package is built on, its control's among them. */
static void add_tools(struct needs *n, const struct recipe *r, const struct config *config,
	const struct target_set *targets, const struct image_set *images)
{
	for (size_t i = 0; i < config->targets.n * ways_of(config); i++) {
		const struct recipe_build *build = way_at(config, targets, i);
		need_tools(n, r, build != NULL ? build->builder : NULL, images);
	}
	need_tools(n, r, config->control, images);
}

static void add_recipe(struct needs *n, const struct recipe *r, const struct config *config,
	const struct target_set *targets, const struct image_set *images)
{
	add_tools(n, r, config, targets, images);
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

/* Not of one that a Windows machine has and nobody makes here. */
static void need_image(struct needs *n, const char *name, const struct image_set *images)
{
	const struct recipe_image *image = image_set_find(images, str_from(name));
	if (image == NULL || recipe_image_is_made(image)) {
		need(n, "image", name, NULL);
	}
}

/* Of a way to build: its image, and GCC where it is that one. */
static void add_way(
	struct needs *n, const struct recipe_build *build, const struct image_set *images)
{
	static const char gcc[] = "gcc";
	const struct recipe_image *image = image_set_find(images, str_from(build->builder));
	need_image(n, build->builder, images);
	if (image != NULL && str_ends(str_from(build->toolchain), gcc)) {
		need(n, gcc, image->architecture, NULL);
	}
}

static void add_ways(struct needs *n, const struct config *config, const struct target_set *targets,
	const struct image_set *images)
{
	for (size_t i = 0; i < config->targets.n * config->modes.n; i++) {
		const struct recipe_build *build = way_at(config, targets, i);
		if (build != NULL) {
			add_way(n, build, images);
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
	struct image_set images = {0};
	struct needs n = {0};
	struct err e = {0};
	int code = config_load(a->words.v[0], &config, &e);
	if (code == 0) {
		code = recipe_set_load(config.recipes, &recipes, &e);
	}
	if (code == 0) {
		code = target_set_load(config.recipes, &targets, &e);
	}
	if (code == 0) {
		code = image_set_load(config.recipes, &images, &e);
	}
	if (code == 0) {
		add_ways(&n, &config, &targets, &images);
	}
	for (size_t i = 0; code == 0 && i < config.testers.n; i++) {
		need_image(&n, config.testers.v[i], &images);
	}
	if (code == 0 && config.control != NULL) {
		need(&n, "image", config.control, NULL);
	}
	for (size_t i = 0; code == 0 && i < config.packages.n; i++) {
		const char *problem;
		const struct recipe *r =
			recipe_set_find(&recipes, str_from(config.packages.v[i].name), &problem);
		if (r != NULL) {
			add_recipe(&n, r, &config, &targets, &images);
		}
	}
	if (code != 0) {
		fprintf(stderr, "wheelfarm recipe: %s\n", e.text);
	}
	map_finish(&n.seen);
	image_set_finish(&images);
	target_set_finish(&targets);
	recipe_set_finish(&recipes);
	config_finish(&config);
	return code == 0 ? EXIT_FINE : EXIT_USAGE;
}
