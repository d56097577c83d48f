/* What an agent says of a job: one status a stage, the reason where it knows one, what it made, and
 * where it was made. */
#pragma once

#include "core/farm_protocol/job.h"
#include "core/farm_protocol/reason.h"
#include "core/farm_protocol/stage.h"

struct result_stage {
	const char *stage; /* stage_name */
	const char *status; /* stage_status_name */
	double wall_s;
	double cpu_s;
	int64_t peak_memory; /* bytes */
	int64_t io_read; /* bytes from storage, of the processes that could be asked */
	int64_t io_write;
	int64_t log_from; /* byte range in the job's log */
	int64_t log_to;
	const char *limits; /* which limits were in force */
};

struct result_file {
	const char *filename;
	const char *sha256;
	int64_t size;
	const char *kind; /* "wheel", "lock", "toolchain", "inspect" (the report as JSON) */
};

struct result_import {
	const char *module;
	bool ok;
	bool native; /* a compiled module, loaded from the wheel's own files */
	const char *error;
};

struct result {
	const char *fence;
	const char *state; /* "pass", "fail" */
	const char *stage; /* the failed one, NULL if none */
	const char *reason; /* reason_code, NULL: the coordinator reads the log */
	const char *line; /* the evidence, NULL likewise */
	const char *mode;
	const char *executor; /* of the import: "native", "qemu", "" if none ran */
	const char *toolchain; /* "zig 0.17.1", … identity */
	const char
		*toolchain_sha256; /* of all that was used, toolchain and images: the same is the same */
	const char *builder_image; /* hash of the package list */
	const char *tester_image;
	const char *sandbox; /* "bubblewrap 0.8.0, uid 60001, cgroup v1" */
	const char *agent_version;
	const char *log_sha256;
	int64_t log_size;
	int64_t started; /* wall ms */
	int64_t finished;
	int64_t tests_passed;
	int64_t tests_failed;
	int64_t tests_skipped;
	struct json_objects stages; /* struct result_stage, all of them in order */
	struct json_objects files; /* struct result_file */
	struct json_objects imports; /* struct result_import */
};

extern const struct json_field result_fields[];
int result_read(struct str json, struct arena *arena, struct result *out, struct err *e);
void result_write(struct json_writer *w, const struct result *r);
