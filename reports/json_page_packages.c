#include "reports/json_page.h"

#include "reports/json_build.h"

static void add_strip(
	struct json_writer *w, const struct packages_view *v, const struct package_row *r)
{
	json_key(w, "targets");
	json_object_begin(w);
	for (size_t k = 0; k < v->target_count; k++) {
		json_kv_text(w, v->targets[k], r->strip[k]);
	}
	json_object_end(w);
}

void json_page_search(struct str q, const struct packages_view *v, struct json_writer *w)
{
	json_object_begin(w);
	json_kv_str(w, "q", q);
	json_key(w, "packages");
	json_array_begin(w);
	for (size_t i = 0; i < v->row_count; i++) {
		json_object_begin(w);
		json_kv_text(w, "name", v->rows[i].name);
		json_kv_known(w, "rank", v->rows[i].rank, 0);
		json_kv_text(w, "headline", v->rows[i].headline);
		add_strip(w, v, &v->rows[i]);
		json_object_end(w);
	}
	json_array_end(w);
	json_object_end(w);
}

void json_page_packages(
	const struct package_query *q, const struct packages_view *v, struct json_writer *w)
{
	json_object_begin(w);
	json_kv_text(w, "target", v->target);
	json_kv_text(w, "state", q->headline);
	json_kv_text(w, "reason", q->reason);
	json_kv_text(w, "owner", q->owner);
	json_kv_str(w, "q", q->search);
	json_kv_text(w, "sort", q->sort == PACKAGE_SORT_NAME ? "name" : "rank");
	json_kv_int(w, "offset", q->offset);
	json_kv_int(w, "total", v->total);
	json_key(w, "packages");
	json_array_begin(w);
	for (size_t i = 0; i < v->row_count; i++) {
		const struct package_row *r = &v->rows[i];
		json_object_begin(w);
		json_kv_text(w, "name", r->name);
		json_kv_known(w, "rank", r->rank, 0);
		json_kv_known(w, "downloads", r->downloads, -1);
		json_kv_text(w, "newest", r->newest);
		json_kv_text(w, "headline", r->headline);
		json_kv_text(w, "why", r->why);
		add_strip(w, v, r);
		json_object_end(w);
	}
	json_array_end(w);
	json_object_end(w);
}
