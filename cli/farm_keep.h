/* The farm's retention and garbage collection (coordinator/keep), by its config. */
#pragma once

#include "cli/farm_inputs.h"
#include "coordinator/keep/keep.h"

struct farm_keep {
	const char *pinned;
	struct keep *keep; /* the owner ends it with keep_stop; NULL before farm_keep_start */
	/* A line for people after a round that took something away. */
	void (*on_line)(void *user, const char *line);
	void *user;
};

/* `in` outlives it. pinned: a blob that stays although no row names it, or NULL. */
void farm_keep_start(uv_loop_t *loop, struct farm_keep *k, struct farm_inputs *in,
	const char *pinned, void (*on_line)(void *user, const char *line), void *user);
