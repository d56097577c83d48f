/* Whom it concerns that something is new of some packages: these themselves, and who needs them as far as
 * that can move anything of it (settled.h). */
#pragma once

#include "coordinator/depend/settled.h"
#include "coordinator/store/dependency.h"

struct concern {
	const char *name;
	bool due; /* something is new of it itself: all of it is judged */
	struct str letters; /* its verdict as it is stored; empty until it is loaded */
	struct settled moves;
};

struct concerns {
	struct arena arena;
	struct map places; /* name to index of v + 1 */
	VEC(struct concern) v; /* each once */
	VEC(const char *) changed; /* names of those whose versions are others than they were */
};

/* Of packages that are loaded; loads what they need. */
int concerns_find(struct depend_graph *g, const struct store_due *due, size_t count,
	struct concerns *out, struct err *e);
void concerns_finish(struct concerns *c);

/* The targets on which one of the stored blockers is a package that changed, or is told by versions of one. */
uint64_t concern_spoken(const struct depend_graph *g, const struct concerns *c,
	const struct store_blocker *blockers, size_t count);
/* Those on which something may move for it, by its letters. */
uint64_t concern_targets(const struct depend_graph *g, const struct concern *c);
