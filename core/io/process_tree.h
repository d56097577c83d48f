/* A child and everything it starts, as the operating system sees them: started, looked at, killed,
 * measured. process.c has the order of their life. One file per operating system behind this header. */
#pragma once

#include "core/io/process.h"

struct process_tree;

/* Which of the limits that the system holds are in force, and by what ("(cgroup v1)", "(job)"); NULL: not. */
struct process_in_force {
	const char *memory;
	const char *pids;
	const char *files;
	const char *tree; /* never NULL */
};

/* `woken` is called on the loop when the child may have ended: also for nothing. */
struct process_tree *process_tree_open(uv_loop_t *loop, void (*woken)(void *user), void *user);
/* 0, and *output is a pipe's reading end for uv_pipe_open, the caller's; or an error with its sentence, in
 * which case there is nothing to kill or to measure. *in_force is filled in any case. Blocks until the
 * child's program runs. */
int process_tree_start(struct process_tree *t, const struct process_spec *spec,
	struct process_in_force *in_force, uv_file *output, struct err *e);
/* Has the child itself ended? Then end, exit_code and signal of *r are filled. */
bool process_tree_ended(struct process_tree *t, struct process_result *r);
/* One round of killing; true once nothing of the tree is left. */
bool process_tree_kill(struct process_tree *t);
/* What it used, after the killing, whether that came to its end or not; what held the tree together is
 * given up. *oom if a process was denied memory by the limit. */
void process_tree_measure(struct process_tree *t, struct process_usage *usage, bool *oom);
/* Frees it; `closed` comes later, on the loop. */
void process_tree_close(struct process_tree *t, void (*closed)(void *user), void *user);
