#include "reports/page.h"

static void nav_item(struct html *h, bool current, const char *href, const char *text)
{
	html_raw_literal(h, "<a");
	html_attr(h, "href", href);
	if (current) {
		html_raw_literal(h, " aria-current=\"page\"");
	}
	html_raw_literal(h, ">");
	html_cstr(h, text);
	html_raw_literal(h, "</a>");
}

static void alternate(struct html *h, const char *type, const char *address)
{
	if (address != NULL) {
		html_raw_literal(h, "<link rel=\"alternate\"");
		html_attr(h, "type", type);
		html_attr(h, "href", address);
		html_raw_literal(h, ">\n");
	}
}

static void other_form(struct html *h, const char *address, const char *name)
{
	if (address != NULL) {
		html_raw_literal(h, "<a");
		html_attr(h, "href", address);
		html_raw_literal(h, ">");
		html_cstr(h, name);
		html_raw_literal(h, "</a> \xC2\xB7 ");
	}
}

/* A page that is kept as a file finds names by its script alone, which shows the field then. */
static void add_search(struct html *h, const struct page *p, const struct page_frame *f)
{
	if (p->fixed) {
		html_raw_literal(h,
			"<div class=\"search\" role=\"search\" hidden><label class=\"hidden\" "
			"for=\"search\">Search "
			"packages</label><input id=\"search\" type=\"search\" placeholder=\"Search packages\" "
			"autocomplete=\"off\" spellcheck=\"false\" maxlength=\"200\" "
			"data-names=\"/names.json\" "
			"data-pages=\"/package/\" data-ending=\".html\"></div>");
		return;
	}
	html_raw_literal(h,
		"<form class=\"search\" role=\"search\" action=\"/packages\" method=\"get\">"
		"<label class=\"hidden\" for=\"search\">Search packages</label>"
		"<input id=\"search\" name=\"q\" type=\"search\" placeholder=\"Search packages\" "
		"autocomplete=\"off\" spellcheck=\"false\" maxlength=\"200\" "
		"data-search=\"/search.json\" data-pages=\"/package/\" data-ending=\"\"");
	html_attr_str(h, "value", f->search);
	html_raw_literal(h, "><button type=\"submit\">Search</button></form>");
}

void page_begin(struct html *h, const struct page *p, const struct page_frame *f)
{
	html_raw_literal(h,
		"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	html_cstr(h, f->title);
	html_raw_literal(h, " \xC2\xB7 wheelfarm</title>\n<link rel=\"stylesheet\"");
	html_attr(h, "href", p->assets->style);
	html_raw_literal(h, ">\n<link rel=\"icon\" type=\"image/svg+xml\"");
	html_attr(h, "href", p->assets->icon);
	html_raw_literal(h, ">\n");
	alternate(h, "application/json", f->json);
	alternate(h, "text/csv", p->fixed ? NULL : f->csv);
	alternate(h, "application/atom+xml", p->fixed ? NULL : f->feed);
	if (f->charts) {
		html_raw_literal(h, "<link rel=\"stylesheet\"");
		html_attr(h, "href", p->assets->chart_style);
		html_raw_literal(h, ">\n<script defer");
		html_attr(h, "src", p->assets->chart);
		html_raw_literal(h, "></script>\n");
	}
	html_raw_literal(h, "<script defer");
	html_attr(h, "src", p->assets->script);
	html_raw_literal(h,
		"></script>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
		"<header class=\"top\"><a class=\"brand\" href=\"/\">wheelfarm</a>\n<nav "
		"aria-label=\"Pages\">");
	nav_item(h, f->section == PAGE_OVERVIEW, "/", "Overview");
	nav_item(h, f->section == PAGE_PACKAGES, "/packages", "Packages");
	nav_item(h, f->section == PAGE_BLOCKERS, "/blockers", "Blockers");
	nav_item(h, f->section == PAGE_START, "/start-here", "Start here");
	nav_item(h, f->section == PAGE_CHANGES, "/changes", "Changes");
	nav_item(h, f->section == PAGE_FARM, "/farm", "Farm");
	html_raw_literal(h, "</nav>\n");
	add_search(h, p, f);
	html_raw_literal(h, "</header>\n<main id=\"main\">\n");
}

void page_end(struct html *h, const struct page *p, const struct page_frame *f)
{
	html_raw_literal(h, "</main>\n<footer class=\"foot\"><p>");
	other_form(h, f->json, "JSON");
	if (!p->fixed) {
		other_form(h, f->csv, "CSV");
		other_form(h, f->feed, "Feed");
		other_form(h, "/openapi.json", "API");
	}
	html_raw_literal(h,
		"<a href=\"/style\">Signs and style</a> "
		"\xC2\xB7 "
		"Published, built, passed: three facts, kept apart. wheelfarm ");
	html_cstr(h, WHEELFARM_VERSION);
	html_raw_literal(h, "</p></footer>\n</body>\n</html>\n");
}
