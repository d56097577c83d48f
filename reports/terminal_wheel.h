/* A wheel's report for people at a terminal, worst first, with what to do about each kind of problem
 * once. */
#pragma once

#include "core/inspect/wheel.h"
#include "reports/terminal.h"

/* How a wheel came from a web server. */
struct wheel_transfer {
	uint64_t received; /* body bytes; 0: it was a file */
	unsigned requests;
	bool whole; /* all of it, although parts were asked for */
};

void report_wheel_terminal(
	struct terminal *t, const struct wheel_report *r, const struct wheel_transfer *transfer);

/* What many reports come to. */
struct wheel_total {
	size_t files;
	size_t fine; /* no problem at all, or notes only */
	size_t warned; /* warnings, no errors */
	size_t wrong; /* with errors */
	size_t unread; /* could not be opened or fetched */
	uint64_t received;
	/* files with it, by the worst severity it has there */
	size_t by_code[WHEEL_ERROR + 1][WHEEL_PROBLEM_COUNT];
};
void wheel_total_add(struct wheel_total *total, const struct wheel_report *r);
void report_wheel_total_terminal(struct terminal *t, const struct wheel_total *total);
