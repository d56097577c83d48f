#include "reports/static_links.h"

#include <string.h>

/* Where renderers write addresses. Outside text has no quote in it (html.h), so none of these can
 * come from it. */
static const char *const attributes[] = {
	" href=\"/", " src=\"/", " data-names=\"/", " data-pages=\"/"};

/* The value of a parameter in a query that is written as in HTML, "&amp;" between them. */
static struct str parameter(struct str query, const char *name)
{
	struct str rest = query;
	struct str part;
	while (str_split(&rest, '&', &part)) {
		part = str_starts(part, "amp;") ? str_slice(part, 4, part.n) : part;
		ptrdiff_t equal = str_find(part, '=');
		if (equal >= 0 && str_is(str_slice(part, 0, (size_t)equal), name)) {
			return str_slice(part, (size_t)equal + 1, part.n);
		}
	}
	return STR("");
}

static void add_part(struct buf *out, struct str value)
{
	if (value.n != 0 && !str_is(value, "0")) {
		buf_add_char(out, '-');
		buf_add_str(out, value);
	}
}

/* What follows the last '.' of the last segment is an ending only of what the server ends so. */
static bool has_ending(struct str path)
{
	static const char *const endings[] = {
		".json", ".csv", ".atom", ".svg", ".xml", ".css", ".js", ".txt", ".woff2"};
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		if (str_ends(path, endings[i])) {
			return true;
		}
	}
	return false;
}

void static_file(struct buf *out, struct str address)
{
	ptrdiff_t hash = str_find(address, '#');
	struct str fragment = hash < 0 ? STR("") : str_slice(address, (size_t)hash, address.n);
	struct str path = str_slice(address, 0, address.n - fragment.n);
	ptrdiff_t mark = str_find(path, '?');
	struct str query = mark < 0 ? STR("") : str_slice(path, (size_t)mark + 1, path.n);
	path = str_slice(path, 1, mark < 0 ? path.n : (size_t)mark);
	if (path.n == 0) {
		buf_add_text(out, "index.html");
	} else if (has_ending(path) || str_ends(path, "/")) {
		buf_add_str(out, path);
	} else if (str_starts(path, "job/") && str_ends(path, "/log")) {
		buf_add_str(out, str_slice(path, 0, path.n - 4));
		buf_add_text(out, ".log.txt");
	} else if (str_starts(path, "job/") && str_ends(path, "/spec")) {
		buf_add_str(out, str_slice(path, 0, path.n - 5));
		buf_add_text(out, ".spec.json");
	} else {
		buf_add_str(out, path);
		if (str_is(path, "packages")) {
			struct str state = parameter(query, "state");
			if (state.n != 0 && !str_is(state, "ready")) {
				add_part(out, parameter(query, "target"));
				add_part(out, state);
			}
			add_part(out, parameter(query, "offset"));
		}
		buf_add_text(out, ".html");
	}
	buf_add_str(out, fragment);
}

static size_t attribute_at(struct str page, size_t at)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
		size_t n = strlen(attributes[i]);
		if (page.n - at >= n && memcmp(page.p + at, attributes[i], n) == 0) {
			return n - 1; /* the '/' is the address's */
		}
	}
	return 0;
}

void static_links(struct buf *out, struct str page, size_t depth)
{
	size_t done = 0;
	for (size_t at = 0; at < page.n; at++) {
		/* Every attribute ends in `="/`; a search for the '=' alone is many times quicker. */
		const char *found = memchr(page.p + at, '=', page.n - at);
		if (found == NULL) {
			break;
		}
		size_t equal = (size_t)(found - page.p);
		if (page.n - equal < 3 || found[1] != '"' || found[2] != '/') {
			at = equal;
			continue;
		}
		size_t name = equal;
		while (name > done && page.p[name - 1] != ' ') {
			name--;
		}
		at = equal;
		if (name == done || attribute_at(page, name - 1) == 0) {
			continue;
		}
		size_t from = equal + 2;
		const char *quote = memchr(page.p + from, '"', page.n - from);
		if (quote == NULL) {
			break;
		}
		buf_add(out, page.p + done, from - done);
		for (size_t i = 0; i < depth; i++) {
			buf_add_text(out, "../");
		}
		done = (size_t)(quote - page.p);
		static_file(out, str_slice(page, from, done));
		at = done;
	}
	buf_add_str(out, str_slice(page, done, page.n));
}
