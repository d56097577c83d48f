#include "core/base/map.h"

#include "core/base/mem.h"

#include <pthread.h>
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
static uint64_t sip_hash(const uint64_t key[2], struct str s)
{
	uint64_t v[4] = {key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
		key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573};
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

/* One a process: what is random for those outside is enough. */
static uint64_t seed[2];

static void make_seed(void)
{
	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed)) {
		mem_bug("no random seed for maps");
	}
}

static uint64_t hash_of(struct str key)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, make_seed);
	return sip_hash(seed, key);
}

static size_t find_slot(const struct map *m, struct str key, uint64_t hash)
{
	size_t slot = hash & (m->slot_count - 1);
	for (; m->slots[slot] != 0; slot = (slot + 1) & (m->slot_count - 1)) {
		const struct map_entry *entry = &m->entries[m->slots[slot] - 1];
		if (entry->hash == hash && str_equal(entry->key, key)) {
			break;
		}
	}
	return slot;
}

static void grow(struct map *m)
{
	m->slot_count = m->slot_count == 0 ? 16 : m->slot_count * 2;
	free(m->slots);
	m->slots = mem_new(m->slot_count, sizeof(*m->slots));
	for (size_t i = 0; i < m->n; i++) {
		m->slots[find_slot(m, m->entries[i].key, m->entries[i].hash)] = (uint32_t)i + 1;
	}
}

void *map_get(const struct map *m, struct str key)
{
	if (m->n == 0) {
		return NULL;
	}
	uint32_t index = m->slots[find_slot(m, key, hash_of(key))];
	return index != 0 ? m->entries[index - 1].value : NULL;
}

bool map_has(const struct map *m, struct str key)
{
	return m->n != 0 && m->slots[find_slot(m, key, hash_of(key))] != 0;
}

void **map_place(struct map *m, struct str key)
{
	uint64_t hash = hash_of(key);
	if (m->n >= m->slot_count / 4 * 3) {
		grow(m);
	}
	size_t slot = find_slot(m, key, hash);
	if (m->slots[slot] != 0) {
		return &m->entries[m->slots[slot] - 1].value;
	}
	if (m->n == m->capacity) {
		m->capacity = m->capacity == 0 ? 8 : m->capacity * 2;
		m->entries = mem_resize(m->entries, m->capacity, sizeof(*m->entries));
	}
	struct map_entry *entry = &m->entries[m->n];
	*entry = (struct map_entry){.key = key, .hash = hash};
	if (!m->lent) {
		entry->key.p = mem_copy(key.p, key.n);
	}
	m->slots[slot] = (uint32_t)++m->n;
	return &entry->value;
}

void *map_put(struct map *m, struct str key, void *value)
{
	void **place = map_place(m, key);
	void *old = *place;
	*place = value;
	return old;
}

void map_finish(struct map *m)
{
	for (size_t i = 0; i < m->n && !m->lent; i++) {
		free((char *)m->entries[i].key.p);
	}
	free(m->entries);
	free(m->slots);
	*m = (struct map){0};
}
