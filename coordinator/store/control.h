/* The x86-64 control of a build that failed where its wheel runs (farm.md, "Jobs"): which builds ask for
 * one, and what its result means for them. */
#pragma once

#include "coordinator/store/store.h"
#include "core/base/mem.h"

struct store_controlled {
	int64_t job; /* the build */
	const char *key;
	const char *spec; /* JSON, job_read reads it */
	const char *target; /* name */
	int64_t priority;
};
/* Builds whose newest final result failed by the package at `import` or `test`, whether they had their
 * control or not; an array in `arena`. */
int store_control_wanted(struct store *s, struct arena *arena, struct store_controlled **out,
	size_t *count, struct err *e);

/* Writes. The builds of one package on one target, seen beside their controls: `fails_everywhere` where
 * the control failed no later than the build did, and no more where it passes. */
int store_control_apply(struct store *s, int64_t package, int64_t target, struct err *e);
