/* `wheelfarm recipe try`: one package on one target in this machine's own sandbox, by the program
 * that does it on a farm (`wheelfarm-agent --job`). */
#pragma once

#include "cli/try_plan.h"

struct try_options {
	struct try_asked asked;
	const char *dir; /* where the workspace lies; NULL: in the cache, by package and target */
	bool keep; /* the workspace of a pass too */
	bool verbose; /* the whole log as it comes */
	bool json; /* the agent's result on stdout */
};

/* The command's exit code: 0 it passes, 1 it fails, 2 wrong use or a recipe that does not load, 3 the
 * world or the farm failed. */
int recipe_try(const struct try_options *options);
/* The exit code for an error of try_plan and the like. */
int recipe_exit_code(int code);
