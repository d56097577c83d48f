/* Agents as child processes of this one, for `run` and `serve`: each gets a folder with its
 * configuration and token, writes its words to a log there, and is started again if it dies, unless it
 * dies at once every time. */
#pragma once

#include "coordinator/queue/queue.h"

#include <uv.h>

struct local_agents;

struct local_agents_options {
	uv_loop_t *loop;
	struct queue *queue;
	const char *state; /* folder; agents/NAME/ is made below it */
	const char *coordinator; /* "http://127.0.0.1:PORT" */
	const char *ca_file; /* NULL: none of its own */
	int64_t count;
	int64_t slots;
	/* An agent could not be started, or died and is started again: one line. */
	void (*on_report)(void *user, const char *line);
	/* None of them runs and none is started again: each said its reason by on_report, or ended well. */
	void (*on_lost)(void *user);
	/* After local_agents_stop: all of them are gone. */
	void (*on_gone)(void *user);
	void *user;
};

/* Admits and starts them. The options' texts must outlive it. */
struct local_agents *local_agents_start(const struct local_agents_options *options);
/* Ends them (SIGTERM, then SIGKILL after three seconds); on_gone follows, then it is freed. */
void local_agents_stop(struct local_agents *a);
