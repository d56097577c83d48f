#include "core/base/mem.h"
#include "web/page_cache.h"
#include "web/reply.h"
#include "web/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static void test_gzip_is_asked_for(void **state)
{
	static const struct {
		const char *header;
		bool accepts;
	} rows[] = {
		{NULL, false},
		{"", false},
		{"gzip", true},
		{"deflate, gzip;q=1.0, *;q=0.5", true},
		{"br", false},
		{"gzip;q=0", false},
		{"gzip; q=0.000", false},
		{"gzip;q=0.5", true},
		{"GZIP", true},
		{"*", true},
		{"identity", false},
		{"xgzip", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(reply_accepts_gzip(rows[i].header), rows[i].accepts);
	}
}

static void reply_of(struct reply *r, const char *tags, bool gzip)
{
	reply_init(r);
	r->type = "text/html";
	for (int i = 0; i < 400; i++) {
		buf_add_text(&r->body, "same page ");
	}
	reply_pack(r, tags, gzip);
}

static void test_unchanged_page_is_304(void **state)
{
	struct reply first;
	struct reply again;
	reply_of(&first, NULL, true);
	assert_int_equal(first.status, 200);
	assert_true(first.gzip && first.body.n < 4000);
	reply_of(&again, first.etag, true);
	assert_int_equal(again.status, 304);
	assert_int_equal(again.body.n, 0);
	assert_false(again.gzip);
	reply_finish(&again);
	char list[100];
	snprintf(list, sizeof(list), "\"other\" , W/%s", first.etag);
	reply_of(&again, list, true);
	assert_int_equal(again.status, 304);
	reply_finish(&again);
	/* packed and plain are other bytes */
	reply_of(&again, first.etag, false);
	assert_int_equal(again.status, 200);
	assert_false(again.gzip);
	reply_finish(&again);
	reply_finish(&first);
}

static void long_reply(struct reply *r)
{
	reply_init(r);
	r->type = "text/html";
	for (int i = 0; i < 2000; i++) {
		buf_printf(&r->body, "<td>package-%d</td><td>%x</td>\n", i, i * 2654435761U);
	}
	reply_pack(r, NULL, true);
}

/* What lay in the memory that packing takes must not be seen: not in the size, and not in the tag. */
static void test_packing_is_the_same_on_any_memory(void **state)
{
	enum { SIZE = 200000, VALUES = 16 };
	struct reply first;
	long_reply(&first);
	for (uint16_t value = 0; value < VALUES; value++) {
		uint16_t *dirt = mem_new(SIZE, sizeof(*dirt));
		for (size_t i = 0; i < SIZE; i++) {
			dirt[i] = value;
		}
		free(dirt);
		struct reply again;
		long_reply(&again);
		assert_int_equal(again.body.n, first.body.n);
		assert_string_equal(again.etag, first.etag);
		reply_finish(&again);
	}
	reply_finish(&first);
}

static void test_routes(void **state)
{
	static const struct {
		const char *method, *path, *pattern, *argument, *allow;
		enum route_form form;
	} rows[] = {
		{"GET", "/", "/", "", NULL, ROUTE_HTML},
		{"HEAD", "/packages", "/packages", "", NULL, ROUTE_HTML},
		{"GET", "/package/foo.json", "/package/{}", "foo", NULL, ROUTE_JSON},
		{"GET", "/package/foo.atom", "/package/{}", "foo", NULL, ROUTE_ATOM},
		{"GET", "/packages.csv", "/packages", "", NULL, ROUTE_CSV},
		{"GET", "/badge/foo/win_arm64.svg", "/badge/{}/{}", "foo", NULL, ROUTE_SVG},
		{"GET", "/badge/foo.svg", NULL, NULL, NULL},
		{"GET", "/style.json", NULL, NULL, NULL},
		{"GET", "/package/zope.interface", "/package/{}", "zope.interface", NULL, ROUTE_HTML},
		{"GET", "/package/", NULL, NULL, NULL},
		{"GET", "/package/a/b", NULL, NULL, NULL},
		{"GET", "/job/12/log", "/job/{}/log", "12", NULL, ROUTE_TEXT},
		{"POST", "/job/12", NULL, NULL, "GET, HEAD"},
		{"GET", "/api/v1/agent/lease", NULL, NULL, "POST"},
		{"PUT", "/api/v1/agent/upload/ab", "/api/v1/agent/upload/{}", "ab", NULL, ROUTE_DATA},
		{"DELETE", "/api/v1/agent/upload/ab", NULL, NULL, "GET, HEAD, PUT"},
		{"GET", "/../etc/passwd", NULL, NULL, NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct route_match m = route_find(rows[i].method, str_from(rows[i].path));
		const struct route *r = m.route;
		if (rows[i].pattern == NULL) {
			assert_null(r);
			assert_true((m.allow == NULL) == (rows[i].allow == NULL));
			assert_true(m.allow == NULL || str_is(str_from(m.allow), rows[i].allow));
		} else {
			assert_non_null(r);
			assert_string_equal(r->pattern, rows[i].pattern);
			assert_true(str_is(m.arguments[0], rows[i].argument));
			assert_int_equal(m.form, rows[i].form);
		}
	}
}

static void test_every_api_route_needs_a_token(void **state)
{
	for (size_t i = 0; i < route_count; i++) {
		bool api = str_starts(str_from(routes[i].pattern), "/api/");
		assert_int_equal(routes[i].access != ROUTE_PUBLIC, api);
		assert_true(api || routes[i].methods == ROUTE_GET);
	}
}

static bool kept(struct page_cache *c, int64_t now, const char *body)
{
	struct reply out;
	bool found = page_cache_get(c, "/page", now, &out);
	if (found) {
		assert_string_equal(out.body.p, body);
		reply_finish(&out);
	}
	return found;
}

static void keep(struct page_cache *c, int64_t now, const char *body)
{
	struct reply r;
	reply_init(&r);
	buf_add_text(&r.body, body);
	page_cache_put(c, "/page", now, &r);
	reply_finish(&r);
}

static void test_one_renews_a_page_and_others_get_the_old_one(void **state)
{
	struct page_cache c;
	page_cache_init(&c);
	assert_false(kept(&c, 0, ""));
	assert_false(kept(&c, 0, "")); /* there is none yet: both render it */
	keep(&c, 10, "old");
	assert_true(kept(&c, 1009, "old"));
	assert_false(kept(&c, 1010, "old")); /* this one renders it anew */
	assert_true(kept(&c, 1010, "old"));
	assert_true(kept(&c, 2009, "old"));
	assert_false(kept(&c, 2010, "old")); /* he never came back */
	keep(&c, 2020, "new");
	assert_true(kept(&c, 3019, "new"));
	assert_false(kept(&c, 3020, "new"));
	page_cache_finish(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_renews_a_page_and_others_get_the_old_one),
		cmocka_unit_test(test_gzip_is_asked_for),
		cmocka_unit_test(test_unchanged_page_is_304),
		cmocka_unit_test(test_packing_is_the_same_on_any_memory),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_every_api_route_needs_a_token),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
