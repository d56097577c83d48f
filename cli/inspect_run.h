/* Many wheels judged at once: files on the worker threads, those on web servers by ranges; the
 * answers come in the order that was asked in. */
#pragma once

#include "core/inspect/wheel.h"

/* One of the words of the command line. */
struct inspected {
	const char *word;
	int exit_code; /* EXIT_FINE: `report` is there; else EXIT_USAGE or EXIT_WORLD and `err` says why */
	struct err err;
	struct wheel_report report; /* freed after on_judged */
	bool is_remote; /* the rest is set */
	bool whole;
	unsigned requests;
	uint64_t received;
};

struct inspect_run_options {
	const char *const *words; /* paths and URLs */
	size_t n;
	const char *target; /* or NULL */
	enum wheel_depth depth;
	void (*on_judged)(void *user, const struct inspected *i); /* in the order of the words */
	void (*on_progress)(void *user, size_t judged); /* in any order */
	void *user;
};

/* Blocking: returns when all are judged. */
void inspect_run(const struct inspect_run_options *options);
