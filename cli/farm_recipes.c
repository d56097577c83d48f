#include "cli/farm_recipes.h"

#include "core/io/file.h"
#include "recipes/follow.h"

#include <stdlib.h>
#include <string.h>

struct loaded {
	struct plan_recipes recipes;
	struct reason_rules *rules;
};

static void loaded_finish(struct loaded *l)
{
	plan_recipes_finish(&l->recipes);
	reason_rules_destroy(l->rules);
}

static int load(const char *folder, const char *commit, struct loaded *out, struct err *e)
{
	*out = (struct loaded){0};
	char *tree = follow_tree(folder, commit);
	int code = plan_recipes_load(tree, &out->recipes, e);
	if (code == 0 && out->recipes.recipes.problem_count != 0) {
		code = err_set(e, ERR_INVALID, "%s", out->recipes.recipes.problems[0].text);
	}
	if (code == 0) {
		out->rules = reason_rules_load(tree, e);
		code = out->rules == NULL ? e->code : 0;
	}
	/* the state may lie in a repository of its own, which has nothing to say here */
	memcpy(out->recipes.tree.commit, commit, FOLLOW_COMMIT);
	out->recipes.tree.dirty = false;
	free(tree);
	return code;
}

static void put_in_use(struct farm_inputs *in, struct loaded *l)
{
	struct loaded old = {.recipes = in->recipes, .rules = in->rules};
	uv_mutex_lock(&in->recipes_mutex);
	uv_mutex_lock(&in->rules_mutex);
	in->recipes = l->recipes;
	in->rules = l->rules;
	uv_mutex_unlock(&in->rules_mutex);
	uv_mutex_unlock(&in->recipes_mutex);
	loaded_finish(&old);
	*l = (struct loaded){0};
}

/* The tree of before, if this process does not have it yet. */
static int take_current(struct farm_inputs *in, const char *folder, char *commit, struct err *e)
{
	struct loaded l;
	follow_current(folder, commit);
	if (commit[0] == '\0') {
		return ERR_NOT_FOUND;
	}
	if (strcmp(in->recipes.tree.commit, commit) == 0 && !in->recipes.tree.dirty) {
		return 0;
	}
	int code = load(folder, commit, &l, e);
	if (code == 0) {
		put_in_use(in, &l);
	}
	loaded_finish(&l);
	return code;
}

int farm_recipes_update(struct farm_inputs *in, char **said, struct err *e)
{
	const char *url = in->config.recipes_from;
	char was[FOLLOW_COMMIT], found[FOLLOW_COMMIT];
	struct err why = {0};
	struct loaded l = {0};
	*said = NULL;
	if (url == NULL) {
		return 0;
	}
	char *folder = file_join(in->config.state, "recipes");
	bool has_tree = take_current(in, folder, was, &why) == 0;
	int code = follow_fetch(url, folder, found, &why);
	if (code == 0 && has_tree && strcmp(found, was) == 0) {
		goto out;
	}
	if (code == 0) {
		code = load(folder, found, &l, &why);
	}
	if (code == 0) {
		code = follow_use(folder, found, &why);
	}
	if (code == 0) {
		put_in_use(in, &l);
		*said = str_format("recipes: commit %.12s is in use", found);
	} else if (has_tree) {
		*said = str_format("recipes: %s; commit %.12s stays in use", why.text, was);
		code = 0;
	} else {
		err_set(e, code, "recipes: %s", why.text);
	}
out:
	loaded_finish(&l);
	free(folder);
	return code;
}
