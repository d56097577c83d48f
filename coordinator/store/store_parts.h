/* Shared by the files of this folder only. */
#pragma once

#include "core/base/mem.h"
#include "core/base/vec.h"

/* The items of a finished vector as an array in `arena` (never NULL). */
void *store_list_copy(struct arena *arena, const void *items, size_t count, size_t size);
