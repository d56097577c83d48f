#include "web/pages.h"

#include "core/pep/name.h"
#include "coordinator/store/headline.h"
#include "reports/json_page.h"
#include "web/assets.h"
#include "web/page_render.h"
#include "web/routes.h"
#include "web/server_parts.h"

#include <stdio.h>
#include <string.h>

enum { PAGE_ROWS = 100, SEARCH_LIMIT = 200, NAME_LIMIT = 256 };
#define OFFSET_LIMIT INT64_C(10000000)

/* --- overview --- */

static int write_overview(struct request *r, const struct overview_view *v, struct err *e)
{
	if (page_wants_json(r)) {
		struct json_writer w;
		json_writer_init(&w, &r->reply.body, true);
		json_page_overview(v, &w);
		json_writer_finish(&w);
		return 0;
	}
	struct html h = {.out = &r->reply.body};
	const struct page page = page_of(r);
	html_page_overview(&h, &page, v);
	return html_end(&h, e);
}

static int fill_overview(struct request *r, struct store *s, struct err *e)
{
	struct overview_view v = {0};
	int code = store_overview_view(s, &v, e);
	if (code == 0) {
		code = write_overview(r, &v, e);
	}
	overview_view_finish(&v);
	return code;
}

static void work_overview(struct request *r)
{
	page_render(r, fill_overview);
}

void page_overview(struct request *r)
{
	request_work(r, work_overview);
}

/* --- packages --- */

static const char *not_empty(const char *text_or_null)
{
	return text_or_null != NULL && text_or_null[0] != '\0' ? text_or_null : NULL;
}

/* As names are stored (PEP 503), so that "Foo_Bar" finds foo-bar. */
static struct str search_of(struct request *r)
{
	struct buf text = {0};
	name_normalise(str_trim(str_from(request_query(r, "q"))), &text);
	struct str search = {arena_copy(&r->arena, text.p, text.n), text.n};
	buf_finish(&text);
	return search;
}

static int read_query(struct request *r, struct package_query *q, struct err *e)
{
	enum headline ignored;
	const char *sort = not_empty(request_query(r, "sort"));
	*q = (struct package_query){
		.target = not_empty(request_query(r, "target")),
		.headline = not_empty(request_query(r, "state")),
		.search = search_of(r),
		.limit = PAGE_ROWS,
	};
	if (q->headline != NULL && strcmp(q->headline, "not-ready") != 0 &&
		!headline_find(str_from(q->headline), &ignored)) {
		return err_set(e, ERR_INVALID, "state: there is no headline of that name");
	}
	if (sort != NULL && strcmp(sort, "name") == 0) {
		q->sort = PACKAGE_SORT_NAME;
	} else if (sort != NULL && strcmp(sort, "rank") != 0) {
		return err_set(e, ERR_INVALID, "sort: either rank or name");
	}
	if (q->search.n > SEARCH_LIMIT) {
		return err_set(e, ERR_INVALID, "q: longer than any name");
	}
	if (!request_query_int(r, "offset", &q->offset) || q->offset < 0 || q->offset > OFFSET_LIMIT) {
		return err_set(e, ERR_INVALID, "offset: a whole number from 0 on");
	}
	return 0;
}

static int write_packages(
	struct request *r, const struct package_query *q, const struct packages_view *v, struct err *e)
{
	if (page_wants_json(r)) {
		struct json_writer w;
		json_writer_init(&w, &r->reply.body, true);
		json_page_packages(q, v, &w);
		json_writer_finish(&w);
		return 0;
	}
	struct html h = {.out = &r->reply.body};
	const struct page page = page_of(r);
	html_page_packages(&h, &page, q, v);
	return html_end(&h, e);
}

static int fill_packages(struct request *r, struct store *s, struct err *e)
{
	struct package_query q;
	struct packages_view v = {0};
	int code = read_query(r, &q, e);
	if (code == 0) {
		code = store_packages_view(s, &q, &v, e);
	}
	if (code == 0) {
		code = write_packages(r, &q, &v, e);
	}
	packages_view_finish(&v);
	return code;
}

static void work_packages(struct request *r)
{
	page_render(r, fill_packages);
}

void page_packages(struct request *r)
{
	request_work(r, work_packages);
}

/* --- package --- */

static int write_package(struct request *r, const struct package_view *v, struct err *e)
{
	if (page_wants_json(r)) {
		struct json_writer w;
		json_writer_init(&w, &r->reply.body, true);
		report_package_json(v, NULL, &w);
		json_writer_finish(&w);
		return 0;
	}
	struct html h = {.out = &r->reply.body};
	const struct page page = page_of(r);
	html_page_package(&h, &page, v);
	return html_end(&h, e);
}

static int fill_package(struct request *r, struct store *s, struct err *e)
{
	struct package_view v = {0};
	int code = store_package_view(s, str_from(r->argument), &v, e);
	if (code == 0) {
		code = write_package(r, &v, e);
	}
	package_view_finish(&v);
	return code;
}

static void work_package(struct request *r)
{
	page_render(r, fill_package);
}

void page_package(struct request *r)
{
	struct str asked = str_from(r->argument);
	char name[NAME_LIMIT];
	if (!name_is_valid(asked) || !name_normalise_to(asked, name, sizeof(name))) {
		request_error(r, MHD_HTTP_NOT_FOUND, "That is not a name that a package can have.");
		request_reply(r);
	} else if (!str_is(asked, name)) {
		r->reply.status = MHD_HTTP_MOVED_PERMANENTLY;
		snprintf(r->reply.location, sizeof(r->reply.location), "/package/%s%s", name,
			page_wants_json(r) ? ".json" : "");
		request_reply(r);
	} else {
		request_work(r, work_package);
	}
}

/* --- changes --- */

static int write_changes(struct request *r, const struct changes_view *v, struct err *e)
{
	if (page_wants_json(r)) {
		struct json_writer w;
		json_writer_init(&w, &r->reply.body, true);
		json_page_changes(v, &w);
		json_writer_finish(&w);
		return 0;
	}
	struct html h = {.out = &r->reply.body};
	const struct page page = page_of(r);
	html_page_changes(&h, &page, v);
	return html_end(&h, e);
}

static int fill_changes(struct request *r, struct store *s, struct err *e)
{
	struct changes_view v = {0};
	const struct changes_query q = {
		.since = str_from(request_query(r, "since")),
		.until = str_from(request_query(r, "until")),
		.target = not_empty(request_query(r, "target")),
	};
	int code = store_changes_view(s, &q, &v, e);
	if (code == 0) {
		code = write_changes(r, &v, e);
	}
	changes_view_finish(&v);
	return code;
}

static void work_changes(struct request *r)
{
	page_render(r, fill_changes);
}

void page_changes(struct request *r)
{
	request_work(r, work_changes);
}

/* --- files and small things --- */

static void reply_asset(struct request *r, const struct asset *a, enum reply_cache cache)
{
	r->reply.type = a->type;
	r->reply.cache = cache;
	r->reply.gzip = r->accepts_gzip;
	r->reply.fixed = r->accepts_gzip ? a->packed : a->plain;
	r->reply.fixed_size = r->accepts_gzip ? a->packed_size : a->plain_size;
	request_reply(r);
}

void page_asset(struct request *r)
{
	const struct asset *a = asset_find(str_from(r->path));
	if (a == NULL) {
		request_error(r, MHD_HTTP_NOT_FOUND, "There is no such file.");
		request_reply(r);
		return;
	}
	reply_asset(r, a, REPLY_FOREVER);
}

void page_icon(struct request *r)
{
	reply_asset(r, asset_find(str_from(asset_addresses.icon)), REPLY_REVALIDATE);
}

void page_health(struct request *r)
{
	r->reply.type = route_type(ROUTE_TEXT);
	r->reply.cache = REPLY_NEVER;
	struct queue_counts counts = {0};
	if (r->server->queue != NULL) {
		queue_counts(r->server->queue, &counts);
	}
	/* It serves all the same: a monitor that restarts it would free no space. */
	buf_add_text(&r->reply.body,
		counts.paused ? "ok, but no jobs are given: the disk is nearly full\n" : "ok\n");
	request_reply(r);
}
