#include "reports/html_parts.h"

#include "reports/html_graph.h"
#include "reports/html_spark.h"
#include "reports/html_style_samples.h"

#include <string.h>

/* Names that pages must bear: without a break, right to left, marked up. */
static const char *const names[] = {
	"markupsafe",
	"a-name-that-is-as-long-as-somebody-could-make-it-without-any-place-for-a-line-to-break-in-it",
	"\xD7\x97\xD7\x91\xD7\x99\xD7\x9C\xD7\x94-\xD7\xA2\xD7\x9D-1.0",
	"\xD8\xAD\xD8\xB2\xD9\x85\xD8\xA9 \xE2\x80\xAE"
	"1.0",
	"<script>alert(1)</script>",
};
enum { NAMES = sizeof(names) / sizeof(*names) };

static void add_headlines(struct html *h)
{
	html_raw_literal(h,
		"<section><h2>Headlines</h2>\n<p>A sign, a word, a colour: two of them are enough to "
		"read it.</p><div class=\"cards\">\n");
	for (size_t i = 0; i < HEADLINE_COUNT; i++) {
		const char *word = headline_word((enum headline)i);
		struct buf classes = {0};
		buf_printf(&classes, "card edge %s-edge", html_headline_class((enum headline)i));
		html_raw_literal(h, "<article");
		html_attr_str(h, "class", buf_view(&classes));
		html_raw_literal(h, "><p class=\"verdict\">");
		html_headline(h, word);
		html_raw_literal(h, "</p><p>");
		html_cstr(h, words_headline_sentence((enum headline)i));
		html_raw_literal(h, "</p></article>\n");
		buf_finish(&classes);
	}
	html_raw_literal(h, "</div></section>\n");
}

static void add_strip(struct html *h, const char *label, const char *const *words)
{
	static const char *const targets[] = {"cp313-manylinux_2_28_aarch64",
		"cp314-manylinux_2_28_aarch64", "cp315-manylinux_2_28_aarch64",
		"cp313-musllinux_1_2_aarch64", "cp314-musllinux_1_2_aarch64", "cp315-musllinux_1_2_aarch64",
		"cp313-win_arm64", "cp314-win_arm64", "cp315-win_arm64"};
	html_raw_literal(h, "<tr><th scope=\"row\">");
	html_cstr(h, label);
	html_raw_literal(h, "</th><td>");
	html_strip(h, targets, words, 9);
	html_raw_literal(h, "</td></tr>\n");
}

static void add_strips(struct html *h)
{
	static const char *const all[9] = {"ready", "degraded", "builds", "blocked", "broken",
		"vanished", "missing", "not_applicable", "unknown"};
	static const char *const fine[9] = {
		"ready", "ready", "ready", "ready", "ready", "ready", "ready", "ready", "ready"};
	static const char *const part[9] = {"ready", "ready", "unknown", "ready", "ready", "unknown",
		"vanished", "vanished", "unknown"};
	static const char *const never[9] = {NULL};
	html_raw_literal(h,
		"<section><h2>The target strip</h2>\n<p>One sign a target: glibc, musl, Windows, each from "
		"old to new Python. It stands for a package wherever one is named.</p><table "
		"class=\"history\"><caption>Strips</caption><tbody>\n");
	add_strip(h, "every headline", all);
	add_strip(h, "all well", fine);
	add_strip(h, "in part known", part);
	add_strip(h, "never looked", never);
	html_raw_literal(h, "</tbody></table></section>\n");
}

static struct build_view sample(const char *state, const char *job_state, enum stage last)
{
	struct build_view b = {.job_state = job_state, .state = state, .stage = stage_name(last)};
	bool fails = state != NULL && strcmp(state, "fail") == 0;
	for (size_t i = 0; i < STAGE_COUNT; i++) {
		b.stages[i].status = i < (size_t)last ? STAGE_STATUS_PASS : STAGE_STATUS_NOT_RUN;
	}
	if (state != NULL) {
		b.stages[last].status = fails ? STAGE_STATUS_FAIL : STAGE_STATUS_PASS;
		b.stage = fails ? b.stage : NULL;
		b.reason = fails ? "missing_c_library" : NULL;
	}
	return b;
}

static void add_build(struct html *h, const char *label, const struct build_view *b)
{
	html_raw_literal(h, "<tr><th scope=\"row\">");
	html_cstr(h, label);
	html_raw_literal(h, "</th><td>");
	html_stages(h, b);
	html_raw_literal(h, "</td><td>");
	html_result(h, b);
	html_raw_literal(h, "</td></tr>\n");
}

static void add_builds(struct html *h)
{
	struct build_view proven = sample("pass", "done", STAGE_TEST);
	proven.proven = true;
	const struct build_view unproven = sample("pass", "done", STAGE_INSPECT);
	const struct build_view failed = sample("fail", "done", STAGE_BUILD);
	const struct build_view running = sample(NULL, "leased", STAGE_PREPARE);
	struct build_view waiting = sample(NULL, "queued", STAGE_FETCH);
	waiting.stage = NULL;
	html_raw_literal(h,
		"<section><h2>Builds</h2>\n<table class=\"flow builds\"><caption>Stages and results"
		"</caption><thead><tr><th scope=\"col\">State</th><th scope=\"col\">Stages</th><th "
		"scope=\"col\">Result</th></tr></thead><tbody>\n");
	add_build(h, "proven", &proven);
	add_build(h, "unproven", &unproven);
	add_build(h, "failed", &failed);
	add_build(h, "running", &running);
	add_build(h, "waiting", &waiting);
	html_raw_literal(h, "</tbody></table></section>\n");
}

static void add_states(struct html *h)
{
	html_raw_literal(h,
		"<section><h2>Empty, partial, failed</h2>\n"
		"<p class=\"empty\">Nothing is here, and this sentence says why and what would change "
		"it.</p>\n"
		"<p class=\"notice\">The last scan of its page failed, older facts stand: a timeout after "
		"30 s</p>\n"
		"<p class=\"evidence\"><code>src/core/atm.c:12:3: error: use of undeclared identifier "
		"'_InterlockedExchange'</code></p>\n");
	html_command(h, "wheelfarm show markupsafe --target win_arm64");
	html_raw_literal(h, "</section>\n");
}

/* Roots with many and with none to count, a long name, a reason. */
static void add_graph(struct html *h)
{
	static const char *const reason = "missing_c_library";
	struct waiting_package waiting[5];
	struct cause_package failed = {.name = names[0], .downloads = 3000000};
	for (size_t i = 0; i < 5; i++) {
		waiting[i] = (struct waiting_package){.name = names[i % NAMES], .downloads = -1};
	}
	struct blocking_root roots[] = {
		{.name = names[0],
			.headline = headline_word(HEADLINE_VANISHED),
			.waits = 12,
			.downloads = 9000000,
			.waiting = waiting,
			.waiting_count = 5},
		{.name = names[1],
			.headline = headline_word(HEADLINE_UNKNOWN),
			.waits = 1,
			.downloads = -1,
			.waiting = waiting,
			.waiting_count = 1},
	};
	struct cause cause = {
		.reason = reason, .downloads = 3000000, .packages = &failed, .package_count = 1};
	const struct causes_view v = {
		.roots = roots, .root_count = 2, .causes = &cause, .cause_count = 1};
	html_raw_literal(h, "<section><h2>Who holds whom back</h2>\n");
	html_graph(h, &v);
	html_raw_literal(h, "</section>\n");
}

static void add_names(struct html *h)
{
	html_raw_literal(h, "<section><h2>Names as they come</h2>\n<ul>\n");
	for (size_t i = 0; i < NAMES; i++) {
		html_raw_literal(h, "<li><bdi>");
		html_cstr(h, names[i]);
		html_raw_literal(h, "</bdi></li>\n");
	}
	html_raw_literal(h, "</ul></section>\n");
}

static void add_lines(struct html *h)
{
	static const struct trend_point points[] = {{.at = 1, .packages = 100, .ready = 71},
		{.at = 2, .packages = 100, .ready = 74}, {.at = 3, .packages = 100, .ready = 73},
		{.at = 4, .packages = 100, .ready = 80}, {.at = 5, .packages = 100, .ready = 88}};
	html_raw_literal(h, "<section><h2>Lines</h2>\n<p>Five nights</p>");
	html_spark(h, points, 5);
	html_raw_literal(h, "<p>One night</p>");
	html_spark(h, points, 1);
	html_raw_literal(h, "<p>None</p>");
	html_spark(h, points, 0);
	html_raw_literal(h, "</section>\n");
}

void html_page_style(struct html *h, const struct page *p)
{
	const struct page_frame frame = {.title = "Signs and style", .section = PAGE_NONE};
	page_begin(h, p, &frame);
	html_raw_literal(h,
		"<h1>Signs and style</h1>\n<p class=\"lede\">Every part of these pages in every state. "
		"Nothing on this page is a fact.</p>\n");
	add_headlines(h);
	add_strips(h);
	add_lines(h);
	html_style_package(h, p, names, NAMES);
	add_builds(h);
	html_style_log(h);
	add_states(h);
	add_graph(h);
	html_style_agents(h);
	html_style_forms(h, names, NAMES);
	add_names(h);
	html_legend(h);
	html_raw_literal(h, "<p>Of others: uPlot draws the lines, the typeface is Inter. <a");
	html_attr(h, "href", p->assets->licences);
	html_raw_literal(h, ">Their licences</a></p>\n");
	page_end(h, p, &frame);
}
