/* Starts one child on Linux: fork, everything that must be in force before exec, exec. */
#pragma once

#include "core/io/process.h"
#include "core/io/process_cgroup.h"

struct process_child {
	pid_t pid;
	int output; /* the reading end of its standard output and error, non-blocking */
};
/* 0, or an error with its sentence, in which case nothing is left. Blocks until the exec is done.
 * memory_by_rlimit, pids_by_rlimit: put these limits in force here, as no cgroup does. */
int process_child_start(const struct process_spec *spec, const struct process_cgroup *cgroup,
	bool memory_by_rlimit, bool pids_by_rlimit, struct process_child *child, struct err *e);
