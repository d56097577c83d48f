#include "reports/json_page.h"

#include "reports/json_build.h"

static void add_night(struct json_writer *w, const char *key, const struct store_night *n)
{
	json_key(w, key);
	if (n->id == 0) {
		json_null(w);
		return;
	}
	json_object_begin(w);
	json_kv_int(w, "night", n->id);
	json_kv_time(w, "started", n->started);
	json_kv_time(w, "ended", n->ended);
	json_kv_bool(w, "whole", n->whole);
	json_kv_int(w, "asked", n->asked);
	json_kv_int(w, "read", n->read);
	json_kv_int(w, "unchanged", n->unchanged);
	json_kv_int(w, "absent", n->absent);
	json_kv_int(w, "bad", n->bad);
	json_kv_int(w, "failed", n->failed);
	json_kv_int(w, "received", n->received);
	json_object_end(w);
}

void json_page_changes(const struct changes_view *v, struct json_writer *w)
{
	json_object_begin(w);
	add_night(w, "since", &v->since);
	add_night(w, "until", &v->until);
	json_kv_text(w, "target", v->target);
	json_key(w, "packages");
	json_object_begin(w);
	for (int k = CHANGE_NONE + 1; k < CHANGE_KIND_COUNT; k++) {
		json_kv_int(w, change_kind_word((enum change_kind)k), (int64_t)v->packages[k]);
	}
	json_object_end(w);
	json_key(w, "changes");
	json_array_begin(w);
	for (size_t i = 0; i < v->change_count; i++) {
		json_change(w, &v->changes[i]);
	}
	json_array_end(w);
	json_object_end(w);
}
