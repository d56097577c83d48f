#include "reports/html_package_card.h"

#include "reports/disagree.h"
#include "reports/tested.h"
#include "reports/html_package_more.h"
#include "reports/html_wheel.h"
#include "reports/untried.h"

#include <string.h>

static void add_version(struct html *h, const char *version)
{
	html_raw_literal(h, "<b>");
	html_cstr(h, version);
	html_raw_literal(h, "</b>");
}

static void add_dated(struct html *h, const char *version, int64_t date)
{
	add_version(h, version);
	if (date != 0) {
		html_raw_literal(h, " (");
		html_day(h, date);
		html_raw_literal(h, ")");
	}
}

static void add_since(struct html *h, const struct published_view *p)
{
	if (p->first_version == NULL) {
		return;
	}
	html_raw_literal(h, " Compiled wheels since ");
	add_dated(h, p->first_version, p->first_date);
	html_raw_literal(h, ".");
}

/* How far the newest release that works here is behind the newest of all. */
static void add_behind(struct html *h, const struct published_view *p)
{
	if (p->behind <= 0 || p->newest_version == NULL) {
		return;
	}
	html_raw_literal(h, " The newest release that works here is ");
	add_dated(h, p->newest_version, p->newest_date);
	html_raw_literal(h, ", ");
	html_int(h, p->behind);
	html_cstr(h, p->behind == 1 ? " release behind." : " releases behind.");
}

/* The published fact as a sentence. */
static void add_published(struct html *h, const struct target_view *t)
{
	const struct published_view *p = &t->published;
	const char *state = p->state != NULL ? p->state : "";
	if (p->state == NULL) {
		html_raw_literal(h, "Nobody has looked yet.");
	} else if (strcmp(state, "wheel") == 0) {
		html_raw_literal(h, "A wheel of ");
		add_version(h, p->version);
		html_raw_literal(h, " is published.");
		add_since(h, p);
	} else if (strcmp(state, "pure") == 0) {
		html_raw_literal(h, "A pure Python wheel of ");
		add_version(h, p->version);
		html_cstr(h,
			p->lost_accelerator
				? " fits; the compiled part that other platforms get is missing here."
				: " fits everywhere.");
	} else if (p->vanished != NULL) {
		html_raw_literal(h, "The last wheel was in ");
		add_version(h, p->vanished);
		html_raw_literal(h, "; newer releases have none.");
	} else if (strcmp(state, "sdist") == 0) {
		html_raw_literal(h, "Only the source of ");
		add_version(h, p->version);
		html_raw_literal(h, " is published.");
	} else if (strcmp(state, "python_excluded") == 0) {
		html_raw_literal(h, "No release admits this Python.");
	} else if (strcmp(state, "not_applicable") == 0) {
		html_raw_literal(h, "Out of scope here, by policy.");
	} else {
		html_raw_literal(h, "No published file fits.");
	}
	add_behind(h, p);
	if (p->emulated_alternative && words_headline(t->headline) != HEADLINE_READY) {
		html_raw_literal(h, " An x64 wheel runs under emulation, which is not counted.");
	}
}

static void add_evidence(struct html *h, const struct build_view *b)
{
	if (b->line != NULL) {
		html_raw_literal(h, "<p class=\"evidence\"><code>");
		html_log(h, str_trim(str_from(b->line)));
		html_raw_literal(h, "</code></p>");
	}
}

/* What this farm did, whose the fault is if any, and the line that says so. */
static void add_build(struct html *h, const struct target_view *t)
{
	const struct build_view *b = &t->build;
	if (!t->has_build) {
		return;
	}
	html_raw_literal(h, "<p>");
	if (b->state == NULL) {
		html_raw_literal(h, "A build of ");
		add_version(h, b->version);
		html_raw_literal(h, " is ");
		html_cstr(h, words_job_state(b->job_state));
	} else if (html_build_failed(b)) {
		html_raw_literal(h, "Our build of ");
		add_version(h, b->version);
		html_raw_literal(h, " failed at <b>");
		html_cstr(h, b->stage);
		html_raw_literal(h, "</b>: ");
		html_cstr(h, words_reason(b->reason != NULL ? b->reason : "unknown"));
		html_raw_literal(h, " (<code>");
		html_cstr(h, b->reason != NULL ? b->reason : "unknown");
		html_raw_literal(h, "</code>). Whose it is: <b>");
		html_cstr(h, words_owner(b->owner));
		html_raw_literal(h, "</b>");
	} else {
		html_raw_literal(h, "This farm built ");
		add_version(h, b->version);
		html_raw_literal(h, " (");
		html_cstr(h, b->mode);
		html_raw_literal(h, "); ");
		tested_html_built(h, t);
	}
	html_raw_literal(h, " \xE2\x80\x93 ");
	html_link_job(h, b->job);
	html_raw_literal(h, ".</p>");
	if (html_build_failed(b)) {
		add_evidence(h, b);
	}
	if (untried_build(b)) {
		untried_html(h);
	}
}

static void add_blockers(struct html *h, const struct target_view *t)
{
	if (t->blocker_count == 0) {
		return;
	}
	html_raw_literal(h, "<p>Waits for ");
	html_package_blockers(h, t);
	html_raw_literal(h, ".</p>");
}

void html_package_card(struct html *h, const struct target_view *t)
{
	enum headline v = words_headline(t->headline);
	html_raw_literal(h, "<article");
	struct buf classes = {0};
	buf_printf(&classes, "card answer edge %s-edge", html_headline_class(v));
	html_attr_str(h, "class", buf_view(&classes));
	buf_finish(&classes);
	html_attr(h, "data-target", t->target);
	html_attr(h, "data-headline", headline_word(v));
	html_raw_literal(h, "><h2>");
	html_target_name(h, t->target);
	html_raw_literal(h, "</h2><p class=\"verdict\">");
	html_headline(h, t->headline);
	if (v == HEADLINE_BUILDS) {
		html_cstr(h, t->proven ? ", proven" : ", unproven");
	}
	html_raw_literal(h, "</p>");
	if (t->since != 0) {
		html_raw_literal(h, "<p class=\"since\">seen since ");
		html_day(h, t->since);
		html_raw_literal(h, "</p>");
	}
	html_raw_literal(h, "<p>");
	add_published(h, t);
	html_raw_literal(h, "</p>");
	html_wheel_card(h, t);
	tested_html_published(h, t);
	disagree_html_target(h, t);
	add_blockers(h, t);
	add_build(h, t);
	html_raw_literal(h, "</article>\n");
}
