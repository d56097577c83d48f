#include "cli/check_output.h"

#include "core/io/json.h"

static void write_texts(
	struct json_writer *w, const char *key, const char *const *texts, size_t count)
{
	json_key(w, key);
	json_array_begin(w);
	for (size_t i = 0; i < count; i++) {
		json_text(w, texts[i]);
	}
	json_array_end(w);
}

/* What it would need if it were built; only where that was asked for. */
static void write_source(struct json_writer *w, const struct check_source *s)
{
	static const char *const states[] = {[CHECK_BUILT_UNKNOWN] = "unknown",
		[CHECK_BUILT_BLOCKED] = "blocked",
		[CHECK_BUILT_OK] = "ok"};
	if (s->state != CHECK_NOT_ASKED) {
		json_key(w, "if_built");
		json_object_begin(w);
		json_kv_text(w, "dependencies", states[s->state]);
		json_kv_text(w, "why", s->why);
		write_texts(w, "requires", s->requires, s->require_count);
		write_texts(w, "blockers", s->blockers, s->blocker_count);
		json_object_end(w);
	}
}

static void write_blockers(struct json_writer *w, const struct check_item *item)
{
	json_key(w, "blockers");
	json_array_begin(w);
	for (size_t i = 0; i < item->blocker_count; i++) {
		const struct check_blocker *b = &item->blockers[i];
		json_object_begin(w);
		json_kv_text(w, "name", b->name);
		json_kv_text(w, "version", b->version);
		json_kv_text(w, "reason", b->reason);
		json_kv_int(w, "waits", (int64_t)b->waits);
		json_kv_text(w, "path", b->path);
		write_source(w, &b->source);
		json_object_end(w);
	}
	json_array_end(w);
}

static void write_item(
	struct json_writer *w, const struct check_output *o, const struct check_item *item)
{
	json_object_begin(w);
	json_kv_text(w, "source", item->line->source);
	json_kv_str(w, "requirement", item->line->requirement);
	json_kv_text(w, "name", item->name);
	json_kv_text(w, "target", o->answer->targets[item->target].name);
	json_kv_bool(w, "installable", item->installable);
	json_kv_text(w, "version", item->version);
	json_kv_text(w, "newest_allowed", item->newest_allowed);
	json_kv_text(w, "nearest", item->nearest);
	json_kv_text(w, "headline", headline_word(item->headline));
	json_kv_bool(w, "fails", check_output_fails(o, item));
	write_blockers(w, item);
	json_object_end(w);
}

static void write_roots(struct json_writer *w, const struct check_answer *a)
{
	json_key(w, "roots");
	json_array_begin(w);
	VEC_EACH (struct check_root, root, &a->roots) {
		json_object_begin(w);
		json_kv_text(w, "name", root->name);
		json_kv_text(w, "reason", root->reason);
		json_key(w, "blocks");
		json_array_begin(w);
		VEC_EACH (const char *, name, &root->blocks) {
			json_text(w, *name);
		}
		json_array_end(w);
		json_object_end(w);
	}
	json_array_end(w);
}

/* What is installed where all of it can be: a lock file's worth, by target. */
static void write_together(struct json_writer *w, const struct check_answer *a)
{
	json_key(w, "together");
	json_object_begin(w);
	for (size_t t = 0; t < a->target_count; t++) {
		const struct check_target *target = &a->targets[t];
		json_key(w, target->name);
		if (!target->together) {
			json_null(w);
			continue;
		}
		json_object_begin(w);
		for (size_t i = 0; i < target->pick_count; i++) {
			json_kv_text(w, target->picks[i].name, target->picks[i].version);
		}
		json_object_end(w);
	}
	json_object_end(w);
}

void check_output_json(const struct check_output *o, struct buf *out)
{
	struct json_writer w;
	json_writer_init(&w, out, true);
	json_object_begin(&w);
	json_kv_bool(&w, "ok", check_output_ok(o));
	json_key(&w, "targets");
	json_array_begin(&w);
	for (size_t t = 0; t < o->answer->target_count; t++) {
		json_text(&w, o->answer->targets[t].name);
	}
	json_array_end(&w);
	json_key(&w, "items");
	json_array_begin(&w);
	VEC_EACH (struct check_item, item, &o->answer->items) {
		write_item(&w, o, item);
	}
	json_array_end(&w);
	write_roots(&w, o->answer);
	write_together(&w, o->answer);
	json_key(&w, "not_checked");
	json_array_begin(&w);
	VEC_EACH (struct check_not_checked, skipped, &o->list->not_checked) {
		json_object_begin(&w);
		json_kv_text(&w, "source", skipped->source);
		json_kv_text(&w, "why", skipped->why);
		json_object_end(&w);
	}
	json_array_end(&w);
	json_object_end(&w);
	json_writer_finish(&w);
}
