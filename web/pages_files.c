#include "web/pages.h"

#include "web/assets.h"
#include "web/routes.h"
#include "web/server_parts.h"

static void reply_asset(struct request *r, const struct asset *a)
{
	r->reply.type = a->type;
	r->reply.cache = REPLY_FOREVER;
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
	reply_asset(r, a);
}

void page_icon(struct request *r)
{
	const struct asset *a = asset_find(str_from(asset_addresses.icon));
	r->reply.type = a->type;
	r->reply.cache = REPLY_REVALIDATE;
	buf_add(&r->reply.body, (const char *)a->plain, a->plain_size);
	reply_pack(&r->reply, r->if_none_match, r->accepts_gzip);
	request_reply(r);
}

/* Pages change nightly, and each of them is reached from the site map. */
void page_robots(struct request *r)
{
	r->reply.type = route_type(ROUTE_TEXT);
	r->reply.cache = REPLY_REVALIDATE;
	buf_printf(&r->reply.body,
		"User-agent: *\nDisallow: /api/\nDisallow: /packages?\nDisallow: /changes?\n"
		"Sitemap: %s/sitemap.xml\n",
		r->server->site);
	reply_pack(&r->reply, r->if_none_match, r->accepts_gzip);
	request_reply(r);
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
