/* A coordinator for simulated farms: the real store, queue and web server, without scan and plan.
 *
 *   farm_coordinator FOLDER [NAME=NUMBER …]
 *
 * An empty FOLDER is first filled with jobs=, agents= and targets=; the agents' tokens go to
 * FOLDER/tokens, one a line. Prints its address as one line and serves until standard input ends or
 * a signal comes; then one line of JSON about what it used. Killed at any moment, it goes on where it
 * was when it is started again. */
#include "fixture.h"

#include "coordinator/keep/keep.h"
#include "coordinator/store/log.h"
#include "coordinator/store/package.h"
#include "coordinator/verdict/verdict.h"
#include "core/base/log.h"
#include "core/io/file.h"
#include "core/io/loop.h"
#include "web/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DAY_MS = 24 * 3600 * 1000 };

struct settings {
	int64_t jobs, agents, targets; /* of a farm that is made */
	int64_t builds; /* every so many-th job must bring a wheel; 0: none */
	int64_t port, lease_s, heartbeat_s, retry_s, fault_limit, tick_ms;
	int64_t receive_s, send_s, connections; /* of the server; 0: its defaults */
	int64_t drain; /* agents are told when all is done */
	int64_t tidy; /* a round of retention begins at once: what is older than a day */
};

struct coordinator {
	uv_loop_t loop;
	struct settings settings;
	char *folder;
	char *database;
	char *live;
	struct blob_store blobs;
	struct store_writer *writer;
	struct queue *queue;
	struct keep *keep;
	struct server *server;
	uv_pipe_t input;
	struct loop_signals signals;
	char byte;
	bool stopping;
};

static void must(int code, const struct err *e)
{
	if (code < 0) {
		fprintf(stderr, "farm_coordinator: %s\n", e->text);
		exit(1);
	}
}

static void set(struct settings *s, const char *word)
{
	static const struct {
		const char *name;
		size_t offset;
	} names[] = {
		{"jobs", offsetof(struct settings, jobs)},
		{"agents", offsetof(struct settings, agents)},
		{"targets", offsetof(struct settings, targets)},
		{"builds", offsetof(struct settings, builds)},
		{"port", offsetof(struct settings, port)},
		{"lease_s", offsetof(struct settings, lease_s)},
		{"heartbeat_s", offsetof(struct settings, heartbeat_s)},
		{"retry_s", offsetof(struct settings, retry_s)},
		{"fault_limit", offsetof(struct settings, fault_limit)},
		{"tick_ms", offsetof(struct settings, tick_ms)},
		{"receive_s", offsetof(struct settings, receive_s)},
		{"send_s", offsetof(struct settings, send_s)},
		{"connections", offsetof(struct settings, connections)},
		{"drain", offsetof(struct settings, drain)},
		{"tidy", offsetof(struct settings, tidy)},
	};
	struct str rest = str_from(word);
	struct str name;
	if (str_split(&rest, '=', &name)) {
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			int64_t *value = (int64_t *)(void *)((char *)s + names[i].offset);
			if (str_is(name, names[i].name) && str_to_i64(rest, value)) {
				return;
			}
		}
	}
	fprintf(stderr, "farm_coordinator: %s is no setting\n", word);
	exit(2);
}

/* --- a new farm --- */

/* As a scan leaves it: each package has its headlines. */
static int judge_all(struct store *s, const struct settings *o, struct err *e)
{
	struct arena arena = {0};
	struct store_package *packages = NULL;
	size_t count = 0;
	int code = store_package_list(s, &arena, &packages, &count, e);
	for (size_t i = 0; code == 0 && i < count; i++) {
		code = verdict_refresh(s, packages[i].id, 1, e);
	}
	arena_finish(&arena);
	return code;
}

static int add_jobs(struct store *s, const struct settings *o, struct err *e)
{
	int code = 0;
	for (int64_t i = 0; code == 0 && i < o->jobs; i++) {
		char name[32];
		char target[48];
		snprintf(name, sizeof(name), "package-%lld", (long long)i);
		snprintf(target, sizeof(target), "cp3%lld-win_arm64", (long long)(11 + i % o->targets));
		struct fixture_job job = {
			.name = name,
			.target = target,
			.toolchain = "cross-zig",
			.image = "trixie-amd64-builder-1",
			.priority = i,
			.wall_s = 3600,
			.builds = o->builds != 0 && i % o->builds == 0,
		};
		job.kind = job.builds ? "build" : "control";
		code = fixture_add_write(s, &job, e);
	}
	return code == 0 ? judge_all(s, o, e) : code;
}

static int add_agents(struct store *s, const struct settings *o, struct buf *tokens, struct err *e)
{
	int code = 0;
	for (int64_t i = 0; code == 0 && i < o->agents; i++) {
		char name[32];
		char token[STORE_TOKEN];
		int64_t id = 0;
		snprintf(name, sizeof(name), "agent-%lld", (long long)i);
		code = store_agent_add(s, name, true, false, 1, token, &id, e);
		buf_printf(tokens, "%s\n", token);
	}
	return code;
}

static void make_farm(const struct coordinator *c)
{
	struct err e = {0};
	struct store *s = NULL;
	struct buf tokens = {0};
	must(store_open(c->database, STORE_WRITE, &s, &e), &e);
	must(store_begin(s, &e), &e);
	must(add_jobs(s, &c->settings, &e), &e);
	must(add_agents(s, &c->settings, &tokens, &e), &e);
	must(store_commit(s, &e), &e);
	store_close(s);
	char *path = file_join(c->folder, "tokens");
	must(file_write_atomic(path, buf_view(&tokens), &e), &e);
	free(path);
	buf_finish(&tokens);
}

/* --- the end --- */

static void on_kept(void *user)
{
	struct coordinator *c = user;
	store_writer_stop(c->writer, NULL, NULL);
	loop_signals_stop(&c->signals);
}

static void on_queue_closed(void *user)
{
	struct coordinator *c = user;
	if (c->keep != NULL) {
		keep_stop(c->keep, on_kept, c);
	} else {
		on_kept(c);
	}
}

static void on_server_stopped(void *user)
{
	struct coordinator *c = user;
	queue_destroy(c->queue, on_queue_closed, c);
}

static void stop(struct coordinator *c)
{
	if (!c->stopping && c->server != NULL) {
		c->stopping = true;
		uv_close((uv_handle_t *)&c->input, NULL);
		server_stop(c->server, on_server_stopped, c);
	}
}

static void on_signal(struct loop_signals *signals, int number)
{
	stop(signals->user);
}

static void on_allocate(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
	struct coordinator *c = handle->data;
	*out = uv_buf_init(&c->byte, 1);
}

static void on_input(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	if (n < 0) {
		stop(stream->data);
	}
}

/* --- life --- */

static void classify(void *user, enum stage stage, struct str log, struct classify_answer *out)
{
	*out = (struct classify_answer){.reason = REASON_CODE_COMPILE_ERROR, .offset = -1};
}

static int on_result(
	void *user, struct store *s, int64_t package, int64_t target, int64_t now, struct err *e)
{
	return verdict_refresh_target(s, package, target, now, e);
}

static void on_ready(void *user, int code, const struct err *problem)
{
	struct coordinator *c = user;
	struct err e = {0};
	must(code, problem);
	const struct server_options options = {
		.port = (int)c->settings.port,
		.receive_s = (int)c->settings.receive_s,
		.send_s = (int)c->settings.send_s,
		.connections = (int)c->settings.connections,
		.database = c->database,
		.blobs = &c->blobs,
		.queue = c->queue,
		.python = "cp313",
	};
	must(server_start(&c->loop, &options, &c->server, &e), &e);
	queue_set_draining(c->queue, c->settings.drain != 0);
	printf("%s\n", server_url(c->server));
	fflush(stdout);
	uv_pipe_init(&c->loop, &c->input, 0);
	c->input.data = c;
	uv_pipe_open(&c->input, STDIN_FILENO);
	uv_read_start((uv_stream_t *)&c->input, on_allocate, on_input);
}

static struct keep *start_keep(struct coordinator *c)
{
	const struct keep_options options = {
		.loop = &c->loop,
		.writer = c->writer,
		.database = c->database,
		.blobs = &c->blobs,
		.live_folder = c->live,
		.clock = clock_real(),
		.ages = {DAY_MS, DAY_MS, DAY_MS, DAY_MS, DAY_MS},
		.orphan_ms = DAY_MS,
		.first_ms = 1,
		.rest_ms = 1,
	};
	return keep_start(&options);
}

static void start(struct coordinator *c)
{
	struct err e = {0};
	struct store *s = NULL;
	char *blobs = file_join(c->folder, "store");
	c->live = store_log_live_folder(c->database);
	must(blob_store_open(&c->blobs, blobs, &e), &e);
	must(store_open(c->database, STORE_WRITE, &s, &e), &e);
	must(store_writer_start(&c->loop, s, &c->writer, &e), &e);
	must(loop_signals_start(&c->loop, &c->signals, on_signal, c, &e), &e);
	const struct queue_options options = {
		.loop = &c->loop,
		.writer = c->writer,
		.clock = clock_real(),
		.blobs = &c->blobs,
		.live_folder = c->live,
		.lease_s = c->settings.lease_s,
		.heartbeat_s = c->settings.heartbeat_s,
		.retry_s = c->settings.retry_s,
		.fault_limit = c->settings.fault_limit,
		.tick_ms = c->settings.tick_ms,
		.classify = classify,
		.on_result = on_result,
		.user = c,
	};
	c->queue = queue_create(&options, on_ready, c);
	c->keep = c->settings.tidy != 0 ? start_keep(c) : NULL;
	free(blobs);
}

static void report(void)
{
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	printf("{\"user_s\": %ld.%06ld, \"system_s\": %ld.%06ld, \"peak_mb\": %ld}\n",
		(long)used.ru_utime.tv_sec, (long)used.ru_utime.tv_usec, (long)used.ru_stime.tv_sec,
		(long)used.ru_stime.tv_usec, used.ru_maxrss >> 10);
}

int main(int argc, char **argv)
{
	struct err e = {0};
	struct coordinator c = {.settings = {.targets = 1}};
	if (argc < 2) {
		fprintf(stderr, "usage: farm_coordinator FOLDER [NAME=NUMBER ...]\n");
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		set(&c.settings, argv[i]);
	}
	log_set_level(LOG_WARN);
	c.folder = argv[1];
	c.database = file_join(c.folder, "facts.db");
	must(file_make_folders(c.folder, &e), &e);
	if (access(c.database, F_OK) != 0) {
		make_farm(&c);
	}
	uv_loop_init(&c.loop);
	start(&c);
	uv_run(&c.loop, UV_RUN_DEFAULT);
	uv_loop_close(&c.loop);
	blob_store_finish(&c.blobs);
	free(c.database);
	free(c.live);
	report();
	return 0;
}
