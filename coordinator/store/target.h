/* Targets that facts were stored for. */
#pragma once

#include "coordinator/store/store.h"
#include "core/base/mem.h"

enum { STORE_TARGETS = 256 }; /* at most; ids go from 1 to this */

struct store_target {
	int64_t id;
	const char *name; /* "cp313-win_arm64" */
	const char *python; /* "3.13" */
	bool free_threaded;
	const char *platform; /* "win_arm64" */
	const char *family; /* "windows", "glibc", "musl" */
};

/* Writes. Makes or corrects the row of that name; t->id is filled. ERR_TOO_LARGE past STORE_TARGETS. */
int store_target_put(struct store *s, struct store_target *t, struct err *e);
int store_target_get(
	struct store *s, struct str name, struct arena *arena, struct store_target *out, struct err *e);
/* All by name, an array in `arena`. */
int store_target_list(
	struct store *s, struct arena *arena, struct store_target **out, size_t *count, struct err *e);
