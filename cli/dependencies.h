/* After a scan: the verdicts on dependencies are brought up to date; if it was asked for, what they depend
 * on and nobody looked at yet is read from the index, again and again until nothing is missing. On a
 * thread with a loop of its own, as both may take long. */
#pragma once

#include "coordinator/depend/depend.h"
#include "coordinator/scan/scan.h"

struct dependencies_options {
	const char *db;
	struct store_writer *writer;
	const char *index; /* as the user gave it, or NULL */
	const char *contact;
	int64_t rate; /* requests a second, 0: no cap */
	const struct target_set *targets;
	const struct scope *scope;
	bool fetch; /* false: the database is all there is, and only if dependencies were read before */
	bool bar; /* a progress line on the terminal */
};

struct dependencies {
	struct dependencies_options o;
	struct depend_counts counts; /* of all rounds; `unknown` of the last one */
	size_t read; /* pages and metadata that were had */
	size_t failed; /* that could not be had: nothing is concluded */
	int code; /* ERR_CANCELLED after `stop` */
	struct err err;
	atomic_bool stop;
	void (*done)(void *user); /* on the loop */
	void *user;
};

/* `d` and all that its options name must stay until `done`. */
void dependencies_start(uv_loop_t *loop, struct dependencies *d,
	const struct dependencies_options *o, void (*done)(void *user), void *user);
/* What came of it, one line for people; empty where there is nothing to tell. */
void dependencies_tell(const struct dependencies *d, struct buf *out);
