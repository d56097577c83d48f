#include "reports/json_page.h"

#include "coordinator/store/headline.h"
#include "reports/json_build.h"

static void add_summary(struct json_writer *w, const struct target_summary *s, bool is_default)
{
	json_object_begin(w);
	json_kv_text(w, "target", s->target);
	json_kv_text(w, "family", s->family);
	json_kv_bool(w, "default", is_default);
	json_kv_int(w, "packages", s->packages);
	json_kv_int(w, "downloads", s->downloads);
	json_key(w, "headlines");
	json_object_begin(w);
	for (size_t i = 0; i < HEADLINE_COUNT; i++) {
		json_key(w, headline_word((enum headline)i));
		json_object_begin(w);
		json_kv_int(w, "packages", s->counts[i].packages);
		json_kv_int(w, "downloads", s->counts[i].downloads);
		json_object_end(w);
	}
	json_object_end(w);
	json_object_end(w);
}

void json_page_overview(const struct overview_view *v, struct json_writer *w)
{
	json_object_begin(w);
	json_kv_int(w, "packages", v->packages);
	json_kv_time(w, "scanned", v->scanned);
	json_key(w, "targets");
	json_array_begin(w);
	for (size_t i = 0; i < v->summary_count; i++) {
		add_summary(w, &v->summaries[i], i < v->default_count);
	}
	json_array_end(w);
	json_key(w, "missing");
	json_array_begin(w);
	for (size_t i = 0; v->missing != NULL && i < v->default_count; i++) {
		for (size_t k = 0; k < v->missing[i].row_count; k++) {
			const struct package_row *r = &v->missing[i].rows[k];
			json_object_begin(w);
			json_kv_text(w, "target", v->missing[i].target);
			json_kv_text(w, "name", r->name);
			json_kv_text(w, "headline", r->headline);
			json_kv_int(w, "waits", r->waits);
			json_kv_text(w, "why", r->why);
			json_object_end(w);
		}
	}
	json_array_end(w);
	json_key(w, "changes");
	json_array_begin(w);
	for (size_t i = 0; i < v->change_count; i++) {
		json_change(w, &v->changes[i]);
	}
	json_array_end(w);
	json_key(w, "builds");
	json_array_begin(w);
	for (size_t i = 0; i < v->build_count; i++) {
		json_build_row(w, &v->builds[i]);
	}
	json_array_end(w);
	json_key(w, "jobs");
	json_object_begin(w);
	json_kv_int(w, "queued", v->jobs_queued);
	json_kv_int(w, "leased", v->jobs_leased);
	json_kv_int(w, "passed", v->jobs_passed);
	json_kv_int(w, "failed", v->jobs_failed);
	json_object_end(w);
	json_object_end(w);
}
