#include "reports/html_parts.h"

#include "reports/advice.h"
#include "reports/html_options.h"
#include "reports/html_roots.h"

#include <string.h>

enum { ROWS_OPEN = 8, ROWS_MOST = 40, GRAPH_CAUSES = 8, GRAPH_PACKAGES = 4 };

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

static void add_graph_text(
	struct html *h, int x, int y, const char *text, const char *class_or_null)
{
	html_raw_literal(h, "<text");
	html_attr_int(h, "x", x);
	html_attr_int(h, "y", y);
	if (class_or_null != NULL) {
		html_attr(h, "class", class_or_null);
	}
	html_raw_literal(h, ">");
	html_cstr(h, text);
	html_raw_literal(h, "</text>");
}

static void add_graph_line(struct html *h, int y1, int y2)
{
	html_raw_literal(h, "<line x1=\"230\" x2=\"300\"");
	html_attr_int(h, "y1", y1);
	html_attr_int(h, "y2", y2);
	html_raw_literal(h, "/>");
}

/* Roots at the left, the most downloaded packages that they hold at the right; the table below says the
 * same and more, so it is hidden from those who hear the page. */
static void add_graph(struct html *h, const struct causes_view *v)
{
	enum { ROW = 20 };
	size_t causes = v->cause_count < GRAPH_CAUSES ? v->cause_count : GRAPH_CAUSES;
	size_t rows = 0;
	for (size_t i = 0; i < causes; i++) {
		size_t n = v->causes[i].package_count;
		rows += (n < GRAPH_PACKAGES ? n : GRAPH_PACKAGES) + 1;
	}
	struct buf box = {0};
	buf_printf(&box, "0 0 640 %zu", rows * ROW);
	html_raw_literal(
		h, "<svg class=\"graph\" width=\"640\" aria-hidden=\"true\" focusable=\"false\"");
	html_attr_int(h, "height", (int64_t)rows * ROW);
	html_attr_str(h, "viewBox", buf_view(&box));
	html_raw_literal(h, ">");
	buf_finish(&box);
	int y = 0;
	for (size_t i = 0; i < causes; i++) {
		const struct cause *c = &v->causes[i];
		size_t n = c->package_count < GRAPH_PACKAGES ? c->package_count : GRAPH_PACKAGES;
		int middle = y + (int)n * ROW / 2;
		add_graph_text(h, 0, middle + 4, c->reason, "h-broken");
		for (size_t k = 0; k < n; k++) {
			int at = y + (int)k * ROW + ROW / 2;
			add_graph_line(h, middle, at);
			add_graph_text(h, 308, at + 4, c->packages[k].name, NULL);
		}
		y += ((int)n + 1) * ROW;
	}
	html_raw_literal(h, "</svg>\n");
}

static void add_package_row(struct html *h, const struct cause_package *p)
{
	html_raw_literal(h, "<tr><th scope=\"row\">");
	html_link_package(h, p->name, NULL);
	html_raw_literal(h, "</th><td class=\"num\">");
	html_words(h, words_count, p->downloads);
	html_raw_literal(h, "</td><td class=\"why\"><code>");
	html_log(h, str_slice(str_trim(str_from(p->line)), 0, 200));
	html_raw_literal(h, "</code></td><td>");
	html_link_job(h, p->job);
	html_raw_literal(h, "</td></tr>\n");
}

static void add_cause(struct html *h, const struct cause *c)
{
	const struct advice *a = advice_find(c->reason);
	html_raw_literal(h, "<section><h2");
	html_attr(h, "id", c->reason);
	html_raw_literal(h, "><code>");
	html_cstr(h, c->reason);
	html_raw_literal(h, "</code> <small>");
	html_int(h, (int64_t)c->package_count);
	html_cstr(h, c->package_count == 1 ? " package, " : " packages, ");
	html_words(h, words_count, c->downloads);
	html_raw_literal(h, " downloads; whose it is: ");
	html_cstr(h, words_owner(c->owner));
	html_raw_literal(h, "</small></h2>\n<p>");
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
	if (v->cause_count == 0) {
		html_raw_literal(h,
			"<p class=\"empty\">No build for this target has failed yet, so no cause is known. "
			"Packages "
			"without a wheel are in <a href=\"/start-here\">Start here</a>.</p>\n");
	} else {
		add_graph(h, v);
	}
	for (size_t i = 0; i < v->cause_count && i < ROWS_MOST; i++) {
		add_cause(h, &v->causes[i]);
	}
	html_roots(h, v);
	page_end(h, p, &frame);
	buf_finish(&json);
	buf_finish(&csv);
}
