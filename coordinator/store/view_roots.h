/* The blocked-by graph of one target, from its roots; for the views of this folder. */
#pragma once

#include "coordinator/store/store_parts.h"
#include "coordinator/store/view_farm.h"

/* Of a sum and what comes to it, -1 is: unknown. What is known counts alone. */
int64_t view_downloads_sum(int64_t sum, int64_t more);
/* Those that most downloads wait for first; memory in `arena`. */
int view_roots_read(struct store *s, int64_t target, struct arena *arena,
	struct blocking_root **out, size_t *count, struct err *e);
