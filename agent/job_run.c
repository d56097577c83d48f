#include "agent/job_run.h"

#include "agent/commands.h"
#include "agent/job_child.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/io/file.h"
#include "core/io/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum stage job_run_stage(const struct job_run *run)
{
	return stage_rows[run->row]->stage;
}

static void set_line(struct job_run *run, struct str text)
{
	/* evidence is one printable line of bounded length, whatever a job printed */
	struct buf clean = {0};
	buf_add_utf8(&clean, str_slice(text, 0, sizeof(run->line) - 1));
	size_t n = clean.n < sizeof(run->line) - 1 ? clean.n : sizeof(run->line) - 1;
	while (n != 0 && n < clean.n && ((unsigned char)clean.p[n] & 0xc0) == 0x80) {
		n--; /* not in the middle of a character */
	}
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)clean.p[i];
		run->line[i] = c < 0x20 || c == 0x7f ? ' ' : (char)c;
	}
	run->line[n] = '\0';
	buf_finish(&clean);
}

void job_run_fail(struct job_run *run, enum reason reason, const char *format, ...)
{
	if (run->stage_failed) {
		return;
	}
	run->stage_failed = true;
	struct buf text = {0};
	va_list arguments;
	va_start(arguments, format);
	buf_vprintf(&text, format, arguments);
	va_end(arguments);
	if (run->failed) {
		job_log_addf(&run->log, "== %s failed too: %.*s\n", stage_name(job_run_stage(run)),
			STR_ARG(buf_view(&text)));
		buf_finish(&text);
		return;
	}
	run->failed = true;
	run->failed_stage = job_run_stage(run);
	run->reason = reason;
	set_line(run, buf_view(&text));
	buf_finish(&text);
	/* the host's lack shows as all kinds of failures of the package */
	uint64_t free_bytes = workspace_free_bytes(run->workspace.path);
	bool unsure = reason == REASON_NONE || reason == REASON_CODE_AGENT_FAULT;
	if (unsure && free_bytes < (uint64_t)run->setup.config->min_free_mb << 20) {
		run->reason = REASON_CODE_HOST_DISK;
		set_line(run, STR("the host is nearly out of disk"));
	}
	job_log_addf(&run->log, "== %s failed%s%s%s%s\n", stage_name(run->failed_stage),
		run->reason != REASON_NONE ? ": " : "", reason_code(run->reason),
		run->line[0] != '\0' ? ": " : "", run->line);
}

/* --- one step of our own --- */

static void work_work(void *user)
{
	struct job_run *run = user;
	run->step_err = (struct err){0};
	run->end = (struct step_end){0};
	run->end.code = run->now.work(run, &run->step_err);
	run->end.text = run->step_err.text;
}

static void work_done(void *user)
{
	struct job_run *run = user;
	run->state = RUN_JUDGE;
	job_run_step(run);
}

void job_run_blob_done(struct job_run *run, int code, const struct err *e)
{
	run->step_err = e != NULL ? *e : (struct err){0};
	run->end = (struct step_end){.code = code, .text = run->step_err.text};
	run->state = RUN_JUDGE;
	job_run_step(run);
}

/* --- the order of life --- */

static int open_work(struct job_run *run, struct err *e)
{
	int64_t uid = run->setup.own_uid ? run->setup.config->uid_base + run->setup.slot : -1;
	int code = workspace_open(
		&run->workspace, run->setup.config->workspace, run->setup.slot, run->job->id, uid, e);
	if (code == 0) {
		char *path = file_join(run->workspace.path, "log");
		code = job_log_open(&run->log, path, e);
		free(path);
	}
	if (code == 0) {
		uint64_t mb = workspace_free_bytes(run->workspace.path) >> 20;
		if (mb < (uint64_t)run->setup.config->min_free_mb) {
			code = err_set(e, -ENOSPC, "only %llu MB are free for the workspace, %lld are needed",
				(unsigned long long)mb, (long long)run->setup.config->min_free_mb);
		}
	}
	if (code == 0) {
		run->pip_cache = workspace_shared(
			run->setup.config->workspace, "pip-cache", run->setup.slot, uid, &run->arena);
		run->cargo_cache = workspace_shared(
			run->setup.config->workspace, "cargo-cache", run->setup.slot, uid, &run->arena);
	}
	return code;
}

static void hash_work(void *user)
{
	struct job_run *run = user;
	run->end = (struct step_end){0};
	run->step_err = (struct err){0};
	if (run->log.path != NULL && run->log.fd >= 0) {
		run->end.code = sha256_of_file(run->log.path, run->log_sha256, NULL, &run->step_err);
	}
	if (run->end.code == 0) {
		run->end.code = job_run_hash_files(run, &run->step_err);
	}
}

static void hash_done(void *user)
{
	struct job_run *run = user;
	if (run->end.code != 0 && !run->failed) {
		run->failed = true;
		run->failed_stage = STAGE_INSPECT;
		run->stages[STAGE_INSPECT].status = STAGE_STATUS_FAIL;
		run->reason = REASON_CODE_AGENT_FAULT;
		set_line(run, str_from(run->step_err.text));
	}
	if (run->failed && run->end.code != 0) {
		run->files.n = 0; /* nothing that could not be read is promised */
	}
	run->state = RUN_END;
	job_run_step(run);
}

static void stage_begin(struct job_run *run)
{
	struct run_stage *stage = &run->stages[job_run_stage(run)];
	stage->began_us = clock_steady_us();
	stage->log_from = run->log.size;
	job_log_addf(&run->log, "== %s\n", stage_name(job_run_stage(run)));
	if (run->setup.on_stage != NULL) {
		run->setup.on_stage(run->setup.user, job_run_stage(run));
	}
}

static void stage_end(struct job_run *run, enum stage_status status)
{
	struct run_stage *stage = &run->stages[job_run_stage(run)];
	stage->status = status;
	stage->wall_s = (double)(clock_steady_us() - stage->began_us) / 1e6;
	stage->log_to = run->log.size;
	if (status == STAGE_STATUS_NOT_RUN) {
		job_log_add(&run->log, STR("not run\n"));
		stage->log_to = run->log.size;
	}
	run->row++;
	run->step = 0;
}

/* Plans the step at hand; true if something was started or is to be judged. */
static void plan(struct job_run *run)
{
	if (run->row == STAGE_COUNT) {
		run->finished = clock_wall_ms();
		run->state = RUN_HASH;
		if (run->setup.write_commands) {
			commands_write(run);
		}
		loop_work(run->setup.loop, hash_work, hash_done, run);
		return;
	}
	const struct stage_row *row = stage_rows[run->row];
	if (run->step == row->count) {
		stage_end(run, STAGE_STATUS_PASS);
		return;
	}
	if (run->step == 0 && run->stages[row->stage].began_us == 0) {
		stage_begin(run);
	}
	arena_finish(&run->step_arena);
	run->now = (struct step){.kind = STEP_SKIP};
	run->end = (struct step_end){0};
	run->step_err = (struct err){0};
	run->step_log_from = run->log.size;
	if (row->steps[run->step].plan(run, &run->now, &run->step_err) != 0) {
		job_run_fail(run, REASON_CODE_AGENT_FAULT, "%s", run->step_err.text);
	}
	if (run->stage_failed) {
		run->state = RUN_JUDGE;
		return;
	}
	switch (run->now.kind) {
	case STEP_SKIP:
		run->step++;
		break;
	case STEP_NOT_RUN:
		stage_end(run, STAGE_STATUS_NOT_RUN);
		break;
	case STEP_CHILD:
		job_child_start(run);
		break;
	case STEP_WORK:
		run->state = RUN_WORK;
		loop_work(run->setup.loop, work_work, work_done, run);
		break;
	case STEP_BLOB:
		run->state = RUN_BLOB;
		run->setup.get_blob(run->setup.user, run->now.blob, run->now.blob_path, run);
		break;
	}
}

/* Without a judge of its own a step is clean or the stage fails: the exit code's reason if one of
 * our own children said so (stage_child.h), else the coordinator reads the log. */
static enum step_next judge_plain(struct job_run *run)
{
	if (run->end.code != 0) {
		job_run_fail(run, REASON_CODE_AGENT_FAULT, "%s", run->end.text);
	} else if (run->end.signaled) {
		job_run_fail(run, REASON_NONE, "ended by signal %d (%s)", run->end.signal,
			strsignal(run->end.signal));
	} else if (run->end.exit_code != 0) {
		job_run_fail(run, REASON_NONE, "%s", "");
	}
	return STEP_ON;
}

static void judge(struct job_run *run)
{
	run->state = RUN_PLAN;
	if (run->stop == STOP_CANCEL) {
		job_run_fail(run, REASON_CODE_AGENT_FAULT, "the agent was told to stop");
	}
	const struct stage_row *row = stage_rows[run->row];
	enum step_next next = STEP_ON;
	if (!run->stage_failed) {
		const struct stage_step *step = &row->steps[run->step];
		next = step->judge != NULL ? step->judge(run, &run->end) : judge_plain(run);
	}
	if (run->log.fault != 0 && !run->stage_failed) {
		job_run_fail(
			run, REASON_CODE_HOST_DISK, "the log cannot be written: %s", err_text(run->log.fault));
	}
	if (run->stage_failed) {
		stage_end(run, STAGE_STATUS_FAIL);
		run->row = run->goes_on ? run->row : STAGE_COUNT; /* the rest stays not_run */
		run->stage_failed = run->goes_on = false;
	} else if (next == STEP_ON) {
		run->step++;
	} else if (next == STEP_DONE) {
		stage_end(run, STAGE_STATUS_PASS);
	}
}

static void opened(struct job_run *run)
{
	run->state = RUN_PLAN;
	if (run->end.code != 0) {
		run->state = RUN_HASH;
		run->failed = true;
		run->failed_stage = STAGE_FETCH;
		run->stages[STAGE_FETCH].status = STAGE_STATUS_FAIL;
		run->reason = reason_unless_full(run->end.code, REASON_CODE_AGENT_FAULT);
		set_line(run, str_from(run->end.text));
		run->finished = clock_wall_ms();
		loop_work(run->setup.loop, hash_work, hash_done, run);
	} else if (run->stop == STOP_CANCEL) {
		job_run_fail(run, REASON_CODE_AGENT_FAULT, "the agent was told to stop");
		run->row = STAGE_COUNT;
	}
}

void job_run_step(struct job_run *run)
{
	for (;;) {
		switch (run->state) {
		case RUN_OPEN:
			opened(run);
			break;
		case RUN_PLAN:
			plan(run);
			break;
		case RUN_JUDGE:
			judge(run);
			break;
		case RUN_BLOB:
		case RUN_WORK:
		case RUN_CHILD:
		case RUN_HASH:
			return;
		case RUN_END:
			uv_timer_stop(&run->watch);
			if (!run->watch_busy && !run->ended) {
				run->ended = true;
				run->setup.on_end(run->setup.user);
			}
			return;
		}
	}
}

static void open_done(void *user)
{
	job_run_step(user);
}

static void open_start(void *user)
{
	struct job_run *run = user;
	run->end.code = open_work(run, &run->step_err);
	run->end.text = run->step_err.text;
}

struct job_run *job_run_start(const struct job_run_setup *setup)
{
	struct job_run *run = MEM_NEW(struct job_run);
	run->setup = *setup;
	run->job = setup->job;
	run->log.fd = -1;
	run->workspace.uid = -1;
	run->started = clock_wall_ms();
	run->executor = "";
	run->builder_identity = "";
	run->tester_identity = "";
	job_child_watch_start(run);
	run->state = RUN_OPEN;
	loop_work(setup->loop, open_start, open_done, run);
	return run;
}

void job_run_cancel(struct job_run *run)
{
	if (run->state != RUN_END) {
		job_child_stop(run, STOP_CANCEL);
	}
}

/* --- the end --- */

struct ending {
	struct job_run *run;
	bool keep;
	void (*done)(void *user);
	void *user;
};

static void remove_work(void *user)
{
	struct ending *ending = user;
	struct err e = {0};
	if (!ending->keep && workspace_remove(&ending->run->workspace, &e) != 0) {
		log_warn("agent", "workspace not removed: %s", e.text);
	}
}

static void on_closed(uv_handle_t *handle)
{
	struct ending *ending = handle->data;
	struct job_run *run = ending->run;
	workspace_finish(&run->workspace);
	buf_finish(&run->commands);
	buf_finish(&run->enter);
	buf_finish(&run->last_line);
	buf_finish(&run->line_now);
	vec_finish(&run->files);
	vec_finish(&run->imports);
	arena_finish(&run->step_arena);
	arena_finish(&run->arena);
	free(run);
	if (ending->done != NULL) {
		ending->done(ending->user);
	}
	free(ending);
}

static void remove_done(void *user)
{
	struct ending *ending = user;
	ending->run->watch.data = ending;
	uv_close((uv_handle_t *)&ending->run->watch, on_closed);
}

void job_run_destroy(struct job_run *run, bool keep, void (*done)(void *user), void *user)
{
	struct ending *ending = MEM_NEW(struct ending);
	*ending = (struct ending){.run = run, .keep = keep, .done = done, .user = user};
	job_log_close(&run->log); /* what is open cannot be removed everywhere */
	loop_work(run->setup.loop, remove_work, remove_done, ending);
}
