#include "cli/farm_program.h"

#include "cli/farm_report.h"
#include "cli/local_agents.h"
#include "cli/main.h"
#include "cli/progress.h"
#include "coordinator/config.h"
#include "coordinator/plan/plan.h"
#include "coordinator/scan/scan.h"
#include "coordinator/store/lock.h"
#include "coordinator/store/log.h"
#include "coordinator/verdict/verdict.h"
#include "core/base/clock.h"
#include "core/base/vec.h"
#include "core/io/file.h"
#include "core/io/loop.h"
#include "web/server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WATCH_MS = 250 };

/* The life of a farm, in this order; every step ends in farm_step. */
enum farm_state {
	FARM_OPEN, /* the queue reads what is there */
	FARM_REVOKE, /* agents of a process before this one are dead */
	FARM_SCAN,
	FARM_PLAN,
	FARM_REFRESH, /* the queue reads the new jobs */
	FARM_WORK,
	FARM_STOP_AGENTS,
	FARM_STOP_SERVER,
	FARM_STOP_QUEUE,
	FARM_STOP_WRITER,
	FARM_STOPPED,
};

struct farm {
	struct farm_options options;
	enum farm_state state;
	int exit_code;
	bool stopping;
	uv_loop_t loop;
	struct loop_signals signals;
	struct progress progress;
	struct config config;
	struct plan_recipes recipes;
	struct reason_rules *rules;
	uv_mutex_t rules_mutex; /* the rules have one scratch area */
	struct scan_index index;
	struct store_lock *lock;
	struct store *reader;
	struct store_writer *writer;
	struct blob_store blobs;
	char *live_folder;
	struct queue *queue;
	struct server *server;
	char *address; /* of the coordinator, for agents */
	struct local_agents *agents;
	struct scan *scan;
	struct scan_counts scanned;
	struct plan_counts planned;
	int plan_code;
	struct err plan_err;
	VEC(char *) plan_lines;
	uv_timer_t refresh; /* serve: scans again */
	uv_timer_t watch; /* run: ends when all is done */
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
		scan_cancel(f->scan);
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
	uv_mutex_lock(&f->rules_mutex);
	classify_log(f->rules, stage, log, out);
	uv_mutex_unlock(&f->rules_mutex);
}

static int on_result(void *user, struct store *s, int64_t package, int64_t now, struct err *e)
{
	return verdict_refresh(s, package, now, e);
}

static void show_status(struct farm *f)
{
	struct queue_counts c;
	queue_counts(f->queue, &c);
	progress_status(&f->progress, "%zu built, %zu failed, %zu building, %zu waiting  \xC2\xB7  %s",
		c.passed, c.failed, c.leased, c.queued, server_url(f->server));
}

static void on_event(void *user, const struct queue_event *event)
{
	struct farm *f = user;
	progress_event(&f->progress, event);
	if (f->state == FARM_WORK) {
		show_status(f);
	}
}

/* run: looks whether all is done. An event cannot tell, as it comes while its job still counts. */
static void on_watch(uv_timer_t *timer)
{
	struct farm *f = mem_container_of(timer, struct farm, watch);
	if (f->state == FARM_WORK && !f->stopping && queue_is_empty(f->queue)) {
		uv_timer_stop(timer);
		go_to(f, FARM_STOP_AGENTS);
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
	progress_line(&f->progress, "%s", line);
}

static void on_scan_progress(void *user, const struct scan_counts *c)
{
	struct farm *f = user;
	progress_status(&f->progress, "scanned %zu of %zu packages",
		c->changed + c->unchanged + c->absent + c->bad + c->failed, c->asked);
}

static void on_scan_end(void *user, const struct scan_counts *counts)
{
	struct farm *f = user;
	f->scan = NULL;
	f->scanned = *counts;
	progress_line(&f->progress, "scanned %zu packages: %zu changed, %zu as before%s", counts->asked,
		counts->changed, counts->unchanged,
		counts->failed != 0 ? "; some could not be reached" : "");
	worse(f, f->options.serve ? EXIT_FINE : scan_exit_code(counts));
	go_to(f, f->stopping ? FARM_STOP_AGENTS : FARM_PLAN);
}

static void start_scan(struct farm *f)
{
	const struct scan_options options = {
		.loop = &f->loop,
		.index = &f->index,
		.contact = f->config.contact,
		.connections = f->config.scan_connections,
		.store = f->reader,
		.writer = f->writer,
		.targets = &f->recipes.targets,
		.scope = &f->recipes.scope,
		.packages = f->config.packages.v,
		.package_count = f->config.packages.n,
		.on_report = on_scan_report,
		.on_progress = on_scan_progress,
		.on_end = on_scan_end,
		.user = f,
	};
	f->scan = scan_start(&options);
}

/* --- plan, on a worker thread --- */

static void on_plan_report(void *user, const char *line)
{
	struct farm *f = user;
	*vec_add(&f->plan_lines) = mem_copy(line, strlen(line));
}

static void plan_work(void *user)
{
	struct farm *f = user;
	const struct plan_options options = {
		.config = &f->config,
		.recipes = &f->recipes,
		.store = f->reader,
		.writer = f->writer,
		.blobs = &f->blobs,
		.now = clock_wall_ms(),
		.on_report = on_plan_report,
		.user = f,
	};
	f->plan_code = plan_run(&options, &f->planned, &f->plan_err);
}

static void plan_done(void *user)
{
	struct farm *f = user;
	VEC_EACH (char *, line, &f->plan_lines) {
		progress_line(&f->progress, "%s", *line);
		free(*line);
	}
	vec_finish(&f->plan_lines);
	if (f->planned.failed != 0 && !f->options.serve) {
		worse(f, EXIT_NOT_FINE);
	}
	if (f->plan_code == 0) {
		progress_line(&f->progress, "planned %zu builds: %zu new, %zu known, %zu not needed",
			f->planned.wanted, f->planned.added, f->planned.known,
			f->planned.skipped + f->planned.no_sdist);
	}
	on_done(f, f->plan_code, &f->plan_err);
}

/* --- work --- */

static void on_agents_gone(void *user)
{
	struct farm *f = user;
	f->agents = NULL;
	go_to(f, FARM_STOP_SERVER);
}

static void start_work(struct farm *f)
{
	if (!f->options.serve && queue_is_empty(f->queue)) {
		go_to(f, FARM_STOP_AGENTS);
		return;
	}
	queue_set_draining(f->queue, !f->options.serve);
	const struct local_agents_options options = {
		.loop = &f->loop,
		.queue = f->queue,
		.state = f->config.state,
		.coordinator = f->address,
		.count = f->config.agents.local,
		.slots = f->config.agents.slots,
		.on_report = on_scan_report,
		.on_gone = on_agents_gone,
		.user = f,
	};
	if (f->agents == NULL && options.count > 0) {
		f->agents = local_agents_start(&options);
	}
	if (!f->options.serve) {
		uv_timer_start(&f->watch, on_watch, WATCH_MS, WATCH_MS);
	}
	show_status(f);
}

/* serve: the next scan. */
static void on_refresh(uv_timer_t *timer)
{
	struct farm *f = mem_container_of(timer, struct farm, refresh);
	if (f->state == FARM_WORK && !f->stopping) {
		go_to(f, FARM_SCAN);
	}
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
	case FARM_SCAN:
		start_scan(f);
		break;
	case FARM_PLAN:
		loop_work(&f->loop, plan_work, plan_done, f);
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
			go_to(f, FARM_STOP_SERVER);
		}
		break;
	case FARM_STOP_SERVER:
		server_stop(f->server, on_closed, f);
		break;
	case FARM_STOP_QUEUE:
		queue_destroy(f->queue, on_closed, f);
		break;
	case FARM_STOP_WRITER:
		store_writer_stop(f->writer, on_closed, f);
		break;
	case FARM_STOPPED:
		loop_signals_stop(&f->signals);
		uv_close((uv_handle_t *)&f->refresh, NULL);
		uv_close((uv_handle_t *)&f->watch, NULL);
		break;
	}
}

/* --- the beginning: what can fail with one line --- */

static int read_inputs(struct farm *f, struct err *e)
{
	int code = config_load(f->options.config, &f->config, e);
	if (code < 0 || (code = plan_recipes_load(f->config.recipes, &f->recipes, e)) < 0) {
		return code;
	}
	for (size_t i = 0; i < f->recipes.recipes.problem_count; i++) {
		progress_line(&f->progress, "%s", f->recipes.recipes.problems[i].text);
	}
	f->rules = reason_rules_load(f->config.recipes, e);
	if (f->rules == NULL) {
		return e->code;
	}
	return scan_index_find(f->config.index, &f->index, e);
}

static int open_database(struct farm *f, struct err *e)
{
	struct store *store = NULL;
	char *blob_folder = file_join(f->config.state, "store");
	int code = file_make_folders(f->config.state, e);
	if (code < 0 || (code = store_lock(f->config.database, &f->lock, e)) < 0 ||
		(code = store_open(f->config.database, STORE_WRITE, &store, e)) < 0 ||
		(code = store_writer_start(&f->loop, store, &f->writer, e)) < 0 ||
		(code = store_open(f->config.database, STORE_READ, &f->reader, e)) < 0 ||
		(code = blob_store_open(&f->blobs, blob_folder, e)) < 0) {
		goto out;
	}
	store_set_default_python(f->reader, f->config.python);
	f->live_folder = store_log_live_folder(f->config.database);
out:
	free(blob_folder);
	return code;
}

static int open_server(struct farm *f, struct err *e)
{
	struct str listen = str_from(f->config.listen);
	ptrdiff_t colon = str_find_last(listen, ':');
	uint64_t port = 0;
	if (colon < 0 || !str_to_u64(str_slice(listen, (size_t)colon + 1, listen.n), &port) ||
		port > 65535) {
		return err_set(e, ERR_USAGE, "%s: listen: not ADDRESS:PORT", f->config.file);
	}
	char *host = str_dup(str_slice(listen, 0, (size_t)colon));
	const struct server_options options = {
		.address = host,
		.port = (int)port,
		.database = f->config.database,
		.blobs = &f->blobs,
		.queue = f->queue,
		.python = f->config.python,
	};
	int code = server_start(&f->loop, &options, &f->server, e);
	free(host);
	if (code == 0) {
		f->address = str_format("http://127.0.0.1:%d", server_port(f->server));
		progress_line(&f->progress, "dashboard: %s", server_url(f->server));
	}
	return code;
}

static void on_queue_ready(void *user, int code, const struct err *e)
{
	struct farm *f = user;
	struct err problem = {0};
	if (code < 0) {
		fail(f, e);
		go_to(f, FARM_STOP_QUEUE);
		return;
	}
	code = open_server(f, &problem);
	if (code < 0) {
		fail(f, &problem);
		go_to(f, FARM_STOP_QUEUE);
		return;
	}
	go_to(f, f->stopping ? FARM_STOP_SERVER : FARM_REVOKE);
}

static void open_queue(struct farm *f)
{
	const struct queue_options options = {
		.loop = &f->loop,
		.writer = f->writer,
		.clock = clock_real(),
		.blobs = &f->blobs,
		.live_folder = f->live_folder,
		.retry_s = f->config.agents.retry_s,
		.classify = classify,
		.on_result = on_result,
		.on_event = on_event,
		.user = f,
	};
	f->queue = queue_create(&options, on_queue_ready, f);
}

static void finish(struct farm *f)
{
	store_close(f->reader);
	store_unlock(f->lock);
	blob_store_finish(&f->blobs);
	free(f->live_folder);
	free(f->address);
	reason_rules_destroy(f->rules);
	scan_index_finish(&f->index);
	plan_recipes_finish(&f->recipes);
	config_finish(&f->config);
	uv_mutex_destroy(&f->rules_mutex);
}

static int exit_code_of(int code)
{
	return code == ERR_USAGE || code == ERR_INVALID || code == -2 ? EXIT_USAGE : EXIT_WORLD;
}

int farm_program_run(const struct farm_options *options)
{
	struct farm f = {.options = *options};
	struct err e = {0};
	progress_init(&f.progress);
	uv_loop_init(&f.loop);
	uv_mutex_init(&f.rules_mutex);
	int code = read_inputs(&f, &e);
	if (code == 0) {
		code = open_database(&f, &e);
	}
	if (code == 0) {
		code = loop_signals_start(&f.loop, &f.signals, on_signal, &f, &e);
	}
	if (code == 0) {
		uv_timer_init(&f.loop, &f.refresh);
		uv_timer_init(&f.loop, &f.watch);
		uint64_t every = (uint64_t)f.config.refresh_hours * 3600 * 1000;
		if (options->serve && every != 0) {
			uv_timer_start(&f.refresh, on_refresh, every, every);
			uv_unref((uv_handle_t *)&f.refresh);
		}
		open_queue(&f);
	} else {
		fprintf(stderr, "wheelfarm: %s\n", e.text);
		f.exit_code = exit_code_of(code);
		if (f.writer != NULL) {
			store_writer_stop(f.writer, NULL, NULL);
		}
	}
	uv_run(&f.loop, UV_RUN_DEFAULT);
	progress_clear(&f.progress);
	if (code == 0 && !options->serve && f.exit_code < EXIT_WORLD) {
		int reported = farm_report(f.reader, &f.config);
		worse(&f, reported);
	}
	finish(&f);
	uv_loop_close(&f.loop);
	return f.exit_code;
}
