/* The test of a built wheel by another agent than its builder (farm.md, "Jobs", test_built): which builds ask
 * for one, and what its result means for them. */
#pragma once

#include "coordinator/store/store.h"
#include "core/base/mem.h"

struct store_tested {
	int64_t job; /* the build */
	const char *spec; /* JSON, job_read reads it */
	int64_t priority;
	const char *filename; /* the wheel */
	const char *sha256;
	int64_t size;
};
/* A build that passed and whose wheel was not run in its own job; ERR_NOT_FOUND if it is none such. */
int store_tested_get(
	struct store *s, int64_t job, struct arena *arena, struct store_tested *out, struct err *e);
/* The jobs of all of them, whether they had their test or not; an array in `arena`. */
int store_tested_builds(
	struct store *s, struct arena *arena, int64_t **out, size_t *count, struct err *e);

/* Writes. Builds of one package on one target that were not run in their own job: proven if their wheel passed
 * its test, and no more if that is taken back. */
int store_tested_apply(struct store *s, int64_t package, int64_t target, struct err *e);
