/* Answers of public pages, kept for a second: what many ask for at once is rendered once. Who comes after
 * that second renders it anew, and whoever asks meanwhile gets the old one, for a second more at most. A
 * page may be that much older than the database; its ETag says which one it is. From any thread; times are
 * steady ms. */
#pragma once

#include "web/reply.h"

#include <uv.h>

enum { PAGE_CACHE_MS = 1000, PAGE_CACHE_SLOTS = 256 };

struct page_cache {
	uv_mutex_t lock;
	struct page_cache_slot {
		char *key; /* owned; NULL: empty */
		int64_t until; /* steady ms */
		bool renewed; /* since then somebody renders it */
		struct reply reply; /* its body owned */
	} slots[PAGE_CACHE_SLOTS];
};

void page_cache_init(struct page_cache *c);
void page_cache_finish(struct page_cache *c);
/* True if there was one of that key: `out` has a copy of it, packed as it was kept. False: the caller
 * renders it, and puts it. */
bool page_cache_get(struct page_cache *c, const char *key, int64_t now_ms, struct reply *out);
/* Keeps a copy of a whole answer of status 200; others are not kept. */
void page_cache_put(struct page_cache *c, const char *key, int64_t now_ms, const struct reply *r);
