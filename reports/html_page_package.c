#include "reports/html_parts.h"

#include "reports/html_matrix.h"
#include "reports/html_package_card.h"
#include "reports/html_package_more.h"
#include "reports/html_releases.h"
#include "reports/html_wheel.h"
#include "reports/tested.h"

#include <string.h>

static void add_cards(struct html *h, const struct page *p, const struct package_view *v)
{
	static const char *const families[] = {"glibc", "musl", "Windows"};
	html_raw_literal(h, "<section class=\"cards\" aria-label=\"The answer\">\n");
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		const struct target_view *t = html_matrix_default(v, families[i], p->python);
		if (t != NULL) {
			html_package_card(h, t);
		}
	}
	html_raw_literal(h, "</section>\n");
}

static void add_details(struct html *h, const struct page *p, const struct package_view *v)
{
	html_raw_literal(h,
		"<details class=\"more\"><summary>The facts behind each target</summary>\n<div "
		"class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"The facts behind each "
		"target\"><table class=\"facts\"><caption>Published, built, passed, by "
		"target</caption><thead><tr><th scope=\"col\">Target</th><th "
		"scope=\"col\">Headline</th><th scope=\"col\">Since</th><th "
		"scope=\"col\">Published</th><th scope=\"col\">Dependencies</th><th "
		"scope=\"col\">Built here</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < v->target_count; i++) {
		const struct target_view *t = &v->targets[i];
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_cstr(h, t->target);
		html_raw_literal(h, "</th><td>");
		html_headline(h, t->headline);
		html_raw_literal(h, " ");
		html_cstr(h, t->version);
		html_raw_literal(h, "</td><td>");
		html_day(h, t->since);
		html_raw_literal(h, "</td><td>");
		html_cstr(h, t->published.state != NULL ? t->published.state : "never looked");
		if (t->published.file != NULL) {
			html_raw_literal(h, " <code>");
			html_cstr(h, t->published.file);
			html_raw_literal(h, "</code>");
		}
		html_raw_literal(h, "</td><td>");
		html_cstr(h, t->dependencies != NULL ? t->dependencies : "unknown");
		if (html_package_works_with_built(t)) {
			html_raw_literal(h, "; <span class=\"with-built\">ok with this farm's wheels</span>");
		}
		html_raw_literal(h, "</td><td>");
		if (t->has_build) {
			html_result(h, &t->build);
			html_raw_literal(h, " ");
			html_link_job(h, t->build.job);
		} else {
			html_raw_literal(h, "not tried");
		}
		html_raw_literal(h, "</td></tr>\n");
	}
	html_raw_literal(h, "</tbody></table></div></details>\n");
}

static void add_builds(struct html *h, const struct page *p, const struct package_view *v)
{
	html_raw_literal(h, "<section><h2>Built and tested here</h2>\n");
	if (v->build_count == 0) {
		html_raw_literal(
			h, "<p class=\"empty\">This farm has not tried to build it.</p></section>\n");
		return;
	}
	html_raw_literal(h,
		"<table class=\"flow builds\"><caption>Builds, newest first</caption><thead><tr>"
		"<th scope=\"col\">Target</th><th scope=\"col\">Stages</th><th "
		"scope=\"col\">Result</th><th scope=\"col\">Took</th><th "
		"scope=\"col\">When</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < v->build_count; i++) {
		const struct build_view *b = &v->builds[i];
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_cstr(h, b->target);
		html_raw_literal(h, " <small>");
		html_cstr(h, b->version);
		if (tested_kind(b) != NULL) {
			html_raw_literal(h, " \xC2\xB7 ");
			html_cstr(h, tested_kind(b));
		}
		html_raw_literal(h, "</small></th><td>");
		html_stages(h, b);
		html_raw_literal(h, "</td><td>");
		html_result(h, b);
		html_raw_literal(h, " ");
		html_link_job(h, b->job);
		html_raw_literal(h, "</td><td>");
		if (b->state != NULL) {
			html_seconds(h, b->seconds);
		}
		html_raw_literal(h, "</td><td>");
		html_when(h, p, b->date);
		html_raw_literal(h, "</td></tr>\n");
	}
	html_raw_literal(h, "</tbody></table></section>\n");
}

static void add_heading(struct html *h, const struct page *p, const struct package_view *v)
{
	html_raw_literal(h, "<p class=\"crumb\"><a href=\"/packages\">Packages</a>");
	if (v->rank > 0) {
		html_raw_literal(h, " \xC2\xB7 rank ");
		html_int(h, v->rank);
	}
	if (v->downloads >= 0) {
		html_raw_literal(h, " \xC2\xB7 ");
		html_words(h, words_count, v->downloads);
		html_raw_literal(h, " downloads");
	}
	html_raw_literal(h, "</p>\n<h1>");
	html_cstr(h, v->display != NULL ? v->display : v->name);
	if (v->newest != NULL) {
		html_raw_literal(h, " <small>");
		html_cstr(h, v->newest);
		if (v->newest_date != 0) {
			html_raw_literal(h, " \xC2\xB7 ");
			html_day(h, v->newest_date);
		}
		html_raw_literal(h, "</small>");
	}
	html_raw_literal(h, "</h1>\n<p class=\"lede\">");
	if (v->scanned != 0) {
		html_raw_literal(h, "Facts of ");
		html_when(h, p, v->scanned);
		html_raw_literal(h, ".</p>\n");
	} else {
		html_raw_literal(
			h, "Its page of the index was never read: nothing below is a fact yet.</p>\n");
	}
	if (v->status != NULL && v->status[0] != '\0' && strcmp(v->status, "active") != 0) {
		html_raw_literal(h, "<p class=\"notice\">The index marks this project as <b>");
		html_cstr(h, v->status);
		html_raw_literal(h, "</b>.</p>\n");
	}
	if (v->problem != NULL) {
		html_raw_literal(
			h, "<p class=\"notice\">The last scan of its page failed, older facts stand: ");
		html_cstr(h, v->problem);
		html_raw_literal(h, "</p>\n");
	}
}

void html_page_package(struct html *h, const struct page *p, const struct package_view *v)
{
	struct buf title = {0};
	buf_printf(&title, "%s on ARM", v->display != NULL ? v->display : v->name);
	struct buf forms[3] = {0};
	static const char *const endings[3] = {".json", ".csv", ".atom"};
	for (size_t i = 0; i < 3; i++) {
		buf_add_text(&forms[i], "/package/");
		html_url_add(&forms[i], str_from(v->name));
		buf_add_text(&forms[i], endings[i]);
	}
	const struct page_frame frame = {
		.title = title.p,
		.section = PAGE_PACKAGES,
		.json = forms[0].p,
		.csv = forms[1].p,
		.feed = forms[2].p,
	};
	page_begin(h, p, &frame);
	add_heading(h, p, v);
	add_cards(h, p, v);
	html_package_todo(h, p, v);
	if (v->target_count > 0) {
		html_raw_literal(h, "<section><h2>Every target</h2>\n");
		html_matrix(h, v);
		html_legend(h);
		add_details(h, p, v);
		html_wheels(h, p, v);
		html_raw_literal(h, "</section>\n");
	}
	html_releases(h, v);
	html_package_nights(h, p, v);
	html_package_dependencies(h, p, v);
	add_builds(h, p, v);
	html_package_recipe(h, v);
	html_package_badges(h, p, v);
	page_end(h, p, &frame);
	buf_finish(&title);
	for (size_t i = 0; i < 3; i++) {
		buf_finish(&forms[i]);
	}
}
