#include "reports/html_parts.h"

#include "reports/html_options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MOST_ROWS = 1000 };

static void add_night(
	struct html *h, const struct page *p, const struct store_night *n, const char *otherwise)
{
	if (n->id == 0) {
		html_cstr(h, otherwise);
		return;
	}
	html_format(h, "night %" PRId64 ", ", n->id);
	html_when(h, p, n->ended);
}

/* The nights that may be chosen; `otherwise` is the empty choice. */
static void add_night_choice(struct html *h, const struct changes_view *v, const char *name,
	int64_t chosen, const char *otherwise)
{
	bool found = chosen == 0;
	char mark[24] = "";
	if (chosen != 0) {
		snprintf(mark, sizeof(mark), "%" PRId64, chosen);
	}
	html_raw_literal(h, "<select");
	html_attr(h, "name", name);
	html_raw_literal(h, ">");
	html_option(h, "", otherwise, mark);
	for (size_t i = 0; i < v->night_count; i++) {
		char value[24];
		struct buf text = {0};
		snprintf(value, sizeof(value), "%" PRId64, v->nights[i].id);
		buf_printf(&text, "%s: ", value);
		words_time(&text, v->nights[i].ended);
		found |= v->nights[i].id == chosen;
		html_option(h, value, text.p, mark);
		buf_finish(&text);
	}
	if (!found) { /* older than the list goes */
		html_option(h, mark, mark, mark);
	}
	html_raw_literal(h, "</select>");
}

static void add_filters(struct html *h, const struct changes_view *v)
{
	html_raw_literal(h,
		"<form class=\"filters\" action=\"/changes\" method=\"get\" aria-label=\"Filter\">"
		"<label>Since night ");
	add_night_choice(h, v, "since", v->since.id, "the one before the last");
	html_raw_literal(h, "</label><label>Until ");
	add_night_choice(h, v, "until", v->until.id, "now");
	html_raw_literal(h, "</label><label>Target <select name=\"target\">");
	html_option(h, "", "all", v->target);
	for (size_t i = 0; i < v->target_count; i++) {
		html_option(h, v->targets[i], v->targets[i], v->target);
	}
	html_raw_literal(h, "</select></label><button type=\"submit\">Show</button></form>\n");
}

static const char *sentence_of(enum change_kind k)
{
	switch (k) {
	case CHANGE_APPEARED:
		return "Works now, where nothing did.";
	case CHANGE_VANISHED:
		return "Worked, and the newest releases have nothing for it.";
	case CHANGE_FIXED:
		return "Works again.";
	case CHANGE_BROKE:
		return "Worked, and what is there now does not, or only in part.";
	default:
		return "";
	}
}

static void add_row(struct html *h, const struct page *p, const struct store_change *c)
{
	html_raw_literal(h, "<tr><th scope=\"row\">");
	html_link_package(h, c->package, NULL);
	html_raw_literal(h, " ");
	if (c->was_version != NULL && c->version != NULL && strcmp(c->was_version, c->version) != 0) {
		html_raw_literal(h, "<small>");
		html_cstr(h, c->was_version);
		html_raw_literal(h, " \xE2\x86\x92 </small>");
	}
	html_raw_literal(h, "<small>");
	html_cstr(h, c->version);
	html_raw_literal(h, "</small></th><td>");
	html_headline(h, headline_word(c->was));
	html_raw_literal(h, " \xE2\x86\x92 ");
	html_headline(h, headline_word(c->became));
	html_raw_literal(h, "</td><td>");
	html_targets(h, c->targets, c->target_count);
	html_raw_literal(h, "</td><td>");
	html_when(h, p, c->at);
	html_raw_literal(h, "</td></tr>\n");
}

/* The changes of one kind, from `first` on; returns where the next kind begins. */
static size_t add_kind(
	struct html *h, const struct page *p, const struct changes_view *v, size_t first)
{
	enum change_kind kind = v->changes[first].kind;
	const char *word = kind != CHANGE_NONE ? change_kind_word(kind) : "other";
	html_raw_literal(h, "<section><h2");
	html_attr(h, "id", word);
	html_raw_literal(h, ">");
	html_cstr(h, word);
	html_raw_literal(h, " <small>");
	html_int(h, (int64_t)v->packages[kind]);
	html_cstr(h, v->packages[kind] == 1 ? " package" : " packages");
	html_raw_literal(h, "</small></h2>\n<p>");
	html_cstr(h, sentence_of(kind));
	html_raw_literal(h, "</p>\n<table class=\"flow\"><caption>What ");
	html_cstr(h, word);
	html_raw_literal(h,
		"</caption><thead><tr><th scope=\"col\">Package</th><th scope=\"col\">Headline</th><th "
		"scope=\"col\">Targets</th><th scope=\"col\">When</th></tr></thead><tbody>\n");
	size_t i = first;
	for (; i < v->change_count && i < MOST_ROWS && v->changes[i].kind == kind; i++) {
		add_row(h, p, &v->changes[i]);
	}
	html_raw_literal(h, "</tbody></table></section>\n");
	return i;
}

static void add_address(struct buf *out, const struct changes_view *v, const char *ending)
{
	buf_printf(out, "/changes%s?since=", ending);
	if (v->since.id != 0) {
		buf_printf(out, "%" PRId64, v->since.id);
	}
	buf_add_text(out, "&until=");
	if (v->until.id != 0) {
		buf_printf(out, "%" PRId64, v->until.id);
	}
	buf_add_text(out, "&target=");
	html_url_add(out, str_from(v->target));
}

void html_page_changes(struct html *h, const struct page *p, const struct changes_view *v)
{
	struct buf json = {0}, csv = {0}, feed = {0};
	add_address(&json, v, ".json");
	add_address(&csv, v, ".csv");
	buf_add_text(&feed, v->target != NULL ? "/feed/" : "/feed");
	html_url_add(&feed, str_from(v->target));
	buf_add_text(&feed, ".atom");
	const struct page_frame frame = {
		.title = "Changes",
		.section = PAGE_CHANGES,
		.json = json.p,
		.csv = csv.p,
		.feed = feed.p,
	};
	page_begin(h, p, &frame);
	html_raw_literal(h, "<h1>Changes</h1>\n<p class=\"lede\">From ");
	add_night(h, p, &v->since, "the first look");
	html_raw_literal(h, " to ");
	add_night(h, p, &v->until, "now");
	html_raw_literal(h, ". What went and came back between is no change.</p>\n");
	if (!p->fixed) {
		add_filters(h, v);
	}
	size_t i = 0;
	while (i < v->change_count && i < MOST_ROWS) {
		i = add_kind(h, p, v, i);
	}
	if (v->change_count == 0) {
		html_raw_literal(
			h, "<p class=\"empty\">Nothing vanished, broke, appeared or was fixed.</p>\n");
	} else if (i < v->change_count) {
		html_format(h, "%zu more are not shown; the JSON has all.", v->change_count - i);
	}
	html_legend(h);
	page_end(h, p, &frame);
	buf_finish(&json);
	buf_finish(&csv);
	buf_finish(&feed);
}
