#include "coordinator/plan/plan_tester.h"

#include <string.h>

int plan_image_find(const struct plan_recipes *recipes, const struct recipe_target *target,
	const char *name, const struct recipe_image **out, struct err *e)
{
	*out = NULL;
	if (name == NULL) {
		return 0;
	}
	*out = image_set_find(&recipes->images, str_from(name));
	return *out != NULL
		? 0
		: err_set(e, ERR_NOT_FOUND, "target %s: no image %s", target->pep.name, name);
}

int plan_tester_find(const struct config *config, const struct plan_recipes *recipes,
	const struct recipe_target *target, const char *mode, struct plan_tester *out, struct err *e)
{
	const struct json_texts *testers = &config->testers;
	for (size_t i = 0; i < testers->n; i++) {
		int code = plan_image_find(recipes, target, testers->v[i], &out->image, e);
		if (code != 0) {
			return code;
		}
		out->executor = recipe_image_executor(out->image, &target->job);
		if (out->executor != NULL) {
			return 0;
		}
	}
	/* whoever builds natively is a machine of the target's kind, and tests natively too */
	bool native = strcmp(mode, "native") == 0 && target->tester != NULL;
	out->executor = native ? "native" : target->executor;
	return plan_image_find(recipes, target, target->tester, &out->image, e);
}

bool plan_tester_is_apart(const struct config *config, const struct recipe_image *builder,
	const struct plan_tester *tester)
{
	return tester->image != NULL &&
		(config->test_built ||
			strcmp(recipe_image_os(builder), recipe_image_os(tester->image)) != 0);
}
