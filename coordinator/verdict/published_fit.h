/* What fits which targets, as sets: one bit a target, any number of 64-bit words. A page of thousands
 * of files has few distinct tags and requires-python texts: each is asked once, of the few distinct
 * Pythons and platforms that the targets are made of. For the files published*.c alone. */
#pragma once

#include "coordinator/verdict/published_page.h"

/* What all targets say of one distinct tag text. Sets of `words` words each. */
struct fit_tags {
	uint64_t *platform; /* it fits, by a platform that is not "any" */
	uint64_t *any; /* it fits, by platform "any" */
	uint64_t *elsewhere; /* Python and abi fit, for a platform that is another, and not "any" */
	uint64_t *emulated; /* Python and abi fit, for win_amd64, and the target is win_arm64 */
};

struct fit {
	struct arena arena;
	size_t targets;
	size_t words; /* of one set */
	uint64_t *all;
	struct fit_tags *tags; /* beside page.tags */
	uint64_t **rules; /* beside page.rules: who is admitted */
	/* for ranks */
	const struct published *page;
	size_t python_count;
	size_t platform_count;
	uint32_t *python_of; /* of each target */
	uint32_t *platform_of;
	int *groups; /* [interpreter][python], -1 where it does not fit */
	int *any_places; /* [interpreter][python] */
	int *places; /* [system][platform] */
};

/* page must outlive it; the caller finishes. */
void fit_init(struct fit *f, const struct published *page, const struct pep_target *const *targets,
	size_t count);
void fit_finish(struct fit *f);

/* Empty sets, one behind the other, in the arena. */
uint64_t *fit_sets(struct fit *f, size_t count);

/* The rank of a distinct tag text that fits the target: lower is better, and all of platform "any" are
 * behind the others. */
int64_t fit_rank(const struct fit *f, uint32_t tags, size_t target);

static inline bool fit_has(const uint64_t *set, size_t target)
{
	return (set[target / 64] >> (target % 64) & 1) != 0;
}
