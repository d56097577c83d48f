/* Who names whom, as the database keeps it, so that a new fact finds all whom it concerns. */
#pragma once

#include "coordinator/depend/graph.h"
#include "coordinator/store/dependency.h"

struct needs {
	struct arena arena;
	VEC(struct store_need) v; /* each once */
};
/* All that the metadata read of a package name. The package is loaded; errors are in the graph. */
void needs_read(struct depend_graph *g, uint32_t package, struct needs *out);
void needs_finish(struct needs *n);

/* The packages that need one of these, directly or not, and these themselves; names in `arena`. */
int needs_affected(struct store *s, const struct store_due *due, size_t due_count,
	struct arena *arena, const char ***out, size_t *count, struct err *e);
