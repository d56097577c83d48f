/* The agent as a coordinator's worker: says hello, keeps its slots at work, ends when told. */
#pragma once

#include "agent/agent.h"
#include "agent/client.h"
#include "agent/slot.h"
#include "core/io/loop.h"

struct daemon {
	struct agent *agent;
	struct client client;
	struct slot *slots;
	size_t slot_count;
	struct loop_signals signals;
	bool signals_open;
	bool once;
	bool greeted; /* the coordinator knows what we can do */
	uv_timer_t hello; /* when it is said next */
	bool hello_busy;
	unsigned hello_tries;
	bool stopping; /* no more jobs are asked for */
	bool ending; /* closing everything */
	int64_t heartbeat_s;
	int code; /* exit code */
};

/* Runs until done; the program's exit code. */
int daemon_run(struct agent *agent, bool once, struct err *e);

/* For slots: something may be over; ends the daemon when all slots are. */
void daemon_slot_over(struct daemon *d);
/* No more jobs are asked for; code is the exit code if it is not 0. */
void daemon_stop(struct daemon *d, int code);
/* The connection was lost: hello is said again before the next lease. */
void daemon_forget(struct daemon *d);
