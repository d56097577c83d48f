/* Planning on a worker thread: facts and the wanted matrix become jobs in the database. */
#pragma once

#include "cli/farm_inputs.h"
#include "cli/progress.h"
#include "core/base/vec.h"

#include <stdatomic.h>

struct farm_plan {
	struct plan_counts counts;
	struct plan_counts tests; /* of wheels that were built before */
	struct plan_counts controls;
	bool controls_only; /* builds are planned already, their controls are what is wanted */
	int code; /* ERR_CANCELLED: stopped in the middle, as asked */
	struct err err;
	VEC(char *) lines; /* for people; freed by farm_plan_finish */
	struct farm_inputs *in;
	atomic_bool *stop;
	void (*done)(void *user); /* on the loop */
	void *user;
};

/* `stop` is looked at between packages. */
void farm_plan_start(uv_loop_t *loop, struct farm_plan *p, struct farm_inputs *in,
	bool controls_only, atomic_bool *stop, void (*done)(void *user), void *user);
/* What was planned, for people; before farm_plan_finish. */
void farm_plan_say(const struct farm_plan *p, struct progress *progress);
void farm_plan_finish(struct farm_plan *p);
