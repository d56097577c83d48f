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

/* A target's place in the matrix. */
struct place {
	const struct target_view *target;
	const char *platform;
	struct str python; /* without the 't' */
	bool free_threaded;
	int family;
};

static struct place place_of(const struct target_view *t)
{
	const char *family = html_family_of_target(t->target);
	struct str python = python_of(t->target);
	bool free_threaded = str_ends(python, "t");
	return (struct place){
		.target = t,
		.platform = words_target_platform(t->target),
		.python = str_slice(python, 0, python.n - free_threaded),
		.free_threaded = free_threaded,
		.family = family[0] == 'g' ? 0
			: family[0] == 'm'     ? 1
								   : 2,
	};
}

/* "cp39" before "cp310", "cp313" before "cp313t". */
static int compare_python(const void *a, const void *b)
{
	const struct place *x = a;
	const struct place *y = b;
	if (x->python.n != y->python.n) {
		return x->python.n < y->python.n ? -1 : 1;
	}
	int order = str_compare(x->python, y->python);
	return order != 0 ? order : x->free_threaded - y->free_threaded;
}

static int compare_platform(const void *a, const void *b)
{
	const struct place *x = a;
	const struct place *y = b;
	int order = x->family - y->family;
	return order != 0 ? order : strcmp(x->platform, y->platform);
}

/* Rows or columns: places sorted and without repeats by `compare`. The caller frees *out. */
static size_t distinct(const struct place *places, size_t count, struct place **out,
	int (*compare)(const void *, const void *))
{
	struct place *kept = mem_new(count, sizeof(*kept));
	memcpy(kept, places, count * sizeof(*kept));
	qsort(kept, count, sizeof(*kept), compare);
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		if (n == 0 || compare(&kept[n - 1], &kept[i]) != 0) {
			kept[n++] = kept[i];
		}
	}
	*out = kept;
	return n;
}

static size_t index_of(
	const struct place *sorted, const struct place *p, int (*compare)(const void *, const void *))
{
	size_t i = 0;
	while (compare(&sorted[i], p) != 0) {
		i++;
	}
	return i;
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
			return words_job_state(t->build.job_state);
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

struct matrix {
	struct place *pythons, *platforms; /* columns and rows */
	size_t python_count, platform_count;
	const struct target_view **cells; /* row by row; NULL: no such target */
};

static void matrix_init(struct matrix *m, const struct package_view *v)
{
	struct place *places = mem_new(v->target_count, sizeof(*places));
	for (size_t i = 0; i < v->target_count; i++) {
		places[i] = place_of(&v->targets[i]);
	}
	m->python_count = distinct(places, v->target_count, &m->pythons, compare_python);
	m->platform_count = distinct(places, v->target_count, &m->platforms, compare_platform);
	m->cells = mem_new(m->python_count * m->platform_count, sizeof(*m->cells));
	for (size_t i = v->target_count; i-- > 0;) {
		size_t row = index_of(m->platforms, &places[i], compare_platform);
		size_t column = index_of(m->pythons, &places[i], compare_python);
		m->cells[row * m->python_count + column] = &v->targets[i];
	}
	free(places);
}

static void matrix_finish(struct matrix *m)
{
	free(m->pythons);
	free(m->platforms);
	free(m->cells);
}

static void add_head(struct html *h, const struct matrix *m)
{
	struct buf name = {0};
	for (size_t i = 0; i < m->python_count; i++) {
		html_raw_literal(h, "<th scope=\"col\">");
		buf_clear(&name);
		words_python(&name, m->pythons[i].target->target);
		struct str text = buf_view(&name);
		html_text(h, str_starts(text, "CPython ") ? str_slice(text, 8, text.n) : text);
		html_raw_literal(h, "</th>");
	}
	buf_finish(&name);
}

static void add_line(struct html *h, const struct matrix *m, size_t row)
{
	struct buf name = {0};
	html_raw_literal(h, "<tr><th scope=\"row\">");
	words_platform(&name, m->platforms[row].platform);
	html_text(h, buf_view(&name));
	html_raw_literal(h, "</th>");
	buf_finish(&name);
	for (size_t i = 0; i < m->python_count; i++) {
		add_cell(h, m->cells[row * m->python_count + i]);
	}
	html_raw_literal(h, "</tr>\n");
}

void html_matrix(struct html *h, const struct package_view *v)
{
	struct matrix m;
	matrix_init(&m, v);
	html_raw_literal(h,
		"<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Every "
		"target\"><table class=\"matrix\"><caption>Headline by Python and platform; a "
		"link leads to the build</caption><thead><tr><td></td>");
	add_head(h, &m);
	html_raw_literal(h, "</tr></thead><tbody>\n");
	for (size_t k = 0; k < m.platform_count; k++) {
		add_line(h, &m, k);
	}
	html_raw_literal(h, "</tbody></table></div>\n");
	matrix_finish(&m);
}

const struct target_view *html_matrix_default(
	const struct package_view *v, const char *family, const char *python_or_null)
{
	const struct target_view *best = NULL;
	struct place best_place;
	for (size_t i = 0; i < v->target_count; i++) {
		const struct target_view *t = &v->targets[i];
		if (strcmp(html_family_of_target(t->target), family) != 0) {
			continue;
		}
		if (python_or_null != NULL && str_is(python_of(t->target), python_or_null)) {
			return t;
		}
		const struct place place = place_of(t);
		if (!place.free_threaded && (best == NULL || compare_python(&place, &best_place) > 0)) {
			best = t;
			best_place = place;
		}
	}
	return best;
}
