#include "reports/html_parts.h"

#include "core/farm_protocol/reason.h"
#include "reports/html_options.h"

#include <inttypes.h>
#include <string.h>

static const char not_ready[] = "not-ready";

static const char *sort_word(const struct package_query *q)
{
	return q->sort == PACKAGE_SORT_NAME ? "name" : "rank";
}

static bool is_filtered(const struct package_query *q)
{
	return q->search.n > 0 || q->headline != NULL || q->reason != NULL || q->owner != NULL;
}

/* The address of this query with another offset. */
static void add_address(struct buf *out, const struct package_query *q, const char *target,
	const char *extension, int64_t offset)
{
	buf_printf(out, "/packages%s?target=", extension);
	html_url_add(out, str_from(target));
	buf_add_text(out, "&state=");
	html_url_add(out, str_from(q->headline));
	buf_add_text(out, "&q=");
	html_url_add(out, q->search);
	buf_add_text(out, "&reason=");
	html_url_add(out, str_from(q->reason));
	buf_add_text(out, "&owner=");
	html_url_add(out, str_from(q->owner));
	buf_printf(out, "&sort=%s&offset=%" PRId64, sort_word(q), offset);
}

static void add_page_link(struct html *h, const struct package_query *q, const char *target,
	const char *rel, int64_t offset)
{
	struct buf address = {0};
	add_address(&address, q, target, "", offset);
	html_raw_literal(h, "<a");
	html_attr(h, "rel", rel);
	html_attr_str(h, "href", buf_view(&address));
	html_raw_literal(h, ">");
	buf_finish(&address);
}

static void add_filters(
	struct html *h, const struct package_query *q, const struct packages_view *v)
{
	const char *state = q->headline;
	html_raw_literal(h,
		"<form class=\"filters\" action=\"/packages\" method=\"get\" "
		"aria-label=\"Filter\"><label>Target <select name=\"target\">");
	for (size_t i = 0; i < v->target_count; i++) {
		html_option(h, v->targets[i], v->targets[i], v->target);
	}
	html_raw_literal(h, "</select></label><label>Headline <select name=\"state\">");
	html_option(h, "", "all", state);
	html_option(h, not_ready, "all but ready", state);
	for (size_t i = 0; i < HEADLINE_COUNT; i++) {
		html_option(h, headline_word((enum headline)i), headline_label((enum headline)i), state);
	}
	html_raw_literal(h, "</select></label><label>Build failed by <select name=\"reason\">");
	html_option(h, "", "any reason, or none", q->reason);
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		html_option(h, reason_code((enum reason)i), reason_code((enum reason)i), q->reason);
	}
	html_raw_literal(h, "</select></label><label>Whose it is <select name=\"owner\">");
	html_option(h, "", "anybody", q->owner);
	for (int i = REASON_PACKAGE; i <= REASON_NOBODY; i++) {
		const char *owner = reason_owner_name((enum reason_owner)i);
		html_option(h, owner, words_owner(owner), q->owner);
	}
	html_raw_literal(h, "</select></label><label>Order <select name=\"sort\">");
	html_option(h, "rank", "by rank", sort_word(q));
	html_option(h, "name", "by name", sort_word(q));
	html_raw_literal(h,
		"</select></label><label>Name has <input name=\"q\" type=\"search\" "
		"maxlength=\"200\" autocomplete=\"off\" spellcheck=\"false\"");
	html_attr_str(h, "value", q->search);
	html_raw_literal(h, "></label><button type=\"submit\">Show</button></form>\n");
}

static void add_row(struct html *h, const struct packages_view *v, const struct package_row *r)
{
	html_raw_literal(h, "<tr><td class=\"num rank\">");
	if (r->rank > 0) {
		html_int(h, r->rank);
	} else {
		html_raw_literal(h, "\xE2\x80\x93");
	}
	html_raw_literal(h, "</td><th scope=\"row\" class=\"name\">");
	html_link_package(h, r->name, NULL);
	html_raw_literal(h, " <small>");
	html_cstr(h, r->newest);
	html_raw_literal(h, "</small></th><td class=\"word\">");
	html_headline(h, r->headline);
	html_raw_literal(h, "</td><td class=\"strips\">");
	html_strip(h, v->targets, r->strip, v->target_count);
	html_raw_literal(h, "</td><td class=\"why\">");
	html_cstr(h, r->why);
	html_raw_literal(h, "</td></tr>\n");
}

/* What the strip's glyphs are, in order: "glibc · musl · Windows, Python 3.10 → 3.15t". */
static void add_strip_heading(struct html *h, const struct packages_view *v)
{
	html_raw_literal(h, "Every target <small>");
	const char *before = "";
	for (size_t i = 0; i < v->target_count; i++) {
		const char *family = html_family_of_target(v->targets[i]);
		if (strcmp(family, before) != 0) {
			html_cstr(h, before[0] != '\0' ? ", " : "");
			html_cstr(h, family);
			before = family;
		}
	}
	html_raw_literal(h, "; each from old to new Python</small>");
}

static void add_pages(struct html *h, const struct package_query *q, const struct packages_view *v)
{
	int64_t last = q->offset + (int64_t)v->row_count;
	if (q->offset == 0 && last >= v->total) {
		return;
	}
	html_raw_literal(h, "<nav class=\"pages\" aria-label=\"More packages\">");
	if (q->offset > 0) {
		add_page_link(h, q, v->target, "prev", q->offset > q->limit ? q->offset - q->limit : 0);
		html_raw_literal(h, "\xE2\x86\x90 Earlier</a>");
	}
	html_raw_literal(h, "<span>");
	html_int(h, v->row_count > 0 ? q->offset + 1 : q->offset);
	html_raw_literal(h, " to ");
	html_int(h, last);
	html_raw_literal(h, " of ");
	html_int(h, v->total);
	html_raw_literal(h, "</span>");
	if (last < v->total) {
		add_page_link(h, q, v->target, "next", last);
		html_raw_literal(h, "Later \xE2\x86\x92</a>");
	}
	html_raw_literal(h, "</nav>\n");
}

static void add_empty(struct html *h, const struct package_query *q)
{
	html_raw_literal(h, "<p class=\"empty\">");
	if (is_filtered(q)) {
		html_raw_literal(h,
			"No package here fits that. <a href=\"/packages\">Show all</a>. A package "
			"that is not in the list was never scanned: <code>wheelfarm scan NAME</code> "
			"does.</p>\n");
	} else {
		html_raw_literal(h,
			"This database holds no package yet: <code>wheelfarm scan NAME</code> "
			"reads one from the index.</p>\n");
	}
}

void html_page_packages(struct html *h, const struct page *p, const struct package_query *q,
	const struct packages_view *v)
{
	struct buf json = {0};
	struct buf csv = {0};
	add_address(&json, q, v->target, ".json", q->offset);
	add_address(&csv, q, v->target, ".csv", q->offset);
	const struct page_frame frame = {
		.title = "Packages",
		.section = PAGE_PACKAGES,
		.json = p->fixed ? "/names.json" : json.p,
		.csv = csv.p,
		.search = q->search,
	};
	page_begin(h, p, &frame);
	html_raw_literal(h, "<h1>Packages <small>");
	html_int(h, v->total);
	html_cstr(h, is_filtered(q) ? " that fit" : "");
	html_raw_literal(h, "</small></h1>\n");
	if (!p->fixed) {
		add_filters(h, q, v);
	}
	if (v->row_count == 0) {
		add_empty(h, q);
	} else {
		html_raw_literal(h,
			"<table class=\"list\" id=\"packages\"><caption>Packages, and how each stands "
			"on every target</caption><thead><tr><th scope=\"col\" "
			"class=\"num\">Rank</th><th scope=\"col\">Package</th><th scope=\"col\">");
		html_cstr(h, v->target);
		html_raw_literal(h, "</th><th scope=\"col\">");
		add_strip_heading(h, v);
		html_raw_literal(h, "</th><th scope=\"col\">Why</th></tr></thead><tbody>\n");
		for (size_t i = 0; i < v->row_count; i++) {
			add_row(h, v, &v->rows[i]);
		}
		html_raw_literal(h, "</tbody></table>\n");
	}
	add_pages(h, q, v);
	html_legend(h);
	page_end(h, p, &frame);
	buf_finish(&json);
	buf_finish(&csv);
}
