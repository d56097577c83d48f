/* Ranges of a remote file: what HTTP says of them, and the parts that are here already. */
#pragma once

#include "core/base/str.h"
#include "core/base/vec.h"

struct byte_range {
	uint64_t from;
	uint64_t to; /* behind the last byte */
};
struct byte_ranges {
	VEC(struct byte_range) list;
};

/* Content-Range of a 206 (RFC 9110, 14.4): "bytes 0-9/100" is {0, 10} of 100. False for anything else,
 * an unknown length ("*") and ranges that leave the file included. */
bool byte_range_parse(struct str text, struct byte_range *out, uint64_t *total);

/* Sorts, and joins those that touch or are at most `gap` bytes apart, to at most `most` bytes each. */
void byte_ranges_join(struct byte_ranges *ranges, uint64_t gap, uint64_t most);

/* The parts of a file that are here, in order, never overlapping. A zeroed struct has none. */
struct byte_block {
	uint64_t from;
	struct buf bytes;
};
struct byte_cache {
	VEC(struct byte_block) blocks;
};
void byte_cache_finish(struct byte_cache *c);
/* Adds bytes (taken from *bytes) of which none is here yet. */
void byte_cache_add(struct byte_cache *c, uint64_t from, struct buf *bytes);
/* What of `wanted` is not here, added to `out`. */
void byte_cache_missing(
	const struct byte_cache *c, struct byte_range wanted, struct byte_ranges *out);
/* The bytes of a range that is here whole: a view onto the cache, or onto `joined` if they lie in
 * several blocks. */
struct str byte_cache_get(const struct byte_cache *c, struct byte_range wanted, struct buf *joined);
