/* The canaries of a farm: one small build for each kind of target that it builds for, which an agent that
 * claims the kind must pass before it gets jobs. Made of the project's own sdist (recipes/canary). */
#pragma once

#include "coordinator/plan/plan_job.h"

/* One a kind: toolchain, images, operating system and C library; of each the first target of the config.
 * Everything in the arena; the sdist goes into the blob store. None where the config builds nothing. */
int plan_canaries(const struct config *config, const struct plan_recipes *recipes,
	struct blob_store *blobs, struct arena *arena, struct plan_job **out, size_t *count,
	struct err *e);
