#include "reports/json_page.h"

#include "core/io/json.h"
#include "reports/control.h"
#include "reports/disagree.h"
#include "reports/json_build.h"

#include <stdlib.h>
#include <string.h>

/* Documents that are kept as JSON text (the job, the report on its wheel) go into the page as
 * values. They are read event by event and written again, so a damaged one can damage nothing. */
static int copy_object_begin(void *w, struct err *e)
{
	json_object_begin(w);
	return 0;
}

static int copy_object_end(void *w, struct err *e)
{
	json_object_end(w);
	return 0;
}

static int copy_key(void *w, struct str key, struct err *e)
{
	char *text = str_dup(key);
	json_key(w, text);
	free(text);
	return 0;
}

static int copy_array_begin(void *w, struct err *e)
{
	json_array_begin(w);
	return 0;
}

static int copy_array_end(void *w, struct err *e)
{
	json_array_end(w);
	return 0;
}

static int copy_string(void *w, struct str value, struct err *e)
{
	json_str(w, value);
	return 0;
}

static int copy_number(void *w, struct str text, struct err *e)
{
	int64_t whole;
	if (str_to_i64(text, &whole)) {
		json_int(w, whole);
		return 0;
	}
	char *copy = str_dup(text);
	json_double(w, strtod(copy, NULL));
	free(copy);
	return 0;
}

static int copy_boolean(void *w, bool value, struct err *e)
{
	json_bool(w, value);
	return 0;
}

static int copy_null(void *w, struct err *e)
{
	json_null(w);
	return 0;
}

static const struct json_sink copy_sink = {
	.object_begin = copy_object_begin,
	.object_key = copy_key,
	.object_end = copy_object_end,
	.array_begin = copy_array_begin,
	.array_end = copy_array_end,
	.string = copy_string,
	.number = copy_number,
	.boolean = copy_boolean,
	.null = copy_null,
};

/* Depth below json_writer's bound, with room for the page's own. */
static const struct json_limits copy_limits = {.depth = 48};

static int read_copy(const char *text, const struct json_sink *sink, void *user)
{
	struct buf copy = {0};
	buf_add_text(&copy, text);
	buf_reserve(&copy, JSON_PADDING);
	int code = json_read(copy.p, copy.n, sink, user, &copy_limits, NULL);
	buf_finish(&copy);
	return code;
}

/* Nothing of a document that ends in an error may be written: it is read for that first. */
static void add_document(struct json_writer *w, const char *key, const char *text)
{
	static const struct json_sink checker = {0};
	if (text == NULL || read_copy(text, &checker, NULL) != 0) {
		json_kv_null(w, key);
		return;
	}
	json_key(w, key);
	read_copy(text, &copy_sink, w);
}

void json_page_job(const struct job_view *v, struct json_writer *w)
{
	json_object_begin(w);
	json_kv_text(w, "kind", v->build.kind);
	json_kv_text(w, "key", v->key);
	json_key(w, "build");
	json_build_row(w, &v->build);
	json_key(w, "stages");
	json_build_stages(w, &v->build);
	json_key(w, "imports");
	json_array_begin(w);
	for (size_t i = 0; i < v->import_count; i++) {
		json_object_begin(w);
		json_kv_text(w, "module", v->imports[i].module);
		json_kv_bool(w, "ok", v->imports[i].ok);
		json_kv_bool(w, "native", v->imports[i].native);
		json_kv_text(w, "error", v->imports[i].error);
		json_object_end(w);
	}
	json_array_end(w);
	json_key(w, "artefacts");
	json_array_begin(w);
	for (size_t i = 0; i < v->artefact_count; i++) {
		json_object_begin(w);
		json_kv_text(w, "filename", v->artefacts[i].filename);
		json_kv_text(w, "sha256", v->artefacts[i].sha256);
		json_kv_int(w, "size", v->artefacts[i].size);
		json_kv_text(w, "kind", v->artefacts[i].kind);
		json_kv_bool(w, "kept", v->artefacts[i].kept);
		json_object_end(w);
	}
	json_array_end(w);
	json_kv_time(w, "created", v->created);
	json_kv_time(w, "started", v->started);
	json_kv_time(w, "finished", v->finished);
	json_kv_text(w, "agent", v->agent);
	json_kv_text(w, "toolchain", v->toolchain);
	json_kv_text(w, "toolchain_sha256", v->toolchain_sha256);
	json_kv_text(w, "builder_image", v->builder_image);
	json_kv_text(w, "tester_image", v->tester_image);
	json_kv_text(w, "sandbox", v->sandbox);
	json_kv_text(w, "source", v->source);
	json_kv_text(w, "source_sha256", v->source_sha256);
	json_kv_text(w, "recipe_commit", v->recipe_commit);
	json_kv_bool(w, "recipe_dirty", v->recipe_dirty);
	json_key(w, "log");
	json_object_begin(w);
	json_kv_text(w, "sha256", v->log.sha256);
	json_kv_int(w, "size", v->log.size);
	json_kv_bool(w, "running", v->log.live != NULL);
	json_kv_bool(w, "kept", v->log.blob != NULL || v->log.live != NULL);
	json_object_end(w);
	add_document(w, "spec", v->spec);
	add_document(w, "inspect", v->inspect);
	json_kv_text(w, "control", control_word(control_of_job(v)));
	json_kv_known(w, "tested", v->tested, 0);
	json_kv_known(w, "after", v->build.after, 0);
	json_kv_text(w, "disagree", disagree_word(disagree_of_job(v)));
	json_object_end(w);
}
