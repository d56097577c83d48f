#include "web/pages.h"

#include "core/farm_protocol/reason.h"
#include "core/pep/name.h"
#include "coordinator/store/headline.h"
#include "reports/atom.h"
#include "reports/badge.h"
#include "reports/csv_page.h"
#include "reports/json_page.h"
#include "web/openapi.h"
#include "web/page_render.h"
#include "web/server_parts.h"

#include <stdio.h>
#include <string.h>

enum { PAGE_ROWS = 100, TABLE_ROWS = 500, NAME_LIMIT = 256 };

/* Writers for the form asked for; what they wrote is in r->reply.body. */
static struct html html_of(struct request *r)
{
	return (struct html){.out = &r->reply.body};
}

static struct csv csv_of(struct request *r)
{
	return (struct csv){.out = &r->reply.body};
}

static const char *not_empty(const char *text_or_null)
{
	return text_or_null != NULL && text_or_null[0] != '\0' ? text_or_null : NULL;
}

/* --- overview --- */

int page_overview(struct request *r, struct store *s, struct err *e)
{
	struct overview_view v = {0};
	struct json_writer w;
	struct csv c = csv_of(r);
	struct html h = html_of(r);
	const struct page page = page_of(r);
	int code = store_overview_view(s, &v, e);
	if (code == 0 && r->form == ROUTE_JSON) {
		json_writer_init(&w, &r->reply.body, true);
		json_page_overview(&v, &w);
		json_writer_finish(&w);
	} else if (code == 0 && r->form == ROUTE_CSV) {
		csv_page_overview(&v, &c);
	} else if (code == 0) {
		html_page_overview(&h, &page, &v);
		code = html_end(&h, e);
	}
	overview_view_finish(&v);
	return code;
}

/* --- packages --- */

/* As names are stored (PEP 503), so that "Foo_Bar" finds foo-bar. */
static int read_search(struct request *r, struct str *out, struct err *e)
{
	struct str asked = str_from(request_query(r, "q"));
	struct buf text = {0};
	if (!request_query_fits(r, "q", OPENAPI_SEARCH_LENGTH)) {
		return err_set(e, ERR_INVALID, "q: longer than any name");
	}
	name_normalise(str_trim(asked), &text);
	*out = (struct str){arena_copy(&r->arena, text.p, text.n), text.n};
	buf_finish(&text);
	return 0;
}

static bool is_owner(const char *word)
{
	int i = REASON_PACKAGE;
	while (i <= REASON_NOBODY && strcmp(reason_owner_name((enum reason_owner)i), word) != 0) {
		i++;
	}
	return i <= REASON_NOBODY;
}

static int check_query(const struct package_query *q, const char *sort, struct err *e)
{
	enum headline headline;
	enum reason reason;
	if (q->headline != NULL && strcmp(q->headline, "not-ready") != 0 &&
		!headline_find(str_from(q->headline), &headline)) {
		return err_set(e, ERR_INVALID, "state: there is no headline of that name");
	}
	if (q->reason != NULL && !reason_find(str_from(q->reason), &reason)) {
		return err_set(e, ERR_INVALID, "reason: there is no reason of that code");
	}
	if (q->owner != NULL && !is_owner(q->owner)) {
		return err_set(
			e, ERR_INVALID, "owner: package, toolchain, dependency, recipe, farm or nobody");
	}
	if (sort != NULL && strcmp(sort, "name") != 0 && strcmp(sort, "rank") != 0) {
		return err_set(e, ERR_INVALID, "sort: either rank or name");
	}
	return 0;
}

static int read_query(struct request *r, struct package_query *q, struct err *e)
{
	const char *sort = not_empty(request_query(r, "sort"));
	*q = (struct package_query){
		.target = not_empty(request_query(r, "target")),
		.headline = not_empty(request_query(r, "state")),
		.reason = not_empty(request_query(r, "reason")),
		.owner = not_empty(request_query(r, "owner")),
		.sort = sort != NULL && strcmp(sort, "name") == 0 ? PACKAGE_SORT_NAME : PACKAGE_SORT_RANK,
		.limit = r->form == ROUTE_CSV ? TABLE_ROWS : PAGE_ROWS,
	};
	if (!request_query_int(r, "offset", &q->offset) || q->offset < 0 ||
		q->offset > OPENAPI_OFFSET_MOST) {
		return err_set(e, ERR_INVALID, "offset: a whole number from 0 on");
	}
	int code = read_search(r, &q->search, e);
	return code == 0 ? check_query(q, sort, e) : code;
}

int page_packages(struct request *r, struct store *s, struct err *e)
{
	struct package_query q;
	struct packages_view v = {0};
	struct json_writer w;
	struct csv c = csv_of(r);
	struct html h = html_of(r);
	const struct page page = page_of(r);
	int code = read_query(r, &q, e);
	if (code == 0) {
		code = store_packages_view(s, &q, &v, e);
	}
	if (code == 0 && r->form == ROUTE_JSON) {
		json_writer_init(&w, &r->reply.body, true);
		json_page_packages(&q, &v, &w);
		json_writer_finish(&w);
	} else if (code == 0 && r->form == ROUTE_CSV) {
		csv_page_packages(&v, &c);
	} else if (code == 0) {
		html_page_packages(&h, &page, &q, &v);
		code = html_end(&h, e);
	}
	packages_view_finish(&v);
	return code;
}

int page_search(struct request *r, struct store *s, struct err *e)
{
	struct packages_view v = {0};
	struct str part = {0};
	int code = read_search(r, &part, e);
	/* Where nothing is typed yet, nothing is found. */
	code = code == 0 && part.n != 0 ? store_search_view(s, part, &v, e) : code;
	if (code == 0) {
		struct json_writer w;
		json_writer_init(&w, &r->reply.body, false);
		json_page_search(part, &v, &w);
		json_writer_finish(&w);
	}
	packages_view_finish(&v);
	return code;
}

/* --- package --- */

/* True if the name is as names are stored; else the answer is filled in. */
static bool is_normal(struct request *r, const char *kind, const char *rest)
{
	struct str asked = str_from(r->argument);
	char name[NAME_LIMIT];
	if (!name_is_valid(asked) || !name_normalise_to(asked, name, sizeof(name))) {
		request_error(r, MHD_HTTP_NOT_FOUND, "That is not a name that a package can have.");
		return false;
	}
	if (!str_is(asked, name)) {
		r->reply.status = MHD_HTTP_MOVED_PERMANENTLY;
		snprintf(r->reply.location, sizeof(r->reply.location), "/%s/%s%s%s", kind, name, rest,
			route_ending((enum route_form)r->form));
		return false;
	}
	return true;
}

static int write_feed(
	struct request *r, struct store *s, struct str package, struct str target, struct err *e)
{
	struct feed_view v = {0};
	int code = store_feed_view(s, package, target, &v, e);
	if (code == 0) {
		atom_feed(&r->reply.body, r->server->site, r->path, &v);
	}
	feed_view_finish(&v);
	return code;
}

int page_package(struct request *r, struct store *s, struct err *e)
{
	struct package_view v = {0};
	struct json_writer w;
	struct csv c = csv_of(r);
	struct html h = html_of(r);
	const struct page page = page_of(r);
	if (!is_normal(r, "package", "")) {
		return 0;
	}
	if (r->form == ROUTE_ATOM) {
		return write_feed(r, s, str_from(r->argument), STR(""), e);
	}
	int code = store_package_view(s, str_from(r->argument), &v, e);
	if (code == 0 && r->form == ROUTE_JSON) {
		json_writer_init(&w, &r->reply.body, true);
		report_package_json(&v, NULL, &w);
		json_writer_finish(&w);
	} else if (code == 0 && r->form == ROUTE_CSV) {
		csv_page_package(&v, &c);
	} else if (code == 0) {
		html_page_package(&h, &page, &v);
		code = html_end(&h, e);
	}
	package_view_finish(&v);
	return code;
}

static int write_badge(struct request *r, const struct package_view *v, struct err *e)
{
	struct json_writer w;
	const struct target_view *t = badge_target(v, str_from(r->second), r->server->python);
	if (t == NULL) {
		return err_set(
			e, ERR_NOT_FOUND, "No such target: its whole name, or linux, musl or windows.");
	}
	if (r->form == ROUTE_JSON) {
		json_writer_init(&w, &r->reply.body, true);
		badge_json(&w, t);
		json_writer_finish(&w);
	} else {
		badge_svg(&r->reply.body, t);
	}
	return 0;
}

int page_badge(struct request *r, struct store *s, struct err *e)
{
	struct package_view v = {0};
	char rest[NAME_LIMIT];
	/* Only a plain word is put back into an address. */
	snprintf(rest, sizeof(rest), "/%s", strchr(r->second, '%') == NULL ? r->second : "");
	if (!is_normal(r, "badge", rest)) {
		return 0;
	}
	int code = store_package_standing(s, str_from(r->argument), &v, e);
	if (code == 0) {
		code = write_badge(r, &v, e);
	}
	package_view_finish(&v);
	return code;
}

/* --- changes --- */

int page_changes(struct request *r, struct store *s, struct err *e)
{
	struct changes_view v = {0};
	struct json_writer w;
	struct csv c = csv_of(r);
	struct html h = html_of(r);
	const struct page page = page_of(r);
	const struct changes_query q = {
		.since = str_from(request_query(r, "since")),
		.until = str_from(request_query(r, "until")),
		.target = not_empty(request_query(r, "target")),
	};
	int code = store_changes_view(s, &q, &v, e);
	if (code == 0 && r->form == ROUTE_JSON) {
		json_writer_init(&w, &r->reply.body, true);
		json_page_changes(&v, &w);
		json_writer_finish(&w);
	} else if (code == 0 && r->form == ROUTE_CSV) {
		csv_page_changes(&v, &c);
	} else if (code == 0) {
		html_page_changes(&h, &page, &v);
		code = html_end(&h, e);
	}
	changes_view_finish(&v);
	return code;
}

int page_feed(struct request *r, struct store *s, struct err *e)
{
	return write_feed(r, s, STR(""), str_from(r->argument), e);
}

/* --- the rest --- */

int page_sitemap(struct request *r, struct store *s, struct err *e)
{
	struct names_view v = {0};
	int code = store_names_view(s, &v, e);
	if (code == 0) {
		sitemap(&r->reply.body, r->server->site, "", &v);
	}
	names_view_finish(&v);
	return code;
}

int page_style(struct request *r, struct store *s, struct err *e)
{
	struct html h = html_of(r);
	const struct page page = page_of(r);
	html_page_style(&h, &page);
	return html_end(&h, e);
}
