/* Small things around libuv's loop. */
#pragma once

#include "core/base/str.h"

#include <uv.h>

/* SIGINT and SIGTERM as one callback on the loop; the second signal within 2 s ends the process at
 * once with 130. */
struct loop_signals {
	uv_signal_t interrupt;
	uv_signal_t terminate;
	void (*on_stop)(struct loop_signals *s, int signal_number);
	int open;
	int64_t first_ms;
	void *user;
};
int loop_signals_start(uv_loop_t *loop, struct loop_signals *s,
	void (*on_stop)(struct loop_signals *, int), void *user, struct err *e);
void loop_signals_stop(struct loop_signals *s);

/* Runs fn on the loop's thread after `ms`; the timer frees itself. For retries. */
void loop_after(uv_loop_t *loop, uint64_t ms, void (*fn)(void *user), void *user);

/* One piece of work on the thread pool: `work` off the loop, then `done` on it. Never fails. */
void loop_work(uv_loop_t *loop, void (*work)(void *user), void (*done)(void *user), void *user);
