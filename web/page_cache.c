#include "web/page_cache.h"

#include "core/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { LARGEST = 128 << 10 }; /* of a body: all slots together are 32 MiB at most */

void page_cache_init(struct page_cache *c)
{
	*c = (struct page_cache){0};
	if (uv_mutex_init(&c->lock) != 0) {
		mem_bug("web: no mutex to be had");
	}
}

static void empty(struct page_cache_slot *s)
{
	free(s->key);
	if (s->key != NULL) {
		reply_finish(&s->reply);
	}
	*s = (struct page_cache_slot){0};
}

void page_cache_finish(struct page_cache *c)
{
	for (size_t i = 0; i < PAGE_CACHE_SLOTS; i++) {
		empty(&c->slots[i]);
	}
	uv_mutex_destroy(&c->lock);
}

/* FNV-1a: keys that share a slot only push each other out. */
static struct page_cache_slot *slot_of(struct page_cache *c, const char *key)
{
	uint32_t hash = 2166136261U;
	for (const char *at = key; *at != '\0'; at++) {
		hash = (hash ^ (unsigned char)*at) * 16777619U;
	}
	return &c->slots[hash % PAGE_CACHE_SLOTS];
}

/* Everything but the body, which is copied. */
static void copy(struct reply *to, const struct reply *from)
{
	struct buf body = {0};
	buf_add(&body, from->body.p, from->body.n);
	*to = *from;
	to->body = body;
}

bool page_cache_get(struct page_cache *c, const char *key, int64_t now_ms, struct reply *out)
{
	uv_mutex_lock(&c->lock);
	struct page_cache_slot *s = slot_of(c, key);
	bool same = s->key != NULL && strcmp(s->key, key) == 0;
	bool found = same && now_ms < s->until + (s->renewed ? PAGE_CACHE_MS : 0);
	if (found) {
		copy(out, &s->reply);
	} else if (same) {
		s->renewed = true;
	}
	uv_mutex_unlock(&c->lock);
	return found;
}

void page_cache_put(struct page_cache *c, const char *key, int64_t now_ms, const struct reply *r)
{
	if (r->status != MHD_HTTP_OK || r->cache != REPLY_REVALIDATE || r->fixed != NULL ||
		r->file >= 0 || r->body.n == 0 || r->body.n > LARGEST) {
		return;
	}
	uv_mutex_lock(&c->lock);
	struct page_cache_slot *s = slot_of(c, key);
	empty(s);
	s->key = str_dup(str_from(key));
	s->until = now_ms + PAGE_CACHE_MS;
	s->renewed = false;
	copy(&s->reply, r);
	uv_mutex_unlock(&c->lock);
}
