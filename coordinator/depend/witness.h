/* A quick yes: a set of versions, each the newest that all who want it admit, that is whole. What it
 * proves, it proves for every target on which the same set is one; that it finds none says nothing. */
#pragma once

#include "coordinator/depend/graph.h"

enum witness_finding {
	WITNESS_YES,
	WITNESS_UNKNOWN, /* it would be one, if what nobody looked at asks for nothing: g->wants */
	WITNESS_NONE,
};

/* Room that is used again. */
struct witness {
	struct depend_graph *g;
	uint32_t stamp;
	VEC(struct witness_pick) picks; /* beside the packages of the graph */
	VEC(struct witness_spec {
		uint32_t spec;
		uint32_t by; /* the package that wants it */
		uint32_t next; /* of the same package, + 1 */
	})
	specs;
	VEC(struct witness_extra {
		uint32_t extra;
		uint32_t next;
	})
	extras;
	VEC(struct witness_ban {
		uint32_t package;
		uint32_t requires; /* of all versions that require the same */
	})
	bans;
	VEC(struct witness_hint {
		uint32_t package;
		uint32_t spec; /* somebody wanted it in a try before */
	})
	hints;
	size_t hinted; /* of those, how many this try began with */
	VEC(struct witness_open {
		uint32_t requirement;
		uint32_t by;
	})
	open;
	uint32_t root;
	size_t target;
	uint64_t proven;
	bool unknown;
	bool stale; /* a choice was changed: what it asked for is still asked for */
};

void witness_init(struct witness *w, struct depend_graph *g);
void witness_finish(struct witness *w);

/* Of one version on `target` and, of the targets `among`, those that share its answer: *proven, which has
 * `target`, if it is a yes. The version is alive there. After depend_graph_live. */
enum witness_finding witness_find(struct witness *w, uint32_t package, uint32_t version,
	size_t target, uint64_t among, uint64_t *proven);
/* After it found none: what it took last is what the solver looks at first. */
void witness_focus(const struct witness *w, struct solve_focus *focus);
