/* What a round would have liked to read. */
#pragma once

#include "coordinator/depend/depend.h"
#include "coordinator/depend/graph.h"

/* Adds what the graph wanted, each thing once. */
void missing_add(struct depend_answer *out, const struct depend_graph *g,
	const struct depend_want *wants, size_t count);
