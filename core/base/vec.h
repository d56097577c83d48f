/* A typed growable array: `VEC(struct job) jobs = {0}; *vec_add(&jobs) = job; vec_finish(&jobs);`.
 * Elements move when it grows: keep indices, not pointers. */
#pragma once

#include "core/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define VEC(type)        \
	struct {             \
		type *v;         \
		size_t n;        \
		size_t capacity; \
	}

/* A pointer to one more zeroed element at the end. */
#define vec_add(vec)                                                                \
	((vec)->v = vec_grow_((vec)->v, (vec)->n, &(vec)->capacity, sizeof(*(vec)->v)), \
		&(vec)->v[(vec)->n++])

/* Makes it of at least so many elements; new ones are zero. */
#define vec_fill(vec, count)                                                                \
	((vec)->n < (count) ? (void)((vec)->v = vec_fill_((vec)->v, (vec)->n, &(vec)->capacity, \
									 (count), sizeof(*(vec)->v)),                           \
							  (vec)->n = (count))                                           \
						: (void)0)

#define vec_finish(vec) \
	(free((vec)->v), (vec)->v = NULL, (vec)->n = 0, (vec)->capacity = 0, (void)0)

#define VEC_EACH(type, item, vec) \
	for (type *item = (vec)->v; item != NULL && item < (vec)->v + (vec)->n; item++)

/* Moves the elements into the arena and empties the vector; the pointer to them, NULL if none. */
#define vec_to_arena(vec, arena) \
	vec_move_((void **)&(vec)->v, &(vec)->n, &(vec)->capacity, sizeof(*(vec)->v), (arena))

static inline void *vec_move_(
	void **v, size_t *n, size_t *capacity, size_t size, struct arena *arena)
{
	void *moved = NULL;
	if (*n != 0) {
		moved = arena_new(arena, *n * size);
		memcpy(moved, *v, *n * size);
	}
	free(*v);
	*v = NULL;
	*n = *capacity = 0;
	return moved;
}

static inline void *vec_fill_(void *v, size_t n, size_t *capacity, size_t count, size_t size)
{
	if (count > *capacity) {
		*capacity = count < 8 ? 8 : count < 2 * n ? 2 * n : count;
		v = mem_resize(v, *capacity, size);
	}
	memset((char *)v + n * size, 0, (count - n) * size);
	return v;
}

static inline void *vec_grow_(void *v, size_t n, size_t *capacity, size_t size)
{
	if (n == *capacity) {
		*capacity = n < 8 ? 8 : n * 2;
		v = mem_resize(v, *capacity, size);
	}
	memset((char *)v + n * size, 0, size);
	return v;
}
