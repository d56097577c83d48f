/* The recipe of a job, for the views of this folder. */
#pragma once

#include "coordinator/store/view.h"

/* Zeroed where the job has none or says nothing that can be read; memory in `arena`. */
int view_recipe_read(
	struct store *s, int64_t job, struct arena *arena, struct recipe_view *out, struct err *e);
