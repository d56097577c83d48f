/* Is the published wheel of a target wrong there (facts.md, headline, row 2)? By what inspection of its
 * bytes found; errors that the target's own glibc outgrows do not count. Where the bytes do not contradict the
 * tag and yet cannot be loaded, a run that failed must agree: no run alone makes a wheel broken. */
#pragma once

#include "coordinator/store/published.h"
#include "coordinator/store/target.h"
#include "coordinator/store/wheel.h"

/* Remembers the last wheel, as the targets of a package share few. Begins zeroed but for `store` and `package`; without a store
 * nothing is broken. */
struct broken_look {
	struct store *store;
	int64_t package;
	struct arena arena;
	const char *sha256; /* of the last wheel */
	struct store_wheel_errors errors; /* none: it has none, or nobody looked */
	struct store_target *targets; /* once they were needed */
	size_t target_count;
};
int broken_find(struct broken_look *look, const struct store_published *p, int64_t target,
	bool *out, struct err *e);
void broken_look_finish(struct broken_look *look);

/* Does a platform ("manylinux_2_28_aarch64") have at least the glibc ("2.27")? Others have none. */
bool broken_has_glibc(const char *platform, const char *glibc);
