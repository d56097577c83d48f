/* What is said of a run when it is over. */
#include "agent/job_run.h"

#include "agent/host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *kind;
	enum workspace_part part;
} kinds[] = {
	{"wheel", WORKSPACE_OUT},
	{"lock", WORKSPACE_KEPT},
	{"toolchain", WORKSPACE_KEPT},
	{"inspect", WORKSPACE_OUT},
};

static enum workspace_part part_of(const struct result_file *file)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(kinds[i].kind, file->kind) == 0) {
			return kinds[i].part;
		}
	}
	mem_bug("job_run: a file of kind \"%s\"", file->kind);
}

int job_run_open_file(const struct job_run *run, const struct result_file *file, struct err *e)
{
	return workspace_file(&run->workspace, part_of(file), file->filename, NULL, e);
}

/* Takes the descriptor. */
static int hash_open(struct job_run *run, int fd, struct result_file *file, struct err *e)
{
	struct sha256 *hash = sha256_create();
	int code = 0;
	file->size = 0;
	for (;;) {
		char piece[1 << 16];
		ssize_t n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			code = n < 0 ? err_set(e, -errno, "%s: %s", file->filename, strerror(errno)) : 0;
			break;
		}
		sha256_add(hash, piece, (size_t)n);
		file->size += n;
	}
	unsigned char digest[SHA256_BYTES];
	char hex[SHA256_HEX];
	sha256_end(hash, digest);
	sha256_hex(digest, hex);
	file->sha256 = arena_copy(&run->arena, hex, SHA256_HEX - 1);
	sha256_destroy(hash);
	close(fd);
	return code;
}

int job_run_hash_files(struct job_run *run, struct err *e)
{
	int code = 0;
	for (size_t i = 0; i < run->files.n && code == 0; i++) {
		struct result_file *file = &run->files.v[i];
		int fd = job_run_open_file(run, file, e);
		code = fd < 0 ? fd : hash_open(run, fd, file, e);
	}
	return code;
}

/* One hash of all that could make a difference to what came out: the same twice was the same. */
static const char *hash_toolchain(struct job_run *run)
{
	if (run->toolchain == NULL) {
		return NULL; /* it came to no toolchain */
	}
	const char *const parts[] = {run->toolchain->name, run->use.identity, run->use.lock,
		run->builder_identity, run->tester_identity, run->executor};
	struct sha256 *hash = sha256_create();
	unsigned char digest[SHA256_BYTES];
	char hex[SHA256_HEX];
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		const char *part = parts[i] != NULL ? parts[i] : "";
		sha256_add(hash, part, strlen(part) + 1);
	}
	sha256_end(hash, digest);
	sha256_destroy(hash);
	sha256_hex(digest, hex);
	return arena_copy(&run->arena, hex, SHA256_HEX - 1);
}

static const char *sandbox_text(struct job_run *run)
{
	bool own = run->workspace.uid >= 0;
	int64_t uid = own ? run->workspace.uid : host_uid();
	return uid < 0 ? run->setup.sandbox
				   : arena_printf(&run->arena, "%s, uid %lld%s", run->setup.sandbox, (long long)uid,
						 own ? "" : " (the agent's own)");
}

void job_run_result(struct job_run *run, struct result *out)
{
	struct arena *a = &run->arena;
	struct result_stage *stages = arena_new(a, STAGE_COUNT * sizeof(*stages));
	for (size_t i = 0; i < STAGE_COUNT; i++) {
		const struct run_stage *stage = &run->stages[i];
		stages[i] = (struct result_stage){
			.stage = stage_name((enum stage)i),
			.status = stage_status_name(stage->status),
			.wall_s = stage->wall_s,
			.cpu_s = stage->cpu_s,
			.peak_memory = (int64_t)stage->peak_memory,
			.io_read = (int64_t)stage->io_read,
			.io_write = (int64_t)stage->io_write,
			.log_from = (int64_t)stage->log_from,
			.log_to = (int64_t)stage->log_to,
			.limits = stage->limits,
		};
	}
	bool has_log = run->log_sha256[0] != '\0';
	bool has_line = run->failed && run->line[0] != '\0';
	*out = (struct result){
		.state = run->failed ? "fail" : "pass",
		.stage = run->failed ? stage_name(run->failed_stage) : NULL,
		.reason = run->failed && run->reason != REASON_NONE ? reason_code(run->reason) : NULL,
		.line = has_line ? run->line : NULL,
		.mode = run->job->mode,
		.executor = run->executor,
		.toolchain = run->use.identity != NULL ? run->use.identity : "",
		.toolchain_sha256 = hash_toolchain(run),
		.builder_image = run->builder_identity,
		.tester_image = run->tester_identity,
		.sandbox = sandbox_text(run),
		.agent_version = WHEELFARM_VERSION,
		.log_sha256 = has_log ? run->log_sha256 : NULL,
		.log_size = has_log ? (int64_t)run->log.size : 0,
		.started = run->started,
		/* the wall clock may have been set back meanwhile */
		.finished = run->finished > run->started ? run->finished : run->started,
		.tests_passed = run->tests_passed,
		.tests_failed = run->tests_failed,
		.tests_skipped = run->tests_skipped,
		.stages = {.v = stages, .n = STAGE_COUNT},
		.files = {.v = run->files.v, .n = run->files.n},
		.imports = {.v = run->imports.v, .n = run->imports.n},
	};
}
