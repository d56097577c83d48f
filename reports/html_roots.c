#include "reports/html_roots.h"

enum { ROOTS_MOST = 100, WAITING_OPEN = 6 };

static void add_waiting(struct html *h, const struct blocking_root *root)
{
	for (size_t i = 0; i < root->waiting_count && i < WAITING_OPEN; i++) {
		html_cstr(h, i == 0 ? "" : ", ");
		html_link_package(h, root->waiting[i].name, NULL);
	}
	if (root->waits > WAITING_OPEN) {
		html_raw_literal(h, " and ");
		html_int(h, root->waits - WAITING_OPEN);
		html_raw_literal(h, " more");
	}
}

static void add_root(struct html *h, const struct blocking_root *root)
{
	html_raw_literal(h, "<tr><th scope=\"row\">");
	html_link_package(h, root->name, NULL);
	html_raw_literal(h, " <small>");
	html_cstr(h, root->version);
	html_raw_literal(h, "</small></th><td class=\"word\">");
	html_headline(h, root->headline);
	html_raw_literal(h, "</td><td><code>");
	html_cstr(h, root->reason);
	html_raw_literal(h, "</code></td><td class=\"num\">");
	html_int(h, root->waits);
	html_unit(h, root->waits == 1 ? "waits" : "wait");
	html_raw_literal(h, "</td><td class=\"num\">");
	html_downloads(h, root->downloads);
	html_raw_literal(h, "</td><td>");
	add_waiting(h, root);
	html_raw_literal(h, "</td></tr>\n");
}

void html_roots(struct html *h, const struct causes_view *v)
{
	html_raw_literal(h, "<section id=\"roots\"><h2>Packages that others wait for</h2>\n");
	if (v->root_count == 0) {
		html_raw_literal(h,
			"<p class=\"empty\">No package is known to wait for another one on this target. "
			"Dependencies are read by <code>wheelfarm scan --dependencies</code>.</p></section>\n");
		return;
	}
	html_raw_literal(h,
		"<table class=\"flow\"><caption>Packages that hold others back, most downloads behind them "
		"first</caption><thead><tr><th scope=\"col\">Root</th><th scope=\"col\">Headline</th><th "
		"scope=\"col\">Why</th><th scope=\"col\" class=\"num\">Packages that wait</th><th "
		"scope=\"col\" class=\"num\">Their downloads</th><th scope=\"col\">Most downloaded of "
		"them</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < v->root_count && i < ROOTS_MOST; i++) {
		add_root(h, &v->roots[i]);
	}
	html_raw_literal(h, "</tbody></table></section>\n");
}
