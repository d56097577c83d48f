#include "agent/one_job.h"

#include "agent/host.h"
#include "agent/job_run.h"
#include "core/base/clock.h"
#include "core/io/blob_store.h"
#include "core/io/file.h"
#include "core/io/json.h"
#include "core/io/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JOB_BYTES = 4 << 20, PIECE = 1 << 20 };

struct one {
	struct agent *agent;
	struct job job;
	struct arena arena;
	struct job_run *run;
	struct loop_signals signals;
	uint64_t shown;
	int code;
	/* a blob that is being copied */
	char *blob_path;
	char *blob_sha256;
	int blob_code;
	struct err blob_err;
};

/* --- blobs come from a folder --- */

static int copy_blob(const char *from, const char *to, const char *sha256, struct err *e)
{
	char hex[SHA256_HEX];
	int code = file_copy(from, to, 0644, e);
	if (code == 0) {
		code = sha256_of_file(to, hex, NULL, e);
	}
	if (code == 0 && strcmp(hex, sha256) != 0) {
		code = err_set(e, ERR_HASH_MISMATCH, "%s: its sha256 is %s", from, hex);
	}
	return code;
}

static void blob_work(void *user)
{
	struct one *one = user;
	const char *folder = one->agent->config.blobs;
	one->blob_err = (struct err){0};
	if (folder == NULL) {
		one->blob_code = err_set(&one->blob_err, ERR_NOT_FOUND,
			"config: blobs: no folder given to look for %s", one->blob_sha256);
		return;
	}
	/* a blob store, or a plain folder of files named by hash */
	struct blob_store store = {.folder = (char *)folder};
	char *path = blob_store_path(&store, str_from(one->blob_sha256));
	if (access(path, R_OK) != 0) {
		free(path);
		path = file_join(folder, one->blob_sha256);
	}
	one->blob_code = copy_blob(path, one->blob_path, one->blob_sha256, &one->blob_err);
	free(path);
}

static void blob_done(void *user)
{
	struct one *one = user;
	free(one->blob_path);
	free(one->blob_sha256);
	one->blob_path = NULL;
	one->blob_sha256 = NULL;
	job_run_blob_done(one->run, one->blob_code, &one->blob_err);
}

static void get_blob(void *user, const char *sha256, const char *path, struct job_run *run)
{
	struct one *one = user;
	one->blob_sha256 = str_dup(str_from(sha256));
	one->blob_path = str_dup(str_from(path));
	loop_work(one->agent->loop, blob_work, blob_done, one);
}

/* --- the run --- */

static void show_log(void *user)
{
	struct one *one = user;
	struct buf piece = {0};
	while (one->shown < one->run->log.size &&
		job_log_read(&one->run->log, one->shown, PIECE, &piece, NULL) == 0 && piece.n != 0) {
		fwrite(piece.p, 1, piece.n, stderr);
		one->shown += piece.n;
		buf_clear(&piece);
	}
	buf_finish(&piece);
}

static void on_stage(void *user, enum stage stage)
{
	show_log(user);
}

static void on_stop(struct loop_signals *signals, int number)
{
	struct one *one = signals->user;
	one->code = AGENT_INTERRUPTED;
	job_run_cancel(one->run);
}

static void print_result(struct one *one)
{
	struct result result;
	job_run_result(one->run, &result);
	result.fence = "local"; /* there was no lease */
	struct buf out = {0};
	struct json_writer w;
	json_writer_init(&w, &out, true);
	result_write(&w, &result);
	json_writer_finish(&w);
	fwrite(out.p, 1, out.n, stdout);
	fflush(stdout);
	buf_finish(&out);
	fprintf(stderr, "workspace: %s\n",
		one->agent->exposed.folder != NULL ? one->agent->exposed.workspace
										   : one->agent->config.workspace);
}

static void on_end(void *user)
{
	struct one *one = user;
	struct job_run *run = one->run;
	show_log(one);
	print_result(one);
	double wall = (double)(run->finished - run->started) / 1e3;
	fprintf(stderr, "agent: %.3f s, children: %.3f s\n", wall, run->children_s);
	if (one->code == 0 && run->failed) {
		one->code = reason_owner_of(run->reason) == REASON_FARM && run->reason != REASON_NONE
			? AGENT_WORLD
			: AGENT_FAILED;
	}
	loop_signals_stop(&one->signals);
	job_run_destroy(run, true, NULL, NULL);
}

int one_job(struct agent *agent, const char *file, struct err *e)
{
	struct one one = {.agent = agent};
	struct buf bytes = {0};
	int code = file_read(file, JOB_BYTES, &bytes, e);
	if (code == 0) {
		code = job_read(buf_view(&bytes), &one.arena, &one.job, e);
		if (code != 0) {
			err_prefix(e, code, "%s", file);
		}
	}
	if (code != 0) {
		one.code = AGENT_USAGE;
		goto out;
	}
	code = loop_signals_start(agent->loop, &one.signals, on_stop, &one, e);
	if (code != 0) {
		one.code = AGENT_WORLD;
		goto out;
	}
	struct job_run_setup setup = {
		.loop = agent->loop,
		.config = &agent->config,
		.job = &one.job,
		.program = agent->program,
		.sandbox = agent->sandbox,
		.own_uid = agent->own_uid,
		.exposed = &agent->exposed,
		.write_commands = host_has_shell(),
		.get_blob = get_blob,
		.on_log = show_log,
		.on_stage = on_stage,
		.on_end = on_end,
		.user = &one,
	};
	one.run = job_run_start(&setup);
	uv_run(agent->loop, UV_RUN_DEFAULT);
out:
	arena_finish(&one.arena);
	buf_finish(&bytes);
	return one.code;
}
