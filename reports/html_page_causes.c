#include "reports/html_parts.h"

#include "reports/advice.h"
#include "reports/html_graph.h"
#include "reports/html_options.h"
#include "reports/html_roots.h"

#include <string.h>

enum { ROWS_OPEN = 8, ROWS_MOST = 40 };

static void add_filter(struct html *h, const struct causes_view *v)
{
	html_raw_literal(h,
		"<form class=\"filters\" action=\"/blockers\" method=\"get\" "
		"aria-label=\"Filter\"><label>Target <select name=\"target\">");
	for (size_t i = 0; i < v->target_count; i++) {
		html_option(h, v->targets[i], v->targets[i], v->target);
	}
	html_raw_literal(h, "</select></label><button type=\"submit\">Show</button></form>\n");
}

static void add_package_row(struct html *h, const struct cause_package *p)
{
	html_raw_literal(h, "<tr><th scope=\"row\">");
	html_link_package(h, p->name, NULL);
	html_raw_literal(h, "</th><td class=\"num\">");
	html_downloads(h, p->downloads);
	html_raw_literal(h, "</td><td class=\"why\"><code>");
	html_log(h, str_slice(str_trim(str_from(p->line)), 0, 200));
	html_raw_literal(h, "</code></td><td>");
	html_link_job(h, p->job);
	html_raw_literal(h, "</td></tr>\n");
}

static void add_behind(struct html *h, int64_t downloads)
{
	if (downloads < 0) {
		html_raw_literal(h, "downloads unknown");
	} else {
		html_words(h, words_count, downloads);
		html_raw_literal(h, " downloads");
	}
}

static void add_cause(struct html *h, const struct cause *c)
{
	const struct advice *a = advice_find(c->reason);
	html_raw_literal(h, "<section class=\"cause\"><h3");
	html_attr(h, "id", c->reason);
	html_raw_literal(h, "><code>");
	html_cstr(h, c->reason);
	html_raw_literal(h, "</code> <small>");
	html_int(h, (int64_t)c->package_count);
	html_cstr(h, c->package_count == 1 ? " package, " : " packages, ");
	add_behind(h, c->downloads);
	html_raw_literal(h, "; whose it is: ");
	html_cstr(h, words_owner(c->owner));
	html_raw_literal(h, "</small></h3>\n<p>Why: ");
	html_cstr(h, words_reason(c->reason));
	html_raw_literal(h, ".</p>");
	if (a != NULL) {
		advice_html(h, a);
	}
	html_raw_literal(h, "<table class=\"flow\"><caption>Packages held by ");
	html_cstr(h, c->reason);
	html_raw_literal(h,
		"</caption><thead><tr><th scope=\"col\">Package</th><th scope=\"col\" "
		"class=\"num\">Downloads</th><th scope=\"col\">Evidence</th><th "
		"scope=\"col\">Build</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < c->package_count && i < ROWS_OPEN; i++) {
		add_package_row(h, &c->packages[i]);
	}
	html_raw_literal(h, "</tbody></table></section>\n");
}

static void add_causes(struct html *h, const struct causes_view *v)
{
	html_raw_literal(h, "<h2 id=\"causes\">Why builds fail</h2>\n");
	if (v->cause_count == 0) {
		html_raw_literal(h,
			"<p class=\"empty\">No build for this target has failed yet, so no cause is known. "
			"Packages without a wheel are in <a href=\"/start-here\">Start here</a>.</p>\n");
	}
	for (size_t i = 0; i < v->cause_count && i < ROWS_MOST; i++) {
		add_cause(h, &v->causes[i]);
	}
}

void html_page_causes(struct html *h, const struct page *p, const struct causes_view *v)
{
	struct buf json = {0}, csv = {0};
	buf_add_text(&json, "/blockers.json?target=");
	html_url_add(&json, str_from(v->target));
	buf_add_text(&csv, "/blockers.csv?target=");
	html_url_add(&csv, str_from(v->target));
	const struct page_frame frame = {
		.title = "Blockers", .section = PAGE_BLOCKERS, .json = json.p, .csv = csv.p};
	page_begin(h, p, &frame);
	html_raw_literal(h,
		"<h1>Blockers</h1>\n<p class=\"lede\">What holds packages back, root causes first: most "
		"downloads behind them at the top.</p>\n");
	if (!p->fixed) {
		add_filter(h, v);
	}
	html_graph(h, v);
	html_roots(h, v);
	add_causes(h, v);
	page_end(h, p, &frame);
	buf_finish(&json);
	buf_finish(&csv);
}
