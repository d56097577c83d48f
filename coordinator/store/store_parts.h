/* Shared by the files of this folder only. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

/* The items of a finished vector as an array in `arena` (never NULL). */
void *store_list_copy(struct arena *arena, const void *items, size_t count, size_t size);

/* Sets of targets as the database keeps them: '1' at the place of each target's id. */
static inline bool store_targets_has(struct str targets, int64_t id)
{
	return id >= 1 && (uint64_t)id <= targets.n && targets.p[id - 1] == '1';
}
