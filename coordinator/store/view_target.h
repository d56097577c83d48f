/* The targets in the order that pages show them; for the views of this folder. */
#pragma once

#include "coordinator/store/target.h"

/* All, grouped glibc, musl, windows, each by Python, free-threaded after its plain one. */
int view_targets_ordered(
	struct store *s, struct arena *arena, struct store_target **out, size_t *count, struct err *e);
/* True if the target's Python is the default one: the store's, else the highest plain one. */
bool view_target_is_default(const struct store *s, const struct store_target *t,
	const struct store_target *all, size_t count);
