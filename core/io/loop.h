/* Small things around libuv's loop. */
#pragma once

#include "core/base/str.h"

#include <uv.h>

/* SIGINT and SIGTERM (on Windows Ctrl-C and Ctrl-Break) as one callback on the loop; the second signal
 * within 2 s ends the process at once with 130. */
struct loop_signals {
	uv_signal_t interrupt;
	uv_signal_t terminate;
	uv_async_t asked;
	void (*on_stop)(struct loop_signals *s, int signal_number);
	int open;
	int64_t first_ms;
	void *user;
};
int loop_signals_start(uv_loop_t *loop, struct loop_signals *s,
	void (*on_stop)(struct loop_signals *, int), void *user, struct err *e);
/* The callback as if SIGTERM had come, from any thread while it is started; a second one changes nothing. */
void loop_signals_ask(struct loop_signals *s);
void loop_signals_stop(struct loop_signals *s);

/* Runs fn on the loop's thread after `ms`; the timer frees itself. For retries. */
void loop_after(uv_loop_t *loop, uint64_t ms, void (*fn)(void *user), void *user);

/* One piece of work on the thread pool: `work` off the loop, then `done` on it. Never fails. */
void loop_work(uv_loop_t *loop, void (*work)(void *user), void (*done)(void *user), void *user);
