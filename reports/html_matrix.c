#include "reports/html_matrix.h"

#include <stdlib.h>
#include <string.h>

/* What the matrix calls a Python: the name's part before the '-', "cp313t". */
static struct str python_of(const char *target)
{
	struct str name = str_from(target);
	ptrdiff_t dash = str_find(name, '-');
	return dash < 0 ? name : str_slice(name, 0, (size_t)dash);
}

/* "cp39" before "cp310", "cp313" before "cp313t". */
static int compare_python(const void *a, const void *b)
{
	struct str x = python_of(*(const char *const *)a);
	struct str y = python_of(*(const char *const *)b);
	struct str plain_x = str_ends(x, "t") ? str_slice(x, 0, x.n - 1) : x;
	struct str plain_y = str_ends(y, "t") ? str_slice(y, 0, y.n - 1) : y;
	if (plain_x.n != plain_y.n) {
		return plain_x.n < plain_y.n ? -1 : 1;
	}
	int order = str_compare(plain_x, plain_y);
	return order != 0 ? order : x.n < y.n ? -1 : x.n > y.n;
}

static int family_order(const char *target)
{
	const char *family = html_family_of_target(target);
	return family[0] == 'g' ? 0 : family[0] == 'm' ? 1 : 2;
}

static int compare_platform(const void *a, const void *b)
{
	const char *x = *(const char *const *)a;
	const char *y = *(const char *const *)b;
	int order = family_order(x) - family_order(y);
	return order != 0 ? order : strcmp(words_target_platform(x), words_target_platform(y));
}

/* Names sorted and without repeats by `compare`; returns how many stay. The caller frees *out. */
static size_t distinct(
	const struct package_view *v, const char ***out, int (*compare)(const void *, const void *))
{
	const char **names = mem_new(v->target_count, sizeof(*names));
	for (size_t i = 0; i < v->target_count; i++) {
		names[i] = v->targets[i].target;
	}
	qsort(names, v->target_count, sizeof(*names), compare);
	size_t n = 0;
	for (size_t i = 0; i < v->target_count; i++) {
		if (n == 0 || compare(&names[n - 1], &names[i]) != 0) {
			names[n++] = names[i];
		}
	}
	*out = names;
	return n;
}

static const struct target_view *find(
	const struct package_view *v, const char *platform, const char *python)
{
	for (size_t i = 0; i < v->target_count; i++) {
		const char *name = v->targets[i].target;
		if (compare_platform(&name, &platform) == 0 && compare_python(&name, &python) == 0) {
			return &v->targets[i];
		}
	}
	return NULL;
}

/* What kind of file makes it so: worth more than the headline's word again. */
static const char *cell_note(const struct target_view *t)
{
	const struct published_view *p = &t->published;
	switch (words_headline(t->headline)) {
	case HEADLINE_READY:
		if (p->state != NULL && strcmp(p->state, "pure") == 0) {
			return "pure";
		}
		return p->file != NULL && strstr(p->file, "-abi3") != NULL ? "abi3" : NULL;
	case HEADLINE_BUILDS:
		return t->proven ? "proven" : "unproven";
	case HEADLINE_MISSING:
	case HEADLINE_UNKNOWN:
		if (t->has_build && html_build_failed(&t->build)) {
			return "build failed";
		}
		if (t->has_build && t->build.state == NULL) {
			return t->build.job_state;
		}
		return p->state == NULL ? "never looked" : p->state;
	default:
		return NULL;
	}
}

static void add_cell(struct html *h, const struct target_view *t)
{
	if (t == NULL) {
		html_raw_literal(
			h, "<td class=\"nothing\"><span class=\"hidden\">no such target</span></td>");
		return;
	}
	html_raw_literal(h, "<td");
	html_attr(h, "title", t->target);
	html_raw_literal(h, ">");
	bool linked = t->has_build && t->build.job != 0;
	if (linked) {
		html_raw_literal(h, "<a");
		struct buf address = {0};
		buf_printf(&address, "/job/%lld", (long long)t->build.job);
		html_attr_str(h, "href", buf_view(&address));
		buf_finish(&address);
		html_raw_literal(h, ">");
	}
	html_headline(h, t->headline);
	const char *note = cell_note(t);
	if (note != NULL) {
		html_raw_literal(h, " <small>");
		html_cstr(h, note);
		html_raw_literal(h, "</small>");
	}
	if (linked) {
		html_raw_literal(h, "</a>");
	}
	html_raw_literal(h, "</td>");
}

void html_matrix(struct html *h, const struct package_view *v)
{
	const char **pythons;
	const char **platforms;
	size_t python_count = distinct(v, &pythons, compare_python);
	size_t platform_count = distinct(v, &platforms, compare_platform);
	html_raw_literal(h,
		"<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Every "
		"target\"><table class=\"matrix\"><caption>Headline by Python and platform; a "
		"link leads to the build</caption><thead><tr><td></td>");
	for (size_t i = 0; i < python_count; i++) {
		html_raw_literal(h, "<th scope=\"col\">");
		struct buf name = {0};
		words_python(&name, pythons[i]);
		struct str text = buf_view(&name);
		html_text(h, str_starts(text, "CPython ") ? str_slice(text, 8, text.n) : text);
		buf_finish(&name);
		html_raw_literal(h, "</th>");
	}
	html_raw_literal(h, "</tr></thead><tbody>\n");
	for (size_t k = 0; k < platform_count; k++) {
		html_raw_literal(h, "<tr><th scope=\"row\">");
		struct buf name = {0};
		words_platform(&name, words_target_platform(platforms[k]));
		html_text(h, buf_view(&name));
		buf_finish(&name);
		html_raw_literal(h, "</th>");
		for (size_t i = 0; i < python_count; i++) {
			add_cell(h, find(v, platforms[k], pythons[i]));
		}
		html_raw_literal(h, "</tr>\n");
	}
	html_raw_literal(h, "</tbody></table></div>\n");
	free(pythons);
	free(platforms);
}

const struct target_view *html_matrix_default(
	const struct package_view *v, const char *family, const char *python_or_null)
{
	const struct target_view *best = NULL;
	for (size_t i = 0; i < v->target_count; i++) {
		const struct target_view *t = &v->targets[i];
		if (strcmp(html_family_of_target(t->target), family) != 0) {
			continue;
		}
		if (python_or_null != NULL && str_is(python_of(t->target), python_or_null)) {
			return t;
		}
		bool plain = !str_ends(python_of(t->target), "t");
		if (plain && (best == NULL || compare_python(&t->target, &best->target) > 0)) {
			best = t;
		}
	}
	return best;
}
