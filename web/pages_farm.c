#include "web/pages.h"

#include "core/io/file.h"
#include "reports/csv_page.h"
#include "reports/json_page.h"
#include "web/page_render.h"
#include "web/server_parts.h"

enum { START_ROWS = 200 };

static const char *target_of(const struct request *r)
{
	const char *target = request_query(r, "target");
	return target != NULL && target[0] != '\0' ? target : NULL;
}

/* --- the farm --- */

static void add_disk(const struct request *r, struct farm_page *f)
{
	const char *database = r->server->readers.database;
	f->database_bytes = store_file_bytes(database);
	f->free_bytes = file_free_bytes(database);
}

/* What only the loop may ask the queue; kept with the request. */
static void add_queue(struct request *r, struct farm_page *f)
{
	struct queue_counts counts;
	if (r->server->queue == NULL) {
		return;
	}
	struct queue_outlook *all = arena_new(&r->arena, STORE_TARGETS * sizeof(*all));
	size_t n = queue_outlooks(r->server->queue, all, STORE_TARGETS);
	queue_counts(r->server->queue, &counts);
	f->serving = true;
	f->paused = counts.paused;
	f->outlooks = arena_new(&r->arena, (n + 1) * sizeof(*f->outlooks));
	for (size_t i = 0; i < n; i++) {
		f->outlooks[f->outlook_count++] = (struct farm_outlook){
			.target = arena_copy(&r->arena, all[i].name, str_from(all[i].name).n),
			.queued = (int64_t)all[i].queued,
			.leased = (int64_t)all[i].leased,
			.slots = (int64_t)all[i].slots,
			.eta_s = all[i].eta_s,
		};
	}
}

void page_farm_begin(struct request *r)
{
	struct farm_page *f = arena_new(&r->arena, sizeof(*f));
	add_queue(r, f);
	r->prepared = f;
	request_work(r, page_render);
}

int page_farm(struct request *r, struct store *s, struct err *e)
{
	struct farm_page *f = r->prepared;
	struct farm_view v = {0};
	struct json_writer w;
	struct csv c = {.out = &r->reply.body};
	struct html h = {.out = &r->reply.body};
	const struct page page = page_of(r);
	int code = store_farm_view(s, &v, e);
	add_disk(r, f);
	f->facts = &v;
	if (code == 0 && r->form == ROUTE_JSON) {
		json_writer_init(&w, &r->reply.body, true);
		json_page_farm(f, &w);
		json_writer_finish(&w);
	} else if (code == 0 && r->form == ROUTE_CSV) {
		csv_page_farm(&v, &c);
	} else if (code == 0) {
		html_page_farm(&h, &page, f);
		code = html_end(&h, e);
	}
	farm_view_finish(&v);
	return code;
}

/* --- what holds packages back --- */

int page_blockers(struct request *r, struct store *s, struct err *e)
{
	struct causes_view v = {0};
	struct json_writer w;
	struct csv c = {.out = &r->reply.body};
	struct html h = {.out = &r->reply.body};
	const struct page page = page_of(r);
	int code = store_causes_view(s, target_of(r), &v, e);
	if (code == 0 && r->form == ROUTE_JSON) {
		json_writer_init(&w, &r->reply.body, true);
		json_page_causes(&v, &w);
		json_writer_finish(&w);
	} else if (code == 0 && r->form == ROUTE_CSV) {
		csv_page_causes(&v, &c);
	} else if (code == 0) {
		html_page_causes(&h, &page, &v);
		code = html_end(&h, e);
	}
	causes_view_finish(&v);
	return code;
}

/* --- where to begin --- */

int page_start(struct request *r, struct store *s, struct err *e)
{
	struct packages_view v = {0};
	struct json_writer w;
	struct csv c = {.out = &r->reply.body};
	struct html h = {.out = &r->reply.body};
	const struct page page = page_of(r);
	const struct package_query q = {
		.target = target_of(r),
		.family = "windows", /* where most is left to do */
		.headline = "not-ready",
		.by_waits = true,
		.limit = START_ROWS,
	};
	int code = store_packages_view(s, &q, &v, e);
	if (code == 0 && r->form == ROUTE_JSON) {
		json_writer_init(&w, &r->reply.body, true);
		json_page_start(&v, &w);
		json_writer_finish(&w);
	} else if (code == 0 && r->form == ROUTE_CSV) {
		csv_page_start(&v, &c);
	} else if (code == 0) {
		html_page_start(&h, &page, &v);
		code = html_end(&h, e);
	}
	packages_view_finish(&v);
	return code;
}
