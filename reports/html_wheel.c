#include "reports/html_wheel.h"

#include "reports/wheel_words.h"

#include <string.h>

enum { CARD_BUNDLED = 2, CARD_PROBLEMS = 3, ROW_BUNDLED = 40 };

static bool is_note(const struct wheel_problem_view *p)
{
	return strcmp(p->severity, "note") == 0;
}

/* The next kind of problem behind `at`: its first one, and how many of it there are. */
static const struct wheel_problem_view *next_kind(
	const struct wheel_view *w, size_t *at, size_t *alike)
{
	for (; *at < w->problem_count; (*at)++) {
		const struct wheel_problem_view *p = &w->problems[*at];
		bool is_first = true;
		*alike = 0;
		for (size_t i = 0; i < w->problem_count; i++) {
			bool same = strcmp(w->problems[i].code, p->code) == 0 &&
				strcmp(w->problems[i].severity, p->severity) == 0;
			is_first = is_first && !(same && i < *at);
			*alike += same;
		}
		if (is_first) {
			(*at)++;
			return p;
		}
	}
	return NULL;
}

static void add_problem(struct html *h, const struct wheel_problem_view *p, size_t alike)
{
	const char *advice = wheel_words_advice(p->code);
	bool is_error = strcmp(p->severity, "error") == 0;
	if (is_error) {
		html_raw_literal(h, "<li><b class=\"h-broken\">");
	} else {
		html_raw_literal(h, "<li><b>");
	}
	html_cstr(h, p->severity);
	html_raw_literal(h, "</b> <code>");
	html_cstr(h, p->code);
	html_raw_literal(h, "</code>: ");
	if (p->path[0] != '\0') {
		html_raw_literal(h, "<code>");
		html_cstr(h, p->path);
		html_raw_literal(h, "</code>: ");
	}
	html_cstr(h, p->detail);
	if (alike > 1) {
		html_format(h, ", and %zu more like it", alike - 1);
	}
	html_raw_literal(h, ".");
	if (advice != NULL) {
		html_raw_literal(h, " <span class=\"advice\">What to do: ");
		html_cstr(h, advice);
		html_raw_literal(h, ".</span>");
	}
	html_raw_literal(h, "</li>");
}

static void add_problems(struct html *h, const struct wheel_view *w, size_t most, bool with_notes)
{
	size_t at = 0, alike = 0, shown = 0;
	const struct wheel_problem_view *p;
	while (shown < most && (p = next_kind(w, &at, &alike)) != NULL) {
		if (!with_notes && is_note(p)) {
			continue;
		}
		if (shown++ == 0) {
			html_raw_literal(h, "<ul class=\"problems\">");
		}
		add_problem(h, p, alike);
	}
	if (shown != 0) {
		html_raw_literal(h, "</ul>");
	}
}

void html_wheel_card(struct html *h, const struct target_view *t)
{
	const struct wheel_view *w = t->wheel;
	struct buf words = {0};
	if (w == NULL) {
		return;
	}
	/* a target with a newer glibc may outgrow what breaks the wheel on another */
	if (w->broken != NULL && words_headline(t->headline) == HEADLINE_BROKEN) {
		html_raw_literal(h, "<p><b>It cannot work there</b>: its bytes contradict its name.</p>");
	}
	html_raw_literal(h, "<p class=\"inside\">Inside: ");
	wheel_words_inside(&words, w, CARD_BUNDLED);
	html_text(h, buf_view(&words));
	html_raw_literal(h, ".</p>");
	add_problems(h, w, CARD_PROBLEMS, false);
	buf_finish(&words);
}

static void add_targets(struct html *h, const struct package_view *v, const struct wheel_view *w)
{
	const char *comma = "";
	for (size_t i = 0; i < v->target_count; i++) {
		if (v->targets[i].wheel == w) {
			html_cstr(h, comma);
			html_cstr(h, v->targets[i].target);
			comma = ", ";
		}
	}
}

static void add_row(
	struct html *h, const struct page *p, const struct package_view *v, const struct wheel_view *w)
{
	struct buf words = {0};
	html_raw_literal(h, "<tr><th scope=\"row\"><code>");
	html_cstr(h, w->file);
	html_raw_literal(h, "</code><br><small>for ");
	add_targets(h, v, w);
	html_raw_literal(h, "</small></th><td>");
	wheel_words_inside(&words, w, ROW_BUNDLED);
	html_text(h, buf_view(&words));
	html_raw_literal(h, "</td><td>");
	if (w->problem_count == 0) {
		html_raw_literal(h, "nothing wrong");
	} else {
		add_problems(h, w, w->problem_count, true);
	}
	html_raw_literal(h, "</td><td>");
	html_cstr(h, strcmp(w->depth, "full") == 0 ? "all of it" : "its headers");
	html_raw_literal(h, ", ");
	html_when(h, p, w->inspected);
	html_raw_literal(h, "</td></tr>\n");
	buf_finish(&words);
}

static bool is_first(const struct package_view *v, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (v->targets[i].wheel == v->targets[at].wheel) {
			return false;
		}
	}
	return v->targets[at].wheel != NULL;
}

void html_wheels(struct html *h, const struct page *p, const struct package_view *v)
{
	size_t count = 0;
	for (size_t i = 0; i < v->target_count; i++) {
		count += is_first(v, i);
	}
	if (count == 0) {
		return;
	}
	html_raw_literal(h, "<details class=\"more\" id=\"wheels\"><summary>What is inside the ");
	if (count == 1) {
		html_raw_literal(h, "published wheel");
	} else {
		html_format(h, "%zu published wheels", count);
	}
	html_raw_literal(h,
		"</summary>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Inside the "
		"published wheels\"><table class=\"inside\"><caption>What the bytes of each wheel "
		"say</caption><thead><tr><th scope=\"col\">Wheel</th><th scope=\"col\">Inside</th><th "
		"scope=\"col\">Found</th><th scope=\"col\">Looked at</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < v->target_count; i++) {
		if (is_first(v, i)) {
			add_row(h, p, v, v->targets[i].wheel);
		}
	}
	html_raw_literal(h, "</tbody></table></div></details>\n");
}
