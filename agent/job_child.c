#include "agent/job_child.h"

#include "agent/commands.h"
#include "agent/executor.h"
#include "core/io/loop.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
	WATCH_MS = 2000,
	LINE_BYTES = 64 * 1024,
	OUTPUT_BYTES = 256 * 1024,
	STEP_LOG_MIN = 64 * 1024,
	OUTPUT_FACTOR = 32, /* so much more than its log may hold ends a stage */
};

struct str job_run_last_line(const struct job_run *run)
{
	struct str now = str_trim(buf_view(&run->line_now));
	return now.n != 0 ? now : str_trim(buf_view(&run->last_line));
}

void job_run_step_output(const struct job_run *run, struct buf *out)
{
	uint64_t from = run->step_log_from;
	if (run->log.size - from > OUTPUT_BYTES) {
		from = run->log.size - OUTPUT_BYTES;
	}
	job_log_read(&run->log, from, OUTPUT_BYTES, out, NULL);
}

static void on_output(void *user, struct str piece)
{
	struct job_run *run = user;
	job_log_add(&run->log, piece);
	while (piece.n != 0) {
		ptrdiff_t end = str_find(piece, '\n');
		struct str part = end < 0 ? piece : str_slice(piece, 0, (size_t)end);
		if (run->line_now.n + part.n <= LINE_BYTES) {
			buf_add_str(&run->line_now, part);
		}
		if (end < 0) {
			break;
		}
		if (str_trim(buf_view(&run->line_now)).n != 0) {
			struct buf last = run->last_line;
			run->last_line = run->line_now;
			run->line_now = last;
		}
		buf_clear(&run->line_now);
		piece = str_slice(piece, (size_t)end + 1, piece.n);
	}
	if (run->setup.on_log != NULL) {
		run->setup.on_log(run->setup.user);
	}
}

/* --- the watch over the disk --- */

static void measure_work(void *user)
{
	struct job_run *run = user;
	run->usage = workspace_usage(&run->workspace);
}

void job_child_stop(struct job_run *run, enum run_stop why)
{
	if (run->stop == STOP_NONE) {
		run->stop = why;
	}
	if (run->child != NULL) {
		process_cancel(run->child);
	}
}

static void measure_done(void *user)
{
	struct job_run *run = user;
	run->watch_busy = false;
	/* half of what admission asks for: a job that began with enough shall not end at the brink */
	uint64_t least = (uint64_t)run->setup.config->min_free_mb << 19;
	if (run->state == RUN_CHILD && run->job->limits.disk_mb > 0 &&
		run->usage > (uint64_t)run->job->limits.disk_mb << 20) {
		job_child_stop(run, STOP_DISK);
	} else if (run->state == RUN_CHILD && workspace_free_bytes(run->workspace.path) < least) {
		/* only then: a job that fills the host's disk is to blame before the host is */
		job_child_stop(run, STOP_HOST);
	}
	if (run->state == RUN_END) {
		job_run_step(run);
	}
}

static void on_watch(uv_timer_t *timer)
{
	struct job_run *run = timer->data;
	if (run->state != RUN_CHILD) {
		return;
	}
	if (!run->watch_busy) {
		run->watch_busy = true;
		loop_work(run->setup.loop, measure_work, measure_done, run);
	}
}

/* --- one child --- */

/* A child's own word for how it ended, and whether a limit or the host decided instead. */
static bool ended_by_limit(struct job_run *run, const struct process_result *r)
{
	const struct job_limits *limits = &run->job->limits;
	if (run->stop == STOP_DISK) {
		job_run_fail(run, REASON_CODE_LIMIT_DISK, "over %lld MB in the workspace",
			(long long)limits->disk_mb);
		return true;
	}
	if (run->stop == STOP_HOST) {
		job_run_fail(run, REASON_CODE_HOST_DISK, "the host is nearly out of disk");
		return true;
	}
	switch (r->end) {
	case PROCESS_WALL:
		job_run_fail(
			run, REASON_CODE_LIMIT_TIME, "still running after %lld s", (long long)limits->wall_s);
		return true;
	case PROCESS_IDLE:
		job_run_fail(
			run, REASON_CODE_LIMIT_IDLE, "no output for %lld s", (long long)limits->idle_s);
		return true;
	case PROCESS_OUTPUT:
		job_run_fail(run, REASON_CODE_LIMIT_LOG, "over %lld MB of output",
			(long long)(limits->log_mb * OUTPUT_FACTOR));
		return true;
	case PROCESS_MEMORY:
		job_run_fail(
			run, REASON_CODE_LIMIT_MEMORY, "over %lld MB of memory", (long long)limits->memory_mb);
		return true;
	case PROCESS_CANCELLED:
		job_run_fail(run, REASON_CODE_AGENT_FAULT, "the agent was told to stop");
		return true;
	case PROCESS_NOT_STARTED:
		job_run_fail(run, REASON_CODE_AGENT_FAULT, "the step's process did not start: %s",
			r->text[0] != '\0' ? r->text : err_text(r->code));
		return true;
	case PROCESS_EXITED:
	case PROCESS_SIGNALED:
		break;
	}
	return false;
}

static void on_child_end(void *user, const struct process_result *r)
{
	struct job_run *run = user;
	struct run_stage *stage = &run->stages[job_run_stage(run)];
	run->child = NULL;
	run->children_s += r->usage.wall_s;
	stage->cpu_s += r->usage.cpu_s;
	if (r->usage.peak_memory > stage->peak_memory) {
		stage->peak_memory = r->usage.peak_memory;
	}
	stage->io_read += r->usage.io_read;
	stage->io_write += r->usage.io_write;
	memcpy(stage->limits, r->limits_in_force, sizeof(stage->limits));
	run->end = (struct step_end){.exit_code = r->exit_code};
	if (r->end == PROCESS_SIGNALED) {
		run->end.signaled = true;
		run->end.signal = r->signal;
	} else if (r->end == PROCESS_EXITED && sandbox_signal(r->exit_code) != 0) {
		run->end.signaled = true;
		run->end.signal = sandbox_signal(r->exit_code);
	}
	const struct executor *x = executor_find(run->executor);
	if (x != NULL && x->is_stand_in && (r->end == PROCESS_WALL || r->end == PROCESS_IDLE)) {
		/* what hangs there may not hang on the system it stands for */
		run->end.signaled = true;
		run->end.signal = SIGKILL;
	} else {
		ended_by_limit(run, r);
	}
	run->state = RUN_JUDGE;
	job_run_step(run);
}

void job_child_start(struct job_run *run)
{
	struct text_list argv = {0};
	struct err e = {0};
	if (sandbox_argv(&run->now.sandbox, &run->step_arena, &argv, &e) != 0) {
		job_run_fail(run, REASON_CODE_AGENT_FAULT, "%s", e.text);
		run->state = RUN_JUDGE;
		return;
	}
	commands_child(run, &argv);
	const struct job_limits *limits = &run->job->limits;
	struct text_list outer = {0};
	sandbox_env(&run->now.sandbox, &run->step_arena, &outer);
	uint64_t log_bytes = (uint64_t)limits->log_mb << 20;
	uint64_t log_left = log_bytes > run->log.size ? log_bytes - run->log.size : 0;
	char *name = str_format("slot%lld-job%lld-%llu", (long long)run->setup.slot,
		(long long)run->job->id, (unsigned long long)run->child_count++);
	struct process_spec spec = {
		.argv = argv.v,
		.env = outer.v,
		.cwd = sandbox_cwd(&run->now.sandbox, &run->step_arena),
		.uid = run->workspace.uid,
		.gid = run->workspace.uid,
		.name = name,
		.limits =
			{
				.wall_ms = limits->wall_s * 1000,
				.idle_ms = limits->idle_s * 1000,
				.memory_bytes = (uint64_t)limits->memory_mb << 20,
				.pids = (uint64_t)limits->pids,
				.file_bytes = (uint64_t)limits->disk_mb << 20,
				.output_bytes = log_bytes * OUTPUT_FACTOR,
				.log_bytes = log_left > STEP_LOG_MIN ? log_left : STEP_LOG_MIN,
			},
		.on_output = on_output,
		.on_end = on_child_end,
		.user = run,
	};
	run->step_log_from = run->log.size;
	buf_clear(&run->last_line);
	buf_clear(&run->line_now);
	run->state = RUN_CHILD;
	run->child = process_start(run->setup.loop, &spec);
	free(name);
}

void job_child_watch_start(struct job_run *run)
{
	uv_timer_init(run->setup.loop, &run->watch);
	run->watch.data = run;
	uv_timer_start(&run->watch, on_watch, WATCH_MS, WATCH_MS);
}
