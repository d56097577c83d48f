/* The published fact (facts.md) of each package and target. Targets that share it share a row, and
 * most packages have very few. */
#pragma once

#include "coordinator/store/store.h"
#include "core/base/mem.h"

struct store_published {
	int64_t target; /* id */
	const char *target_name; /* filled by store_published_list, ignored by writers */
	const char *state; /* "wheel", … */
	const char *version; /* NULL where there is none; so below */
	const char *file;
	const char *file_sha256; /* of `file`, 64 hex digits; NULL: the index tells none */
	const char *sdist_version;
	const char *sdist_file;
	const char *first_version;
	int64_t first_date; /* 0: unknown */
	bool lost_accelerator;
	bool emulated_alternative;
	const char *vanished;
	/* newest final release that supports the target, when that came, and how many final releases are
	 * newer */
	const char *newest_version;
	int64_t newest_date; /* 0: unknown */
	int64_t behind; /* -1: never supported */
	bool compiled_elsewhere;
};

/* The distinct ones among the facts of a package, and which of them each target has. */
struct store_published_set {
	struct store_published *v;
	size_t n;
	unsigned char *of; /* of each fact that was given: its place in v */
	size_t count; /* of those, at most STORE_TARGETS */
};
/* Any thread. Texts are copied to `arena`, the targets' ids are not looked at. Texts with the same
 * address are known to be equal without a look. */
void store_published_share(const struct store_published *facts, size_t count, struct arena *arena,
	struct store_published_set *out);
/* Writes. These take the place of all that the package had; `targets` are the ids beside set->of. */
int store_published_replace(struct store *s, int64_t package, const struct store_published_set *set,
	const int64_t *targets, struct err *e);
/* All of a package by target name, an array in `arena`. */
int store_published_list(struct store *s, int64_t package, struct arena *arena,
	struct store_published **out, size_t *count, struct err *e);
/* ERR_NOT_FOUND if that pair was never stored. */
int store_published_get(struct store *s, int64_t package, int64_t target, struct arena *arena,
	struct store_published *out, struct err *e);
