/* What the children of a run did, as a shell script that does it again by hand: for a person who
 * repeats a failure, and to measure what the agent itself costs. Written as WORKSPACE/commands.sh
 * when the workspace is kept; move the workspace away and run it from there. */
#pragma once

#include "agent/text_list.h"

struct job_run;

/* The child that is about to start, sandbox included. */
void commands_child(struct job_run *run, const struct text_list *argv);
/* A piece of shell that does what we do ourselves: $old is the workspace that was moved away. */
void commands_add(struct job_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A folder copied into the job's compiler cache. */
void commands_seed(struct job_run *run, const char *folder);
/* A text as one word of shell, appended. */
void commands_quote(struct buf *out, const char *text);
/* Writes the script into the workspace; a failure is only logged. */
void commands_write(struct job_run *run);
