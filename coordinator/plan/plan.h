/* From config, facts and recipes to jobs: one `build` a package and wanted target, fully resolved,
 * with the key that makes it this job and no other (farm.md, "Jobs"). */
#pragma once

#include "coordinator/config.h"
#include "core/io/blob_store.h"
#include "recipes/image.h"
#include "recipes/recipe.h"
#include "recipes/scope.h"
#include "recipes/target.h"
#include "recipes/tree.h"

#include <stdatomic.h>

struct store;
struct store_writer;

/* All of the recipe tree, loaded once. */
struct plan_recipes {
	struct recipe_tree tree;
	struct target_set targets;
	struct image_set images;
	struct recipe_set recipes;
	struct scope scope;
};
int plan_recipes_load(const char *folder, struct plan_recipes *out, struct err *e);
void plan_recipes_finish(struct plan_recipes *r);

struct plan_counts {
	size_t wanted; /* package and target pairs */
	size_t added; /* new jobs */
	size_t known; /* the same key was there */
	size_t skipped; /* nothing to build: published already (build: missing), pure, out of scope */
	size_t no_sdist; /* nothing to build from */
	size_t tests; /* of the new jobs: those that only test */
	size_t failed; /* a recipe or source that is wrong; each has a line */
};

struct plan_options {
	const struct config *config;
	const struct plan_recipes *recipes;
	struct store *store;
	struct store_writer *writer;
	struct blob_store *blobs; /* patches and local sdists go there */
	int64_t now; /* wall ms */
	/* one line for a pair that cannot be planned and why; may be NULL */
	void (*on_report)(void *user, const char *line);
	void *user;
	/* set from another thread: ends soon with ERR_CANCELLED, what is planned stays; may be NULL */
	const atomic_bool *stop;
};
/* Blocking (it reads the database and waits for the writer): for a worker thread or a short command.
 * 0 or the first error of the database. */
int plan_run(const struct plan_options *options, struct plan_counts *out, struct err *e);

/* The parts of a job's key, and the key: SHA-256 over all of them, each with its length. */
struct plan_key {
	const char *kind, *package, *release, *target, *mode;
	const char *recipe_object; /* "" without recipe */
	const char *const *patch_objects;
	size_t patch_count;
	const char *target_object;
	const char *image;
	int64_t image_revision;
	const char *tester;
	int64_t tester_revision;
	const char *toolchain; /* with version */
};
void plan_key_hash(const struct plan_key *k, char out[static 65]);
