#include "cli/farm_program.h"

#include "cli/disk_watch.h"
#include "cli/farm_inputs.h"
#include "cli/farm_judge.h"
#include "cli/farm_keep.h"
#include "cli/farm_plan.h"
#include "cli/farm_report.h"
#include "cli/farm_scan.h"
#include "cli/farm_server.h"
#include "cli/farm_stuck.h"
#include "cli/farm_verdicts.h"
#include "cli/local_agents.h"
#include "cli/main.h"
#include "cli/night.h"
#include "cli/progress.h"
#include "coordinator/verdict/verdict.h"
#include "core/base/clock.h"
#include "core/base/vec.h"
#include "core/io/loop.h"
#include "reports/visible.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	WATCH_MS = 250,
	STUCK_MS = 10 * 1000, /* so long no agent can take what waits: that is the end of a run */
};

/* The life of a farm, in this order; every step ends in farm_step. */
enum farm_state {
	FARM_OPEN, /* the queue reads what is there */
	FARM_REVOKE, /* agents of a process before this one are dead */
	FARM_REST, /* a scan brings the verdicts up to date itself */
	FARM_JUDGE, /* newer recipes, and what failed by the rules of now */
	FARM_SCAN,
	FARM_PLAN,
	FARM_REFRESH, /* the queue reads the new jobs */
	FARM_WORK,
	FARM_STOP_AGENTS,
	FARM_STOP_VERDICTS,
	FARM_STOP_SERVER,
	FARM_STOP_KEEP,
	FARM_STOP_QUEUE,
	FARM_STOP_WRITER,
	FARM_STOPPED,
};

struct farm {
	struct farm_options options;
	enum farm_state state;
	int exit_code;
	atomic_bool stopping; /* the planning thread looks too */
	bool planned_all; /* there is something to report */
	bool controlled; /* run: all is built, and controls of what failed are planned */
	uv_loop_t loop;
	struct loop_signals signals;
	struct progress progress;
	struct farm_inputs in;
	struct queue *queue;
	struct farm_server server;
	struct disk_watch disk;
	struct farm_keep keep;
	struct local_agents *agents;
	struct farm_scan scan;
	struct farm_judge judge;
	struct farm_plan plan;
	struct farm_verdicts verdicts;
	struct night night; /* serve: when to scan again, and what to tell */
	uv_timer_t watch; /* run: ends when all is done */
	int64_t stuck_ms; /* for how long nothing was built that could be */
};

static void farm_step(struct farm *f);

static void go_to(struct farm *f, enum farm_state state)
{
	f->state = state;
	farm_step(f);
}

static void worse(struct farm *f, int exit_code)
{
	if (exit_code > f->exit_code) {
		f->exit_code = exit_code;
	}
}

/* Ends the farm from wherever it is. A step under way ends by itself and comes to farm_step. */
static void stop(struct farm *f, int exit_code)
{
	worse(f, exit_code);
	if (f->stopping) {
		return;
	}
	f->stopping = true;
	if (f->state == FARM_SCAN) {
		farm_scan_stop(&f->scan);
	} else if (f->state == FARM_WORK) {
		go_to(f, FARM_STOP_AGENTS);
	}
}

static void fail(struct farm *f, const struct err *e)
{
	progress_line(&f->progress, "wheelfarm: %s", e->text);
	stop(f, EXIT_WORLD);
}

static void on_signal(struct loop_signals *s, int signal_number)
{
	struct farm *f = s->user;
	bool asked = f->options.serve && signal_number == SIGTERM;
	stop(f, asked ? EXIT_FINE : EXIT_INTERRUPT);
}

/* --- the queue's callbacks --- */

static void classify(void *user, enum stage stage, struct str log, struct classify_answer *out)
{
	struct farm *f = user;
	farm_inputs_classify(&f->in, stage, log, out);
}

static int on_result(
	void *user, struct store *s, int64_t package, int64_t target, int64_t now, struct err *e)
{
	struct farm *f = user;
	int code = farm_inputs_join(&f->in, s, package, target, e);
	return code == 0 ? verdict_refresh_target(s, package, target, now, e) : code;
}

static int on_judged(
	void *user, struct store *s, int64_t package, int64_t target, int64_t now, struct err *e)
{
	struct farm_judge *j = user;
	return on_result(mem_container_of(j, struct farm, judge), s, package, target, now, e);
}

static int on_passed(
	void *user, struct store *s, int64_t job, int64_t now, int64_t *out, struct err *e)
{
	struct farm *f = user;
	return farm_inputs_test(&f->in, s, job, now, out, e);
}

static void show_status(struct farm *f)
{
	struct queue_counts c;
	queue_counts(f->queue, &c);
	progress_status(&f->progress, "%zu built, %zu failed, %zu building, %zu waiting  \xC2\xB7  %s",
		c.passed, c.failed, c.leased, c.queued, server_url(f->server.server));
}

static void on_event(void *user, const struct queue_event *event)
{
	struct farm *f = user;
	progress_event(&f->progress, event);
	if (event->kind == QUEUE_FINISHED) {
		farm_verdicts_want(&f->verdicts);
	}
	if (f->state == FARM_WORK) {
		show_status(f);
	}
}

/* Where no agents are started here, somebody may still come. */
static bool is_stuck(const struct farm *f)
{
	return f->in.config.agents.local > 0 && farm_is_stuck(f->queue, &f->disk);
}

static void on_disk(struct disk_watch *w)
{
	struct farm *f = w->user;
	queue_set_paused(f->queue, w->low || f->night.over);
	if (w->low) {
		keep_hurry(f->keep.keep);
	}
	progress_line(&f->progress, "%s: %lld MiB left on the disk%s", w->folder,
		(long long)(w->left >> 20), w->low ? ", no more jobs are given" : ", jobs are given again");
}

/* Is nothing planned any more once the queue is empty? */
static bool is_last_round(const struct farm *f)
{
	return f->controlled || f->in.config.control == NULL;
}

/* run: looks whether all is done, or nothing can be done. An event cannot tell, as it comes while its job still counts. */
static void on_watch(uv_timer_t *timer)
{
	struct farm *f = mem_container_of(timer, struct farm, watch);
	if (f->state == FARM_WORK && !f->stopping && queue_is_empty(f->queue)) {
		bool last = is_last_round(f);
		uv_timer_stop(timer);
		f->controlled = true;
		go_to(f, last ? FARM_STOP_AGENTS : FARM_PLAN);
	} else if (f->state == FARM_WORK && !f->stopping) {
		f->stuck_ms = is_stuck(f) ? f->stuck_ms + WATCH_MS : 0;
		if (f->stuck_ms >= STUCK_MS) {
			struct err e = {0};
			farm_stuck_why(f->queue, &f->disk, &e);
			fail(f, &e);
		}
	}
}

static void on_done(void *user, int code, const struct err *e)
{
	struct farm *f = user;
	if (code < 0) {
		fail(f, e);
	}
	go_to(f, f->stopping ? FARM_STOP_AGENTS : (enum farm_state)(f->state + 1));
}

/* --- scan --- */

static void on_scan_report(void *user, const char *line)
{
	struct farm *f = user;
	struct buf seen = {0};
	visible_add(&seen, str_from(line), VISIBLE_LINE); /* an index may have sent some of it */
	progress_line(&f->progress, "%s", seen.p != NULL ? seen.p : "");
	buf_finish(&seen);
}

static void on_scanned(void *user)
{
	struct farm *f = user;
	worse(f, f->options.serve ? EXIT_FINE : farm_scan_exit_code(&f->scan));
	go_to(f, f->stopping ? FARM_STOP_AGENTS : FARM_PLAN);
}

/* --- plan --- */

static void on_planned(void *user)
{
	struct farm *f = user;
	farm_plan_say(&f->plan, &f->progress);
	farm_plan_finish(&f->plan);
	if (f->plan.counts.failed != 0 && !f->options.serve) {
		worse(f, EXIT_NOT_FINE);
	}
	/* stopped in the middle, as asked: no failure of its own */
	on_done(f, f->plan.code == ERR_CANCELLED ? 0 : f->plan.code, &f->plan.err);
}

/* --- work --- */

static void on_agents_gone(void *user)
{
	struct farm *f = user;
	f->agents = NULL;
	go_to(f, FARM_STOP_VERDICTS);
}

/* No local agent is left: serve goes on, as others may come; a run can only end. */
static void on_agents_lost(void *user)
{
	struct farm *f = user;
	struct err e = {0};
	struct queue_counts c;
	queue_counts(f->queue, &c);
	if (f->options.serve) {
		progress_line(&f->progress, "wheelfarm: no local agent is left");
	} else if (!queue_is_empty(f->queue)) {
		err_set(&e, ERR_NOT_FOUND, "no agent is left, and %zu builds are not done",
			c.queued + c.leased);
		fail(f, &e);
	}
}

static void on_rested(void *user)
{
	struct farm *f = user;
	bool last = f->state == FARM_REST && f->stopping;
	go_to(f, last ? FARM_STOP_AGENTS : (enum farm_state)(f->state + 1));
}

static void start_work(struct farm *f)
{
	f->planned_all = true;
	farm_verdicts_open(&f->verdicts);
	if (!f->options.serve && queue_is_empty(f->queue)) {
		go_to(f, FARM_STOP_AGENTS);
		return;
	}
	queue_set_draining(f->queue, !f->options.serve && is_last_round(f));
	const struct local_agents_options options = {
		.loop = &f->loop,
		.queue = f->queue,
		.state = f->in.config.state,
		.coordinator = f->server.address,
		.ca_file = f->in.config.tls.ca,
		.count = f->in.config.agents.local,
		.slots = f->in.config.agents.slots,
		.on_report = on_scan_report,
		.on_lost = on_agents_lost,
		.on_gone = on_agents_gone,
		.user = f,
	};
	if (f->agents == NULL && options.count > 0) {
		f->agents = local_agents_start(&options);
	}
	if (f->options.serve) {
		night_planned(&f->night);
	} else {
		uv_timer_start(&f->watch, on_watch, WATCH_MS, WATCH_MS);
	}
	show_status(f);
}

/* --- nights --- */

static void on_night_begin(void *user)
{
	struct farm *f = user;
	if (f->state == FARM_WORK && !f->stopping) {
		go_to(f, FARM_REST);
	}
}

static void on_night_budget(void *user, bool over)
{
	struct farm *f = user;
	queue_set_paused(f->queue, f->disk.low || over);
	if (over) {
		progress_line(&f->progress, "the night's %lld minutes are over: no more jobs are given",
			(long long)f->in.config.night.budget_minutes);
	}
}

static void start_nights(struct farm *f)
{
	const struct night_options options = {
		.loop = &f->loop,
		.config = &f->in.config,
		.queue = f->queue,
		.on_begin = on_night_begin,
		.on_budget = on_night_budget,
		.on_line = on_scan_report,
		.user = f,
	};
	night_start(&f->night, &options);
}

/* --- the end --- */

static void on_closed(void *user)
{
	struct farm *f = user;
	go_to(f, (enum farm_state)(f->state + 1));
}

static void farm_step(struct farm *f)
{
	switch (f->state) {
	case FARM_OPEN:
		break; /* queue_create is under way */
	case FARM_REVOKE:
		queue_revoke_local_agents(f->queue, on_done, f);
		break;
	case FARM_REST:
		farm_verdicts_rest(&f->verdicts, true, on_rested, f);
		break;
	case FARM_JUDGE:
		farm_judge_start(&f->loop, &f->judge, &f->in, &f->stopping, on_judged, on_done, f);
		break;
	case FARM_SCAN:
		if (f->options.serve) {
			night_opened(&f->night);
		}
		farm_scan_start(&f->loop, &f->scan, &f->in, &f->progress, on_scan_report, on_scanned, f);
		break;
	case FARM_PLAN:
		farm_plan_start(&f->loop, &f->plan, &f->in, f->controlled, &f->stopping, on_planned, f);
		break;
	case FARM_REFRESH:
		queue_refresh(f->queue, on_done, f);
		break;
	case FARM_WORK:
		start_work(f);
		break;
	case FARM_STOP_AGENTS:
		if (f->agents != NULL) {
			local_agents_stop(f->agents);
		} else {
			go_to(f, FARM_STOP_VERDICTS);
		}
		break;
	case FARM_STOP_VERDICTS:
		farm_verdicts_rest(&f->verdicts, f->stopping, on_rested, f);
		break;
	case FARM_STOP_SERVER:
		disk_watch_stop(&f->disk);
		if (f->options.serve) {
			night_stop(&f->night);
		}
		farm_server_stop(&f->server, on_closed, f);
		break;
	case FARM_STOP_KEEP:
		keep_stop(f->keep.keep, on_closed, f);
		break;
	case FARM_STOP_QUEUE:
		queue_destroy(f->queue, on_closed, f);
		break;
	case FARM_STOP_WRITER:
		store_writer_stop(f->in.writer, on_closed, f);
		break;
	case FARM_STOPPED:
		loop_signals_stop(&f->signals);
		uv_close((uv_handle_t *)&f->watch, NULL);
		farm_verdicts_close(&f->verdicts);
		break;
	}
}

/* --- the beginning: what can fail with one line --- */

static void on_queue_ready(void *user, int code, const struct err *e)
{
	struct farm *f = user;
	struct err problem = {0};
	if (code < 0) {
		fail(f, e);
		go_to(f, FARM_STOP_QUEUE);
		return;
	}
	code = farm_server_start(&f->loop, &f->in, f->queue, &f->server, &problem);
	if (code < 0) {
		fail(f, &problem);
		go_to(f, FARM_STOP_QUEUE);
		return;
	}
	progress_line(&f->progress, "dashboard: %s", server_url(f->server.server));
	farm_keep_start(&f->loop, &f->keep, &f->in, f->in.canaries.sdist, on_scan_report, f);
	disk_watch_start(
		&f->loop, &f->disk, f->in.config.state, f->in.config.min_free_mb << 20, on_disk, f);
	if (f->options.serve) {
		start_nights(f);
	}
	go_to(f, f->stopping ? FARM_STOP_SERVER : FARM_REVOKE);
}

static void open_queue(struct farm *f)
{
	const struct queue_options options = {
		.loop = &f->loop,
		.writer = f->in.writer,
		.clock = clock_real(),
		.blobs = &f->in.blobs,
		.live_folder = f->in.live_folder,
		.retry_s = f->in.config.agents.retry_s,
		.classify = classify,
		.on_result = on_result,
		.on_passed = on_passed,
		.on_event = on_event,
		.user = f,
		.canaries = f->in.canaries.v,
		.canary_count = f->in.canaries.n,
	};
	f->queue = queue_create(&options, on_queue_ready, f);
}

static int exit_code_of(int code)
{
	return code == ERR_USAGE || code == ERR_INVALID || code == -ENOENT ? EXIT_USAGE : EXIT_WORLD;
}

int farm_program_run(const struct farm_options *options)
{
	struct farm f = {.options = *options};
	struct err e = {0};
	progress_init(&f.progress, options->serve);
	uv_loop_init(&f.loop);
	int code = farm_inputs_open(&f.in, options->config, &f.loop, &e);
	for (size_t i = 0; i < f.in.recipes.recipes.problem_count; i++) {
		progress_line(&f.progress, "%s", f.in.recipes.recipes.problems[i].text);
	}
	if (code == 0) {
		code = loop_signals_start(&f.loop, &f.signals, on_signal, &f, &e);
	}
	if (code == 0) {
		uv_timer_init(&f.loop, &f.watch);
		farm_verdicts_init(&f.loop, &f.verdicts, &f.in, &f.progress);
		open_queue(&f);
	} else {
		fprintf(stderr, "wheelfarm: %s\n", e.text);
		f.exit_code = exit_code_of(code);
		if (f.in.writer != NULL) {
			store_writer_stop(f.in.writer, NULL, NULL);
		}
	}
	uv_run(&f.loop, UV_RUN_DEFAULT);
	progress_clear(&f.progress);
	if (f.planned_all && !options->serve && f.exit_code != EXIT_INTERRUPT) {
		int reported = farm_report(f.in.reader, &f.in.config);
		worse(&f, reported);
	}
	farm_inputs_finish(&f.in);
	uv_loop_close(&f.loop);
	return f.exit_code;
}
