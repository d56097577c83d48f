/* Jobs that only test (farm.md, "Jobs"): test_published, of the wheel that users download, and test_built, of one
 * that was built here by an agent that does not run it. */
#pragma once

#include "coordinator/plan/plan_job.h"

/* What a test is made of. */
struct plan_test {
	const char *kind; /* "test_published", "test_built" */
	const struct job
		*from; /* a build of the same package, release and target: its recipe and limits */
	const struct job_file *wheel;
	const struct job_file *sdist; /* with the recipe's tests; NULL: none is at hand */
	bool expect_native; /* something compiled must be imported */
};

/* In the arena. ERR_UNSUPPORTED: nothing runs the target. */
int plan_test_make(const struct config *config, const struct plan_recipes *recipes,
	const struct plan_test *test, struct arena *arena, struct plan_job *out, struct err *e);

/* In the transaction in which a build's result was accepted: adds the test of its wheel, if it is to have
 * one of its own. *out: the job if it is queued now, else 0. */
int plan_test_after(const struct config *config, const struct plan_recipes *recipes,
	struct store *s, int64_t build, int64_t now, int64_t *out, struct err *e);

/* The same for all builds that passed: of an earlier configuration's time, which had no tester. Blocking, as
 * plan_run. */
int plan_tests(const struct plan_options *options, struct plan_counts *out, struct err *e);
