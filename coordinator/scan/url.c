#include "coordinator/scan/url.h"

#include "core/io/curl.h"

#include <stdlib.h>
#include <string.h>

/* scheme://host of an address, or the empty view. */
static struct str origin_of(struct str base)
{
	ptrdiff_t colon = str_find(base, ':');
	if (colon < 0 || !str_starts(str_slice(base, (size_t)colon, base.n), "://")) {
		return (struct str){0};
	}
	struct str rest = str_slice(base, (size_t)colon + 3, base.n);
	ptrdiff_t slash = str_find(rest, '/');
	return slash < 0 ? base : str_slice(base, 0, (size_t)colon + 3 + (size_t)slash);
}

static struct str joined(struct arena *arena, struct str a, struct str b)
{
	char *text = arena_new(arena, a.n + b.n + 1);
	if (a.n != 0) {
		memcpy(text, a.p, a.n);
	}
	memcpy(text + a.n, b.p, b.n);
	return (struct str){text, a.n + b.n};
}

/* The general rule, by libcurl; it is slow, and nearly no page needs it. */
static struct str resolve_any(struct str base, struct str reference, struct arena *arena)
{
	struct str out = {0};
	CURLU *url = curl()->url();
	char *base_text = str_dup(base), *text = str_dup(reference), *whole = NULL;
	if (url != NULL && curl()->url_set(url, CURLUPART_URL, base_text, 0) == CURLUE_OK &&
		curl()->url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
		curl()->url_get(url, CURLUPART_URL, &whole, 0) == CURLUE_OK) {
		out = (struct str){arena_copy(arena, whole, strlen(whole)), strlen(whole)};
	}
	curl()->free(whole);
	free(text);
	free(base_text);
	curl()->url_cleanup(url);
	return out;
}

/* No byte of it is white space or a control character; eight at a step. */
static bool is_clean(struct str s)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t found = 0; /* the top bit of a byte that is one */
	size_t i = 0;
	for (; i + 8 <= s.n; i += 8) {
		uint64_t word, del;
		memcpy(&word, s.p + i, sizeof(word));
		del = word ^ (ones * 0x7f);
		found |= ((word - ones * 0x21) & ~word) | ((del - ones) & ~del);
	}
	if ((found & tops) != 0) {
		return false;
	}
	for (; i < s.n; i++) {
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f) {
			return false;
		}
	}
	return true;
}

static bool has_dot_segment(struct str s)
{
	const char *end = s.p + s.n;
	for (const char *dot = s.p; (dot = memchr(dot, '.', (size_t)(end - dot))) != NULL; dot++) {
		if (dot + 1 < end && dot[1] == '/') {
			return true;
		}
	}
	return false;
}

static inline bool begins(struct str s, const char *text)
{
	return s.n >= strlen(text) && memcmp(s.p, text, strlen(text)) == 0;
}

bool url_is_plain(struct str base, struct str reference, struct str *origin)
{
	*origin = (struct str){0};
	if (reference.n == 0 || !is_clean(reference)) {
		return false;
	}
	if (begins(reference, "https://") || begins(reference, "http://")) {
		return true;
	}
	if (reference.p[0] != '/' || str_starts(reference, "//") || has_dot_segment(reference)) {
		return false;
	}
	*origin = origin_of(base);
	return true;
}

struct str url_resolve(struct str base, struct str reference, struct arena *arena)
{
	struct str origin;
	if (url_is_plain(base, reference, &origin)) {
		return joined(arena, origin, reference);
	}
	return is_clean(reference) ? resolve_any(base, reference, arena) : (struct str){0};
}
