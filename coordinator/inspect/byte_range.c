#include "coordinator/inspect/byte_range.h"

#include <stdlib.h>

bool byte_range_parse(struct str text, struct byte_range *out, uint64_t *total)
{
	uint64_t first, last;
	if (text.n < 6 || !str_equal_nocase(str_slice(text, 0, 6), STR("bytes "))) {
		return false;
	}
	struct str rest = str_trim(str_slice(text, 6, text.n));
	ptrdiff_t dash = str_find(rest, '-'), slash = str_find(rest, '/');
	if (dash < 0 || slash < dash || !str_to_u64(str_slice(rest, 0, (size_t)dash), &first) ||
		!str_to_u64(str_slice(rest, (size_t)dash + 1, (size_t)slash), &last) ||
		!str_to_u64(str_slice(rest, (size_t)slash + 1, rest.n), total)) {
		return false;
	}
	if (first > last || last >= *total) {
		return false;
	}
	*out = (struct byte_range){.from = first, .to = last + 1};
	return true;
}

static int by_place(const void *left, const void *right)
{
	const struct byte_range *a = left, *b = right;
	return a->from < b->from ? -1 : a->from > b->from;
}

void byte_ranges_join(struct byte_ranges *ranges, uint64_t gap, uint64_t most)
{
	size_t kept = 0;
	if (ranges->list.n == 0) {
		return;
	}
	qsort(ranges->list.v, ranges->list.n, sizeof(*ranges->list.v), by_place);
	for (size_t i = 1; i < ranges->list.n; i++) {
		struct byte_range *last = &ranges->list.v[kept], next = ranges->list.v[i];
		bool near = next.from <= last->to || next.from - last->to <= gap;
		uint64_t to = next.to > last->to ? next.to : last->to;
		if (near && to - last->from <= most) {
			last->to = to;
			continue;
		}
		if (next.from < last->to) {
			next.from = last->to; /* no byte is asked for twice */
		}
		if (next.from < next.to) {
			ranges->list.v[++kept] = next;
		}
	}
	ranges->list.n = kept + 1;
}

void byte_cache_finish(struct byte_cache *c)
{
	VEC_EACH (struct byte_block, block, &c->blocks) {
		buf_finish(&block->bytes);
	}
	vec_finish(&c->blocks);
}

void byte_cache_add(struct byte_cache *c, uint64_t from, struct buf *bytes)
{
	vec_add(&c->blocks);
	size_t at = c->blocks.n - 1;
	for (; at > 0 && c->blocks.v[at - 1].from > from; at--) {
		c->blocks.v[at] = c->blocks.v[at - 1];
	}
	c->blocks.v[at] = (struct byte_block){.from = from, .bytes = *bytes};
	*bytes = (struct buf){0};
}

void byte_cache_missing(
	const struct byte_cache *c, struct byte_range wanted, struct byte_ranges *out)
{
	VEC_EACH (const struct byte_block, block, &c->blocks) {
		uint64_t end = block->from + block->bytes.n;
		if (end <= wanted.from) {
			continue;
		}
		if (block->from >= wanted.to) {
			break;
		}
		if (block->from > wanted.from) {
			*vec_add(&out->list) = (struct byte_range){.from = wanted.from, .to = block->from};
		}
		wanted.from = end < wanted.to ? end : wanted.to;
	}
	if (wanted.from < wanted.to) {
		*vec_add(&out->list) = wanted;
	}
}

struct str byte_cache_get(const struct byte_cache *c, struct byte_range wanted, struct buf *joined)
{
	buf_clear(joined);
	VEC_EACH (const struct byte_block, block, &c->blocks) {
		uint64_t end = block->from + block->bytes.n;
		if (end <= wanted.from || block->from >= wanted.to) {
			continue;
		}
		uint64_t from = wanted.from > block->from ? wanted.from - block->from : 0;
		uint64_t to = wanted.to < end ? wanted.to - block->from : block->bytes.n;
		struct str part = str_slice(buf_view(&block->bytes), (size_t)from, (size_t)to);
		if (part.n == wanted.to - wanted.from) {
			return part;
		}
		buf_add_str(joined, part);
	}
	return buf_view(joined);
}
