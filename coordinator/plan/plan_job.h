/* One pair of package and target, resolved into a job; for plan.c. */
#pragma once

#include "coordinator/plan/plan.h"
#include "coordinator/store/job.h"
#include "coordinator/store/package.h"

/* What is asked. */
struct plan_pair {
	const struct config *config;
	const struct plan_recipes *recipes;
	struct blob_store *blobs;
	const char *package;
	const char *version; /* of the sdist */
	const struct store_file *sdist; /* or the wheel, of which a test is made */
	const struct recipe_target *target;
	const struct recipe_build *build; /* one of the target's */
	const struct recipe *recipe; /* NULL: none, or none for this version */
	bool expect_native;
};

/* What comes out; everything in the arena. */
struct plan_job {
	struct job job;
	struct store_needs needs;
	char key[65];
};

/* A list of one text, for `needs`. */
struct json_texts plan_one_text(struct arena *arena, const char *text);

/* 0; or ERR_INVALID, ERR_HASH_MISMATCH, ERR_NOT_FOUND with the sentence that the plan's report gets;
 * or the system's. Puts patches and a local sdist into the blob store. */
int plan_job_make(
	const struct plan_pair *pair, struct arena *arena, struct plan_job *out, struct err *e);
