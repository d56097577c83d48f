/* The verdict on one package: for each target whether the release looked at (facts.md) can be installed
 * from wheels alone with all it needs, and what blocks it where it cannot. A quick no and a quick yes for
 * most; the solver for the rest. */
#pragma once

#include "coordinator/depend/concern.h"
#include "coordinator/depend/witness.h"

struct verdict_on {
	int64_t package; /* in the database */
	char letters[STORE_TARGETS]; /* by target id */
	size_t letter_count;
	VEC(struct store_blocker) blockers; /* texts in `arena` */
	struct arena arena;
};
void verdict_on_finish(struct verdict_on *v);

struct judge {
	struct depend_graph *g;
	struct witness witness;
	struct solve_focus focus; /* of the release under way */
	/* how many pairs of package and target were answered by whom */
	struct judge_counts {
		size_t pairs; /* that have a wheel of their own */
		size_t dead, witnessed, solved, unknown;
		size_t questions; /* to the solver */
	} counts;
	VEC(struct depend_want) wants; /* of all unknown ones */
};
void judge_init(struct judge *j, struct depend_graph *g);
void judge_finish(struct judge *j);

/* Why it is as it is stored. */
struct judge_stored {
	struct store_blocker *blockers;
	size_t blocker_count;
	uint64_t spoken; /* concern_spoken */
};
/* After depend_graph_live; the package is loaded. Only what may move is judged, the rest is as it is stored;
 * the verdict is the same as if all of it were. False: nothing may, and there is no verdict. Errors of the
 * database are in the graph. */
bool judge_concern(struct judge *j, uint32_t package, const struct concern *c,
	const struct judge_stored *stored, struct verdict_on *out);
/* The letters alone, of some targets: where the release looked at can be installed. Others are left as they
 * are. */
void judge_letters(
	struct judge *j, uint32_t package, uint64_t targets, char letters[STORE_TARGETS]);
