#include "reports/json_build.h"

#include "core/base/clock.h"
#include "reports/html_parts.h"
#include "reports/tested.h"

#include <string.h>

void json_kv_known(struct json_writer *w, const char *key, int64_t value, int64_t absent)
{
	if (value == absent) {
		json_kv_null(w, key);
	} else {
		json_kv_int(w, key, value);
	}
}

void json_kv_date(struct json_writer *w, const char *key, int64_t wall_ms)
{
	if (wall_ms == 0) {
		json_kv_null(w, key);
		return;
	}
	char text[CLOCK_TEXT];
	clock_text(wall_ms, text);
	json_kv_str(w, key, (struct str){text, strcspn(text, "T")});
}

static void add_imports(struct json_writer *w, const struct build_view *b)
{
	json_key(w, "imports");
	json_array_begin(w);
	for (size_t i = 0; i < b->import_count; i++) {
		json_text(w, b->imports[i]);
	}
	json_array_end(w);
}

void json_build_row(struct json_writer *w, const struct build_view *b)
{
	json_object_begin(w);
	json_kv_int(w, "job", b->job);
	json_kv_text(w, "package", b->package);
	json_kv_text(w, "version", b->version);
	json_kv_text(w, "target", b->target);
	json_kv_text(w, "mode", b->mode);
	json_kv_text(w, "job_state", b->job_state);
	json_kv_text(w, "state", b->state);
	json_kv_text(w, "stage", b->stage);
	json_kv_text(w, "reason", b->reason);
	json_kv_text(w, "owner", b->owner);
	json_kv_text(w, "line", b->line);
	json_kv_text(w, "executor", b->executor);
	json_kv_bool(w, "proven", b->proven);
	add_imports(w, b);
	json_kv_int(w, "passed", b->tests_passed);
	json_kv_int(w, "failed", b->tests_failed);
	json_kv_int(w, "skipped", b->tests_skipped);
	json_kv_time(w, "date", b->date);
	json_key(w, "seconds");
	json_double(w, b->seconds);
	json_kv_int(w, "attempts", b->attempts);
	json_kv_text(w, "wheel", b->wheel);
	json_kv_text(w, "sha256", b->wheel_sha256);
	json_kv_known(w, "size", b->wheel_size, 0);
	json_object_end(w);
}

void json_build_stages(struct json_writer *w, const struct build_view *b)
{
	json_array_begin(w);
	for (size_t i = 0; i < STAGE_COUNT; i++) {
		const struct stage_view *s = &b->stages[i];
		json_object_begin(w);
		json_kv_text(w, "stage", stage_name((enum stage)i));
		json_kv_text(w, "status", stage_status_name(s->status));
		json_key(w, "wall_s");
		json_double(w, s->wall_s);
		json_key(w, "cpu_s");
		json_double(w, s->cpu_s);
		json_kv_int(w, "peak_memory", s->peak_memory);
		json_kv_int(w, "io_read", s->io_read);
		json_kv_int(w, "io_write", s->io_write);
		json_kv_text(w, "limits", s->limits);
		json_kv_int(w, "log_from", s->log_from);
		json_kv_int(w, "log_to", s->log_to);
		json_object_end(w);
	}
	json_array_end(w);
}

static bool was_tried(const struct target_view *t)
{
	return t->has_build && t->build.state != NULL;
}

void json_build_of_target(struct json_writer *w, const struct target_view *t)
{
	const struct build_view *b = &t->build;
	if (!was_tried(t)) {
		json_null(w);
		return;
	}
	json_object_begin(w);
	json_kv_text(w, "state", b->state);
	json_kv_text(w, "mode", b->mode);
	json_kv_text(w, "stage", b->stage);
	json_kv_text(w, "reason", b->reason);
	json_kv_text(w, "line", b->line);
	json_kv_int(w, "job", b->job);
	json_kv_time(w, "date", b->date);
	json_kv_text(w, "version", b->version);
	json_kv_text(w, "owner", b->owner);
	json_object_end(w);
}

/* What ran the wheel: the job that built it, or another one; else what ran the published wheel. */
static const struct build_view *run_of(const struct target_view *t, const char **of)
{
	bool tried = was_tried(t);
	*of = "built";
	if (tried && t->build.stages[STAGE_IMPORT].status != STAGE_STATUS_NOT_RUN) {
		return &t->build;
	}
	if (tried && tested_says(t->test)) {
		return t->test;
	}
	*of = "published";
	return tested_says(t->tested) ? t->tested : NULL;
}

void json_test_of_target(struct json_writer *w, const struct target_view *t)
{
	const char *of;
	const struct build_view *b = run_of(t, &of);
	if (b == NULL) {
		json_null(w);
		return;
	}
	bool built_it = b == &t->build;
	bool failed = built_it ? b->stages[STAGE_IMPORT].status == STAGE_STATUS_FAIL ||
			b->stages[STAGE_TEST].status == STAGE_STATUS_FAIL
						   : html_build_failed(b);
	bool native = b->executor != NULL && strcmp(b->executor, "native") == 0;
	json_object_begin(w);
	json_kv_text(w, "state", failed ? "fail" : "pass");
	json_kv_text(w, "of", of);
	json_kv_text(w, "sha256", built_it ? b->wheel_sha256 : b->source_sha256);
	json_kv_text(w, "mode", native ? "native" : "emulated");
	json_kv_text(w, "executor", b->executor);
	add_imports(w, b);
	json_kv_int(w, "passed", b->tests_passed);
	json_kv_int(w, "failed", b->tests_failed);
	json_kv_int(w, "skipped", b->tests_skipped);
	json_kv_time(w, "date", b->date);
	json_kv_int(w, "job", b->job);
	json_kv_text(w, "stage", b->stage);
	json_kv_text(w, "reason", b->reason);
	json_object_end(w);
}
