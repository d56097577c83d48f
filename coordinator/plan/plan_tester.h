/* Where a target's wheels are run for a configuration. */
#pragma once

#include "coordinator/plan/plan.h"

struct plan_tester {
	const struct recipe_image *image; /* NULL: nothing runs the target */
	const char *executor; /* "native", "qemu", "wine"; "" without an image */
};

/* One that the configuration names goes before the target's own. `mode` is that of the build. ERR_NOT_FOUND if
 * the recipe tree has no such image. */
int plan_tester_find(const struct config *config, const struct plan_recipes *recipes,
	const struct recipe_target *target, const char *mode, struct plan_tester *out, struct err *e);

/* Is what `builder` builds tested by a job of its own? It is where no machine has both, and where the
 * configuration says so. */
bool plan_tester_is_apart(const struct config *config, const struct recipe_image *builder,
	const struct plan_tester *tester);

/* ERR_NOT_FOUND: the target names an image that the recipe tree has not got. */
int plan_image_find(const struct plan_recipes *recipes, const struct recipe_target *target,
	const char *name, const struct recipe_image **out, struct err *e);
