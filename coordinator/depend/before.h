/* A package as it was when those who need it were last judged. */
#pragma once

#include "coordinator/depend/graph.h"

struct before {
	struct universe u; /* of its own; what wheels require is of the graph's */
	uint32_t package;
};
/* From a pack (store_judged_pack), for a package that is loaded, with the metadata that is known now. False:
 * nobody knows, or it is not known now; there is nothing to finish then. */
bool before_read(struct before *b, struct depend_graph *g, uint32_t package, struct str judged);
void before_finish(struct before *b);

/* Of what is due, the versions that came since and whose metadata nobody read: to judge by them before they
 * are read would be done twice. Added to g->wants. */
int before_wants(struct depend_graph *g, int64_t id, uint32_t package, struct err *e);
