#include "reports/html_parts.h"

#include "reports/control.h"
#include "reports/disagree.h"
#include "reports/html_log.h"
#include "reports/tested.h"
#include "reports/untried.h"

#include <string.h>

static void add_address(struct buf *out, int64_t job, const char *rest)
{
	buf_printf(out, "/job/%lld%s", (long long)job, rest);
}

static void add_job_link(struct html *h, int64_t job, const char *rest, const char *text)
{
	struct buf address = {0};
	add_address(&address, job, rest);
	html_raw_literal(h, "<a");
	html_attr_str(h, "href", buf_view(&address));
	html_raw_literal(h, ">");
	html_cstr(h, text);
	html_raw_literal(h, "</a>");
	buf_finish(&address);
}

static bool is_running(const struct build_view *b)
{
	return b->state == NULL && b->job_state != NULL && strcmp(b->job_state, "leased") == 0;
}

static void add_failure(struct html *h, const struct build_view *b, int64_t mark)
{
	const char *reason = b->reason != NULL ? b->reason : "unknown";
	html_raw_literal(h,
		"<p class=\"verdict\"><span class=\"h-broken\"><span class=\"glyph\" "
		"aria-hidden=\"true\">\xE2\x9C\x95</span> ");
	html_cstr(h, b->stage != NULL ? b->stage : "build");
	html_raw_literal(h, " failed</span></p><p>Why: ");
	html_cstr(h, words_reason(reason));
	html_raw_literal(h, " (<code>");
	html_cstr(h, reason);
	html_raw_literal(h, "</code>). Whose it is: <b>");
	html_cstr(h, words_owner(b->owner));
	html_raw_literal(h, "</b>.</p>\n");
	if (b->line != NULL) {
		html_raw_literal(h, "<p class=\"evidence\"><code>");
		html_log(h, str_slice(str_trim(str_from(b->line)), 0, 600));
		html_raw_literal(h, "</code>");
		if (mark != 0) {
			html_raw_literal(h, "<a href=\"#L");
			html_format(h, "%lld", (long long)mark);
			html_raw_literal(h, "\">line ");
			html_int(h, mark);
			html_raw_literal(h, " of the log</a>");
		}
		html_raw_literal(h, "</p>\n");
	}
}

static void add_pass(struct html *h, const struct job_view *v)
{
	const struct build_view *b = &v->build;
	html_raw_literal(h, "<p class=\"verdict\">");
	html_result(h, b);
	html_raw_literal(h, "</p><p>");
	bool only_tests = tested_kind(b) != NULL;
	html_cstr(h, only_tests ? v->source : b->wheel != NULL ? b->wheel : "No wheel was kept.");
	if (b->wheel_size > 0) {
		html_raw_literal(h, ", ");
		html_words(h, words_bytes, b->wheel_size);
	}
	html_raw_literal(h, ". ");
	if (!b->proven) {
		html_raw_literal(h, "Its bytes fit the target; its import has not run there.");
	} else if (b->executor == NULL) {
		html_raw_literal(h, "Its import passed in another job.");
	} else {
		html_int(h, (int64_t)b->import_count);
		html_cstr(h, b->import_count == 1 ? " module imported" : " modules imported");
		html_raw_literal(h, " (");
		html_cstr(h, b->executor);
		html_raw_literal(h, ").");
	}
	if (b->tests_passed + b->tests_failed > 0) {
		html_raw_literal(h, " Tests: ");
		html_int(h, b->tests_passed);
		html_raw_literal(h, " passed, ");
		html_int(h, b->tests_failed);
		html_raw_literal(h, " failed");
		if (b->tests_skipped != 0) {
			html_raw_literal(h, ", ");
			html_int(h, b->tests_skipped);
			html_raw_literal(h, " skipped");
		}
		html_raw_literal(h, ".");
	}
	html_raw_literal(h, "</p>\n");
}

static void add_answer(
	struct html *h, const struct page *p, const struct job_view *v, const struct job_log *log)
{
	const struct build_view *b = &v->build;
	html_raw_literal(h, "<section class=\"card answer\" aria-label=\"Result\">");
	if (html_build_failed(b)) {
		add_failure(h, b, html_log_evidence(b, log));
	} else if (b->state != NULL) {
		add_pass(h, v);
	} else {
		html_raw_literal(h, "<p class=\"verdict\">");
		html_result(h, b);
		html_raw_literal(h, "</p><p>");
		if (is_running(b)) {
			html_raw_literal(h, "It runs since ");
			html_when(h, p, v->started);
		} else {
			html_raw_literal(h, "It waits since ");
			html_when(h, p, v->created);
		}
		html_raw_literal(h, ".</p>\n");
	}
	tested_html_job(h, v);
	control_html_job(h, v);
	disagree_html_job(h, v);
	if (untried_build(b)) {
		untried_html(h);
	}
	html_stages(h, b);
	html_raw_literal(h, "</section>\n");
}

static void add_log(
	struct html *h, const struct page *p, const struct job_view *v, const struct job_log *log)
{
	const struct build_view *b = &v->build;
	html_raw_literal(h, "<section id=\"log\"><h2>Log</h2>\n");
	if (log->problem != NULL) {
		html_raw_literal(h, "<p class=\"empty\">");
		html_cstr(h, log->problem);
		html_raw_literal(h, "</p></section>\n");
		return;
	}
	html_raw_literal(h, "<p class=\"tools\">");
	html_words(h, words_bytes, log->size);
	html_raw_literal(h, " \xC2\xB7 ");
	add_job_link(h, b->job, "/log", "the whole log as text");
	if (log->size > (int64_t)log->text.n) {
		html_raw_literal(h, " \xC2\xB7 cut: only its first ");
		html_words(h, words_bytes, (int64_t)log->text.n);
		html_raw_literal(h, " are shown here");
	}
	html_raw_literal(h, "</p>\n");
	if (!p->fixed) {
		html_log_search(h, b->job, log);
	}
	html_log_stages(h, b, log);
	if (is_running(b) && !p->fixed) {
		struct buf address = {0};
		add_address(&address, b->job, "/events");
		html_raw_literal(h, "<div class=\"live\"");
		html_attr_str(h, "data-events", buf_view(&address));
		html_attr_int(h, "data-from", (int64_t)log->text.n);
		html_raw_literal(h,
			"><p class=\"empty\">The job still runs: load this page again for more. With "
			"JavaScript it goes on by itself.</p></div>\n");
		buf_finish(&address);
	}
	html_raw_literal(h, "</section>\n");
}

/* Each distinct list of limits once, with the stages that ran under it. */
static void add_limits(struct html *h, const struct build_view *b)
{
	for (size_t i = 0; i < STAGE_COUNT; i++) {
		struct str limits = str_from(b->stages[i].limits);
		bool told = limits.n == 0;
		for (size_t k = 0; k < i && !told; k++) {
			told = str_equal(limits, str_from(b->stages[k].limits));
		}
		if (told) {
			continue;
		}
		html_raw_literal(h, "<p class=\"limits\">Limits in force in");
		for (size_t k = i; k < STAGE_COUNT; k++) {
			if (str_equal(limits, str_from(b->stages[k].limits))) {
				html_raw_literal(h, " ");
				html_cstr(h, stage_name((enum stage)k));
			}
		}
		html_raw_literal(h, ": ");
		html_text(h, limits);
		html_raw_literal(h, ".</p>\n");
	}
}

static void add_bytes_cell(struct html *h, bool known, int64_t bytes)
{
	html_raw_literal(h, "<td class=\"num\">");
	if (known && bytes > 0) {
		html_words(h, words_bytes, bytes);
	}
	html_raw_literal(h, "</td>");
}

static void add_resources(struct html *h, const struct build_view *b)
{
	html_raw_literal(h,
		"<section><h2>What it took</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" "
		"aria-label=\"What it took\"><table class=\"took\"><caption>Time, memory and disk, "
		"by stage</caption><thead><tr><th scope=\"col\">Stage</th><th "
		"scope=\"col\">Status</th><th scope=\"col\" class=\"num\">Time</th><th "
		"scope=\"col\" class=\"num\">Processor</th><th scope=\"col\" class=\"num\">Peak "
		"memory</th><th scope=\"col\" class=\"num\">Read</th><th scope=\"col\" "
		"class=\"num\">Written</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < STAGE_COUNT; i++) {
		const struct stage_view *s = &b->stages[i];
		bool ran = s->status != STAGE_STATUS_NOT_RUN;
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_cstr(h, stage_name((enum stage)i));
		html_raw_literal(h, "</th><td>");
		html_cstr(h, !ran ? "did not run" : s->status == STAGE_STATUS_PASS ? "passed" : "failed");
		html_raw_literal(h, "</td><td class=\"num\">");
		if (ran) {
			html_seconds(h, s->wall_s);
		}
		html_raw_literal(h, "</td><td class=\"num\">");
		if (ran) {
			html_seconds(h, s->cpu_s);
		}
		html_raw_literal(h, "</td>");
		add_bytes_cell(h, ran, s->peak_memory);
		add_bytes_cell(h, ran, s->io_read);
		add_bytes_cell(h, ran, s->io_write);
		html_raw_literal(h, "</tr>\n");
	}
	html_raw_literal(h, "</tbody></table></div>\n");
	add_limits(h, b);
	html_raw_literal(h, "</section>\n");
}

static void add_fact(struct html *h, const char *name, const char *value_or_null)
{
	if (value_or_null == NULL || value_or_null[0] == '\0') {
		return;
	}
	html_raw_literal(h, "<div><dt>");
	html_cstr(h, name);
	html_raw_literal(h, "</dt><dd>");
	html_cstr(h, value_or_null);
	html_raw_literal(h, "</dd></div>");
}

static void add_fact_time(struct html *h, const struct page *p, const char *name, int64_t wall_ms)
{
	if (wall_ms != 0) {
		html_raw_literal(h, "<div><dt>");
		html_cstr(h, name);
		html_raw_literal(h, "</dt><dd>");
		html_when(h, p, wall_ms);
		html_raw_literal(h, "</dd></div>");
	}
}

static void add_origin(struct html *h, const struct page *p, const struct job_view *v)
{
	const struct build_view *b = &v->build;
	html_raw_literal(h, "<section><h2>Where it comes from</h2>\n<dl class=\"facts\">");
	add_fact(h, "Kind", b->kind);
	add_fact(h, "Mode", b->mode);
	add_fact(h, "Agent", v->agent);
	add_fact(h, "Toolchain", v->toolchain);
	add_fact(h, "Toolchain SHA-256", v->toolchain_sha256);
	add_fact(h, "Builder image", v->builder_image);
	add_fact(h, "Tester image", v->tester_image);
	add_fact(h, "Sandbox", v->sandbox);
	add_fact(h, "Source", v->source);
	add_fact(h, "Source SHA-256", v->source_sha256);
	add_fact(h, "Recipe tree", v->recipe_commit);
	add_fact(h, "", v->recipe_dirty ? "with changes that are not committed" : NULL);
	add_fact(h, "Key", v->key);
	add_fact(h, "Log SHA-256", v->log.sha256);
	add_fact_time(h, p, "Created", v->created);
	add_fact_time(h, p, "Started", v->started);
	add_fact_time(h, p, "Ended", v->finished);
	if (b->attempts > 1) {
		html_raw_literal(h, "<div><dt>Attempts</dt><dd>");
		html_int(h, b->attempts);
		html_raw_literal(h, "</dd></div>");
	}
	html_raw_literal(h, "</dl>\n<h3>Repeat this build</h3>\n");
	html_repeat(h, b->job);
	html_raw_literal(h, "</section>\n");
}

static void add_imports(struct html *h, const struct job_view *v)
{
	if (v->import_count == 0) {
		return;
	}
	html_raw_literal(h,
		"<section><h2>Imports</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" "
		"aria-label=\"Imports\"><table class=\"imports\"><caption>Modules that were "
		"imported on the target</caption><thead><tr><th scope=\"col\">Module</th><th "
		"scope=\"col\">Result</th><th scope=\"col\">Kind</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < v->import_count; i++) {
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_cstr(h, v->imports[i].module);
		html_raw_literal(h, "</th><td><span");
		html_attr(h, "class", v->imports[i].ok ? "h-ready" : "h-broken");
		html_raw_literal(h, ">");
		html_cstr(h, v->imports[i].ok ? "\xE2\x9C\x93 imported" : "\xE2\x9C\x95 failed");
		html_raw_literal(h, "</span> ");
		html_cstr(h, v->imports[i].error);
		html_raw_literal(h, "</td><td>");
		html_cstr(h, v->imports[i].native ? "compiled" : "Python");
		html_raw_literal(h, "</td></tr>\n");
	}
	html_raw_literal(h, "</tbody></table></div></section>\n");
}

static void add_artefacts(struct html *h, const struct job_view *v)
{
	if (v->artefact_count == 0) {
		return;
	}
	html_raw_literal(h,
		"<section><h2>What it made</h2>\n<div class=\"wide\" tabindex=\"0\" "
		"role=\"region\" aria-label=\"What it made\"><table "
		"class=\"artefacts\"><caption>Files, with their SHA-256</caption><thead><tr><th "
		"scope=\"col\">File</th><th scope=\"col\">Kind</th><th scope=\"col\" "
		"class=\"num\">Size</th><th scope=\"col\">SHA-256</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < v->artefact_count; i++) {
		const struct artefact_view *a = &v->artefacts[i];
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_cstr(h, a->filename);
		html_raw_literal(h, "</th><td>");
		html_cstr(h, a->kind);
		html_cstr(h, a->kept ? "" : ", not kept any more");
		html_raw_literal(h, "</td><td class=\"num\">");
		html_words(h, words_bytes, a->size);
		html_raw_literal(h, "</td><td><code>");
		html_cstr(h, a->sha256);
		html_raw_literal(h, "</code></td></tr>\n");
	}
	html_raw_literal(h, "</tbody></table></div></section>\n");
}

static void add_document(struct html *h, const char *title, const char *text_or_null)
{
	if (text_or_null == NULL || text_or_null[0] == '\0') {
		return;
	}
	html_raw_literal(h, "<details class=\"more\"><summary>");
	html_cstr(h, title);
	html_raw_literal(h, "</summary><pre class=\"document\">");
	html_text(h, str_slice(str_from(text_or_null), 0, 20000));
	html_raw_literal(h, "</pre></details>\n");
}

void html_page_job(
	struct html *h, const struct page *p, const struct job_view *v, const struct job_log *log)
{
	const struct build_view *b = &v->build;
	struct buf title = {0};
	buf_printf(&title, "%s %s for %s", b->package, b->version, b->target);
	struct buf json = {0};
	add_address(&json, b->job, ".json");
	const struct page_frame frame = {.title = title.p, .section = PAGE_NONE, .json = json.p};
	page_begin(h, p, &frame);
	html_raw_literal(h, "<p class=\"crumb\"><a href=\"/packages\">Packages</a> / ");
	html_link_package(h, b->package, NULL);
	html_raw_literal(h, " / job ");
	html_format(h, "%lld", (long long)b->job);
	html_raw_literal(h, "</p>\n<h1>");
	html_cstr(h, b->package);
	html_raw_literal(h, " ");
	html_cstr(h, b->version);
	html_raw_literal(h, " <small>");
	html_cstr(h, b->target);
	if (b->state != NULL) {
		html_raw_literal(h, " \xC2\xB7 took ");
		html_seconds(h, b->seconds);
	}
	html_raw_literal(h, "</small></h1>\n");
	add_answer(h, p, v, log);
	add_log(h, p, v, log);
	html_raw_literal(h, "<div class=\"two\">");
	add_resources(h, b);
	add_origin(h, p, v);
	html_raw_literal(h, "</div>\n");
	add_imports(h, v);
	add_artefacts(h, v);
	add_document(h, "The report on the wheel's bytes, as JSON", v->inspect);
	add_document(h, "The job as the agent got it, as JSON", v->spec);
	page_end(h, p, &frame);
	buf_finish(&title);
	buf_finish(&json);
}
