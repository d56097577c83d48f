#include "reports/html_parts.h"

#include "reports/untried.h"

#include <string.h>

static void add_figure(struct html *h, const char *label, int64_t value)
{
	html_raw_literal(h, "<li><b>");
	html_int(h, value);
	html_raw_literal(h, "</b> ");
	html_cstr(h, label);
	html_raw_literal(h, "</li>");
}

static void add_bytes(struct html *h, const char *label, int64_t bytes)
{
	if (bytes >= 0) {
		html_raw_literal(h, "<li><b>");
		html_words(h, words_bytes, bytes);
		html_raw_literal(h, "</b> ");
		html_cstr(h, label);
		html_raw_literal(h, "</li>");
	}
}

static void add_figures(struct html *h, const struct farm_page *f)
{
	int64_t queued = 0;
	for (size_t i = 0; i < f->facts->queue_count; i++) {
		queued += f->facts->queue[i].queued;
	}
	html_raw_literal(h, "<ul class=\"figures\">");
	add_figure(h, "jobs wait", queued);
	add_figure(h, "jobs run", (int64_t)f->facts->lease_count);
	add_figure(h, "agents are admitted", (int64_t)f->facts->agent_count);
	add_bytes(h, "database", f->database_bytes);
	add_bytes(h, "free disk", f->free_bytes);
	html_raw_literal(h, "</ul>\n");
	if (f->paused) {
		html_raw_literal(
			h, "<p class=\"notice\">No jobs are given: the disk is nearly full.</p>\n");
	}
}

static void add_work(struct html *h, const struct page *p, const struct farm_view *v, int64_t agent)
{
	size_t n = 0;
	for (size_t i = 0; i < v->lease_count; i++) {
		const struct farm_lease *l = &v->leases[i];
		if (l->agent != agent) {
			continue;
		}
		if (n++ != 0) {
			html_raw_literal(h, "<br>");
		}
		html_link_package(h, l->package, NULL);
		html_raw_literal(h, " ");
		html_cstr(h, l->version);
		html_raw_literal(h, " for ");
		html_cstr(h, l->target);
		html_raw_literal(h, ": ");
		html_cstr(h, l->stage != NULL ? l->stage : "begins");
		html_raw_literal(h, ", ");
		html_link_job(h, l->job);
	}
	if (n == 0) {
		html_raw_literal(h, "nothing just now");
	}
}

static void add_fault(struct html *h, const struct page *p, const struct farm_agent *a)
{
	if (a->agent.faults > 0) {
		html_int(h, a->agent.faults);
		html_raw_literal(h, " in a row");
	}
	if (a->fault_reason != NULL) {
		html_cstr(h, a->agent.faults > 0 ? "; last " : "last ");
		html_raw_literal(h, "<code>");
		html_cstr(h, a->fault_reason);
		html_raw_literal(h, "</code> ");
		html_cstr(h, a->fault_line);
		html_raw_literal(h, " ");
		html_when(h, p, a->fault_at);
	}
	if (a->agent.faults == 0 && a->fault_reason == NULL) {
		html_raw_literal(h, "none");
	}
}

/* Does one do, or could one, what nobody has seen run? */
static bool has_untried(const struct farm_view *v)
{
	for (size_t i = 0; i < v->lease_count; i++) {
		const struct farm_lease *l = &v->leases[i];
		const struct build_view b = {.kind = l->kind, .target = l->target, .mode = l->mode};
		if (untried_build(&b)) {
			return true;
		}
	}
	for (size_t i = 0; i < v->agent_count; i++) {
		if (untried_agent(v->agents[i].agent.capabilities)) {
			return true;
		}
	}
	return false;
}

static void add_agents(struct html *h, const struct page *p, const struct farm_view *v)
{
	html_raw_literal(h, "<section><h2>Agents</h2>\n");
	if (v->agent_count == 0) {
		html_raw_literal(h,
			"<p class=\"empty\">No agent is admitted: <code>wheelfarm agent add NAME</code> admits "
			"one.</p></section>\n");
		return;
	}
	html_raw_literal(h,
		"<table class=\"flow\" id=\"agents\"><caption>Agents and what they "
		"do</caption><thead><tr><th "
		"scope=\"col\">Agent</th><th scope=\"col\">State</th><th scope=\"col\">Does</th><th "
		"scope=\"col\">Faults that were the farm's</th><th "
		"scope=\"col\">Seen</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < v->agent_count; i++) {
		const struct farm_agent *a = &v->agents[i];
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_cstr(h, a->agent.name);
		html_raw_literal(h, " <small>");
		html_cstr(h, a->agent.version);
		html_raw_literal(h, "</small></th><td>");
		html_agent_state(h, &a->agent);
		html_raw_literal(h, "</td><td>");
		add_work(h, p, v, a->agent.id);
		html_raw_literal(h, "</td><td>");
		html_raw_literal(h, "<span class=\"unit\">faults: </span>");
		add_fault(h, p, a);
		html_raw_literal(h, "</td><td>");
		html_when(h, p, a->agent.seen);
		html_raw_literal(h, "</td></tr>\n");
	}
	html_raw_literal(h, "</tbody></table>\n");
	if (has_untried(v)) {
		untried_html(h);
	}
	html_raw_literal(h, "</section>\n");
}

static void add_queue_row(struct html *h, const char *target, int64_t queued, int64_t leased)
{
	html_raw_literal(h, "<tr><th scope=\"row\">");
	html_cstr(h, target);
	html_raw_literal(h, "</th><td class=\"num\">");
	html_int(h, queued);
	html_raw_literal(h, "</td><td class=\"num\">");
	html_int(h, leased);
	html_raw_literal(h, "</td>");
}

/* With a running queue also who could do it and how long it takes. */
static void add_queue(struct html *h, const struct farm_page *f)
{
	size_t n = f->serving ? f->outlook_count : f->facts->queue_count;
	html_raw_literal(h, "<section><h2>Queue</h2>\n");
	if (n == 0) {
		html_raw_literal(h, "<p class=\"empty\">Nothing waits and nothing runs.</p></section>\n");
		return;
	}
	html_raw_literal(h,
		"<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Queue\"><table "
		"class=\"sums\"><caption>Jobs by target</caption><thead><tr><th "
		"scope=\"col\">Target</th><th "
		"scope=\"col\" class=\"num\">Wait</th><th scope=\"col\" class=\"num\">Run</th><th "
		"scope=\"col\" class=\"num\">Slots</th><th scope=\"col\" class=\"num\">Done "
		"in</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < n; i++) {
		if (!f->serving) {
			const struct farm_queue *q = &f->facts->queue[i];
			add_queue_row(h, q->target, q->queued, q->leased);
			html_raw_literal(h, "<td class=\"num\">?</td><td class=\"num\">not served</td></tr>\n");
			continue;
		}
		const struct farm_outlook *o = &f->outlooks[i];
		add_queue_row(h, o->target, o->queued, o->leased);
		html_raw_literal(h, "<td class=\"num\">");
		html_int(h, o->slots);
		html_raw_literal(h, "</td><td class=\"num\">");
		if (o->queued + o->leased == 0) {
			html_raw_literal(h, "\xE2\x80\x93");
		} else if (o->eta_s >= 0) {
			html_seconds(h, o->eta_s);
		} else {
			html_raw_literal(h, "nobody can tell");
		}
		html_raw_literal(h, "</td></tr>\n");
	}
	html_raw_literal(h, "</tbody></table></div></section>\n");
}

static void add_count(struct html *h, int64_t n)
{
	if (n == 0) {
		html_raw_literal(h, "<td class=\"num zero\">\xC2\xB7</td>");
		return;
	}
	html_raw_literal(h, "<td class=\"num\">");
	html_int(h, n);
	html_raw_literal(h, "</td>");
}

static void add_days(struct html *h, const struct farm_view *v)
{
	html_raw_literal(h, "<section><h2>Day by day</h2>\n");
	if (v->day_count == 0) {
		html_raw_literal(h, "<p class=\"empty\">No job has ended yet.</p></section>\n");
		return;
	}
	html_raw_literal(h,
		"<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Day by day\"><table "
		"class=\"sums\"><caption>Results by day, and whose the failures are; a dot is "
		"none</caption><thead><tr><th scope=\"col\">Day</th><th scope=\"col\" "
		"class=\"num\">Passed</th>");
	for (int k = 0; k < FARM_OWNERS; k++) {
		html_raw_literal(h, "<th scope=\"col\" class=\"num\">");
		html_cstr(h, reason_owner_name((enum reason_owner)k));
		html_raw_literal(h, "</th>");
	}
	html_raw_literal(h, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < v->day_count; i++) {
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_day(h, v->days[i].start);
		html_raw_literal(h, "</th><td class=\"num\">");
		html_int(h, v->days[i].passed);
		html_raw_literal(h, "</td>");
		for (int k = 0; k < FARM_OWNERS; k++) {
			add_count(h, v->days[i].failed[k]);
		}
		html_raw_literal(h, "</tr>\n");
	}
	html_raw_literal(h, "</tbody></table></div></section>\n");
}

/* Failures by reason, the newest days each, the rest together. */
static void add_reasons(struct html *h, const struct farm_view *v)
{
	enum { REASONS_MOST = 12 };
	if (v->reason_count == 0) {
		return;
	}
	html_raw_literal(h,
		"<section id=\"reasons\"><h2>Why builds fail</h2>\n<div class=\"wide\" tabindex=\"0\" "
		"role=\"region\" aria-label=\"Why builds fail\"><table class=\"sums\"><caption>Failures "
		"by reason and day, the most frequent first; a dot is none</caption><thead><tr><th "
		"scope=\"col\">Reason</th><th scope=\"col\">Whose it is</th><th scope=\"col\" "
		"class=\"num\">All</th>");
	for (size_t d = 0; d < v->day_count; d++) {
		html_raw_literal(h, "<th scope=\"col\" class=\"num\">");
		html_day_short(h, v->days[d].start);
		html_raw_literal(h, "</th>");
	}
	html_raw_literal(h, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < v->reason_count && i < REASONS_MOST; i++) {
		const struct farm_reason *r = &v->reasons[i];
		html_raw_literal(h, "<tr><th scope=\"row\"><code>");
		html_cstr(h, reason_code(r->reason));
		html_raw_literal(h, "</code></th><td>");
		html_cstr(h, words_owner(reason_owner_name(reason_owner_of(r->reason))));
		html_raw_literal(h, "</td>");
		add_count(h, r->total);
		for (size_t d = 0; d < v->day_count; d++) {
			add_count(h, r->days[d]);
		}
		html_raw_literal(h, "</tr>\n");
	}
	html_raw_literal(h, "</tbody></table></div></section>\n");
}

void html_page_farm(struct html *h, const struct page *p, const struct farm_page *f)
{
	const struct page_frame frame = {
		.title = "Farm",
		.section = PAGE_FARM,
		.json = "/farm.json",
		.csv = "/farm.csv",
	};
	page_begin(h, p, &frame);
	html_raw_literal(h, "<h1>Farm</h1>\n<p class=\"lede\">");
	html_cstr(h,
		f->serving ? "Who builds, what waits, and for how long."
				   : "What the database says: no coordinator serves it just now.");
	html_raw_literal(h, "</p>\n");
	add_figures(h, f);
	add_agents(h, p, f->facts);
	add_queue(h, f);
	add_days(h, f->facts);
	add_reasons(h, f->facts);
	page_end(h, p, &frame);
}
