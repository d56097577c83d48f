#include "coordinator/scan/url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

/* scheme://host of an address, or the empty view. */
static struct str origin_of(struct str base)
{
	ptrdiff_t colon = str_find_text(base, STR("://"));
	if (colon < 0) {
		return (struct str){0};
	}
	struct str rest = str_slice(base, (size_t)colon + 3, base.n);
	ptrdiff_t slash = str_find(rest, '/');
	return slash < 0 ? base : str_slice(base, 0, (size_t)colon + 3 + (size_t)slash);
}

static struct str joined(struct arena *arena, struct str a, struct str b)
{
	char *text = arena_new(arena, a.n + b.n + 1);
	memcpy(text, a.p, a.n);
	memcpy(text + a.n, b.p, b.n);
	return (struct str){text, a.n + b.n};
}

/* The general rule, by libcurl; it is slow, and nearly no page needs it. */
static struct str resolve_any(struct str base, struct str reference, struct arena *arena)
{
	struct str out = {0};
	CURLU *url = curl_url();
	char *base_text = str_dup(base), *text = str_dup(reference), *whole = NULL;
	if (url != NULL && curl_url_set(url, CURLUPART_URL, base_text, 0) == CURLUE_OK &&
		curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
		curl_url_get(url, CURLUPART_URL, &whole, 0) == CURLUE_OK) {
		out = (struct str){arena_copy(arena, whole, strlen(whole)), strlen(whole)};
	}
	curl_free(whole);
	free(text);
	free(base_text);
	curl_url_cleanup(url);
	return out;
}

struct str url_resolve(struct str base, struct str reference, struct arena *arena)
{
	for (size_t i = 0; i < reference.n; i++) {
		if ((unsigned char)reference.p[i] <= ' ' || reference.p[i] == 0x7f) {
			return (struct str){0};
		}
	}
	if (str_starts(reference, "https://") || str_starts(reference, "http://")) {
		return joined(arena, reference, (struct str){"", 0});
	}
	bool dots = str_find_text(reference, STR("./")) >= 0;
	if (str_starts(reference, "/") && !str_starts(reference, "//") && !dots) {
		return joined(arena, origin_of(base), reference);
	}
	return resolve_any(base, reference, arena);
}
