/* The control groups of one child tree on Linux: version 2, or the hierarchies memory, pids and
 * cpuacct of version 1, whichever of them we may write to. Everything here is best effort: what is
 * not there is not in force, and the flags say so. */
#pragma once

#include "core/io/process.h"

enum { PROCESS_CGROUPS = 3 };

struct process_cgroup {
	struct {
		char *path; /* of our folder in the hierarchy */
		int lock; /* held on it for as long as we live: a folder without one is a dead run's */
		int procs; /* cgroup.procs, for the child to join */
	} tree[PROCESS_CGROUPS];
	size_t n;
	int version; /* 0 if there is no group at all */
	const char *memory; /* path of the folder that limits or measures it, NULL if none does */
	const char *pids;
	const char *cpu;
	bool memory_limited;
	bool pids_limited;
};

void process_cgroup_open(
	struct process_cgroup *g, const char *name, const struct process_limits *limits);
/* In the child, before exec: 0 or an errno. Async-signal-safe. */
int process_cgroup_join(const struct process_cgroup *g);
/* Kills everything inside; true once nothing is left. Call it until it says so. */
bool process_cgroup_kill(struct process_cgroup *g);
/* Overwrites what it knows of `usage`; *oom if the limit had a process killed. */
void process_cgroup_measure(const struct process_cgroup *g, struct process_usage *usage, bool *oom);
/* Removes the empty groups (those that are not empty stay) and frees. */
void process_cgroup_finish(struct process_cgroup *g);
