#include "reports/html_parts.h"

#include "reports/html_spark.h"

#include <stdio.h>
#include <string.h>

enum { FAMILIES = 3, DAY_MS = 24 * 60 * 60 * 1000 };

/* By downloads where they are known, else by count: a farm without a download list still has a
 * share. */
static int64_t weight(const struct target_summary *s, size_t headline)
{
	return s->downloads > 0 ? s->counts[headline].downloads : s->counts[headline].packages;
}

static int64_t weight_of_all(const struct target_summary *s)
{
	return s->downloads > 0 ? s->downloads : s->packages;
}

static bool all_ready(const struct target_summary *s)
{
	return s->counts[HEADLINE_READY].packages == s->packages;
}

static const char *const top_names[TREND_TOPS] = {"top 100", "top 1,000", "all"};

/* "97.1 %"; never 100 while something is missing, be it rounding or a package without downloads. */
static void add_share(struct html *h, int64_t part, int64_t whole, bool all)
{
	if (whole <= 0) {
		html_raw_literal(h, "\xE2\x80\x93");
		return;
	}
	double share = 100.0 * (double)part / (double)whole;
	if (all) {
		html_raw_literal(h, "100 %");
	} else {
		html_format(h, "%.1f %%", share > 99.9 ? 99.9 : share);
	}
}

static void add_count_link(
	struct html *h, const struct target_summary *s, enum headline v, int64_t packages)
{
	html_raw_literal(h, "<li><a href=\"/packages?target=");
	html_url(h, s->target);
	html_raw_literal(h, "&amp;state=");
	html_url(h, headline_word(v));
	html_raw_literal(h, "\"><b>");
	html_int(h, packages);
	html_raw_literal(h, "</b> ");
	html_headline(h, headline_word(v));
	html_raw_literal(h, "</a></li>");
}

/* The bar repeats what the list below it says, so it is hidden from those who hear the page. */
static void add_bar(struct html *h, const struct target_summary *s)
{
	int64_t whole = weight_of_all(s);
	html_raw_literal(h,
		"<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" "
		"aria-hidden=\"true\" focusable=\"false\">");
	double at = 0;
	for (size_t i = 0; i < HEADLINE_COUNT && whole > 0; i++) {
		double width = 1000.0 * (double)weight(s, i) / (double)whole;
		if (width <= 0) {
			continue;
		}
		char text[32];
		html_raw_literal(h, "<rect height=\"10\"");
		html_attr(h, "class", html_headline_class((enum headline)i));
		snprintf(text, sizeof(text), "%.1f", at);
		html_attr(h, "x", text);
		snprintf(text, sizeof(text), "%.1f", width > 3 ? width - 2 : width);
		html_attr(h, "width", text);
		html_raw_literal(h, "/>");
		at += width;
	}
	html_raw_literal(h, "</svg>");
}

/* Of the most downloaded and of all: by count, by downloads. */
static void add_tops(struct html *h, const struct target_summary *s)
{
	html_raw_literal(h,
		"<table class=\"tops\"><caption>Share that is ready</caption><thead><tr><th "
		"scope=\"col\">Ready of the</th><th scope=\"col\" class=\"num\">packages</th><th "
		"scope=\"col\" class=\"num\">downloads</th></tr></thead><tbody>\n");
	for (size_t k = 0; k < TREND_TOPS; k++) {
		const struct trend_point *p = &s->tops[k];
		bool all = p->ready == p->packages;
		if (p->packages == 0 && trend_tops[k] != 0) {
			continue; /* nobody gave ranks, so there is no top */
		}
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_cstr(h, top_names[k]);
		if (trend_tops[k] == 0) {
			html_raw_literal(h, " ");
			html_int(h, p->packages);
		}
		html_raw_literal(h, "</th><td class=\"num\">");
		add_share(h, p->ready, p->packages, all);
		html_raw_literal(h, "</td><td class=\"num\">");
		add_share(h, p->ready_downloads, p->downloads, all);
		html_raw_literal(h, "</td></tr>\n");
	}
	html_raw_literal(h, "</tbody></table>");
}

/* Scans of one day are no line yet. */
static bool has_line(const struct target_summary *s)
{
	return s->trend_count > 1 && s->trend[s->trend_count - 1].at - s->trend[0].at >= DAY_MS;
}

static void add_card(struct html *h, const struct target_summary *s)
{
	html_raw_literal(h, "<article class=\"card\"><h2>");
	html_target_name(h, s->target);
	html_raw_literal(h, "</h2><p class=\"big\">");
	add_share(h, weight(s, HEADLINE_READY), weight_of_all(s), all_ready(s));
	html_raw_literal(h, " <small>");
	html_cstr(h, s->downloads > 0 ? "of downloads are ready" : "of packages are ready");
	html_raw_literal(h, "</small></p>");
	add_bar(h, s);
	html_raw_literal(h, "<ul class=\"counts\">");
	for (size_t i = 0; i < HEADLINE_COUNT; i++) {
		if (s->counts[i].packages != 0) {
			add_count_link(h, s, (enum headline)i, s->counts[i].packages);
		}
	}
	html_raw_literal(h, "</ul>");
	add_tops(h, s);
	html_spark(h, s->trend, has_line(s) ? s->trend_count : 0);
	html_raw_literal(h, "</article>\n");
}

/* One target a family: of its default targets the lowest platform, which most machines have. Returns how
 * many were put into `chosen`. */
static size_t choose(const struct overview_view *v, size_t chosen[FAMILIES])
{
	const char *before = "";
	size_t n = 0;
	for (size_t i = 0; i < v->default_count && n < FAMILIES; i++) {
		const char *family = html_family_of_target(v->summaries[i].target);
		if (strcmp(family, before) != 0) {
			chosen[n++] = i;
		}
		before = family;
	}
	return n;
}

static void add_cards(struct html *h, const struct overview_view *v)
{
	size_t chosen[FAMILIES];
	size_t n = choose(v, chosen);
	html_raw_literal(h, "<section class=\"cards\" aria-label=\"The answer\">\n");
	for (size_t i = 0; i < n; i++) {
		add_card(h, &v->summaries[chosen[i]]);
	}
	html_raw_literal(h, "</section>\n");
}

/* The nights as a table; a script draws lines from it. Nights are those of the first target. */
static void add_trend(struct html *h, const struct overview_view *v)
{
	size_t chosen[FAMILIES];
	size_t n = choose(v, chosen);
	const struct target_summary *first = n != 0 ? &v->summaries[chosen[0]] : NULL;
	if (first == NULL || !has_line(first)) {
		return;
	}
	html_raw_literal(h,
		"<section><h2>Night by night</h2>\n<div class=\"trend\"><details "
		"class=\"more\"><summary>The same as a table</summary><table><caption>Share that is ready, "
		"by "
		"downloads where they are known</caption><thead><tr><th scope=\"col\">Night</th>");
	for (size_t i = 0; i < n; i++) {
		html_raw_literal(h, "<th scope=\"col\" class=\"num\">");
		html_cstr(h, words_family(v->summaries[chosen[i]].target));
		html_raw_literal(h, "</th>");
	}
	html_raw_literal(h, "</tr></thead><tbody>\n");
	for (size_t k = 0; k < first->trend_count; k++) {
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_night(h, first->trend[k].at);
		html_raw_literal(h, "</th>");
		for (size_t i = 0; i < n; i++) {
			const struct target_summary *s = &v->summaries[chosen[i]];
			html_raw_literal(h, "<td class=\"num\">");
			if (k < s->trend_count) {
				html_format(h, "%.2f %%", html_spark_share(&s->trend[k]));
			}
			html_raw_literal(h, "</td>");
		}
		html_raw_literal(h, "</tr>\n");
	}
	html_raw_literal(h, "</tbody></table></details></div></section>\n");
}

static void add_missing_rows(struct html *h, const struct packages_view *v)
{
	for (size_t i = 0; i < v->row_count; i++) {
		const struct package_row *r = &v->rows[i];
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_link_package(h, r->name, NULL);
		html_raw_literal(h, "</th><td class=\"word\">");
		html_headline(h, r->headline);
		html_raw_literal(h, "</td><td>");
		html_strip(h, v->targets, r->strip, v->target_count);
		html_raw_literal(h, "</td><td class=\"num\">");
		if (r->waits != 0) {
			html_int(h, r->waits);
			html_unit(h, r->waits == 1 ? "waits" : "wait");
		}
		html_raw_literal(h, "</td><td class=\"why\">");
		html_cstr(h, r->why);
		html_raw_literal(h, "</td></tr>\n");
	}
}

/* The head of a family's part. */
static void add_missing_head(struct html *h, const struct packages_view *m)
{
	html_raw_literal(h, "<tbody><tr class=\"part\"><th scope=\"rowgroup\" colspan=\"5\"><b>");
	html_cstr(h, words_family(m->target));
	html_raw_literal(h, "</b> <a href=\"/packages?target=");
	html_url(h, m->target);
	html_raw_literal(h, "&amp;state=not-ready\">all ");
	html_int(h, m->total);
	html_raw_literal(h, "</a></th></tr>\n");
}

/* The most downloaded packages that are not ready, a part for each family that has some. */
static void add_missing(struct html *h, const struct overview_view *v)
{
	size_t chosen[FAMILIES];
	size_t n = choose(v, chosen);
	bool any = false;
	html_raw_literal(h, "<section><h2>The biggest that are not ready</h2>\n");
	for (size_t i = n; i-- > 0;) {
		const struct packages_view *m = v->missing != NULL ? &v->missing[chosen[i]] : NULL;
		if (m == NULL || m->row_count == 0) {
			continue;
		}
		if (!any) {
			html_raw_literal(h,
				"<table class=\"flow missing\"><caption>Not ready, by platform, most downloaded "
				"first</caption><thead><tr><th scope=\"col\">Package</th><th "
				"scope=\"col\">Headline</th><th scope=\"col\">Every target</th><th scope=\"col\" "
				"class=\"num\">Wait for it</th><th scope=\"col\">Why</th></tr></thead>\n");
			any = true;
		}
		add_missing_head(h, m);
		add_missing_rows(h, m);
		html_raw_literal(h, "</tbody>\n");
	}
	if (any) {
		html_raw_literal(h, "</table></section>\n");
	} else {
		html_raw_literal(h,
			"<p class=\"empty\">Nothing: every package that was looked at is ready or does not "
			"apply.</p></section>\n");
	}
}

static void add_summary_row(struct html *h, const struct target_summary *s)
{
	html_raw_literal(h, "<tr><th scope=\"row\"><a href=\"/packages?target=");
	html_url(h, s->target);
	html_raw_literal(h, "\">");
	html_cstr(h, s->target);
	html_raw_literal(h, "</a></th><td class=\"num\">");
	add_share(h, s->counts[HEADLINE_READY].packages, s->packages, all_ready(s));
	html_raw_literal(h, "</td>");
	for (size_t i = 0; i < HEADLINE_COUNT; i++) {
		if (s->counts[i].packages == 0) {
			html_raw_literal(h, "<td class=\"num zero\">\xC2\xB7</td>");
		} else {
			html_raw_literal(h, "<td class=\"num\">");
			html_int(h, s->counts[i].packages);
			html_raw_literal(h, "</td>");
		}
	}
	html_raw_literal(h, "</tr>\n");
}

static void add_summary_table(
	struct html *h, const char *label, const struct target_summary *rows, size_t n)
{
	html_raw_literal(h, "<div class=\"wide\" tabindex=\"0\" role=\"region\"");
	html_attr(h, "aria-label", label);
	html_raw_literal(h,
		"><table class=\"sums\"><caption>Packages of each headline, by target; a dot "
		"is none</caption><thead><tr><th scope=\"col\">Target</th><th scope=\"col\" "
		"class=\"num\">Share ready</th>");
	for (size_t i = 0; i < HEADLINE_COUNT; i++) {
		html_raw_literal(h, "<th scope=\"col\" class=\"num\">");
		html_headline(h, headline_word((enum headline)i));
		html_raw_literal(h, "</th>");
	}
	html_raw_literal(h, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < n; i++) {
		add_summary_row(h, &rows[i]);
	}
	html_raw_literal(h, "</tbody></table></div>\n");
}

/* The default Python's targets are in sight, the others one click away. */
static void add_summaries(struct html *h, const struct overview_view *v)
{
	size_t first = v->default_count < v->summary_count ? v->default_count : v->summary_count;
	html_raw_literal(h, "<section><h2>Every target</h2>\n");
	add_summary_table(h, "The default targets", v->summaries, first);
	if (first < v->summary_count) {
		size_t others = v->summary_count - first;
		html_raw_literal(h, "<details class=\"more\"><summary>");
		html_int(h, (int64_t)others);
		html_cstr(h, others == 1 ? " more target" : " more targets");
		html_raw_literal(h, "</summary>\n");
		add_summary_table(h, "The other targets", v->summaries + first, others);
		html_raw_literal(h, "</details>\n");
	}
	html_raw_literal(h, "</section>\n");
}

static void add_changes(struct html *h, const struct page *p, const struct overview_view *v)
{
	html_raw_literal(h, "<section><h2>What changed</h2>\n");
	if (v->change_count == 0) {
		html_raw_literal(h,
			"<p class=\"empty\">Nothing has changed since the first look: a change "
			"shows here once a later scan or build says something else.</p>\n");
	} else {
		html_raw_literal(h,
			"<table class=\"flow\"><caption>Changes, newest first</caption><thead><tr>"
			"<th scope=\"col\">Package</th><th scope=\"col\">Change</th><th "
			"scope=\"col\">Target</th><th "
			"scope=\"col\">When</th></tr></thead><tbody>\n");
		for (size_t i = 0; i < v->change_count; i++) {
			const struct store_change *c = &v->changes[i];
			html_raw_literal(h, "<tr><th scope=\"row\">");
			html_link_package(h, c->package, NULL);
			html_raw_literal(h, " ");
			html_cstr(h, c->version);
			html_raw_literal(h, "</th><td>");
			html_change(h, c);
			html_raw_literal(h, "</td><td>");
			html_targets(h, c->targets, c->target_count);
			html_raw_literal(h, "</td><td>");
			html_when(h, p, c->at);
			html_raw_literal(h, "</td></tr>\n");
		}
		html_raw_literal(h, "</tbody></table>\n");
	}
	html_raw_literal(h,
		"<p><a href=\"/changes\">Changes of the last night, or between any "
		"two</a></p></section>\n");
}

static void add_builds(struct html *h, const struct page *p, const struct overview_view *v)
{
	html_raw_literal(h, "<section><h2>Built here</h2>\n<p class=\"farm\">");
	html_format(h, "%lld waiting, %lld running, %lld passed, %lld failed.",
		(long long)v->jobs_queued, (long long)v->jobs_leased, (long long)v->jobs_passed,
		(long long)v->jobs_failed);
	html_raw_literal(h, "</p>");
	if (v->build_count == 0) {
		html_raw_literal(h, "<p class=\"empty\">No build has ended yet.</p></section>\n");
		return;
	}
	html_raw_literal(h,
		"<table class=\"flow\"><caption>Latest builds, newest first</caption><thead><tr>"
		"<th scope=\"col\">Package</th><th scope=\"col\">Targets</th><th "
		"scope=\"col\">Result</th><th scope=\"col\">Took</th><th "
		"scope=\"col\">When</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < v->build_count; i++) {
		const struct build_view *b = &v->builds[i];
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_link_package(h, b->package, NULL);
		html_raw_literal(h, " ");
		html_cstr(h, b->version);
		html_raw_literal(h, "</th><td>");
		html_cstr(h, b->target);
		html_raw_literal(h, "</td><td>");
		html_result(h, b);
		html_raw_literal(h, " ");
		html_link_job(h, b->job);
		html_raw_literal(h, "</td><td>");
		html_seconds(h, b->seconds);
		html_raw_literal(h, "</td><td>");
		html_when(h, p, b->date);
		html_raw_literal(h, "</td></tr>\n");
	}
	html_raw_literal(h, "</tbody></table></section>\n");
}

void html_page_overview(struct html *h, const struct page *p, const struct overview_view *v)
{
	const struct page_frame frame = {
		.title = "Does it work on ARM?",
		.section = PAGE_OVERVIEW,
		.json = "/index.json",
		.csv = "/index.csv",
		.feed = "/feed.atom",
		.charts = true,
	};
	page_begin(h, p, &frame);
	html_raw_literal(h, "<h1>Does it work on ARM?</h1>\n<p class=\"lede\">");
	if (v->packages == 0) {
		html_raw_literal(h,
			"Nobody has looked yet: this database holds no package.</p>\n<p>Read some "
			"pages of an index first:</p>\n");
		html_command(h, "wheelfarm scan markupsafe simplejson");
		page_end(h, p, &frame);
		return;
	}
	html_int(h, v->packages);
	html_cstr(h, v->packages == 1 ? " package" : " packages");
	if (v->scanned == 0) {
		html_raw_literal(h, ", none scanned yet.</p>\n");
	} else {
		html_raw_literal(h, ", last scanned ");
		html_when(h, p, v->scanned);
		html_raw_literal(h, ".</p>\n");
	}
	add_cards(h, v);
	add_changes(h, p, v);
	add_missing(h, v);
	add_trend(h, v);
	add_summaries(h, v);
	add_builds(h, p, v);
	html_legend(h);
	page_end(h, p, &frame);
}
