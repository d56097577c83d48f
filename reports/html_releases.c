#include "reports/html_releases.h"

#include <stddef.h>

struct family_column {
	const char *name;
	size_t offset; /* of its flag in struct release_view */
};

static const struct family_column columns[] = {
	{"glibc", offsetof(struct release_view, glibc)},
	{"musl", offsetof(struct release_view, musl)},
	{"Windows", offsetof(struct release_view, windows)},
};
enum { COLUMN_COUNT = sizeof(columns) / sizeof(*columns) };

static bool has_wheel(const struct release_view *r, const struct family_column *c)
{
	return *(const bool *)((const char *)r + c->offset);
}

static void add_sign(struct html *h, bool there)
{
	html_sign(h, there ? HEADLINE_READY : HEADLINE_MISSING);
}

/* In words what a family's row shows: where the wheels began, and where they ended if they did. */
static void add_story(struct html *h, const struct package_view *v, const struct family_column *c)
{
	size_t newest = v->release_count;
	size_t oldest = v->release_count;
	size_t count = 0;
	for (size_t i = 0; i < v->release_count; i++) {
		if (has_wheel(&v->releases[i], c)) {
			newest = newest == v->release_count ? i : newest;
			oldest = i;
			count++;
		}
	}
	if (count == 0) {
		html_raw_literal(h, "never");
		return;
	}
	html_cstr(h, v->releases[oldest].version);
	if (newest != oldest) {
		html_raw_literal(h, " to ");
		html_cstr(h, v->releases[newest].version);
	}
	html_format(h, ", %zu of %zu releases", count, v->release_count);
}

/* One glyph a release, from old to new: the target strip's idea along time. */
static void add_strips(struct html *h, const struct package_view *v)
{
	html_raw_literal(h,
		"<table class=\"history\"><caption>Compiled wheels for ARM, one sign a release "
		"from old to new</caption><tbody>\n");
	for (size_t k = 0; k < COLUMN_COUNT; k++) {
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_cstr(h, columns[k].name);
		html_raw_literal(h, "</th><td><span class=\"strip\" aria-hidden=\"true\">");
		for (size_t i = v->release_count; i-- > 0;) {
			add_sign(h, has_wheel(&v->releases[i], &columns[k]));
		}
		html_raw_literal(h, "</span> <span class=\"story\">");
		add_story(h, v, &columns[k]);
		html_raw_literal(h, "</span></td></tr>\n");
	}
	html_raw_literal(h, "</tbody></table>\n");
}

static const char *other_files(const struct release_view *r)
{
	if (r->sdist && r->pure) {
		return "sdist, pure wheel";
	}
	return r->sdist ? "sdist" : r->pure ? "pure wheel" : "";
}

void html_releases(struct html *h, const struct package_view *v)
{
	if (v->release_count == 0) {
		return;
	}
	html_raw_literal(h, "<section><h2>Releases</h2>\n");
	add_strips(h, v);
	html_raw_literal(h,
		"<details class=\"more\"><summary>Release by release</summary><table "
		"class=\"releases\"><caption>Releases, newest first</caption><thead><tr><th "
		"scope=\"col\">Version</th><th scope=\"col\">Date</th><th "
		"scope=\"col\">glibc</th><th scope=\"col\">musl</th><th "
		"scope=\"col\">Windows</th><th scope=\"col\">Also</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < v->release_count; i++) {
		const struct release_view *r = &v->releases[i];
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_cstr(h, r->version);
		html_cstr(h, r->yanked ? " (yanked)" : r->prerelease ? " (pre-release)" : "");
		html_raw_literal(h, "</th><td>");
		html_day(h, r->date);
		html_raw_literal(h, "</td>");
		for (size_t k = 0; k < COLUMN_COUNT; k++) {
			html_raw_literal(h, "<td>");
			add_sign(h, has_wheel(r, &columns[k]));
			html_cstr(h, has_wheel(r, &columns[k]) ? " wheel" : " none");
			html_raw_literal(h, "</td>");
		}
		html_raw_literal(h, "<td>");
		html_cstr(h, other_files(r));
		html_raw_literal(h, "</td></tr>\n");
	}
	html_raw_literal(h, "</tbody></table></details></section>\n");
}
