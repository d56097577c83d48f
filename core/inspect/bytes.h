/* Numbers out of a byte view, with every bound checked: outside the view reads as "no". */
#pragma once

#include "core/base/str.h"

static inline uint64_t bytes_number(const char *p, size_t width, bool is_little)
{
	uint64_t value = 0;
	for (size_t i = 0; i < width; i++) {
		size_t at = is_little ? width - 1 - i : i;
		value = value << 8 | (unsigned char)p[at];
	}
	return value;
}

/* Little endian, for callers that have checked the bounds. */
static inline uint16_t bytes_u16le(const char *p)
{
	return (uint16_t)bytes_number(p, 2, true);
}
static inline uint32_t bytes_u32le(const char *p)
{
	return (uint32_t)bytes_number(p, 4, true);
}
static inline uint64_t bytes_u64le(const char *p)
{
	return bytes_number(p, 8, true);
}

/* True if [at, at + length) lies in s. */
static inline bool bytes_have(struct str s, uint64_t at, uint64_t length)
{
	return at <= s.n && length <= s.n - at;
}

/* The zero-terminated text at `at`; false when it is outside or never ends. */
static inline bool bytes_text(struct str s, uint64_t at, struct str *out)
{
	if (at >= s.n) {
		return false;
	}
	struct str rest = {.p = s.p + at, .n = s.n - (size_t)at};
	ptrdiff_t end = str_find(rest, '\0');
	*out = (struct str){.p = rest.p, .n = end < 0 ? 0 : (size_t)end};
	return end >= 0;
}
