/* Answers of public pages, kept for a second: what many ask for at once is rendered once. A page may be
 * that much older than the database; its ETag says which one it is. From any thread. */
#pragma once

#include "web/reply.h"

#include <uv.h>

enum { PAGE_CACHE_MS = 1000, PAGE_CACHE_SLOTS = 256 };

struct page_cache {
	uv_mutex_t lock;
	struct page_cache_slot {
		char *key; /* owned; NULL: empty */
		int64_t until; /* steady ms */
		struct reply reply; /* its body owned */
	} slots[PAGE_CACHE_SLOTS];
};

void page_cache_init(struct page_cache *c);
void page_cache_finish(struct page_cache *c);
/* True if there was one of that key: `out` has a copy of it, packed as it was kept. */
bool page_cache_get(struct page_cache *c, const char *key, struct reply *out);
/* Keeps a copy of a whole answer of status 200; others are not kept. */
void page_cache_put(struct page_cache *c, const char *key, const struct reply *r);
