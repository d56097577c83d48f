#include "reports/json_page.h"

#include "reports/json_build.h"

void json_page_packages(
	const struct package_query *q, const struct packages_view *v, struct json_writer *w)
{
	json_object_begin(w);
	json_kv_text(w, "target", v->target);
	json_kv_text(w, "state", q->headline);
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
		json_key(w, "targets");
		json_object_begin(w);
		for (size_t k = 0; k < v->target_count; k++) {
			json_kv_text(w, v->targets[k], r->strip[k]);
		}
		json_object_end(w);
		json_object_end(w);
	}
	json_array_end(w);
	json_object_end(w);
}
