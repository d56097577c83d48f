#include "coordinator/plan/canary.h"

#include "recipes/canary/canary.h"

#include <string.h>

enum { WALL_S = 600, IDLE_S = 300 };

static bool same(const char *a, const char *b)
{
	return str_equal(str_from(a), str_from(b));
}

static bool same_kind(const struct job *a, const struct job *b)
{
	return same(a->toolchain, b->toolchain) && same(a->builder.name, b->builder.name) &&
		same(a->tester.name, b->tester.name) && same(a->executor, b->executor) &&
		same(a->target.os, b->target.os) && same(a->target.arch, b->target.arch) &&
		same(a->target.libc, b->target.libc);
}

static bool has_kind(const struct plan_job *made, size_t n, const struct job *job)
{
	for (size_t i = 0; i < n; i++) {
		if (same_kind(&made[i].job, job)) {
			return true;
		}
	}
	return false;
}

int plan_canaries(const struct config *config, const struct plan_recipes *recipes,
	struct blob_store *blobs, struct arena *arena, struct plan_job **out, size_t *count,
	struct err *e)
{
	size_t ways = config->modes.n != 0 ? config->modes.n : 1;
	struct plan_job *made = arena_new(arena, (config->targets.n * ways + 1) * sizeof(*made));
	char *sha256 = arena_new(arena, SHA256_HEX);
	*out = made;
	*count = 0;
	if (config->targets.n == 0) {
		return 0;
	}
	int code = blob_store_add(
		blobs, (struct str){(const char *)canary_sdist, canary_sdist_size}, sha256, e);
	const struct store_file sdist = {
		.filename = str_from(CANARY_FILE),
		.sha256 = str_from(sha256),
		.url = STR(""),
		.size = (int64_t)canary_sdist_size,
	};
	for (size_t i = 0; code == 0 && i < config->targets.n * ways; i++) {
		const struct recipe_target *target =
			target_set_find(&recipes->targets, str_from(config->targets.v[i / ways]));
		const char *way = config->modes.n != 0 ? config->modes.v[i % ways] : NULL;
		const struct plan_pair pair = {
			.config = config,
			.recipes = recipes,
			.blobs = blobs,
			.package = CANARY_PACKAGE,
			.version = CANARY_VERSION,
			.sdist = &sdist,
			.target = target,
			.build = target != NULL ? recipe_target_build(target, way) : NULL,
			.expect_native = true,
		};
		if (pair.build == NULL) {
			continue; /* nothing builds for it here */
		}
		struct plan_job *one = &made[*count];
		code = plan_job_make(&pair, arena, one, e);
		if (code == 0 && !has_kind(made, *count, &one->job)) {
			one->job.source.url = NULL; /* a blob of ours */
			one->job.limits.wall_s = WALL_S;
			one->job.limits.idle_s = IDLE_S;
			*count += 1;
		}
	}
	return code;
}
