#include "coordinator/inspect/wheel_row.h"

#include "core/io/json.h"
#include "core/io/json_tree.h"

enum { PROBLEMS_MAX = 40 };

static const char *text_or_null(struct str text, struct arena *arena)
{
	struct buf clean = {0};
	const char *kept = NULL;
	if (text.n != 0) {
		buf_add_utf8(&clean, text);
		kept = arena_copy(arena, clean.p, clean.n);
	}
	buf_finish(&clean);
	return kept;
}

static const char *names_json(struct wheel_texts names, struct arena *arena)
{
	struct buf out = {0};
	struct json_writer w;
	json_writer_init(&w, &out, false);
	json_array_begin(&w);
	for (size_t i = 0; i < names.n; i++) {
		json_str(&w, names.v[i]);
	}
	json_array_end(&w);
	json_writer_finish(&w);
	const char *text = arena_copy(arena, out.p, out.n);
	buf_finish(&out);
	return text;
}

/* What pages show; all of them are in the report. */
static const char *problems_json(const struct wheel_report *r, struct arena *arena)
{
	struct buf out = {0};
	struct json_writer w;
	json_writer_init(&w, &out, false);
	json_array_begin(&w);
	for (size_t i = 0; i < r->problems.n && i < PROBLEMS_MAX; i++) {
		const struct wheel_problem *p = &r->problems.v[i];
		json_object_begin(&w);
		json_kv_text(&w, "code", wheel_problem_name(p->code));
		json_kv_text(&w, "severity", wheel_severity_name(p->severity));
		json_kv_str(&w, "path", p->path);
		json_kv_str(&w, "detail", p->detail);
		json_object_end(&w);
	}
	json_array_end(&w);
	json_writer_finish(&w);
	const char *text = arena_copy(arena, out.p, out.n);
	buf_finish(&out);
	return text;
}

static void make_columns(const struct wheel_report *r, struct arena *arena, struct store_wheel *out)
{
	struct wheel_facts facts;
	wheel_facts_of(r, arena, &facts);
	out->columns = WHEEL_COLUMNS;
	out->machine = text_or_null(facts.machine, arena);
	out->glibc = text_or_null(facts.glibc, arena);
	out->page_size = (int64_t)(facts.page_size & INT64_MAX);
	out->bundled = names_json(facts.bundled, arena);
	out->errors = (int64_t)facts.errors;
	out->warnings = (int64_t)facts.warnings;
	out->worst = facts.worst != NULL ? wheel_problem_name(facts.worst->code) : NULL;
	out->problems = problems_json(r, arena);
	out->broken = facts.broken != NULL ? wheel_problem_name(facts.broken->code) : NULL;
}

void wheel_row_make(const struct wheel_report *r, struct arena *arena, struct store_wheel *out)
{
	struct buf json = {0};
	struct json_writer w;
	json_writer_init(&w, &json, false);
	wheel_report_json(r, &w);
	json_writer_finish(&w);
	make_columns(r, arena, out);
	out->filename = text_or_null(r->file, arena);
	out->rules = WHEEL_RULES;
	out->depth = r->depth == WHEEL_FULL ? "full" : "headers";
	out->size = (int64_t)(r->size & INT64_MAX);
	out->report = (struct str){.p = arena_copy(arena, json.p, json.n), .n = json.n};
	buf_finish(&json);
}

static struct str text_of(const struct json_node *object, const char *key)
{
	const struct json_node *node = json_tree_get(object, key);
	return node != NULL && node->kind == JSON_STRING ? node->text : (struct str){0};
}

static void read_binary(const struct json_node *node, struct wheel_report *r)
{
	const struct json_node *page = json_tree_get(node, "page_size");
	struct wheel_binary *b = vec_add(&r->binaries);
	b->path = text_of(node, "path");
	b->machine = text_of(node, "machine");
	b->module = text_of(node, "module");
	if (page != NULL && page->kind == JSON_NUMBER) {
		str_to_u64(page->text, &b->page_size);
	}
}

static void read_problem(const struct json_node *node, struct wheel_report *r)
{
	enum wheel_problem_code code;
	if (!wheel_problem_find(text_of(node, "code"), &code)) {
		return; /* a code that this program does not have any more */
	}
	struct wheel_problem *p = vec_add(&r->problems);
	p->code = code;
	p->path = text_of(node, "path");
	p->detail = text_of(node, "detail");
	for (int severity = WHEEL_NOTE; severity <= WHEEL_ERROR; severity++) {
		if (str_is(text_of(node, "severity"), wheel_severity_name((enum wheel_severity)severity))) {
			p->severity = (enum wheel_severity)severity;
		}
	}
}

int wheel_row_again(struct store_wheel *row, struct arena *arena, struct err *e)
{
	struct json_node *root;
	struct wheel_report r = {0};
	if (json_tree_parse(row->report, "the stored report", arena, &root, e) != 0 ||
		root->kind != JSON_OBJECT) {
		return err_set(e, ERR_CORRUPT, "the stored report on wheel %s is none", row->sha256);
	}
	r.glibc = text_of(root, "glibc");
	JSON_EACH (node, json_tree_get(root, "binaries")) {
		read_binary(node, &r);
	}
	JSON_EACH (node, json_tree_get(root, "problems")) {
		read_problem(node, &r);
	}
	make_columns(&r, arena, row);
	wheel_report_finish(&r);
	return 0;
}
