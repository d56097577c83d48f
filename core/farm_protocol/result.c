#include "core/farm_protocol/result.h"

#include "core/farm_protocol/check.h"
#include "core/io/json.h"

#include <string.h>

static const struct json_field stage_fields[] = {
	JSON_FIELD(struct result_stage, stage, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct result_stage, status, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct result_stage, wall_s, JSON_FIELD_DOUBLE, false),
	JSON_FIELD(struct result_stage, cpu_s, JSON_FIELD_DOUBLE, false),
	JSON_FIELD(struct result_stage, peak_memory, JSON_FIELD_INT, false),
	JSON_FIELD(struct result_stage, io_read, JSON_FIELD_INT, false),
	JSON_FIELD(struct result_stage, io_write, JSON_FIELD_INT, false),
	JSON_FIELD(struct result_stage, log_from, JSON_FIELD_INT, false),
	JSON_FIELD(struct result_stage, log_to, JSON_FIELD_INT, false),
	JSON_FIELD(struct result_stage, limits, JSON_FIELD_TEXT, false),
	{0},
};

static const struct json_field file_fields[] = {
	JSON_FIELD(struct result_file, filename, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct result_file, sha256, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct result_file, size, JSON_FIELD_INT, true),
	JSON_FIELD(struct result_file, kind, JSON_FIELD_TEXT, true),
	{0},
};

static const struct json_field import_fields[] = {
	JSON_FIELD(struct result_import, module, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct result_import, ok, JSON_FIELD_BOOL, true),
	JSON_FIELD(struct result_import, native, JSON_FIELD_BOOL, false),
	JSON_FIELD(struct result_import, error, JSON_FIELD_TEXT, false),
	{0},
};

const struct json_field result_fields[] = {
	JSON_FIELD(struct result, fence, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct result, state, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct result, stage, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct result, reason, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct result, line, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct result, mode, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct result, executor, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct result, toolchain, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct result, toolchain_sha256, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct result, builder_image, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct result, tester_image, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct result, sandbox, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct result, agent_version, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct result, log_sha256, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct result, log_size, JSON_FIELD_INT, false),
	JSON_FIELD(struct result, started, JSON_FIELD_INT, true),
	JSON_FIELD(struct result, finished, JSON_FIELD_INT, true),
	JSON_FIELD(struct result, tests_passed, JSON_FIELD_INT, false),
	JSON_FIELD(struct result, tests_failed, JSON_FIELD_INT, false),
	JSON_FIELD(struct result, tests_skipped, JSON_FIELD_INT, false),
	{JSON_NAME("stages"), .type = JSON_FIELD_OBJECTS, .offset = offsetof(struct result, stages),
		.required = true, .fields = stage_fields, .size = sizeof(struct result_stage)},
	{JSON_NAME("files"), .type = JSON_FIELD_OBJECTS, .offset = offsetof(struct result, files),
		.fields = file_fields, .size = sizeof(struct result_file)},
	{JSON_NAME("imports"), .type = JSON_FIELD_OBJECTS, .offset = offsetof(struct result, imports),
		.fields = import_fields, .size = sizeof(struct result_import)},
	{0},
};

/* What a result may hold at most: no agent is believed, so none may fill the database. */
enum { FILES_MAX = 64, IMPORTS_MAX = 10000, LINE_MAX_BYTES = 4096, LIMITS_MAX_BYTES = 256 };

/* Every stage once, in the order of life. The one that failed is named, alone; but behind a failed
 * inspection what a stand-in for the target said may stand too, failed or not. */
static int check_stages(const struct result *r, struct err *e)
{
	const struct result_stage *stages = r->stages.v;
	int last = -1;
	const char *failed = NULL;
	bool again = false;
	for (size_t i = 0; i < r->stages.n; i++) {
		enum stage stage;
		enum stage_status status;
		if (!stage_find(str_from(stages[i].stage), &stage)) {
			return err_set(
				e, ERR_INVALID, "result.stages: unknown stage \"%.60s\"", stages[i].stage);
		}
		if ((int)stage <= last) {
			return err_set(e, ERR_INVALID, "result.stages: \"%s\" is out of order or there twice",
				stage_name(stage));
		}
		last = (int)stage;
		if (!stage_status_find(str_from(stages[i].status), &status)) {
			return err_set(
				e, ERR_INVALID, "result.stages: unknown status \"%.60s\"", stages[i].status);
		}
		if (status == STAGE_STATUS_FAIL) {
			if (failed != NULL && (again || strcmp(failed, stage_name(STAGE_INSPECT)) != 0)) {
				return err_set(e, ERR_INVALID, "result.stages: two stages failed");
			}
			again = failed != NULL;
			failed = again ? failed : stage_name(stage);
		}
		if (stages[i].limits != NULL && strlen(stages[i].limits) > LIMITS_MAX_BYTES) {
			return err_set(
				e, ERR_INVALID, "result.stages: limits: longer than %d bytes", LIMITS_MAX_BYTES);
		}
		/* written so that a number that is none fails too */
		if (!(stages[i].wall_s >= 0) || !(stages[i].cpu_s >= 0) || stages[i].peak_memory < 0 ||
			stages[i].io_read < 0 || stages[i].io_write < 0 || stages[i].log_from < 0 ||
			stages[i].log_to < stages[i].log_from) {
			return err_set(
				e, ERR_INVALID, "result.stages: \"%s\" has a number below 0", stage_name(stage));
		}
	}
	bool named = r->stage != NULL;
	if (named != (failed != NULL) || (named && strcmp(r->stage, failed) != 0)) {
		return err_set(e, ERR_INVALID, "result.stage: is not the stage that failed");
	}
	return 0;
}

static int check_files(const struct result *r, struct err *e)
{
	static const char *const kinds[] = {"wheel", "lock", "toolchain", "inspect", NULL};
	const struct result_file *files = r->files.v;
	if (r->files.n > FILES_MAX) {
		return err_set(e, ERR_INVALID, "result.files: more than %d", FILES_MAX);
	}
	for (size_t i = 0; i < r->files.n; i++) {
		int code = check_filename("result.files.filename", files[i].filename, e);
		if (code == 0) {
			code = check_sha256("result.files.sha256", files[i].sha256, e);
		}
		if (code == 0) {
			code = check_word("result.files.kind", files[i].kind, kinds, e);
		}
		if (code == 0) {
			code = check_range("result.files.size", files[i].size, 0, INT64_MAX, e);
		}
		if (code != 0) {
			return code;
		}
	}
	return 0;
}

static int check_imports(const struct result *r, struct err *e)
{
	const struct result_import *imports = r->imports.v;
	if (r->imports.n > IMPORTS_MAX) {
		return err_set(e, ERR_INVALID, "result.imports: more than %d", IMPORTS_MAX);
	}
	for (size_t i = 0; i < r->imports.n; i++) {
		int code = check_text("result.imports.module", imports[i].module, e);
		if (code != 0) {
			return code;
		}
	}
	return 0;
}

/* The words and numbers of the result's own level. */
static int check_head(const struct result *r, struct err *e)
{
	static const char *const states[] = {"pass", "fail", NULL};
	static const char *const executors[] = {"", "native", "qemu", "wine", NULL};
	enum reason reason;
	int code = check_filename("result.fence", r->fence, e);
	if (code == 0) {
		code = check_word("result.state", r->state, states, e);
	}
	if (code == 0) {
		code = check_mode("result.mode", r->mode, e);
	}
	if (code == 0) {
		code = check_word("result.executor", r->executor, executors, e);
	}
	if (code == 0 && r->log_sha256 != NULL) {
		code = check_sha256("result.log_sha256", r->log_sha256, e);
	}
	if (code == 0 && r->toolchain_sha256 != NULL) {
		code = check_sha256("result.toolchain_sha256", r->toolchain_sha256, e);
	}
	if (code == 0 && r->reason != NULL && !reason_find(str_from(r->reason), &reason)) {
		code = err_set(e, ERR_INVALID, "result.reason: unknown code \"%.60s\"", r->reason);
	}
	if (code == 0 && r->line != NULL && strlen(r->line) > LINE_MAX_BYTES) {
		code = err_set(e, ERR_INVALID, "result.line: is longer than %d bytes", LINE_MAX_BYTES);
	}
	const int64_t counts[] = {r->log_size, r->started, r->finished - r->started, r->tests_passed,
		r->tests_failed, r->tests_skipped};
	for (size_t i = 0; code == 0 && i < sizeof(counts) / sizeof(*counts); i++) {
		code = check_range("result: size, time or count", counts[i], 0, INT64_MAX, e);
	}
	return code;
}

int result_read(struct str json, struct arena *arena, struct result *out, struct err *e)
{
	memset(out, 0, sizeof(*out));
	struct json_node *root;
	int code = json_tree_parse(json, "result", arena, &root, e);
	if (code == 0) {
		code = json_struct_read(root, result_fields, out, "result", arena, e);
	}
	if (code != 0) {
		return code;
	}
	if (out->executor == NULL) {
		out->executor = "";
	}
	if (out->started < 0 || out->finished < out->started) { /* before any difference is taken */
		return err_set(e, ERR_INVALID, "result.finished: is before result.started");
	}
	code = check_head(out, e);
	if (code == 0) {
		code = check_stages(out, e);
	}
	if (code == 0 && strcmp(out->state, "pass") == 0 && out->stage != NULL) {
		code = err_set(e, ERR_INVALID, "result.state: is pass, but a stage failed");
	}
	if (code == 0) {
		code = check_files(out, e);
	}
	if (code == 0) {
		code = check_imports(out, e);
	}
	return code;
}

void result_write(struct json_writer *w, const struct result *r)
{
	json_struct_write(w, result_fields, r);
}
