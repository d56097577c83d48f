#include "web/static_parts.h"

#include "coordinator/store/headline.h"
#include "reports/atom.h"
#include "web/assets.h"

#include <inttypes.h>

enum { ROWS = 100 };

/* One file of a list: the rows of `all` from q->offset on. */
static int write_part(struct hand *hand, const struct package_query *q,
	const struct packages_view *all, struct err *e)
{
	struct buf address = {0};
	struct html h = static_begin_html(hand);
	struct packages_view part = *all;
	size_t from = (size_t)q->offset < all->row_count ? (size_t)q->offset : all->row_count;
	part.rows += from;
	part.row_count = all->row_count - from < ROWS ? all->row_count - from : ROWS;
	buf_printf(&address, "/packages?target=%s&state=%s&offset=%" PRId64,
		q->headline != NULL ? q->target : "", q->headline != NULL ? q->headline : "", q->offset);
	html_page_packages(&h, &hand->site->page, q, &part);
	int code = html_end(&h, e);
	code = code == 0 ? static_put_html(hand, address.p, e) : code;
	buf_finish(&address);
	return code;
}

/* All of one list of packages, read once, a hundred a file. */
int static_list(struct hand *hand, const struct site_list *list, struct err *e)
{
	struct package_query q = {
		.target = list->target, .headline = list->headline, .limit = PACKAGES_ALL};
	struct packages_view all = {0};
	int code = store_packages_view(hand->store, &q, &all, e);
	q.limit = ROWS;
	do {
		code = code == 0 ? write_part(hand, &q, &all, e) : code;
		q.offset += ROWS;
	} while (code == 0 && q.offset < all.total);
	packages_view_finish(&all);
	return code;
}

static void add_list(struct site *s, const char *target, const char *headline)
{
	*vec_add(&s->lists) = (struct site_list){target, headline};
}

/* What is not ready on the default targets, by headline too; of what is ready there is the list of all. */
void static_lists_plan(struct site *s)
{
	const struct overview_view *v = &s->overview;
	add_list(s, NULL, NULL);
	for (size_t i = 0; i < v->default_count; i++) {
		const struct target_summary *t = &v->summaries[i];
		add_list(s, t->target, "not-ready");
		for (int k = HEADLINE_READY + 1; k < HEADLINE_COUNT; k++) {
			if (t->counts[k].packages != 0) {
				add_list(s, t->target, headline_word((enum headline)k));
			}
		}
	}
}

static int write_overview(struct hand *hand, struct err *e)
{
	struct json_writer w;
	struct html h = static_begin_html(hand);
	html_page_overview(&h, &hand->site->page, &hand->site->overview);
	int code = html_end(&h, e);
	code = code == 0 ? static_put_html(hand, "/", e) : code;
	if (code == 0) {
		static_begin_json(hand, &w);
		json_page_overview(&hand->site->overview, &w);
		code = static_put_json(hand, &w, "index.json", e);
	}
	return code;
}

static int write_changes(struct hand *hand, struct err *e)
{
	struct changes_view v = {0};
	struct json_writer w;
	struct html h = static_begin_html(hand);
	int code = store_changes_view(hand->store, &(struct changes_query){0}, &v, e);
	if (code == 0) {
		html_page_changes(&h, &hand->site->page, &v);
		code = html_end(&h, e);
	}
	code = code == 0 ? static_put_html(hand, "/changes", e) : code;
	if (code == 0) {
		static_begin_json(hand, &w);
		json_page_changes(&v, &w);
		code = static_put_json(hand, &w, "changes.json", e);
	}
	changes_view_finish(&v);
	return code;
}

static int write_blockers(struct hand *hand, struct err *e)
{
	struct causes_view v = {0};
	struct json_writer w;
	struct html h = static_begin_html(hand);
	int code = store_causes_view(hand->store, NULL, &v, e);
	if (code == 0) {
		html_page_causes(&h, &hand->site->page, &v);
		code = html_end(&h, e);
	}
	code = code == 0 ? static_put_html(hand, "/blockers", e) : code;
	if (code == 0) {
		static_begin_json(hand, &w);
		json_page_causes(&v, &w);
		code = static_put_json(hand, &w, "blockers.json", e);
	}
	causes_view_finish(&v);
	return code;
}

static int write_start(struct hand *hand, struct err *e)
{
	const struct package_query q = {
		.family = "windows", .headline = "not-ready", .by_waits = true, .limit = 200};
	struct packages_view v = {0};
	struct json_writer w;
	struct html h = static_begin_html(hand);
	int code = store_packages_view(hand->store, &q, &v, e);
	if (code == 0) {
		html_page_start(&h, &hand->site->page, &v);
		code = html_end(&h, e);
	}
	code = code == 0 ? static_put_html(hand, "/start-here", e) : code;
	if (code == 0) {
		static_begin_json(hand, &w);
		json_page_start(&v, &w);
		code = static_put_json(hand, &w, "start-here.json", e);
	}
	packages_view_finish(&v);
	return code;
}

static int write_farm(struct hand *hand, struct err *e)
{
	struct farm_view v = {0};
	struct json_writer w;
	struct html h = static_begin_html(hand);
	const struct farm_page f = {.facts = &v, .database_bytes = -1, .free_bytes = -1};
	int code = store_farm_view(hand->store, &v, e);
	if (code == 0) {
		html_page_farm(&h, &hand->site->page, &f);
		code = html_end(&h, e);
	}
	code = code == 0 ? static_put_html(hand, "/farm", e) : code;
	if (code == 0) {
		static_begin_json(hand, &w);
		json_page_farm(&f, &w);
		code = static_put_json(hand, &w, "farm.json", e);
	}
	farm_view_finish(&v);
	return code;
}

static int write_names(struct hand *hand, struct err *e)
{
	const struct names_view *v = &hand->site->names;
	struct json_writer w;
	static_begin_json(hand, &w);
	json_object_begin(&w);
	json_kv_text(&w, "target", v->target);
	json_key(&w, "packages");
	json_array_begin(&w);
	for (size_t i = 0; i < v->count; i++) {
		json_object_begin(&w);
		json_kv_text(&w, "name", v->names[i].name);
		json_kv_text(&w, "headline", v->names[i].headline);
		json_object_end(&w);
	}
	json_array_end(&w);
	json_object_end(&w);
	return static_put_json(hand, &w, "names.json", e);
}

static int write_feed(struct hand *hand, const char *target, struct err *e)
{
	struct feed_view v = {0};
	struct buf address = {0};
	buf_printf(&address, "/feed%s%s.atom", target != NULL ? "/" : "", target != NULL ? target : "");
	int code = store_feed_view(hand->store, STR(""), str_from(target), &v, e);
	if (code == 0) {
		buf_clear(&hand->page);
		atom_feed(&hand->page, hand->site->o->site, address.p, &v);
		code = static_put(hand, address.p + 1, buf_view(&hand->page), e);
	}
	feed_view_finish(&v);
	buf_finish(&address);
	return code;
}

/* What needs the site's public address. */
static int write_feeds(struct hand *hand, struct err *e)
{
	const struct site *s = hand->site;
	if (s->o->site == NULL) {
		return 0;
	}
	int code = write_feed(hand, NULL, e);
	for (size_t i = 0; code == 0 && i < s->overview.summary_count; i++) {
		code = write_feed(hand, s->overview.summaries[i].target, e);
	}
	if (code == 0) {
		buf_clear(&hand->page);
		sitemap(&hand->page, s->o->site, ".html", &s->names);
		code = static_put(hand, "sitemap.xml", buf_view(&hand->page), e);
	}
	return code;
}

static int write_style(struct hand *hand, struct err *e)
{
	struct html h = static_begin_html(hand);
	html_page_style(&h, &hand->site->page);
	int code = html_end(&h, e);
	return code == 0 ? static_put_html(hand, "/style", e) : code;
}

static int write_assets(struct hand *hand, struct err *e)
{
	int code = 0;
	for (size_t i = 0; code == 0 && i < asset_count; i++) {
		const struct str bytes = {(const char *)assets[i].plain, assets[i].plain_size};
		code = static_put(hand, assets[i].address + 1, bytes, e);
	}
	return code;
}

int (*const static_steps[])(struct hand *, struct err *) = {write_assets, write_overview,
	write_changes, write_blockers, write_start, write_farm, write_names, write_feeds, write_style};
const size_t static_step_count = sizeof(static_steps) / sizeof(*static_steps);
