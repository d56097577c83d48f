#include "reports/json_page.h"

#include "reports/disagree.h"
#include "reports/json_build.h"
#include "reports/json_wheel.h"

#include <string.h>

static bool is_wanted(const char *target, const char *wanted_or_null)
{
	return wanted_or_null == NULL || (target != NULL && strcmp(target, wanted_or_null) == 0);
}

static void add_published(struct json_writer *w, const struct published_view *p)
{
	json_object_begin(w);
	json_kv_text(w, "state", p->state);
	json_kv_text(w, "version", p->version);
	json_kv_text(w, "file", p->file);
	json_kv_text(w, "first_version", p->first_version);
	json_kv_date(w, "first_date", p->first_date);
	json_kv_bool(w, "lost_accelerator", p->lost_accelerator);
	json_kv_bool(w, "emulated_alternative", p->emulated_alternative);
	json_kv_text(w, "vanished", p->vanished);
	json_kv_text(w, "newest_version", p->newest_version);
	json_kv_date(w, "newest_date", p->newest_date);
	json_kv_known(w, "behind", p->behind, -1);
	json_object_end(w);
}

static void add_target(struct json_writer *w, const struct target_view *t)
{
	json_object_begin(w);
	json_kv_text(w, "target", t->target);
	json_kv_text(w, "headline", t->headline != NULL ? t->headline : "unknown");
	json_kv_text(w, "version", t->version);
	json_kv_date(w, "since", t->since);
	json_key(w, "published");
	add_published(w, &t->published);
	json_key(w, "wheel");
	json_wheel(w, t->wheel);
	json_kv_text(w, "dependencies", t->dependencies != NULL ? t->dependencies : "unknown");
	json_kv_text(w, "dependencies_with_built", t->with_built != NULL ? t->with_built : "unknown");
	json_kv_bool(w, "proven", t->proven);
	json_key(w, "build");
	json_build_of_target(w, t);
	json_key(w, "test");
	json_test_of_target(w, t);
	json_kv_text(w, "disagree", disagree_word(disagree_of_target(t)));
	json_key(w, "blockers");
	json_array_begin(w);
	for (size_t i = 0; i < t->blocker_count; i++) {
		const struct blocker_view *b = &t->blockers[i];
		json_object_begin(w);
		json_kv_text(w, "name", b->name);
		json_kv_text(w, "version", b->version);
		json_kv_text(w, "headline", b->headline);
		json_kv_int(w, "waits", b->waits);
		json_kv_text(w, "reason", b->reason);
		json_kv_text(w, "path", b->path);
		json_object_end(w);
	}
	json_array_end(w);
	json_object_end(w);
}

static void add_release(struct json_writer *w, const struct release_view *r)
{
	json_object_begin(w);
	json_kv_text(w, "version", r->version);
	json_kv_date(w, "date", r->date);
	json_kv_bool(w, "yanked", r->yanked);
	json_kv_bool(w, "prerelease", r->prerelease);
	json_kv_bool(w, "glibc", r->glibc);
	json_kv_bool(w, "musl", r->musl);
	json_kv_bool(w, "windows", r->windows);
	json_kv_bool(w, "sdist", r->sdist);
	json_kv_bool(w, "pure", r->pure);
	json_object_end(w);
}

static void add_neighbours(struct json_writer *w, const struct package_view *v)
{
	json_key(w, "needs");
	json_array_begin(w);
	for (size_t i = 0; i < v->need_count; i++) {
		json_text(w, v->needs[i].name);
	}
	json_array_end(w);
	json_key(w, "waiting");
	json_array_begin(w);
	for (size_t i = 0; i < v->waiting_count; i++) {
		json_text(w, v->waiting[i]);
	}
	json_array_end(w);
	json_kv_int(w, "waits", v->waits);
}

static void add_recipe(struct json_writer *w, const struct recipe_view *r)
{
	json_key(w, "recipe");
	if (r->job == 0) {
		json_null(w);
		return;
	}
	json_object_begin(w);
	json_kv_int(w, "job", r->job);
	json_kv_text(w, "tree", r->tree);
	json_kv_bool(w, "dirty", r->dirty);
	json_kv_bool(w, "plain", r->plain);
	json_key(w, "says");
	json_object_begin(w);
	for (size_t i = 0; i < r->fact_count; i++) {
		json_kv_text(w, r->facts[i].name, r->facts[i].value);
	}
	json_object_end(w);
	json_object_end(w);
}

void report_package_json(
	const struct package_view *v, const char *target_or_null, struct json_writer *w)
{
	json_object_begin(w);
	json_kv_text(w, "name", v->name);
	json_kv_known(w, "rank", v->rank, 0);
	json_kv_known(w, "downloads", v->downloads, -1);
	json_kv_time(w, "scanned", v->scanned);
	json_kv_text(w, "newest", v->newest);
	json_key(w, "targets");
	json_array_begin(w);
	for (size_t i = 0; i < v->target_count; i++) {
		if (is_wanted(v->targets[i].target, target_or_null)) {
			add_target(w, &v->targets[i]);
		}
	}
	json_array_end(w);
	json_kv_text(w, "status", v->status);
	json_kv_text(w, "problem", v->problem);
	json_key(w, "releases");
	json_array_begin(w);
	for (size_t i = 0; i < v->release_count; i++) {
		add_release(w, &v->releases[i]);
	}
	json_array_end(w);
	json_key(w, "builds");
	json_array_begin(w);
	for (size_t i = 0; i < v->build_count; i++) {
		if (is_wanted(v->builds[i].target, target_or_null)) {
			json_build_row(w, &v->builds[i]);
		}
	}
	json_array_end(w);
	add_recipe(w, &v->recipe);
	add_neighbours(w, v);
	json_object_end(w);
}
