/* On which targets a question is the same, word for word: what was found out on one of them is so on all. */
#pragma once

#include "coordinator/depend/graph.h"

/* Of one version on `target`: those among the targets `among` on which each version that can be reached by
 * what was looked at is as it is on `target`, and each requirement applies or does not as it does there. */
uint64_t depend_alike(struct depend_graph *g, const struct solve_focus *focus, uint32_t package,
	uint32_t version, size_t target, uint64_t among);
