#include "reports/html_parts.h"

#include "reports/advice.h"
#include "reports/html_options.h"
#include "reports/start_list.h"

#include <stdlib.h>

static void add_filter(struct html *h, const struct packages_view *v)
{
	html_raw_literal(h,
		"<form class=\"filters\" action=\"/start-here\" method=\"get\" "
		"aria-label=\"Filter\"><label>Target <select name=\"target\">");
	for (size_t i = 0; i < v->target_count; i++) {
		html_option(h, v->targets[i], v->targets[i], v->target);
	}
	html_raw_literal(h, "</select></label><button type=\"submit\">Show</button></form>\n");
}

static const struct advice *advice_for(const struct package_row *r)
{
	return advice_find(r->reason != NULL ? r->reason : r->headline);
}

/* What must be there before it can work. */
static void add_after(struct html *h, const struct package_row *r)
{
	for (size_t i = 0; i < r->after_count; i++) {
		if (i == 0) {
			html_raw_literal(h, " <small>after ");
		} else {
			html_raw_literal(h, ", ");
		}
		html_link_package(h, r->after[i], NULL);
	}
	if (r->after_count != 0) {
		html_raw_literal(h, "</small>");
	}
}

static void add_item(struct html *h, const struct packages_view *v, const struct start_item *item)
{
	const struct package_row *r = item->row;
	const struct advice *a = advice_for(r);
	html_raw_literal(h, "<tr><th scope=\"row\">");
	html_link_package(h, r->name, NULL);
	html_raw_literal(h, " <small>");
	html_cstr(h, r->newest);
	html_raw_literal(h, "</small></th><td class=\"word\">");
	html_headline(h, r->headline);
	html_raw_literal(h, "</td><td>");
	html_cstr(h, item->ease_word);
	add_after(h, r);
	html_raw_literal(h, "</td><td class=\"num\">");
	html_downloads(h, r->downloads);
	html_raw_literal(h, "</td><td class=\"num\">");
	html_int(h, r->waits);
	html_unit(h, r->waits == 1 ? "waits" : "wait");
	if (r->freed != 0) {
		html_raw_literal(h, " <small class=\"with-built\">");
		html_int(h, r->freed);
		html_raw_literal(h, " can be had with this farm's wheels</small>");
	}
	html_raw_literal(h, "</td><td>");
	html_cstr(h, a != NULL ? a->what : NULL);
	html_raw_literal(h, "</td></tr>\n");
}

/* With the first of the list, so that the commands can be copied. */
static void add_how(
	struct html *h, const struct page *p, const char *target, const struct start_item *first)
{
	const char *name = first != NULL ? first->row->name : "NAME";
	html_raw_literal(h,
		"<section id=\"how\"><h2>How to try it</h2>\n<ol>\n"
		"<li>Take a package from the list; its page has the line where its build fails, and the "
		"threads of others.</li>\n<li>Most packages need no recipe.");
	html_try(h, p, name, target);
	html_raw_literal(h,
		"</li>\n<li>It fails? Let a recipe be drafted from what its source shows, and read "
		"what it says:");
	html_command(h, "wheelfarm recipe new %s\nwheelfarm recipe lint", name);
	const struct advice *a = first != NULL ? advice_for(first->row) : NULL;
	if (a != NULL && a->recipe != NULL) {
		html_raw_literal(h, "<p>By what is known of it, it begins so:</p>");
		advice_draft(h, a, name);
	}
	html_raw_literal(h,
		"</li>\n<li>Try again until it works, then send the recipe, or better, the change to the "
		"package itself.</li>\n</ol></section>\n");
}

void html_page_start(struct html *h, const struct page *p, const struct packages_view *v)
{
	struct start_item *items = mem_new(v->row_count + 1, sizeof(*items));
	size_t n = start_list(v, items);
	struct buf json = {0}, csv = {0};
	buf_add_text(&json, "/start-here.json?target=");
	html_url_add(&json, str_from(v->target));
	buf_add_text(&csv, "/start-here.csv?target=");
	html_url_add(&csv, str_from(v->target));
	const struct page_frame frame = {
		.title = "Start here", .section = PAGE_START, .json = json.p, .csv = csv.p};
	page_begin(h, p, &frame);
	html_raw_literal(h,
		"<h1>Start here</h1>\n<p class=\"lede\">Ten free minutes, and what they could do: first "
		"what frees most packages for the least work, and of equal ones what most people "
		"download.</p>\n");
	if (!p->fixed) {
		add_filter(h, v);
	}
	if (n == 0) {
		html_raw_literal(h,
			"<p class=\"empty\">Nothing is left to do for this target, or nobody has looked "
			"yet.</p>\n");
	} else {
		html_raw_literal(h,
			"<table class=\"flow\" id=\"start\"><caption>What to fix first</caption><thead><tr><th "
			"scope=\"col\">Package</th><th scope=\"col\">Headline</th><th scope=\"col\">How "
			"much</th><th "
			"scope=\"col\" class=\"num\">Downloads</th><th scope=\"col\" class=\"num\">Wait for "
			"it</th><th "
			"scope=\"col\">What to "
			"do</th></tr></thead><tbody>\n");
		for (size_t i = 0; i < n; i++) {
			add_item(h, v, &items[i]);
		}
		html_raw_literal(h, "</tbody></table>\n");
	}
	add_how(h, p, v->target, n != 0 ? &items[0] : NULL);
	page_end(h, p, &frame);
	buf_finish(&json);
	buf_finish(&csv);
	free(items);
}
