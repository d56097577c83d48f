#include "reports/tested.h"

#include "reports/html_parts.h"

#include <string.h>

bool tested_says(const struct build_view *run)
{
	return run != NULL && run->state != NULL &&
		!(html_build_failed(run) && str_same(run->owner, "farm"));
}

const char *tested_kind(const struct build_view *run)
{
	return str_same(run->kind, "test_published") ? "test of the published wheel"
		: str_same(run->kind, "test_built")      ? "test of our wheel"
												 : NULL;
}

static void add_end(struct html *h, const struct build_view *run)
{
	if (!tested_says(run)) {
		html_raw_literal(h, "what ran it gave up, which says nothing of it (<code>");
		html_cstr(h, run->reason != NULL ? run->reason : "unknown");
		html_raw_literal(h, "</code>)");
	} else if (html_build_failed(run)) {
		html_raw_literal(h, "it failed at <b>");
		html_cstr(h, run->stage);
		html_raw_literal(h, "</b> (<code>");
		html_cstr(h, run->reason != NULL ? run->reason : "unknown");
		html_raw_literal(h, "</code>)");
	} else {
		html_raw_literal(h, "its import passed (");
		html_cstr(h, run->executor);
		html_raw_literal(h, ")");
	}
}

void tested_html_published(struct html *h, const struct target_view *t)
{
	const struct build_view *run = t->tested;
	if (run == NULL) {
		return;
	}
	html_raw_literal(h, "<p>The published wheel of <b>");
	html_cstr(h, run->version);
	html_raw_literal(h, "</b> was tried here: ");
	add_end(h, run);
	html_raw_literal(h, " \xE2\x80\x93 ");
	html_link_job(h, run->job);
	html_raw_literal(h, ".</p>");
}

void tested_html_built(struct html *h, const struct target_view *t)
{
	const struct build_view *run = t->test;
	if (t->build.executor != NULL && t->build.proven) {
		html_raw_literal(h, "its import passed (");
		html_cstr(h, t->build.executor);
		html_raw_literal(h, ")");
	} else if (run == NULL || run->state == NULL) {
		html_raw_literal(h, "<b>its import has not run there yet</b>");
	} else {
		add_end(h, run);
	}
	if (run != NULL) {
		html_raw_literal(h, ", ");
		html_link_job(h, run->job);
	}
}

void tested_html_job(struct html *h, const struct job_view *v)
{
	if (v->tested != 0) {
		html_raw_literal(h, "<p>Its wheel is tested by a job of its own: ");
		html_link_job(h, v->tested);
		html_raw_literal(h, ".</p>\n");
	} else if (str_same(v->build.kind, "test_built")) {
		html_raw_literal(h, "<p>The wheel was built by another job: ");
		html_link_job(h, v->build.after);
		html_raw_literal(h, ".</p>\n");
	}
}
