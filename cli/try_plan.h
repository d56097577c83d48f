/* One job for `wheelfarm recipe try`, planned as a farm would plan it: from the index page of one
 * package, or from an sdist at hand. */
#pragma once

#include "coordinator/plan/plan_job.h"

struct try_asked {
	const char *name; /* as typed */
	const char *target; /* as typed, short names too; NULL: the first that can be run here */
	const char *mode; /* cross, emulated, native, or a toolchain; NULL: the target's usual one */
	const char *index; /* URL or folder; NULL: the index that pip uses here */
	const char *release; /* NULL: what pip would take on the target */
	const char *source; /* an sdist at hand; NULL: the index's */
	bool published; /* not built: the wheel that pip would take on the target is tested */
	bool control; /* the same on x86-64: the control of what would be tried */
	const char *recipes; /* folder */
};

struct try_plan {
	struct arena arena;
	struct plan_recipes recipes;
	struct blob_store blobs;
	struct plan_job job; /* what a farm would queue */
	const struct recipe *recipe; /* NULL: none for this package and release */
	const struct recipe_skip *skip; /* the recipe says not to try this; it is tried all the same */
};

/* `state` is a folder of ours for the page's facts and the blobs. Blocking. ERR_USAGE, ERR_INVALID or
 * ERR_NOT_FOUND for what was asked wrongly, ERR_NETWORK and the like for the world; the sentence says
 * which. The caller finishes, also after an error. */
int try_plan(const struct try_asked *asked, const char *state, struct try_plan *out, struct err *e);
void try_plan_finish(struct try_plan *p);
