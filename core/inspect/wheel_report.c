#include "core/inspect/wheel_parts.h"

#include "core/io/json.h"

#include <stdarg.h>

enum {
	PROBLEMS_MAX = 100, /* of one code */
	DETAIL_MAX = 1000, /* bytes; names in a hostile file can be very long */
};

struct str wheel_keep(struct wheel_report *r, struct str text)
{
	return (struct str){.p = arena_copy(&r->arena, text.n != 0 ? text.p : "", text.n), .n = text.n};
}

__attribute__((format(printf, 5, 0))) static void add(struct wheel_check *c,
	enum wheel_problem_code code, enum wheel_severity severity, struct str path, const char *format,
	va_list arguments)
{
	struct wheel_report *r = c->report;
	size_t count = ++c->problem_counts[code];
	if (count > PROBLEMS_MAX + 1) {
		return;
	}
	struct buf detail = {0};
	buf_vprintf(&detail, format, arguments);
	struct wheel_problem *problem = vec_add(&r->problems);
	problem->code = code;
	problem->severity = severity;
	if (count <= PROBLEMS_MAX) {
		problem->path = wheel_keep(r, path);
		if (detail.n > DETAIL_MAX) {
			detail.n = DETAIL_MAX;
			buf_add_text(&detail, "…");
		}
		problem->detail = wheel_keep(r, buf_view(&detail));
	} else {
		problem->detail = STR("there are more of these");
	}
	buf_finish(&detail);
}

void wheel_problem(
	struct wheel_check *c, enum wheel_problem_code code, struct str path, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(c, code, wheel_problem_severity(code), path, format, arguments);
	va_end(arguments);
}

void wheel_problem_as(struct wheel_check *c, enum wheel_problem_code code,
	enum wheel_severity severity, struct str path, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(c, code, severity, path, format, arguments);
	va_end(arguments);
}

void wheel_report_sort(struct wheel_report *r)
{
	/* stable, and there are few: within a severity the order of finding is the zip's */
	VEC(struct wheel_problem) sorted = {0};
	r->ok = true;
	for (int severity = WHEEL_ERROR; severity >= WHEEL_NOTE; severity--) {
		VEC_EACH (const struct wheel_problem, problem, &r->problems) {
			if ((int)problem->severity == severity) {
				*vec_add(&sorted) = *problem;
				r->ok = r->ok && severity != WHEEL_ERROR;
			}
		}
	}
	if (sorted.n != 0) {
		memcpy(r->problems.v, sorted.v, sorted.n * sizeof(*sorted.v));
	}
	vec_finish(&sorted);
}

void wheel_report_finish(struct wheel_report *r)
{
	vec_finish(&r->binaries);
	vec_finish(&r->problems);
	arena_finish(&r->arena);
	*r = (struct wheel_report){0};
}

bool wheel_is_pure(const struct wheel_report *r)
{
	return r->pure && r->binaries.n == 0;
}

bool wheel_has_problem(const struct wheel_report *r, enum wheel_problem_code code)
{
	VEC_EACH (const struct wheel_problem, problem, &r->problems) {
		if (problem->code == code) {
			return true;
		}
	}
	return false;
}

static void write_optional(struct json_writer *w, const char *key, struct str text)
{
	if (text.n != 0) {
		json_kv_str(w, key, text);
	} else {
		json_kv_null(w, key);
	}
}

static void write_texts(struct json_writer *w, const char *key, struct wheel_texts texts)
{
	json_key(w, key);
	json_array_begin(w);
	for (size_t i = 0; i < texts.n; i++) {
		json_str(w, texts.v[i]);
	}
	json_array_end(w);
}

static void write_facts(struct json_writer *w, const struct wheel_binary *binary)
{
	if (binary->format == WHEEL_ELF) {
		write_optional(w, "soname", binary->soname);
		write_texts(w, "symbol_versions", binary->symbol_versions);
		write_texts(w, "rpaths", binary->rpaths);
		json_kv_bool(w, "exec_stack", binary->exec_stack);
		json_kv_bool(w, "text_relocations", binary->text_relocations);
	} else {
		write_texts(w, "delayed", binary->delayed);
	}
	write_texts(w, "python_symbols", binary->python_symbols);
	write_texts(w, "init_functions", binary->init_functions);
}

static void write_binary(
	struct json_writer *w, const struct wheel_binary *binary, enum wheel_depth depth)
{
	static const char *const formats[] = {
		[WHEEL_ELF] = "elf", [WHEEL_PE] = "pe", [WHEEL_MACHO] = "macho"};
	json_object_begin(w);
	json_kv_str(w, "path", binary->path);
	json_kv_text(w, "format", formats[binary->format]);
	json_kv_str(w, "machine", binary->machine);
	write_texts(w, "needs", binary->needs);
	write_optional(w, "glibc", binary->glibc);
	if (binary->page_size != 0) {
		json_kv_int(w, "page_size", (int64_t)(binary->page_size & INT64_MAX));
	} else {
		json_kv_null(w, "page_size");
	}
	write_optional(w, "python_abi", binary->python_abi);
	write_optional(w, "module", binary->module);
	if (depth == WHEEL_FULL && binary->format != WHEEL_MACHO) {
		write_facts(w, binary);
	}
	json_object_end(w);
}

void wheel_report_json_members(const struct wheel_report *r, struct json_writer *w)
{
	json_kv_str(w, "file", r->file);
	json_kv_text(w, "depth", r->depth == WHEEL_FULL ? "full" : "headers");
	write_optional(w, "name", r->name);
	write_optional(w, "version", r->version);
	write_texts(w, "tags", r->tags);
	json_kv_bool(w, "ok", r->ok);
	json_key(w, "binaries");
	json_array_begin(w);
	VEC_EACH (const struct wheel_binary, binary, &r->binaries) {
		write_binary(w, binary, r->depth);
	}
	json_array_end(w);
	write_optional(w, "manylinux", r->manylinux);
	write_optional(w, "glibc", r->glibc);
	json_key(w, "problems");
	json_array_begin(w);
	VEC_EACH (const struct wheel_problem, problem, &r->problems) {
		json_object_begin(w);
		json_kv_text(w, "code", wheel_problem_name(problem->code));
		json_kv_text(w, "severity", wheel_severity_name(problem->severity));
		write_optional(w, "path", problem->path);
		json_kv_str(w, "detail", problem->detail);
		json_object_end(w);
	}
	json_array_end(w);
}

void wheel_report_json(const struct wheel_report *r, struct json_writer *w)
{
	json_object_begin(w);
	wheel_report_json_members(r, w);
	json_object_end(w);
}
