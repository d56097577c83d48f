/* The canaries that this farm's agents must pass, as its queue takes them. */
#pragma once

#include "coordinator/plan/plan.h"
#include "coordinator/queue/queue.h"

struct farm_canaries {
	struct arena arena;
	struct queue_canary *v;
	size_t n;
	const char *sdist; /* the blob they are all made of; NULL if there is none */
};

/* The caller finishes, also after an error. */
int farm_canaries_make(const struct config *config, const struct plan_recipes *recipes,
	struct blob_store *blobs, struct farm_canaries *out, struct err *e);
void farm_canaries_finish(struct farm_canaries *c);
