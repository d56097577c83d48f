/* The nights of `serve`: when one begins, how long its builds may take, and what is told after it. A
 * night is a scan, the builds planned from it, and a report; one that a restart cut is gone on with,
 * as the scan and the queue remember where they were. */
#pragma once

#include "cli/night_report.h"
#include "coordinator/queue/queue.h"

struct night_options {
	uv_loop_t *loop;
	const struct config *config;
	const struct queue *queue;
	/* It is time for the next one. */
	void (*on_begin)(void *user);
	/* The builds' time is over (true), or a new night gives them time again (false). */
	void (*on_budget)(void *user, bool over);
	/* One line for people. */
	void (*on_line)(void *user, const char *line);
	void *user;
};

struct night {
	struct night_options o;
	uv_timer_t begin; /* neither timer keeps the loop alive */
	uv_timer_t watch;
	int64_t budget_end; /* steady ms; 0: none, or it is over */
	int64_t reported; /* wall ms: changes before that were told */
	bool open; /* it began and was not reported */
	bool working; /* its jobs are planned */
	bool over; /* the builds' time */
	bool reporting;
	bool stopped;
};

void night_start(struct night *n, const struct night_options *o);
void night_opened(struct night *n); /* a scan begins, whoever asked for it */
void night_planned(struct night *n); /* its jobs are in the queue */
void night_stop(struct night *n); /* a report under way is finished first: the loop must run */
