#include "reports/html_style_samples.h"

#include "reports/badge.h"
#include "reports/html_log.h"
#include "reports/html_matrix.h"
#include "reports/html_package_card.h"
#include "reports/html_package_more.h"
#include "reports/html_releases.h"
#include "reports/html_wheel.h"

#include <stdio.h>
#include <string.h>

enum { TARGETS = 9, JOB = 17, RELEASES = 40 };
#define DAY INT64_C(86400000)
static const int64_t then = INT64_C(1795300000000);

/* What was written of things that do not exist, all its addresses the top of this page. */
static void add_sample(struct html *h, struct buf *sample)
{
	static const char begin[] = "=\"/"; /* of outside text a quote is never written so */
	struct str rest = buf_view(sample);
	ptrdiff_t at;
	while ((at = str_find_text(rest, STR(begin))) >= 0) {
		buf_add(h->out, rest.p, (size_t)at);
		html_raw_literal(h, "=\"#main");
		rest = str_slice(rest, (size_t)at + sizeof(begin) - 1, rest.n);
		rest = str_slice(rest, (size_t)str_find(rest, '"'), rest.n);
	}
	buf_add_str(h->out, rest);
	buf_finish(sample);
}

static void start_build(struct build_view *b, const char *state, enum stage last)
{
	*b = (struct build_view){
		.job = JOB,
		.kind = "build",
		.version = "2.0",
		.mode = "cross",
		.job_state = state != NULL ? "done" : "leased",
		.state = state,
		.executor = "qemu",
		.date = then,
		.seconds = 290,
	};
	for (size_t i = 0; i <= (size_t)last; i++) {
		b->stages[i].status = STAGE_STATUS_PASS;
	}
	if (state != NULL && strcmp(state, "fail") == 0) {
		b->stages[last].status = STAGE_STATUS_FAIL;
		b->stage = stage_name(last);
	}
}

/* One target for each headline, each with all that its card can say. */
struct sample {
	struct target_view targets[TARGETS];
	struct build_view passed, failed, bytes_pass, run_fails;
	struct wheel_view fine, wrong;
	struct wheel_problem_view warnings[2], errors[1];
	struct blocker_view blockers[2];
};

static void make_wheels(struct sample *s)
{
	static const char *bundled[] = {"libfoo-1a2b3c4d.so.3", "libbar-5e6f.so.1", "libz-0a1b.so.1"};
	s->warnings[0] = s->warnings[1] = (struct wheel_problem_view){"page_alignment", "warning",
		"sample/_core.abi3.so", "aligned to 4096 bytes, pages may be of 65536"};
	s->errors[0] = (struct wheel_problem_view){
		"machine_mismatch", "error", "sample/_core.pyd", "it is for x86-64"};
	s->fine = (struct wheel_view){
		.file = "sample-2.0-cp311-abi3-manylinux_2_28_aarch64.whl",
		.depth = "headers",
		.inspected = then,
		.size = 4200000,
		.machine = "aarch64",
		.glibc = "2.28",
		.page_size = 4096,
		.bundled = bundled,
		.bundled_count = 3,
		.warnings = 2,
		.problems = s->warnings,
		.problem_count = 2,
	};
	s->wrong = (struct wheel_view){
		.file = "sample-2.0-cp314-cp314-musllinux_1_2_aarch64.whl",
		.depth = "full",
		.inspected = then,
		.size = 900000,
		.machine = "x86-64",
		.errors = 1,
		.broken = "machine_mismatch",
		.problems = s->errors,
		.problem_count = 1,
	};
}

static void make_builds(struct sample *s)
{
	start_build(&s->passed, "pass", STAGE_TEST);
	s->passed.proven = true;
	start_build(&s->failed, "fail", STAGE_BUILD);
	s->failed.reason = "missing_c_library";
	s->failed.owner = "toolchain";
	s->failed.line = "src/core.c:12:10: fatal error: 'openssl/<script>.h' file not found";
	start_build(&s->bytes_pass, "pass", STAGE_IMPORT);
	start_build(&s->run_fails, "fail", STAGE_IMPORT);
	s->run_fails.reason = "import_error";
	s->run_fails.owner = "package";
}

static void make_targets(struct sample *s, const char *const *names, size_t name_count)
{
	static const char *const targets[TARGETS] = {"cp313-manylinux_2_28_aarch64",
		"cp314-manylinux_2_28_aarch64", "cp315-manylinux_2_28_aarch64",
		"cp313-musllinux_1_2_aarch64", "cp314-musllinux_1_2_aarch64", "cp315-musllinux_1_2_aarch64",
		"cp313-win_arm64", "cp314-win_arm64", "cp315-win_arm64"};
	static const char *const pythons[] = {"3.13", "3.14", "3.15"};
	static const enum headline headlines[TARGETS] = {HEADLINE_READY, HEADLINE_DEGRADED,
		HEADLINE_BUILDS, HEADLINE_BLOCKED, HEADLINE_BROKEN, HEADLINE_VANISHED, HEADLINE_MISSING,
		HEADLINE_NOT_APPLICABLE, HEADLINE_UNKNOWN};
	static const struct published_view published[TARGETS] = {
		{.state = "wheel",
			.version = "2.0",
			.first_version = "1.4",
			.first_date = then - 900 * DAY},
		{.state = "pure", .version = "2.0", .lost_accelerator = true},
		{.state = "sdist", .version = "2.0"},
		{.state = "wheel", .version = "2.0"},
		{.state = "wheel", .version = "2.0"},
		{.state = "sdist",
			.version = "2.0",
			.vanished = "1.9",
			.newest_version = "1.9",
			.newest_date = then - 200 * DAY,
			.behind = 2},
		{.state = "sdist", .version = "2.0", .emulated_alternative = true},
		{.state = "not_applicable"},
		{.state = NULL},
	};
	for (size_t i = 0; i < TARGETS; i++) {
		s->targets[i] = (struct target_view){
			.target = targets[i],
			.python = pythons[i % 3],
			.headline = headline_word(headlines[i]),
			.version = "2.0",
			.since = published[i].state != NULL ? then - 30 * DAY : 0,
			.published = published[i],
		};
	}
	s->targets[0].dependencies = "ok";
	s->targets[0].wheel = &s->fine;
	s->targets[0].tested = &s->run_fails;
	s->targets[2].has_build = s->targets[2].proven = true;
	s->targets[2].build = s->passed;
	s->blockers[0] = (struct blocker_view){.name = names[1 % name_count], .headline = "vanished"};
	s->blockers[1] = (struct blocker_view){.name = names[2 % name_count], .headline = "missing"};
	s->targets[3].dependencies = "blocked";
	s->targets[3].with_built = "ok";
	s->targets[3].blockers = s->blockers;
	s->targets[3].blocker_count = 2;
	s->targets[4].wheel = &s->wrong;
	s->targets[4].tested = &s->bytes_pass;
	s->targets[6].has_build = true;
	s->targets[6].build = s->failed;
	s->targets[8].has_build = true;
	start_build(&s->targets[8].build, NULL, STAGE_FETCH);
	s->targets[8].build.target = targets[8];
	s->targets[8].build.mode = "native";
}

static void add_cards(struct html *h, const struct sample *s)
{
	html_raw_literal(h,
		"<section><h2>The answer for a target</h2>\n<p>Every headline with what makes it "
		"so: what is published and what is inside, what a run showed, whom it waits for, what this "
		"farm built.</p><div class=\"cards\">\n");
	for (size_t i = 0; i < TARGETS; i++) {
		html_package_card(h, &s->targets[i]);
	}
	html_raw_literal(h, "</div></section>\n");
}

static void add_badges(struct html *h, const struct sample *s)
{
	html_raw_literal(
		h, "<section><h2>Badges</h2>\n<p>A badge is read far from these pages.</p><p>\n");
	for (size_t i = 0; i < TARGETS; i++) {
		badge_svg(h->out, &s->targets[i]);
	}
	html_raw_literal(h, "</p></section>\n");
}

static void add_history(struct html *h, const struct page *p, struct package_view *v)
{
	static const char *targets[] = {"cp313-win_arm64", "cp314-win_arm64", "cp315-win_arm64"};
	struct release_view releases[RELEASES];
	char versions[RELEASES][8];
	for (size_t i = 0; i < RELEASES; i++) {
		snprintf(versions[i], sizeof(versions[i]), "%zu.%zu%s", (RELEASES - i) / 10,
			(RELEASES - i) % 10, i == 1 ? "rc1" : "");
		releases[i] = (struct release_view){
			.version = versions[i],
			.date = then - (int64_t)i * 40 * DAY,
			.prerelease = i == 1,
			.yanked = i == 3,
			.glibc = i<30, .windows = i> 1 && i < 14,
			.sdist = true,
		};
	}
	struct store_change changes[] = {
		{.kind = CHANGE_VANISHED,
			.at = then,
			.targets = targets,
			.target_count = 3,
			.was = HEADLINE_READY,
			.became = HEADLINE_VANISHED,
			.version = "2.0"},
		{.kind = CHANGE_APPEARED,
			.at = then - 200 * DAY,
			.targets = targets,
			.target_count = 1,
			.was = HEADLINE_MISSING,
			.became = HEADLINE_READY,
			.version = "1.8"},
	};
	v->releases = releases;
	v->release_count = RELEASES;
	v->changes = changes;
	v->change_count = 2;
	html_releases(h, v);
	html_package_nights(h, p, v);
	v->release_count = v->change_count = 0;
}

void html_style_package(
	struct html *h, const struct page *p, const char *const *names, size_t name_count)
{
	struct sample s = {0};
	struct buf sample = {0};
	struct html inner = {.out = &sample};
	struct recipe_fact facts[] = {
		{"libraries", "zlib, openssl"}, {"test_command", "python, -m, pytest, <b>"}};
	struct need_view needs[] = {
		{names[0], true}, {names[1 % name_count], true}, {names[4 % name_count], false}};
	make_wheels(&s);
	make_builds(&s);
	make_targets(&s, names, name_count);
	struct package_view v = {
		.name = "sample",
		.scanned = then,
		.targets = s.targets,
		.target_count = TARGETS,
		.needs = needs,
		.need_count = 3,
		.waiting = (const char **)(uintptr_t)names,
		.waiting_count = name_count,
		.waits = (int64_t)name_count + 12,
		.recipe =
			{.job = JOB, .tree = "8c7de11a9f0b3c", .dirty = true, .facts = facts, .fact_count = 2},
	};
	add_cards(&inner, &s);
	html_package_todo(&inner, p, &v);
	html_raw_literal(&inner, "<section><h2>Python by platform</h2>\n");
	html_matrix(&inner, &v);
	html_wheels(&inner, p, &v);
	html_raw_literal(&inner, "</section>\n");
	add_history(&inner, p, &v);
	html_package_dependencies(&inner, p, &v);
	html_package_recipe(&inner, &v);
	add_badges(&inner, &s);
	add_sample(h, &sample);
}

void html_style_log(struct html *h)
{
	struct build_view b;
	struct buf text = {0}, sample = {0};
	struct html inner = {.out = &sample};
	start_build(&b, "fail", STAGE_UNPACK);
	b.line = "error: \xD7\xA7\xD7\x95\xD7\x91\xD7\xA5 \xE2\x80\xAE<b>not</b> found";
	b.stages[STAGE_FETCH].wall_s = 0.4;
	b.stages[STAGE_UNPACK].wall_s = 61;
	for (int i = 1; i <= 90; i++) {
		buf_printf(&text, "reading part %d\n", i);
	}
	b.stages[STAGE_FETCH].log_to = b.stages[STAGE_UNPACK].log_from = (int64_t)text.n;
	buf_add_text(&text, "\x1b[35mcolours\x1b[0m, a bell \x07, bytes that are no text \xFF\xFE\n");
	for (int i = 0; i < 220; i++) {
		buf_add_text(&text, "a-long-line-");
	}
	buf_printf(&text, "\n%s\n", b.line);
	b.stages[STAGE_UNPACK].log_to = (int64_t)text.n;
	const struct job_log log = {
		.text = buf_view(&text), .size = (int64_t)text.n, .find = STR("PART 7")};
	html_raw_literal(&inner, "<section><h2>A log</h2>\n");
	html_log_search(&inner, JOB, &log);
	html_log_stages(&inner, &b, &log);
	html_raw_literal(&inner,
		"<p class=\"empty\">The job still runs: load this page again for more.</p></section>\n");
	add_sample(h, &sample);
	buf_finish(&text);
}

void html_style_agents(struct html *h)
{
	static const struct store_agent agents[] = {
		{.name = "local-1", .state = STORE_AGENT_ACTIVE},
		{.name = "local-2", .state = STORE_AGENT_DRAINING},
		{.name = "arm-board", .state = STORE_AGENT_QUARANTINED, .why = "five faults in a row"},
		{.name = "old-board", .state = STORE_AGENT_REVOKED},
	};
	html_raw_literal(h,
		"<section><h2>The farm</h2>\n<ul class=\"figures\"><li><b>12</b> jobs "
		"wait</li><li><b>0</b> "
		"jobs run</li><li><b>57.0 GiB</b> free disk</li></ul>\n<p class=\"notice\">No jobs are "
		"given: the disk is nearly full.</p>\n<table "
		"class=\"flow\"><caption>Agents</caption><thead>"
		"<tr><th scope=\"col\">Agent</th><th scope=\"col\">State</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < sizeof(agents) / sizeof(*agents); i++) {
		html_raw_literal(h, "<tr><th scope=\"row\">");
		html_cstr(h, agents[i].name);
		html_raw_literal(h, "</th><td>");
		html_agent_state(h, &agents[i]);
		html_raw_literal(h, "</td></tr>\n");
	}
	html_raw_literal(h, "</tbody></table></section>\n");
}

/* A search with what it suggests, as the script makes it; nothing here is sent anywhere. */
void html_style_forms(struct html *h, const char *const *names, size_t name_count)
{
	html_raw_literal(h,
		"<section><h2>Asking</h2>\n<div class=\"filters\"><label>Target <select><option>"
		"cp313-win_arm64</option></select></label><label>Name <input type=\"search\" "
		"placeholder=\"any\"></label><button type=\"button\">Show</button></div>\n"
		"<ul class=\"suggestions sample\">\n");
	for (size_t i = 0; i < name_count; i++) {
		html_raw_literal(h, "<li><span>");
		html_cstr(h, names[i]);
		html_raw_literal(h, "</span> <small>");
		html_cstr(h, headline_label((enum headline)(i % HEADLINE_COUNT)));
		html_raw_literal(h, "</small></li>\n");
	}
	html_raw_literal(h,
		"</ul>\n<p class=\"pages\"><a href=\"#main\">\xE2\x86\x90 Earlier</a> <span>101 to 200 "
		"of 15,000</span> <a href=\"#main\">Later \xE2\x86\x92</a></p></section>\n");
}
