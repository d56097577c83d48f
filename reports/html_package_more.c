#include "reports/html_package_more.h"

#include "reports/advice.h"
#include "reports/html_matrix.h"

#include <string.h>

static const char *const families[][2] = {
	{"glibc", "linux"}, {"musl", "musl"}, {"Windows", "windows"}};
enum { FAMILIES = sizeof(families) / sizeof(*families) };

static void add_family(struct html *h, const struct target_view *t)
{
	html_cstr(h, words_family(t->target));
}

static void add_repeat(
	struct html *h, const struct page *p, const struct package_view *v, const struct target_view *t)
{
	if (t->has_build) {
		html_repeat(h, t->build.job);
	} else if (words_headline(t->headline) == HEADLINE_BLOCKED) {
		html_raw_literal(h, "<p>How it comes in, step by step:</p>");
		html_command(h, "wheelfarm check %s --target %s --explain", v->name, t->target);
	} else {
		html_try(h, p, v->name, t->target);
	}
}

void html_package_todo(struct html *h, const struct page *p, const struct package_view *v)
{
	const struct target_view *targets[FAMILIES];
	const struct advice *advices[FAMILIES];
	size_t n = 0;
	for (size_t i = 0; i < FAMILIES; i++) {
		const struct target_view *t = html_matrix_default(v, families[i][0], p->python);
		const struct advice *a = t != NULL ? advice_of(t) : NULL;
		if (a != NULL) {
			targets[n] = t;
			advices[n++] = a;
		}
	}
	if (n == 0 || v->scanned == 0) {
		return;
	}
	html_raw_literal(
		h, "<section id=\"todo\"><h2>This is what to do</h2>\n<div class=\"cards\">\n");
	for (size_t i = 0; i < n; i++) {
		size_t first = 0;
		while (advices[first] != advices[i]) {
			first++;
		}
		if (first != i) {
			continue; /* said already, with this family's name */
		}
		html_raw_literal(h, "<article class=\"card todo\"><h3>");
		add_family(h, targets[i]);
		for (size_t k = i + 1; k < n; k++) {
			if (advices[k] == advices[i]) {
				html_raw_literal(h, ", ");
				add_family(h, targets[k]);
			}
		}
		html_raw_literal(h, " <code>");
		html_cstr(h, advices[i]->code);
		html_raw_literal(h, "</code></h3>");
		advice_html(h, advices[i]);
		add_repeat(h, p, v, targets[i]);
		if (advices[i]->recipe != NULL) {
			html_raw_literal(h, "<details><summary>A recipe to begin with</summary>");
			advice_draft(h, advices[i], v->name);
			html_raw_literal(h, "</details>");
		}
		html_raw_literal(h, "</article>\n");
	}
	html_raw_literal(h, "</div></section>\n");
}

void html_package_blockers(struct html *h, const struct target_view *t)
{
	for (size_t i = 0; i < t->blocker_count; i++) {
		html_cstr(h, i == 0 ? "" : ", ");
		html_link_package(h, t->blockers[i].name, NULL);
		html_raw_literal(h, " <span class=\"word\">(");
		html_headline(h, t->blockers[i].headline);
		html_raw_literal(h, ")</span>");
	}
}

static void add_needs(struct html *h, const struct package_view *v)
{
	html_raw_literal(h, "<p>It needs ");
	for (size_t i = 0; i < v->need_count; i++) {
		html_cstr(h, i == 0 ? "" : ", ");
		if (v->needs[i].known) {
			html_link_package(h, v->needs[i].name, NULL);
		} else {
			html_cstr(h, v->needs[i].name);
		}
	}
	html_raw_literal(h, ".</p>\n");
}

static void add_waiting(struct html *h, const struct package_view *v)
{
	int64_t more = v->waits - (int64_t)v->waiting_count;
	html_raw_literal(h, "<p>Wait for it on some target: ");
	for (size_t i = 0; i < v->waiting_count; i++) {
		html_cstr(h, i == 0 ? "" : ", ");
		html_link_package(h, v->waiting[i], NULL);
	}
	if (more > 0) {
		html_raw_literal(h, " and ");
		html_int(h, more);
		html_raw_literal(h, " more");
	}
	html_raw_literal(h, ".</p>\n");
}

bool html_package_works_with_built(const struct target_view *t)
{
	return t->with_built != NULL && strcmp(t->with_built, "ok") == 0 &&
		(t->dependencies == NULL || strcmp(t->dependencies, "ok") != 0);
}

void html_package_dependencies(struct html *h, const struct page *p, const struct package_view *v)
{
	html_raw_literal(h, "<section id=\"dependencies\"><h2>Dependencies</h2>\n");
	bool known = false;
	for (size_t i = 0; i < FAMILIES; i++) {
		const struct target_view *t = html_matrix_default(v, families[i][0], p->python);
		const bool works = t != NULL && html_package_works_with_built(t);
		if (t == NULL || t->dependencies == NULL ||
			(strcmp(t->dependencies, "unknown") == 0 && !works)) {
			continue;
		}
		known = true;
		html_raw_literal(h, "<p>");
		add_family(h, t);
		if (t->blocker_count != 0) {
			html_raw_literal(h, ": waits for ");
		} else if (!works) {
			html_raw_literal(h, ": a consistent set of wheels exists.");
		} else {
			html_raw_literal(h, ":");
		}
		html_package_blockers(h, t);
		if (works) {
			html_raw_literal(h,
				" <strong class=\"with-built\">With this farm's own wheels it can be "
				"installed.</strong>");
		}
		html_raw_literal(h, "</p>\n");
	}
	if (!known) {
		html_raw_literal(h,
			"<p class=\"empty\">Not kept yet: the headlines above speak of this package's own "
			"files alone, not of what it needs. This asks for both:</p>\n");
		html_command(h, "wheelfarm check %s --target win_arm64 --explain", v->name);
	}
	if (v->need_count != 0) {
		add_needs(h, v);
	}
	if (v->waiting_count != 0) {
		add_waiting(h, v);
	}
	html_raw_literal(h, "</section>\n");
}

void html_package_nights(struct html *h, const struct page *p, const struct package_view *v)
{
	html_raw_literal(h, "<section id=\"nights\"><h2>Night by night</h2>\n");
	if (v->change_count == 0) {
		html_raw_literal(h,
			"<p class=\"empty\">Nothing has changed since it was first looked at.</p></section>\n");
		return;
	}
	html_raw_literal(h,
		"<table class=\"flow\"><caption>Changes of this package, newest first</caption><thead><tr>"
		"<th scope=\"col\">When</th><th scope=\"col\">Release</th><th scope=\"col\">Change</th>"
		"<th scope=\"col\">Targets</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < v->change_count; i++) {
		const struct store_change *c = &v->changes[i];
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_when(h, p, c->at);
		html_raw_literal(h, "</th><td>");
		html_cstr(h, c->version != NULL ? c->version : "\xE2\x80\x93");
		html_raw_literal(h, "</td><td>");
		html_change(h, c);
		html_raw_literal(h, "</td><td>");
		html_targets(h, c->targets, c->target_count);
		html_raw_literal(h, "</td></tr>\n");
	}
	html_raw_literal(h, "</tbody></table></section>\n");
}

static void add_recipe_fact(struct html *h, const struct recipe_fact *f)
{
	html_raw_literal(h, "<div><dt><code>");
	html_cstr(h, f->name);
	html_raw_literal(h, "</code></dt><dd>");
	html_cstr(h, f->value);
	html_raw_literal(h, "</dd></div>");
}

void html_package_recipe(struct html *h, const struct package_view *v)
{
	const struct recipe_view *r = &v->recipe;
	if (r->job == 0) {
		return;
	}
	html_raw_literal(h, "<section id=\"recipe\"><h2>Recipe</h2>\n<p>");
	html_cstr(h,
		r->plain ? "The newest build had none: the source was built as it is. "
				 : "What it added to the newest job, ");
	html_link_job(h, r->job);
	if (r->tree != NULL && r->tree[0] != '\0') {
		html_raw_literal(h, ", recipes <code>");
		html_text(h, str_slice(str_from(r->tree), 0, 12));
		html_raw_literal(h, "</code>");
		html_cstr(h, r->dirty ? " with changes that are not committed" : "");
	}
	html_raw_literal(h, ".</p>\n");
	if (!r->plain && r->fact_count != 0) {
		html_raw_literal(h, "<dl class=\"facts\">");
		for (size_t i = 0; i < r->fact_count; i++) {
			add_recipe_fact(h, &r->facts[i]);
		}
		html_raw_literal(h, "</dl>\n");
	}
	html_raw_literal(h, "</section>\n");
}

/* The address of a badge, or of the page it leads to. */
static void add_address(struct buf *out, const char *base, const char *kind, const char *name)
{
	buf_add_text(out, base != NULL ? base : "");
	buf_add_char(out, '/');
	buf_add_text(out, kind);
	buf_add_char(out, '/');
	html_url_add(out, str_from(name));
}

static void add_badge(
	struct html *h, const struct page *p, const struct package_view *v, size_t family)
{
	struct buf picture = {0}, page = {0}, alt = {0};
	const struct target_view *t = html_matrix_default(v, families[family][0], p->python);
	if (t == NULL) {
		return;
	}
	add_address(&picture, NULL, "badge", v->name);
	buf_add_char(&picture, '/');
	buf_add_text(&picture, families[family][1]);
	buf_add_text(&picture, ".svg");
	buf_add_text(&alt, words_family(t->target));
	buf_add_text(&alt, ": ");
	buf_add_text(&alt, headline_label(words_headline(t->headline)));
	html_raw_literal(h, "<li><img height=\"20\"");
	html_attr_str(h, "src", buf_view(&picture));
	html_attr_str(h, "alt", buf_view(&alt));
	html_raw_literal(h, "><pre class=\"command\" tabindex=\"0\">[![");
	html_cstr(h, words_family(t->target));
	html_raw_literal(h, "](");
	html_cstr(h, p->base);
	html_text(h, buf_view(&picture));
	html_raw_literal(h, ")](");
	add_address(&page, p->base, "package", v->name);
	html_text(h, buf_view(&page));
	html_raw_literal(h, ")</pre></li>\n");
	buf_finish(&picture);
	buf_finish(&page);
	buf_finish(&alt);
}

void html_package_badges(struct html *h, const struct page *p, const struct package_view *v)
{
	if (v->target_count == 0) {
		return;
	}
	html_raw_literal(h,
		"<section id=\"badges\"><h2>Badges</h2>\n<p>For a README, as Markdown; any target's name "
		"does in the place of the last word.</p><ul class=\"badges\">\n");
	for (size_t i = 0; i < FAMILIES; i++) {
		add_badge(h, p, v, i);
	}
	html_raw_literal(h, "</ul></section>\n");
}
