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

typedef unsigned char lanes __attribute__((vector_size(16)));

static bool is_any(lanes found)
{
	uint64_t halves[2];
	memcpy(halves, &found, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

/* What one walk over an address finds; sixteen bytes a step, as a scan walks over millions. */
struct look {
	bool unclean; /* white space or a control character */
	bool dots; /* "./": a segment of dots, or a name that ends in one */
};

static struct look look_at(struct str s)
{
	struct look out = {0};
	lanes unclean = {0}, dots = {0};
	size_t i = 0;
	for (; i + sizeof(lanes) < s.n; i += sizeof(lanes)) {
		lanes here, next;
		memcpy(&here, s.p + i, sizeof(here));
		memcpy(&next, s.p + i + 1, sizeof(next));
		unclean |= (lanes)(here <= ' ') | (lanes)(here == 0x7f);
		dots |= (lanes)(here == '.') & (lanes)(next == '/');
	}
	for (; i < s.n; i++) {
		unsigned char here = (unsigned char)s.p[i];
		out.unclean |= here <= ' ' || here == 0x7f;
		out.dots |= here == '.' && i + 1 < s.n && s.p[i + 1] == '/';
	}
	out.unclean |= is_any(unclean);
	out.dots |= is_any(dots);
	return out;
}

static inline bool begins(struct str s, const char *text)
{
	return s.n >= strlen(text) && memcmp(s.p, text, strlen(text)) == 0;
}

struct str url_resolve(struct str base, struct str reference, struct arena *arena)
{
	struct look look = look_at(reference);
	if (look.unclean) {
		return (struct str){0};
	}
	if (begins(reference, "https://") || begins(reference, "http://")) {
		return reference;
	}
	/* nearly all others are a path on the page's own host */
	bool plain = begins(reference, "/") && !begins(reference, "//") && !look.dots;
	return plain ? joined(arena, origin_of(base), reference) : resolve_any(base, reference, arena);
}
