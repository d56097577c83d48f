#include "core/farm_protocol/reason.h"
#include "reports/advice.h"
#include "reports/atom.h"
#include "reports/badge.h"
#include "reports/csv_page.h"
#include "reports/start_list.h"
#include "reports/static_links.h"
#include "views.h"
#include "web/openapi.h"
#include "web/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void assert_has(const struct buf *text, const char *part)
{
	if (strstr(text->p, part) == NULL) {
		fail_msg("'%s' lacks: %s", text->p, part);
	}
}

static void test_csv_fields(void **state)
{
	static const struct {
		const char *text, *field;
	} rows[] = {
		{"plain", "plain"},
		{"a,b", "\"a,b\""},
		{"say \"x\"", "\"say \"\"x\"\"\""},
		{"=1+1", "'=1+1"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"-5", "-5"},
		{"-c file", "'-c file"},
		{"two\nlines", "two lines"},
		{"\xFF", "\xEF\xBF\xBD"},
		{NULL, ""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf out = {0};
		struct csv c = {.out = &out};
		csv_text(&c, rows[i].text);
		csv_int(&c, 7);
		csv_end(&c);
		struct buf wanted = {0};
		buf_printf(&wanted, "%s,7\r\n", rows[i].field);
		assert_string_equal(out.p, wanted.p);
		buf_finish(&wanted);
		buf_finish(&out);
	}
}

static void test_threads_are_links(void **state)
{
	struct buf out = {0};
	struct html h = {.out = &out};
	advice_html(&h, advice_find("missing_c_library"));
	assert_has(&out, "href=\"https://github.com/psycopg/psycopg/issues/1087\"");
	buf_finish(&out);
}

static void test_every_reason_and_headline_has_advice(void **state)
{
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		if (advice_find(reason_code((enum reason)i)) == NULL) {
			fail_msg("reports/advice.toml: no row for %s", reason_code((enum reason)i));
		}
	}
	for (int i = 0; i < HEADLINE_COUNT; i++) {
		bool fine = i == HEADLINE_READY || i == HEADLINE_NOT_APPLICABLE;
		assert_int_equal(advice_find(headline_word((enum headline)i)) == NULL, fine);
	}
	for (size_t i = 0; i < advice_count; i++) {
		enum reason r;
		enum headline h;
		struct str code = str_from(advice_rows[i].code);
		assert_true(reason_find(code, &r) || headline_find(code, &h));
	}
}

static void test_badge(void **state)
{
	struct package_view v;
	struct buf svg = {0};
	views_package(&v);
	const struct target_view *t = badge_target(&v, STR("windows"), "cp313");
	assert_non_null(t);
	assert_string_equal(t->target, "cp313-win_arm64");
	assert_null(badge_target(&v, STR("amiga"), "cp313"));
	badge_svg(&svg, t);
	assert_has(&svg, "vanished after 46.0.3");
	assert_has(&svg, "<svg xmlns=");
	arena_finish(&v.arena);
	buf_finish(&svg);
}

static void test_feed_and_sitemap(void **state)
{
	const char *targets[] = {"cp313-win_arm64", "cp314-win_arm64"};
	struct store_change change = {
		.kind = CHANGE_VANISHED,
		.package = "a&b",
		.at = VIEWS_NOW,
		.targets = targets,
		.target_count = 2,
		.was = HEADLINE_READY,
		.became = HEADLINE_VANISHED,
		.version = "1\x01<2>",
	};
	const struct feed_view v = {.changes = &change, .change_count = 1};
	struct name_view name = {.name = "a&b", .scanned = VIEWS_NOW};
	const struct names_view names = {.names = &name, .count = 1};
	struct buf out = {0};
	atom_feed(&out, "http://farm.example", "/feed.atom", &v);
	assert_has(&out, "<id>http://farm.example/feed.atom</id>");
	assert_has(&out, "a&amp;b vanished on cp313-win_arm64 and 1 more");
	assert_has(&out, "href=\"http://farm.example/package/a%26b\"");
	assert_has(&out, "&lt;2&gt;");
	assert_null(strchr(out.p, 1));
	buf_clear(&out);
	sitemap(&out, "http://farm.example", "", &names);
	assert_has(&out, "<loc>http://farm.example/package/a%26b</loc><lastmod>2026-11-22T23:58:00Z");
	buf_finish(&out);
}

static void test_easiest_first(void **state)
{
	struct package_row rows[] = {
		{.name = "hard", .headline = "missing", .reason = "missing_c_library"},
		{.name = "waits", .headline = "blocked"},
		{.name = "untried", .headline = "missing"},
		{.name = "small", .headline = "missing", .reason = "x86_flags"},
		{.name = "fine", .headline = "ready"},
		{.name = "ours", .headline = "unknown", .reason = "network"},
		{.name = "gone", .headline = "vanished"},
	};
	const struct packages_view v = {.rows = rows, .row_count = sizeof(rows) / sizeof(*rows)};
	struct start_item items[7];
	static const char *const wanted[] = {"gone", "small", "untried", "hard"};
	assert_int_equal(start_list(&v, items), 4);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(items[i].row->name, wanted[i]);
	}
}

static void test_addresses_as_files(void **state)
{
	static const struct {
		const char *address, *file;
	} rows[] = {
		{"/", "index.html"},
		{"/package/a-b", "package/a-b.html"},
		{"/package/a-b.json", "package/a-b.json"},
		{"/job/12", "job/12.html"},
		{"/job/12#L7", "job/12.html#L7"},
		{"/job/12/log", "job/12.log.txt"},
		{"/job/12/spec", "job/12.spec.json"},
		{"/packages", "packages.html"},
		{"/packages?target=T&amp;state=missing&amp;q=&amp;offset=0", "packages-T-missing.html"},
		{"/packages?target=T&state=missing&offset=200", "packages-T-missing-200.html"},
		{"/packages?target=T", "packages.html"},
		{"/packages?target=T&amp;state=ready", "packages.html"},
		{"/changes.json?since=&amp;until=", "changes.json"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf out = {0};
		static_file(&out, str_from(rows[i].address));
		assert_string_equal(out.p, rows[i].file);
		buf_finish(&out);
	}
	struct buf out = {0};
	static_links(&out,
		STR("<a class=\"x\" href=\"/package/a\">=&quot;/x</a><a href=\"https://x.example/\"><img "
			"src=\"/badge/a/musl.svg\" alt=\"/\"><p title=\"/x\"><a href=\"#log\">"),
		1);
	assert_string_equal(out.p,
		"<a class=\"x\" href=\"../package/a.html\">=&quot;/x</a><a "
		"href=\"https://x.example/\"><img "
		"src=\"../badge/a/musl.svg\" alt=\"/\"><p title=\"/x\"><a href=\"#log\">");
	buf_finish(&out);
}

/* Each route stands in the description with its methods, and nothing stands there twice. */
static void test_description_is_the_table(void **state)
{
	struct buf out = {0};
	struct json_writer w;
	json_writer_init(&w, &out, true);
	openapi_write(&w);
	json_writer_finish(&w);
	size_t paths = 0, told = 0;
	for (size_t i = 0; i < route_count; i++) {
		assert_non_null(routes[i].summary);
		assert_true((routes[i].handle != NULL) || (routes[i].read != NULL));
		assert_has(&out, routes[i].summary);
		for (unsigned form = 1; form <= ROUTE_DATA; form <<= 1) {
			paths += (routes[i].forms & form) != 0 ? 1 : 0;
		}
	}
	for (const char *at = out.p; (at = strstr(at, "\"responses\"")) != NULL; at++) {
		told++;
	}
	assert_int_equal(told, paths);
	assert_has(&out, "\"/package/{name}.atom\"");
	assert_has(&out, "\"/badge/{name}/{target}.svg\"");
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv_fields),
		cmocka_unit_test(test_threads_are_links),
		cmocka_unit_test(test_every_reason_and_headline_has_advice),
		cmocka_unit_test(test_badge),
		cmocka_unit_test(test_feed_and_sitemap),
		cmocka_unit_test(test_easiest_first),
		cmocka_unit_test(test_addresses_as_files),
		cmocka_unit_test(test_description_is_the_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
