#include "core/base/map.h"

#include "core/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static uint64_t rotate(uint64_t x, int bits)
{
	return (x << bits) | (x >> (64 - bits));
}

/* Inline, so that the four are registers. */
static inline __attribute__((always_inline)) void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* SipHash-1-3 (Aumasson and Bernstein), as in several languages' hash tables. */
static uint64_t sip_hash(const uint64_t seed[2], struct str s)
{
	uint64_t v[4] = {seed[0] ^ 0x736f6d6570736575, seed[1] ^ 0x646f72616e646f6d,
		seed[0] ^ 0x6c7967656e657261, seed[1] ^ 0x7465646279746573};
	size_t whole = s.n / 8 * 8;
	for (size_t i = 0; i < whole; i += 8) {
		uint64_t word;
		memcpy(&word, s.p + i, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	uint64_t last = (uint64_t)s.n << 56;
	for (size_t i = whole; i < s.n; i++) {
		last |= (uint64_t)(unsigned char)s.p[i] << (8 * (i - whole));
	}
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static size_t find_slot(const struct map *m, struct str key)
{
	size_t slot = sip_hash(m->seed, key) & (m->slot_count - 1);
	while (m->slots[slot] != 0 && !str_equal(m->entries[m->slots[slot] - 1].key, key)) {
		slot = (slot + 1) & (m->slot_count - 1);
	}
	return slot;
}

static void grow(struct map *m)
{
	if (m->slot_count == 0 && getrandom(m->seed, sizeof(m->seed), 0) != sizeof(m->seed)) {
		mem_bug("no random seed for a map");
	}
	m->slot_count = m->slot_count == 0 ? 16 : m->slot_count * 2;
	free(m->slots);
	m->slots = mem_new(m->slot_count, sizeof(*m->slots));
	for (size_t i = 0; i < m->n; i++) {
		m->slots[find_slot(m, m->entries[i].key)] = (uint32_t)i + 1;
	}
}

void *map_get(const struct map *m, struct str key)
{
	if (m->n == 0) {
		return NULL;
	}
	uint32_t index = m->slots[find_slot(m, key)];
	return index != 0 ? m->entries[index - 1].value : NULL;
}

bool map_has(const struct map *m, struct str key)
{
	return m->n != 0 && m->slots[find_slot(m, key)] != 0;
}

void *map_put(struct map *m, struct str key, void *value)
{
	if (m->n >= m->slot_count / 4 * 3) {
		grow(m);
	}
	size_t slot = find_slot(m, key);
	if (m->slots[slot] != 0) {
		struct map_entry *entry = &m->entries[m->slots[slot] - 1];
		void *old = entry->value;
		entry->value = value;
		return old;
	}
	if (m->n == m->capacity) {
		m->capacity = m->capacity == 0 ? 8 : m->capacity * 2;
		m->entries = mem_resize(m->entries, m->capacity, sizeof(*m->entries));
	}
	m->entries[m->n] =
		(struct map_entry){.key = {.p = mem_copy(key.p, key.n), .n = key.n}, .value = value};
	m->slots[slot] = (uint32_t)++m->n;
	return NULL;
}

void map_finish(struct map *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free((char *)m->entries[i].key.p);
	}
	free(m->entries);
	free(m->slots);
	*m = (struct map){0};
}
