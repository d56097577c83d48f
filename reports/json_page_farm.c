#include "reports/json_page.h"

#include "reports/advice.h"
#include "reports/agents.h"
#include "reports/json_build.h"
#include "reports/start_list.h"

#include <stdlib.h>

static void add_lease(struct json_writer *w, const struct farm_lease *l)
{
	json_object_begin(w);
	json_kv_int(w, "job", l->job);
	json_kv_text(w, "package", l->package);
	json_kv_text(w, "version", l->version);
	json_kv_text(w, "target", l->target);
	json_kv_text(w, "mode", l->mode);
	json_kv_text(w, "stage", l->stage);
	json_kv_time(w, "since", l->granted);
	json_object_end(w);
}

static void add_agents(struct json_writer *w, const struct farm_view *v)
{
	json_key(w, "agents");
	json_array_begin(w);
	for (size_t i = 0; i < v->agent_count; i++) {
		json_object_begin(w);
		json_kv_text(w, "name", v->agents[i].agent.name);
		json_kv_text(w, "state", store_agent_state_word(v->agents[i].agent.state));
		json_kv_text(w, "why", v->agents[i].agent.why);
		json_kv_time(w, "seen", v->agents[i].agent.seen);
		json_kv_int(w, "faults", v->agents[i].agent.faults);
		json_kv_text(w, "fault_reason", v->agents[i].fault_reason);
		json_kv_text(w, "fault_line", v->agents[i].fault_line);
		json_key(w, "jobs");
		json_array_begin(w);
		for (size_t k = 0; k < v->lease_count; k++) {
			if (v->leases[k].agent == v->agents[i].agent.id) {
				add_lease(w, &v->leases[k]);
			}
		}
		json_array_end(w);
		json_object_end(w);
	}
	json_array_end(w);
}

static void add_days(struct json_writer *w, const struct farm_view *v)
{
	json_key(w, "days");
	json_array_begin(w);
	for (size_t i = 0; i < v->day_count; i++) {
		json_object_begin(w);
		json_kv_date(w, "day", v->days[i].start);
		json_kv_int(w, "passed", v->days[i].passed);
		for (int k = 0; k < FARM_OWNERS; k++) {
			json_kv_int(w, reason_owner_name((enum reason_owner)k), v->days[i].failed[k]);
		}
		json_object_end(w);
	}
	json_array_end(w);
}

static void add_reasons(struct json_writer *w, const struct farm_view *v)
{
	json_key(w, "reasons");
	json_array_begin(w);
	for (size_t i = 0; i < v->reason_count; i++) {
		const struct farm_reason *r = &v->reasons[i];
		json_object_begin(w);
		json_kv_text(w, "reason", reason_code(r->reason));
		json_kv_text(w, "owner", reason_owner_name(reason_owner_of(r->reason)));
		json_kv_int(w, "failed", r->total);
		json_key(w, "days");
		json_array_begin(w);
		for (size_t d = 0; d < v->day_count; d++) {
			json_int(w, r->days[d]);
		}
		json_array_end(w);
		json_object_end(w);
	}
	json_array_end(w);
}

void json_page_farm(const struct farm_page *f, struct json_writer *w)
{
	json_object_begin(w);
	json_kv_bool(w, "serving", f->serving);
	json_kv_bool(w, "paused", f->paused);
	json_kv_known(w, "database_bytes", f->database_bytes, -1);
	json_kv_known(w, "free_bytes", f->free_bytes, -1);
	add_agents(w, f->facts);
	json_key(w, "queue");
	json_array_begin(w);
	for (size_t i = 0; i < f->facts->queue_count; i++) {
		json_object_begin(w);
		json_kv_text(w, "target", f->facts->queue[i].target);
		json_kv_int(w, "queued", f->facts->queue[i].queued);
		json_kv_int(w, "leased", f->facts->queue[i].leased);
		json_object_end(w);
	}
	json_array_end(w);
	add_days(w, f->facts);
	add_reasons(w, f->facts);
	json_object_end(w);
}

static void add_roots(struct json_writer *w, const struct causes_view *v)
{
	json_key(w, "roots");
	json_array_begin(w);
	for (size_t i = 0; i < v->root_count; i++) {
		const struct blocking_root *root = &v->roots[i];
		json_object_begin(w);
		json_kv_text(w, "name", root->name);
		json_kv_text(w, "version", root->version);
		json_kv_text(w, "headline", root->headline);
		json_kv_text(w, "reason", root->reason);
		json_kv_int(w, "waits", root->waits);
		json_kv_known(w, "downloads", root->downloads, -1);
		json_key(w, "packages");
		json_array_begin(w);
		for (size_t k = 0; k < root->waiting_count; k++) {
			json_object_begin(w);
			json_kv_text(w, "name", root->waiting[k].name);
			json_kv_known(w, "downloads", root->waiting[k].downloads, -1);
			json_kv_text(w, "path", root->waiting[k].path);
			json_object_end(w);
		}
		json_array_end(w);
		json_object_end(w);
	}
	json_array_end(w);
}

void json_page_causes(const struct causes_view *v, struct json_writer *w)
{
	json_object_begin(w);
	json_kv_text(w, "target", v->target);
	json_key(w, "causes");
	json_array_begin(w);
	for (size_t i = 0; i < v->cause_count; i++) {
		const struct cause *c = &v->causes[i];
		json_object_begin(w);
		json_kv_text(w, "reason", c->reason);
		json_kv_text(w, "owner", c->owner);
		json_kv_known(w, "downloads", c->downloads, -1);
		json_key(w, "packages");
		json_array_begin(w);
		for (size_t k = 0; k < c->package_count; k++) {
			json_object_begin(w);
			json_kv_text(w, "name", c->packages[k].name);
			json_kv_known(w, "downloads", c->packages[k].downloads, -1);
			json_kv_known(w, "rank", c->packages[k].rank, 0);
			json_kv_text(w, "line", c->packages[k].line);
			json_kv_int(w, "job", c->packages[k].job);
			json_object_end(w);
		}
		json_array_end(w);
		json_object_end(w);
	}
	json_array_end(w);
	add_roots(w, v);
	json_object_end(w);
}

void json_page_start(const struct packages_view *v, struct json_writer *w)
{
	struct start_item *items = mem_new(v->row_count + 1, sizeof(*items));
	size_t n = start_list(v, items);
	json_object_begin(w);
	json_kv_text(w, "target", v->target);
	json_key(w, "packages");
	json_array_begin(w);
	for (size_t i = 0; i < n; i++) {
		const struct package_row *r = items[i].row;
		const struct advice *a = advice_find(r->reason != NULL ? r->reason : r->headline);
		json_object_begin(w);
		json_kv_text(w, "name", r->name);
		json_kv_text(w, "headline", r->headline);
		json_kv_text(w, "reason", r->reason);
		json_kv_text(w, "why", r->why);
		json_kv_text(w, "ease", items[i].ease_word);
		json_key(w, "after");
		json_array_begin(w);
		for (size_t k = 0; k < r->after_count; k++) {
			json_text(w, r->after[k]);
		}
		json_array_end(w);
		json_kv_int(w, "waits", r->waits);
		json_kv_int(w, "waiting_downloads", r->waiting_downloads);
		json_kv_int(w, "freed_by_built", r->freed);
		json_kv_known(w, "rank", r->rank, 0);
		json_kv_known(w, "downloads", r->downloads, -1);
		json_kv_text(w, "what_to_do", a != NULL ? a->what : NULL);
		json_object_end(w);
	}
	json_array_end(w);
	json_object_end(w);
	free(items);
}
