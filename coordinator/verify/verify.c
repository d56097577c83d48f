#include "coordinator/verify/verify.h"

#include "coordinator/classify/classify.h"
#include "coordinator/solve/requires_text.h"
#include "coordinator/store/hex.h"
#include "core/inspect/wheel.h"
#include "core/io/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { INSPECT_MOST = 4 << 20 }; /* of a report: a wheel of ten thousand binaries is no row */

/* One look at a result. */
struct look {
	const struct blob_store *blobs;
	const struct job *job;
	bool is_pass;
	bool tests_wheel; /* the job begins with a wheel: nothing was built */
	bool has_wheel;
	bool is_compiled; /* a wheel has an extension module */
	struct arena *arena;
	struct verify_answer *out;
};

/* Zip paths and METADATA texts come from the wheel: what leaves here is UTF-8 of one line. */
static const char *keep_line(struct arena *arena, struct str text)
{
	struct buf line = {0};
	size_t end = text.n < CLASSIFY_LINE ? text.n : CLASSIFY_LINE - 1;
	while (end > 0 && end < text.n && ((unsigned char)text.p[end] & 0xc0) == 0x80) {
		end--; /* not within a character */
	}
	buf_add_utf8(&line, str_slice(text, 0, end));
	for (size_t i = 0; i < line.n; i++) {
		if ((unsigned char)line.p[i] < ' ' || line.p[i] == 0x7f) {
			line.p[i] = '?';
		}
	}
	char *kept = arena_copy(arena, line.p, line.n);
	buf_finish(&line);
	return kept;
}

/* Only a pass can lie, and its first lie is the one that is told. */
__attribute__((format(printf, 3, 4))) static void lie(
	struct look *l, enum reason reason, const char *format, ...)
{
	if (!l->is_pass || !l->out->ok) {
		return;
	}
	struct buf text = {0};
	va_list arguments;
	va_start(arguments, format);
	buf_vprintf(&text, format, arguments);
	va_end(arguments);
	l->out->ok = false;
	l->out->reason = reason;
	l->out->line = keep_line(l->arena, buf_view(&text));
	buf_finish(&text);
}

/* --- the files --- */

/* Hashed again although the upload was: bytes at rest change too, and this is the last look. */
static int check_file(const struct blob_store *blobs, const struct result_file *file, struct err *e)
{
	struct str hex = str_from(file->sha256);
	char found[SHA256_HEX];
	uint64_t size = 0;
	if (!sha256_hex_valid(hex)) {
		return err_set(e, ERR_INVALID, "%s: its SHA-256 is none", file->filename);
	}
	if (!blob_store_has(blobs, hex, NULL)) {
		return err_set(e, ERR_INVALID, "%s: %s was not uploaded", file->filename, file->sha256);
	}
	char *path = blob_store_path(blobs, hex);
	int code = sha256_of_file(path, found, &size, e);
	free(path);
	if (code != 0) {
		return code;
	}
	if (!str_is(hex, found)) {
		return err_set(e, ERR_INVALID, "%s: SHA-256 is %s, the result says %s", file->filename,
			found, file->sha256);
	}
	if (file->size < 0 || (uint64_t)file->size != size) {
		return err_set(e, ERR_INVALID, "%s: has %" PRIu64 " bytes, the result says %" PRId64,
			file->filename, size, file->size);
	}
	return 0;
}

static int check_files(const struct blob_store *blobs, const struct result *r, struct err *e)
{
	const struct result_file *files = r->files.v;
	for (size_t i = 0; i < r->files.n; i++) {
		int code = check_file(blobs, &files[i], e);
		if (code != 0) {
			return code;
		}
	}
	return 0;
}

/* --- the wheel --- */

/* The problem that is told: an empty platform wheel gives way to any other error, as it is what
 * silent_pure means where compiled code is due. NULL if there is no error. */
static const struct wheel_problem *find_error(const struct wheel_report *report)
{
	const struct wheel_problem *found = NULL;
	VEC_EACH (const struct wheel_problem, problem, &report->problems) {
		if (problem->severity != WHEEL_ERROR) {
			continue;
		}
		if (problem->code != WHEEL_PROBLEM_NO_BINARY_IN_PLATFORM_WHEEL) {
			return problem;
		}
		found = found != NULL ? found : problem;
	}
	return found;
}

static void judge_report(struct look *l, const struct wheel_report *report)
{
	const struct wheel_problem *error = find_error(report);
	bool is_empty = error == NULL || error->code == WHEEL_PROBLEM_NO_BINARY_IN_PLATFORM_WHEEL;
	bool is_pure = report->pure || report->binaries.n == 0;
	if (l->job->expect_native && !l->tests_wheel && is_pure && is_empty) {
		lie(l, REASON_CODE_SILENT_PURE,
			"%.*s: nothing in it is compiled, while this release has compiled wheels elsewhere",
			STR_ARG(report->file));
		return;
	}
	if (error != NULL) {
		enum reason reason = classify_problem(error->code);
		lie(l, reason != REASON_NONE ? reason : REASON_CODE_WRONG_WHEEL, "%.*s: %s: %.*s%s%.*s",
			STR_ARG(report->file), wheel_problem_name(error->code), STR_ARG(error->path),
			error->path.n != 0 ? ": " : "", STR_ARG(error->detail));
	}
}

static void keep_report(struct look *l, const struct wheel_report *report)
{
	struct buf json = {0};
	struct json_writer w;
	json_writer_init(&w, &json, false);
	wheel_report_json(report, &w);
	json_writer_finish(&w);
	if (json.n <= INSPECT_MOST) {
		l->out->inspect = arena_copy(l->arena, json.p, json.n);
	}
	buf_finish(&json);
}

static void keep_requires(struct look *l, const char *sha256, const struct wheel_report *report)
{
	struct buf text = {0};
	struct err e = {0};
	unsigned char *key = l->out->requires_key;
	if (l->out->requires.p == NULL && find_error(report) == NULL &&
		hex_read(str_from(sha256), key, SHA256_BYTES) &&
		requires_text_write(report->metadata, str_from(l->job->package), str_from(l->job->version),
			&text, &e) == 0) {
		l->out->requires = (struct str){arena_copy(l->arena, text.p, text.n), text.n};
	}
	buf_finish(&text);
}

static int look_at_wheel(struct look *l, const char *filename, const char *sha256, struct err *e)
{
	l->has_wheel = true;
	if (!str_ends(str_from(filename), ".whl")) {
		lie(l, REASON_CODE_WRONG_WHEEL, "%s: is not named as a wheel", filename);
		return 0;
	}
	const struct wheel_expectation expect = {
		.file_name = str_from(filename),
		.name = str_from(l->job->package),
		.version = str_from(l->job->version),
		.target = str_from(l->job->target.name),
	};
	struct wheel_report report = {0};
	char *path = blob_store_path(l->blobs, str_from(sha256));
	int code = wheel_check_file(path, &expect, &report, e);
	free(path);
	if (code != 0) {
		return code;
	}
	bool was_ok = l->out->ok;
	judge_report(l, &report);
	VEC_EACH (const struct wheel_binary, binary, &report.binaries) {
		l->is_compiled = l->is_compiled || binary->module.n != 0;
	}
	/* of several wheels the first is reported, unless a later one is what is wrong */
	if (l->out->inspect == NULL || (was_ok && !l->out->ok)) {
		keep_report(l, &report);
	}
	keep_requires(l, sha256, &report);
	wheel_report_finish(&report);
	return 0;
}

/* The wheel that a job tests is no file of its result; it is a blob here if we built it. */
static int look_at_source(struct look *l, struct err *e)
{
	const struct job_file *source = &l->job->source;
	if (l->blobs != NULL && blob_store_has(l->blobs, str_from(source->sha256), NULL)) {
		return look_at_wheel(l, source->filename, source->sha256, e);
	}
	l->is_compiled = !str_ends(str_from(source->filename), "-any.whl");
	return 0;
}

static int look_at_wheels(struct look *l, const struct result *r, struct err *e)
{
	const struct result_file *files = r->files.v;
	for (size_t i = 0; i < r->files.n; i++) {
		if (strcmp(files[i].kind, "wheel") == 0) {
			int code = look_at_wheel(l, files[i].filename, files[i].sha256, e);
			if (code != 0) {
				return code;
			}
		}
	}
	if (!l->has_wheel && l->tests_wheel) {
		return look_at_source(l, e);
	}
	if (!l->has_wheel) {
		lie(l, REASON_CODE_NO_WHEEL, "the result is a pass and names no wheel");
	}
	return 0;
}

/* --- the imports --- */

static bool import_passed(const struct result *r)
{
	const struct result_stage *stages = r->stages.v;
	for (size_t i = 0; i < r->stages.n; i++) {
		if (strcmp(stages[i].stage, stage_name(STAGE_IMPORT)) == 0) {
			return strcmp(stages[i].status, stage_status_name(STAGE_STATUS_PASS)) == 0;
		}
	}
	return false;
}

static bool is_proven(const struct look *l, const struct result *r)
{
	const struct result_import *imports = r->imports.v;
	bool has_native = false;
	/* bytes that were found wrong are not proven right by a stand-in */
	bool condemned = r->stage != NULL && strcmp(r->stage, stage_name(STAGE_INSPECT)) == 0;
	if (condemned || r->imports.n == 0 || !import_passed(r) || r->executor == NULL ||
		r->executor[0] == '\0') {
		return false;
	}
	for (size_t i = 0; i < r->imports.n; i++) {
		if (!imports[i].ok) {
			return false;
		}
		has_native = has_native || imports[i].native;
	}
	return has_native || !l->is_compiled;
}

int verify_result(const struct blob_store *blobs, const struct job *job, const struct result *r,
	struct arena *arena, struct verify_answer *out, struct err *e)
{
	*out = (struct verify_answer){.ok = true};
	struct look l = {
		.blobs = blobs,
		.job = job,
		.is_pass = strcmp(r->state, "pass") == 0,
		.tests_wheel = job_is_wheel(job),
		.arena = arena,
		.out = out,
	};
	int code = check_files(blobs, r, e);
	if (code == 0) {
		code = look_at_wheels(&l, r, e);
	}
	if (code == 0) {
		out->proven = out->ok && (l.has_wheel || l.tests_wheel) && is_proven(&l, r);
	}
	return code;
}
