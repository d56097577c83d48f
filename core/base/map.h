/* A hash map from text to a pointer. Keys are copied unless they are lent; values are the caller's. The hash
 * is seeded (SipHash-1-3 with a random key), as keys come from outside. Insertion order is kept. */
#pragma once

#include "core/base/str.h"

struct map_entry {
	struct str key;
	void *value;
	uint64_t hash;
};

struct map {
	struct map_entry *entries; /* in order of insertion; walk [0, n) */
	size_t n;
	size_t capacity;
	uint32_t *slots; /* index + 1, 0 is empty */
	size_t slot_count;
	bool lent; /* set before the first key: keys are not copied, they outlive all questions */
};

void *map_get(const struct map *m, struct str key); /* NULL if absent */
bool map_has(const struct map *m, struct str key);
/* Stores value under key; returns the value that was there before, or NULL. */
void *map_put(struct map *m, struct str key, void *value);
/* Where the key's value is, which is NULL if the key is new; until the next one is put. */
void **map_place(struct map *m, struct str key);
void map_finish(struct map *m); /* frees keys and table, not the values; leaves an empty map */
