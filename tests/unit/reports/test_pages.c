#include "golden.h"
#include "reports/control.h"
#include "reports/disagree.h"
#include "reports/json_page.h"
#include "reports/page.h"
#include "views.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static const struct page_assets test_assets = {"/style.css", "/script.js", "/icon.svg"};
static const struct page test_page = {
	.assets = &test_assets, .now = VIEWS_NOW, .base = "http://farm.example", .python = "cp313"};

static void assert_has(const struct buf *page, const char *text)
{
	if (strstr(page->p, text) == NULL) {
		fail_msg("the page lacks: %s", text);
	}
}

static void assert_lacks(const struct buf *page, const char *text)
{
	const char *at = strstr(page->p, text);
	if (at != NULL) {
		fail_msg("the page has: %.80s", at);
	}
}

/* Nothing of a page is a control character, and each tag that is opened is closed. */
static void assert_well_formed(const struct buf *page)
{
	static const char *const tags[] = {"table", "section", "article", "details", "ol", "ul", "li",
		"tr", "td", "th", "p", "a", "span", "main", "div", "dl", "dd", "dt", "small", "code",
		"form"};
	for (size_t i = 0; i < page->n; i++) {
		unsigned char c = (unsigned char)page->p[i];
		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) {
			fail_msg("byte %zu of the page is 0x%02x", i, c);
		}
	}
	assert_true(str_is_utf8(buf_view(page)));
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		char open[16];
		char close[16];
		int n = snprintf(open, sizeof(open), "<%s", tags[i]);
		snprintf(close, sizeof(close), "</%s>", tags[i]);
		long balance = 0;
		for (const char *at = page->p; (at = strstr(at, open)) != NULL; at += n) {
			balance += at[n] == ' ' || at[n] == '>';
		}
		for (const char *at = page->p; (at = strstr(at, close)) != NULL; at += n) {
			balance--;
		}
		if (balance != 0) {
			fail_msg("<%s>: %ld more opened than closed", tags[i], balance);
		}
	}
}

static void render_package(struct buf *out, void (*fill)(struct package_view *))
{
	struct package_view v;
	struct html h = {.out = out};
	fill(&v);
	html_page_package(&h, &test_page, &v);
	assert_int_equal(html_end(&h, NULL), 0);
	arena_finish(&v.arena);
	assert_well_formed(out);
}

static void render_job(struct buf *out, void (*fill)(struct job_view *, struct buf *))
{
	struct job_view v;
	struct buf text = {0};
	struct html h = {.out = out};
	fill(&v, &text);
	const struct job_log log = {.text = buf_view(&text), .size = (int64_t)text.n};
	html_page_job(&h, &test_page, &v, &log);
	assert_int_equal(html_end(&h, NULL), 0);
	arena_finish(&v.arena);
	buf_finish(&text);
	assert_well_formed(out);
}

static void test_package_tells_headline_since_and_evidence(void **state)
{
	struct buf page = {0};
	render_package(&page, views_package);
	assert_has(&page, "data-target=\"cp313-win_arm64\" data-headline=\"vanished\"");
	assert_has(&page, "data-target=\"cp313-manylinux_2_28_aarch64\" data-headline=\"ready\"");
	assert_has(&page, "<b>46.0.3</b>; newer releases have none");
	assert_has(&page, "its import has not run there yet");
	assert_has(&page, "its import passed (qemu)");
	assert_has(&page, "href=\"/package/cryptography.json\"");
	assert_has(&page, "46.0.0 to 46.0.3, 4 of 16 releases");
	assert_has(&page, "missing_c_library");
	assert_has(&page, "This is what to do");
	assert_has(&page, "Met by cryptography, bcrypt, pynacl and faiss-wheels.");
	assert_has(&page, "](http://farm.example/badge/cryptography/windows.svg)");
	buf_finish(&page);
}

static void test_hostile_package_is_text(void **state)
{
	struct buf page = {0};
	render_package(&page, views_package_hostile);
	assert_lacks(&page, "<script>");
	assert_lacks(&page, "<script src");
	assert_lacks(&page, "<img src=x");
	assert_lacks(&page, "onmouseover=\"x");
	assert_lacks(&page, "<i>archived");
	assert_has(&page, "&lt;script&gt;alert(3)");
	assert_has(&page, "/package/%3Cscript%3Ealert%281%29%3C%2Fscript%3E.json");
	buf_finish(&page);
}

static void test_never_scanned_is_not_fine(void **state)
{
	struct buf page = {0};
	render_package(&page, views_package_never_scanned);
	assert_has(&page, "never read");
	assert_has(&page, "Nobody has looked yet.");
	assert_lacks(&page, "ready</span></p>");
	buf_finish(&page);
}

static void test_failed_job_opens_at_the_evidence(void **state)
{
	struct buf page = {0};
	render_job(&page, views_job_failed);
	assert_has(&page, "<details class=\"stage\" id=\"stage-build\" open>");
	assert_has(&page, "<details class=\"stage\" id=\"stage-fetch\">");
	assert_has(&page, "<li id=\"L695\" class=\"mark\">");
	assert_has(&page, "<a href=\"#L695\">line 695 of the log</a>");
	assert_has(&page, "&lt;script&gt;alert(&#39;log&#39;)");
	assert_lacks(&page, "<script>");
	assert_has(&page, "the line goes on for 3.0 KiB");
	assert_has(&page, "</a> left out here");
	assert_has(&page, "&lt;U+202E&gt;");
	assert_has(&page, "Whose it is: <b>the toolchain</b>");
	assert_true(page.n < 120000);
	buf_finish(&page);
}

static void test_job_that_passed(void **state)
{
	struct buf page = {0};
	render_job(&page, views_job_passed);
	assert_lacks(&page, " open>");
	assert_has(&page, "cryptography.hazmat.bindings._rust");
	assert_has(&page, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
	assert_has(&page, "3,412 passed, 0 failed");
	buf_finish(&page);
}

static void test_job_that_runs(void **state)
{
	struct buf page = {0};
	render_job(&page, views_job_running);
	assert_has(&page, "data-events=\"/job/24/events\"");
	assert_has(&page, "<li class=\"now\" title=\"running\">");
	buf_finish(&page);
}

static void test_packages(void **state)
{
	struct buf page = {0};
	struct html h = {.out = &page};
	struct packages_view v;
	const struct package_query q = {
		.headline = "not-ready", .search = STR("<a\">&"), .limit = 100, .offset = 100};
	views_packages(&v);
	html_page_packages(&h, &test_page, &q, &v);
	assert_well_formed(&page);
	assert_lacks(&page, "<a\">");
	assert_has(&page,
		"state=not-ready&amp;q=%3Ca%22%3E%26&amp;reason=&amp;owner=&amp;sort=rank&amp;offset=107");
	assert_has(
		&page, "aria-label=\"Windows: 1 builds here, 4 vanished, 2 missing, 1 not applicable");
	assert_has(&page, "101 to 107 of 1,095");
	arena_finish(&v.arena);
	buf_finish(&page);
}

static void test_no_package_fits(void **state)
{
	struct buf page = {0};
	struct html h = {.out = &page};
	const struct packages_view none = {0};
	const struct package_query q = {.search = STR("zzz"), .limit = 100};
	html_page_packages(&h, &test_page, &q, &none);
	assert_well_formed(&page);
	assert_has(&page, "No package here fits that.");
	buf_finish(&page);
}

static void test_overview(void **state)
{
	struct buf page = {0};
	struct html h = {.out = &page};
	struct overview_view v;
	views_overview(&v);
	html_page_overview(&h, &test_page, &v);
	assert_well_formed(&page);
	assert_has(&page, "91.0 %");
	assert_has(&page, "/packages?target=cp313-win_arm64&amp;state=vanished");
	assert_has(&page, "12 waiting, 2 running, 40 passed, 7 failed.");
	arena_finish(&v.arena);
	buf_finish(&page);
}

static void test_empty_database(void **state)
{
	struct buf page = {0};
	struct html h = {.out = &page};
	const struct overview_view v = {0};
	html_page_overview(&h, &test_page, &v);
	assert_well_formed(&page);
	assert_has(&page, "Nobody has looked yet");
	assert_lacks(&page, "100 %");
	buf_finish(&page);
}

static void test_error(void **state)
{
	struct buf page = {0};
	struct html h = {.out = &page};
	html_page_error(&h, &test_page, 404, "No <b>such</b> page.");
	assert_well_formed(&page);
	assert_has(&page, "No &lt;b&gt;such&lt;/b&gt; page.");
	buf_finish(&page);
}

static void test_json_of_a_package(void **state)
{
	struct buf text = {0};
	struct json_writer w;
	struct package_view v;
	views_package(&v);
	json_writer_init(&w, &text, true);
	report_package_json(&v, "cp313-musllinux_1_2_aarch64", &w);
	json_writer_finish(&w);
	golden_check("package.json", buf_view(&text));
	arena_finish(&v.arena);
	buf_finish(&text);
}

static void test_json_of_a_job(void **state)
{
	struct buf text = {0};
	struct buf log = {0};
	struct json_writer w;
	struct job_view v;
	views_job_passed(&v, &log);
	json_writer_init(&w, &text, true);
	json_page_job(&v, &w);
	json_writer_finish(&w);
	golden_check("job.json", buf_view(&text));
	v.spec = "{\"broken\": ";
	buf_clear(&text);
	json_writer_init(&w, &text, false);
	json_page_job(&v, &w);
	json_writer_finish(&w);
	assert_has(&text, "\"spec\":null");
	arena_finish(&v.arena);
	buf_finish(&text);
	buf_finish(&log);
}

static void test_who_disagrees(void **state)
{
	static const struct {
		bool looked;
		const char *wrong, *state, *owner;
		enum stage_status import;
		enum disagree found;
	} rows[] = {
		{true, "missing_export", "pass", NULL, STAGE_STATUS_PASS, DISAGREE_BYTES},
		{true, "missing_export", "fail", "package", STAGE_STATUS_PASS, DISAGREE_BYTES},
		{true, "missing_export", "fail", "package", STAGE_STATUS_FAIL, DISAGREE_NOT},
		{true, "missing_export", "fail", "package", STAGE_STATUS_NOT_RUN, DISAGREE_NOT},
		{true, NULL, "fail", "package", STAGE_STATUS_FAIL, DISAGREE_RUN},
		{true, NULL, "fail", "farm", STAGE_STATUS_FAIL, DISAGREE_NOT},
		{true, NULL, "fail", "package", STAGE_STATUS_NOT_RUN, DISAGREE_NOT},
		{true, NULL, "pass", NULL, STAGE_STATUS_PASS, DISAGREE_NOT},
		{false, NULL, "fail", "package", STAGE_STATUS_FAIL, DISAGREE_NOT},
		{true, "missing_export", NULL, NULL, STAGE_STATUS_PASS, DISAGREE_NOT},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct build_view run = {.state = rows[i].state, .owner = rows[i].owner};
		run.stages[STAGE_IMPORT].status = rows[i].import;
		assert_int_equal(disagree_of(rows[i].looked, rows[i].wrong, &run), rows[i].found);
	}
}

static void test_what_a_control_says(void **state)
{
	static const char linux_target[] = "cp313-manylinux_2_28_aarch64",
					  windows[] = "cp313-win_arm64";
	static const struct {
		const char *target, *stage, *owner;
		struct control_view control;
		const char *word;
	} rows[] = {
		{linux_target, "test", "package", {7, "pass", NULL, NULL}, "passes"},
		{linux_target, "test", "package", {7, "fail", "test", "package"}, "fails"},
		{linux_target, "test", "package", {7, "fail", "import", "package"}, "fails"},
		{linux_target, "import", "package", {7, "fail", "test", "package"}, "nothing"},
		{linux_target, "test", "package", {7, "fail", "build", "package"}, "nothing"},
		{linux_target, "test", "package", {7, "fail", "test", "farm"}, "nothing"},
		{linux_target, "test", "package", {7, NULL, NULL, NULL}, "waits"},
		{linux_target, "test", "package", {0}, "not_asked"},
		{linux_target, "build", "package", {0}, NULL},
		{linux_target, "test", "recipe", {0}, NULL},
		{windows, "test", "package", {0}, "none"},
		{windows, "import", "farm", {0}, NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct job_view v = {
			.build = {.kind = "build",
				.state = "fail",
				.target = rows[i].target,
				.stage = rows[i].stage,
				.owner = rows[i].owner},
			.control = rows[i].control,
		};
		const char *word = control_word(control_of_job(&v));
		assert_int_equal(word == NULL, rows[i].word == NULL);
		if (word != NULL) {
			assert_string_equal(word, rows[i].word);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_package_tells_headline_since_and_evidence),
		cmocka_unit_test(test_hostile_package_is_text),
		cmocka_unit_test(test_never_scanned_is_not_fine),
		cmocka_unit_test(test_failed_job_opens_at_the_evidence),
		cmocka_unit_test(test_job_that_passed),
		cmocka_unit_test(test_job_that_runs),
		cmocka_unit_test(test_packages),
		cmocka_unit_test(test_no_package_fits),
		cmocka_unit_test(test_overview),
		cmocka_unit_test(test_empty_database),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_json_of_a_package),
		cmocka_unit_test(test_json_of_a_job),
		cmocka_unit_test(test_who_disagrees),
		cmocka_unit_test(test_what_a_control_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
