/* The second verdict: can the release looked at be installed where the wheels count, too, that this farm made
 * and found clean? It is asked where the first says no, or that nobody knows, on targets for which there is
 * such a wheel; of packages of which there is one, and of those that need them. Answers as `wheelfarm check
 * --allow-built` does. */
#pragma once

#include "coordinator/depend/depend.h"
#include "coordinator/depend/graph.h"
#include "coordinator/store/dependency.h"

/* Of those that need one of the packages that are due, after the first verdict on them was stored. What would
 * have to be read is added to the answer. ERR_CANCELLED if it was stopped. */
int with_built_refresh(const struct depend_options *o, const struct store_due *due,
	size_t due_count, struct depend_answer *out, struct err *e);
