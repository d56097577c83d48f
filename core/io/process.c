#include "core/io/process.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/io/process_log.h"
#include "core/io/process_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	KILL_AGAIN_MS = 10, /* between looks at a tree that is dying */
	GIVE_UP_MS = 30000, /* on a process that cannot die: in the kernel, waiting for a dead disk */
	DRAIN_MS = 500, /* for the end of output once the tree is gone */
};

enum state {
	STATE_RUNNING,
	STATE_KILLING, /* until nothing of the tree is left */
	STATE_DRAINING, /* until the pipe ends, or nobody can be waited for */
	STATE_CLOSING, /* until uv has let the handles go */
};

struct process {
	uv_loop_t *loop;
	enum state state;
	struct process_spec spec; /* its lists and texts are in `memory` */
	struct arena memory;
	struct process_tree *tree;
	bool output_ended;
	uv_timer_t timer;
	uv_pipe_t output;
	int open;
	struct process_log log;
	uint64_t said; /* bytes of output so far */
	int64_t started_ms; /* these on the loop's clock */
	int64_t last_output_ms;
	int64_t state_ms;
	uint64_t started_ns;
	struct process_result result;
	char piece[64 * 1024];
};

static void step(struct process *p);

static void enter(struct process *p, enum state state)
{
	p->state = state;
	p->state_ms = (int64_t)uv_now(p->loop);
}

/* The first cause of an end is the one that counts. */
static void end_by(struct process *p, enum process_end end)
{
	if (p->state == STATE_RUNNING) {
		p->result.end = end;
		enter(p, STATE_KILLING);
	}
}

static void closed(void *user)
{
	struct process *p = user;
	if (--p->open != 0) {
		return;
	}
	p->spec.on_end(p->spec.user, &p->result);
	arena_finish(&p->memory);
	free(p);
}

static void on_closed(uv_handle_t *handle)
{
	closed(handle->data);
}

static void close_all(struct process *p)
{
	enter(p, STATE_CLOSING);
	process_log_end(&p->log);
	uv_close((uv_handle_t *)&p->timer, on_closed);
	uv_close((uv_handle_t *)&p->output, on_closed);
	process_tree_close(p->tree, closed, p);
}

static void look_at_child(struct process *p)
{
	if (p->state == STATE_RUNNING && process_tree_ended(p->tree, &p->result)) {
		enter(p, STATE_KILLING);
	}
}

static void finish_tree(struct process *p)
{
	bool oom = false;
	process_tree_measure(p->tree, &p->result.usage, &oom);
	bool failed = p->result.end == PROCESS_SIGNALED ||
		(p->result.end == PROCESS_EXITED && p->result.exit_code != 0);
	if (oom && failed) {
		p->result.end = PROCESS_MEMORY;
	}
	p->result.usage.wall_s = (double)(uv_hrtime() - p->started_ns) / 1e9;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Each step tells when to look again: NOW, as the state is another, a time, or NEVER, as an event
 * will come. */
#define NOW INT64_MIN
#define NEVER INT64_MAX

static int64_t step_running(struct process *p, int64_t now)
{
	const struct process_limits *l = &p->spec.limits;
	int64_t wall = l->wall_ms > 0 ? p->started_ms + l->wall_ms : NEVER;
	int64_t idle = l->idle_ms > 0 ? p->last_output_ms + l->idle_ms : NEVER;
	look_at_child(p);
	if (now >= wall) {
		end_by(p, PROCESS_WALL);
	} else if (now >= idle) {
		end_by(p, PROCESS_IDLE);
	}
	return p->state != STATE_RUNNING ? NOW : earlier(wall, idle);
}

static int64_t step_killing(struct process *p, int64_t now)
{
	bool gone = process_tree_kill(p->tree);
	if (!gone && now - p->state_ms < GIVE_UP_MS) {
		/* nearly always it is gone within a few milliseconds, and a job has many children */
		return now + (now - p->state_ms < KILL_AGAIN_MS ? 1 : KILL_AGAIN_MS);
	}
	if (!gone) {
		log_warn("process", "%s: some of its processes do not die", p->spec.name);
	}
	finish_tree(p);
	enter(p, STATE_DRAINING);
	return NOW;
}

static int64_t step_draining(struct process *p, int64_t now)
{
	if (!p->output_ended && now - p->state_ms < DRAIN_MS) {
		return p->state_ms + DRAIN_MS;
	}
	close_all(p);
	return NEVER;
}

static void on_timer(uv_timer_t *timer)
{
	step(timer->data);
}

static void step(struct process *p)
{
	int64_t now = (int64_t)uv_now(p->loop);
	int64_t next = NOW;
	while (next == NOW) {
		switch (p->state) {
		case STATE_RUNNING:
			next = step_running(p, now);
			break;
		case STATE_KILLING:
			next = step_killing(p, now);
			break;
		case STATE_DRAINING:
			next = step_draining(p, now);
			break;
		case STATE_CLOSING:
			return;
		}
	}
	if (next != NEVER && p->state != STATE_CLOSING) {
		uv_timer_start(&p->timer, on_timer, next > now ? (uint64_t)(next - now) : 0, 0);
	}
}

static void on_woken(void *user)
{
	step(user);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
	struct process *p = handle->data;
	*room = uv_buf_init(p->piece, sizeof(p->piece));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *room)
{
	struct process *p = stream->data;
	if (n > 0) {
		p->last_output_ms = (int64_t)uv_now(p->loop);
		process_log_add(&p->log, (struct str){.p = room->base, .n = (size_t)n});
		p->said += (uint64_t)n;
		if (p->spec.limits.output_bytes != 0 && p->said > p->spec.limits.output_bytes) {
			end_by(p, PROCESS_OUTPUT);
			uv_timer_start(&p->timer, on_timer, 0, 0);
		}
		return;
	}
	if (n < 0) {
		uv_read_stop(stream);
		p->output_ended = true;
		if (p->state == STATE_DRAINING) {
			step(p);
		}
	}
}

static const char *const *copy_list(struct arena *memory, const char *const *list)
{
	size_t n = 0;
	while (list != NULL && list[n] != NULL) {
		n++;
	}
	const char **copy = arena_new(memory, (n + 1) * sizeof(*copy));
	for (size_t i = 0; i < n; i++) {
		copy[i] = arena_copy(memory, list[i], strlen(list[i]));
	}
	return copy;
}

static void copy_spec(struct process *p, const struct process_spec *spec)
{
	p->spec = *spec;
	p->spec.argv = copy_list(&p->memory, spec->argv);
	p->spec.env = copy_list(&p->memory, spec->env);
	const char *name = spec->name != NULL && spec->name[0] != '\0' ? spec->name : "process";
	p->spec.name = arena_copy(&p->memory, name, strlen(name));
	if (spec->cwd != NULL) {
		p->spec.cwd = arena_copy(&p->memory, spec->cwd, strlen(spec->cwd));
	}
	/* It becomes the name of a folder. */
	if (strspn(p->spec.name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(p->spec.name)) {
		mem_bug("'%s' is no name for a process", name);
	}
}

static void say(struct process *p, const char *what, const char *by)
{
	char *out = p->result.limits_in_force;
	size_t used = strlen(out);
	if (by != NULL) {
		snprintf(out + used, sizeof(p->result.limits_in_force) - used, "%s%s%s",
			used != 0 ? " " : "", what, by);
	}
}

static void tell_limits(struct process *p, const struct process_in_force *in_force)
{
	const struct process_limits *l = &p->spec.limits;
	say(p, "wall", l->wall_ms > 0 ? "" : NULL);
	say(p, "idle", l->idle_ms > 0 ? "" : NULL);
	say(p, "memory", in_force->memory);
	say(p, "pids", in_force->pids);
	say(p, "files", in_force->files);
	say(p, "log", "");
	say(p, "output", l->output_bytes != 0 ? "" : NULL);
	say(p, "tree", in_force->tree);
}

static void start(struct process *p)
{
	struct process_in_force in_force = {0};
	struct err e = {0};
	uv_file output = -1;
	int code = process_tree_start(p->tree, &p->spec, &in_force, &output, &e);
	tell_limits(p, &in_force);
	if (code == 0) {
		uv_pipe_open(&p->output, output);
		uv_read_start((uv_stream_t *)&p->output, on_room, on_read);
		return;
	}
	p->result.end = PROCESS_NOT_STARTED;
	p->result.code = code;
	snprintf(p->result.text, sizeof(p->result.text), "%.255s", e.text);
	p->output_ended = true;
	enter(p, STATE_DRAINING);
}

struct process *process_start(uv_loop_t *loop, const struct process_spec *spec)
{
	struct process *p = MEM_NEW(struct process);
	p->loop = loop;
	copy_spec(p, spec);
	process_log_init(&p->log, spec->limits.log_bytes, spec->on_output, spec->user);
	uv_timer_init(loop, &p->timer);
	uv_pipe_init(loop, &p->output, 0);
	p->timer.data = p;
	p->output.data = p;
	p->open = 3;
	p->tree = process_tree_open(loop, on_woken, p);
	start(p);
	uv_update_time(loop);
	p->started_ns = uv_hrtime();
	p->started_ms = (int64_t)uv_now(loop);
	p->last_output_ms = p->started_ms;
	p->state_ms = p->started_ms;
	uv_timer_start(&p->timer, on_timer, 0, 0);
	return p;
}

void process_cancel(struct process *p)
{
	if (p->state == STATE_RUNNING) {
		end_by(p, PROCESS_CANCELLED);
		uv_timer_start(&p->timer, on_timer, 0, 0); /* never on_end from inside this call */
	}
}
