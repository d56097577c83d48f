/* An agent that fakes only the build: wheelfarm-agent's own daemon, slots and client, with a run that
 * waits a little, writes a log, and leaves a small wheel where a job wants one. What it comes to is
 * decided by job and chance: SIM_SEED, and in thousandths SIM_FAIL (the package's fault) and
 * SIM_FAULT (the farm's); SIM_MS is the longest build, SIM_IMAGE the builder image that it claims.
 *
 *   sim_agent [--once] CONFIG
 *
 * CONFIG is an agent's (agent/config.h). */
#include "agent/capabilities.h"
#include "agent/daemon.h"
#include "agent/job_run.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/io/file.h"
#include "core/io/loop.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOG_LINES = 40 };

static uint64_t chance;

/* xorshift64*: the same seed tells the same story. */
static uint64_t dice(uint64_t sides)
{
	chance ^= chance >> 12;
	chance ^= chance << 25;
	chance ^= chance >> 27;
	return (chance * UINT64_C(2685821657736338717) >> 33) % sides;
}

static uint64_t setting(const char *name, uint64_t standard)
{
	uint64_t value = standard;
	const char *text = getenv(name);
	if (text != NULL) {
		(void)str_to_u64(str_from(text), &value);
	}
	return value;
}

/* --- the wheel --- */

struct member {
	const char *name;
	char *text;
};

static char *record_line(const struct member *m)
{
	unsigned char digest[SHA256_BYTES];
	char base64[64];
	sha256_of(str_from(m->text), digest);
	EVP_EncodeBlock((unsigned char *)base64, digest, SHA256_BYTES);
	base64[strcspn(base64, "=")] = '\0';
	for (char *c = base64; *c != '\0'; c++) {
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	}
	return str_format("%s,sha256=%s,%zu\n", m->name, base64, strlen(m->text));
}

static void add_member(struct archive *a, const struct member *m)
{
	struct archive_entry *entry = archive_entry_new();
	size_t n = strlen(m->text);
	archive_entry_set_pathname(entry, m->name);
	archive_entry_set_size(entry, (la_int64_t)n);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	if (archive_write_header(a, entry) != ARCHIVE_OK ||
		archive_write_data(a, m->text, n) != (la_ssize_t)n) {
		mem_bug("wheel: %s", archive_error_string(a));
	}
	archive_entry_free(entry);
}

static const char *in_folder(struct arena *arena, const char *folder, const char *name)
{
	char *path = str_format("%s/%s", folder, name);
	const char *kept = arena_copy(arena, path, strlen(path));
	free(path);
	return kept;
}

/* A pure wheel of the job's package; its file name. */
static const char *write_wheel(struct job_run *run)
{
	struct arena *arena = &run->arena;
	char *name = arena_copy(arena, run->job->package, strlen(run->job->package));
	for (char *c = name; *c != '\0'; c++) {
		*c = *c == '-' || *c == '.' ? '_' : *c;
	}
	char *info = str_format("%s-%s.dist-info", name, run->job->version);
	char *file = str_format("%s-%s-py3-none-any.whl", name, run->job->version);
	struct member members[] = {
		{in_folder(arena, name, "__init__.py"), str_format("made_by = %d\n", (int)getpid())},
		{in_folder(arena, info, "METADATA"),
			str_format("Metadata-Version: 2.1\nName: %s\nVersion: %s\n", run->job->package,
				run->job->version)},
		{in_folder(arena, info, "WHEEL"),
			str_format("Wheel-Version: 1.0\nGenerator: sim\nRoot-Is-Purelib: true\n"
					   "Tag: py3-none-any\n")},
		{in_folder(arena, info, "RECORD"), NULL},
	};
	struct buf record = {0};
	for (int i = 0; i < 3; i++) {
		char *line = record_line(&members[i]);
		buf_add_text(&record, line);
		free(line);
	}
	buf_printf(&record, "%s/RECORD,,\n", info);
	members[3].text = buf_take(&record);
	struct archive *a = archive_write_new();
	char *path = file_join(run->workspace.path, file);
	archive_write_set_format_zip(a);
	if (archive_write_open_filename(a, path) != ARCHIVE_OK) {
		mem_bug("%s: %s", path, archive_error_string(a));
	}
	for (int i = 0; i < 4; i++) {
		add_member(a, &members[i]);
		free(members[i].text);
	}
	archive_write_close(a);
	archive_write_free(a);
	const char *kept = arena_copy(arena, file, strlen(file));
	free(path);
	free(file);
	free(info);
	return kept;
}

/* --- the run, in place of agent/job_run.c --- */

static void end(struct job_run *run)
{
	struct err e = {0};
	run->finished = clock_wall_ms();
	run->finished = run->finished > run->started ? run->finished : run->started;
	if (sha256_of_file(run->log.path, run->log_sha256, NULL, &e) != 0) {
		mem_bug("%s", e.text);
	}
	run->ended = true;
	run->setup.on_end(run->setup.user);
}

static void finish(struct job_run *run)
{
	bool fault = dice(1000) < setting("SIM_FAULT", 20);
	bool fails = !fault && (uint64_t)run->job->id * 7919 % 1000 < setting("SIM_FAIL", 100);
	if (run->stop == STOP_CANCEL) {
		run->failed = true;
	} else if (fault || fails) {
		run->failed = true;
		run->reason = fault ? REASON_CODE_NETWORK : REASON_NONE;
		job_log_addf(&run->log, "error: this is how it ends\n");
	} else if (strcmp(run->job->kind, "build") == 0) {
		struct err e = {0};
		run->wheel = write_wheel(run);
		char *path = file_join(run->workspace.path, run->wheel);
		char *hex = arena_new(&run->arena, SHA256_HEX);
		uint64_t size = 0;
		if (sha256_of_file(path, hex, &size, &e) != 0) {
			mem_bug("%s", e.text);
		}
		*vec_add(&run->files) = (struct result_file){
			.filename = run->wheel, .sha256 = hex, .size = (int64_t)size, .kind = "wheel"};
		free(path);
	}
	end(run);
}

static void on_timer(uv_timer_t *timer)
{
	struct job_run *run = timer->data;
	for (int i = 0; i < LOG_LINES; i++) {
		job_log_addf(&run->log, "[%d/%d] cc -c part%d.c\n", i + 1, LOG_LINES, i);
	}
	run->setup.on_log(run->setup.user);
	if (run->step++ == 0 && run->stop == STOP_NONE) {
		run->setup.on_stage(run->setup.user, STAGE_BUILD);
		uv_timer_start(timer, on_timer, dice(setting("SIM_MS", 40) + 1), 0);
	} else {
		finish(run);
	}
}

struct job_run *job_run_start(const struct job_run_setup *setup)
{
	struct job_run *run = MEM_NEW(struct job_run);
	struct err e = {0};
	run->setup = *setup;
	run->job = setup->job;
	run->started = clock_wall_ms();
	run->workspace.path = str_format("%s/slot%lld-job%lld", setup->config->workspace,
		(long long)setup->slot, (long long)setup->job->id);
	char *log = file_join(run->workspace.path, "log");
	(void)file_remove_tree(run->workspace.path, NULL);
	if (file_make_folders(run->workspace.path, &e) != 0 || job_log_open(&run->log, log, &e) != 0) {
		mem_bug("%s", e.text);
	}
	free(log);
	uv_timer_init(setup->loop, &run->watch);
	run->watch.data = run;
	uv_timer_start(&run->watch, on_timer, dice(setting("SIM_MS", 40) + 1), 0);
	return run;
}

void job_run_cancel(struct job_run *run)
{
	run->stop = STOP_CANCEL;
	if (!run->ended) {
		uv_timer_start(&run->watch, on_timer, 0, 0);
	}
}

void job_run_blob_done(struct job_run *run, int code, const struct err *e)
{
	mem_bug("a simulated run asks for no blob");
}

void job_run_result(struct job_run *run, struct result *out)
{
	struct result_stage *stages = arena_new(&run->arena, STAGE_COUNT * sizeof(*stages));
	for (int i = 0; i < STAGE_COUNT; i++) {
		bool failed = run->failed && i == STAGE_BUILD;
		bool runs = i <= STAGE_INSPECT && (!run->failed || i <= STAGE_BUILD);
		stages[i] = (struct result_stage){
			.stage = stage_name((enum stage)i),
			.status = stage_status_name(failed ? STAGE_STATUS_FAIL
					: runs                     ? STAGE_STATUS_PASS
											   : STAGE_STATUS_NOT_RUN),
			.log_to = i == STAGE_BUILD ? (int64_t)run->log.size : 0,
		};
	}
	*out = (struct result){
		.state = run->failed ? "fail" : "pass",
		.stage = run->failed ? stage_name(STAGE_BUILD) : NULL,
		.reason = run->reason != REASON_NONE ? reason_code(run->reason) : NULL,
		.mode = run->job->mode,
		.executor = "",
		.agent_version = "sim",
		.log_sha256 = run->log_sha256,
		.log_size = (int64_t)run->log.size,
		.started = run->started,
		.finished = run->finished,
		.stages = {stages, STAGE_COUNT},
		.files = {run->files.v, run->files.n},
	};
}

int job_run_open_file(const struct job_run *run, const struct result_file *file, struct err *e)
{
	char *path = file_join(run->workspace.path, file->filename);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	return fd >= 0 ? fd : -errno;
}

struct gone {
	struct job_run *run;
	void (*done)(void *user);
	void *user;
};

static void on_closed(uv_handle_t *handle)
{
	struct gone *g = handle->data;
	struct job_run *run = g->run;
	job_log_close(&run->log);
	free(run->log.path);
	(void)file_remove_tree(run->workspace.path, NULL);
	free(run->workspace.path);
	vec_finish(&run->files);
	arena_finish(&run->arena);
	free(run);
	g->done(g->user);
	free(g);
}

void job_run_destroy(struct job_run *run, bool keep, void (*done)(void *user), void *user)
{
	struct gone *g = MEM_NEW(struct gone);
	*g = (struct gone){run, done, user};
	run->watch.data = g;
	uv_close((uv_handle_t *)&run->watch, on_closed);
}

void capabilities_find(const struct agent *agent, struct arena *a, struct capabilities *out)
{
	static const char *modes[] = {"cross"};
	static const char *toolchains[] = {"cross-zig"};
	static const char *images[] = {"trixie-amd64-builder-1"};
	const char *image = getenv("SIM_IMAGE");
	if (image != NULL) {
		images[0] = image;
	}
	*out = (struct capabilities){
		.os = "linux",
		.arch = "x86_64",
		.modes = {modes, 1},
		.toolchains = {toolchains, 1},
		.images = {images, 1},
		.cores = 1,
		.memory_mb = 1024,
		.page_size = 4096,
		.free_disk_mb = 10000,
	};
}

int main(int argc, char **argv)
{
	bool once = argc == 3 && strcmp(argv[1], "--once") == 0;
	if (argc != 2 && !once) {
		fprintf(stderr, "usage: sim_agent [--once] CONFIG\n");
		return AGENT_USAGE;
	}
	struct agent agent = {.program = argv[0], .sandbox = "none"};
	struct err e = {0};
	uv_loop_t loop;
	signal(SIGPIPE, SIG_IGN);
	chance = setting("SIM_SEED", 1) * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)getpid();
	agent.loop = &loop;
	uv_loop_init(&loop);
	int code = AGENT_USAGE;
	if (agent_config_read(argv[argc - 1], true, &agent.config, &e) == 0) {
		code = daemon_run(&agent, once, &e);
	}
	if (e.code != 0) {
		fprintf(stderr, "sim_agent: %s\n", e.text);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	agent_config_finish(&agent.config);
	return code;
}
