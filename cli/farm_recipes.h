/* The recipe tree of a farm that follows a git repository (config: recipes_from). */
#pragma once

#include "cli/farm_inputs.h"

/* Looks for a newer commit and loads all of it: targets, images, every recipe, the rules. Only what
 * loads without one problem is put in use, in in->recipes and in->rules; else the old ones stay.
 * *said (the caller frees) is a line for people, NULL if nothing is new. Blocking; while nothing else
 * reads in->recipes. 0 also if the repository cannot be had and there is a tree; else an error. */
int farm_recipes_update(struct farm_inputs *in, char **said, struct err *e);
