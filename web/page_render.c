#include "web/page_render.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "web/assets.h"
#include "web/routes.h"
#include "web/server_parts.h"

struct page page_of(const struct request *r)
{
	return (struct page){
		.assets = &asset_addresses,
		.now = clock_wall_ms(),
		.base = r->server->site,
		.python = r->server->python,
	};
}

/* What makes an answer this one: its address, form, and whether it is packed. */
static void add_key(struct buf *out, const struct request *r)
{
	buf_printf(out, "%d %d %s", r->form, r->accepts_gzip, r->path);
	for (size_t i = 0; i < r->query_count; i++) {
		buf_printf(out, "&%s=%s", r->query[i].name, r->query[i].value);
	}
}

static void render(struct request *r)
{
	struct err e = {0};
	struct store *s;
	r->reply.type = route_type((enum route_form)r->form);
	int code = readers_take(&r->server->readers, &s, &e);
	if (code == 0) {
		code = r->route->read(r, s, &e);
		readers_give(&r->server->readers, s);
	}
	if (code == ERR_NOT_FOUND) {
		request_error(r, MHD_HTTP_NOT_FOUND, e.text);
	} else if (code == ERR_INVALID) {
		request_error(r, MHD_HTTP_BAD_REQUEST, e.text);
	} else if (code != 0) {
		/* What the database said in anger is for the log, not for the public. */
		log_error("web", "%s: %s", r->path, e.text);
		request_error(r, MHD_HTTP_INTERNAL_SERVER_ERROR,
			"The facts cannot be read just now; the log says why.");
	}
	reply_pack(&r->reply, NULL, r->accepts_gzip);
}

void page_render(struct request *r)
{
	struct page_cache *cache = &r->server->pages;
	bool keep = r->route->access == ROUTE_PUBLIC;
	struct buf key = {0};
	add_key(&key, r);
	if (!keep || !page_cache_get(cache, key.p, clock_steady_ms(), &r->reply)) {
		render(r);
		if (keep) {
			page_cache_put(cache, key.p, clock_steady_ms(), &r->reply);
		}
	}
	buf_finish(&key);
	if (r->reply.status == MHD_HTTP_OK && r->reply.etag[0] != '\0') {
		(void)reply_not_modified(&r->reply, r->if_none_match);
	}
}
