#include "core/io/process_tree.h"

#include "core/base/mem.h"
#include "core/io/process_cgroup.h"
#include "core/io/process_child.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { IO_BLOCK = 512 }; /* getrusage(2) counts in these, whatever the file system has */

struct process_tree {
	struct process_cgroup cgroup;
	struct process_child child;
	bool reaped;
	struct process_usage usage; /* of the child that was reaped */
	uv_signal_t child_signal;
	void (*woken)(void *user);
	void (*closed)(void *user);
	void *user;
};

static void on_child_signal(uv_signal_t *handle, int number)
{
	struct process_tree *t = handle->data;
	t->woken(t->user);
}

struct process_tree *process_tree_open(uv_loop_t *loop, void (*woken)(void *user), void *user)
{
	struct process_tree *t = MEM_NEW(struct process_tree);
	t->woken = woken;
	t->user = user;
	t->reaped = true; /* nothing is there yet */
	uv_signal_init(loop, &t->child_signal);
	t->child_signal.data = t;
	/* Before the fork, or a child that ends at once is missed. */
	uv_signal_start(&t->child_signal, on_child_signal, SIGCHLD);
	return t;
}

int process_tree_start(struct process_tree *t, const struct process_spec *spec,
	struct process_in_force *in_force, uv_file *output, struct err *e)
{
	const struct process_limits *l = &spec->limits;
	struct process_cgroup *g = &t->cgroup;
	process_cgroup_open(g, spec->name, l);
	bool memory_by_rlimit = l->memory_bytes != 0 && !g->memory_limited;
	/* RLIMIT_NPROC counts all processes of a user: of use only for one that has no others. */
	bool pids_by_rlimit = l->pids != 0 && !g->pids_limited && spec->uid > 0;
	const char *group = g->version == 2 ? "(cgroup v2)" : "(cgroup v1)";
	*in_force = (struct process_in_force){
		.memory = g->memory_limited ? group
			: memory_by_rlimit      ? "(rlimit)"
									: NULL,
		.pids = g->pids_limited ? group
			: pids_by_rlimit    ? "(rlimit)"
								: NULL,
		.files = l->file_bytes != 0 ? "" : NULL,
		.tree = g->n != 0 ? group : "(process group)",
	};
	int code = process_child_start(spec, g, memory_by_rlimit, pids_by_rlimit, &t->child, e);
	if (code == 0) {
		t->reaped = false;
		*output = t->child.output;
	} else {
		process_cgroup_finish(g);
	}
	return code;
}

/* Seen without reaping it: until then its number cannot be another's. */
bool process_tree_ended(struct process_tree *t, struct process_result *r)
{
	siginfo_t info = {0};
	if (t->reaped || waitid(P_PID, (id_t)t->child.pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
		info.si_pid == 0) {
		return false;
	}
	if (info.si_code == CLD_EXITED) {
		r->exit_code = info.si_status;
		r->end = PROCESS_EXITED;
	} else {
		r->signal = info.si_status;
		r->end = PROCESS_SIGNALED;
	}
	return true;
}

static void reap(struct process_tree *t)
{
	struct rusage usage = {0}; /* stays so if somebody else reaped it */
	int status;
	if (t->reaped || wait4(t->child.pid, &status, WNOHANG, &usage) == 0) {
		return;
	}
	t->reaped = true;
	t->usage.cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
	t->usage.peak_memory = (uint64_t)usage.ru_maxrss * 1024;
	t->usage.io_read = (uint64_t)usage.ru_inblock * IO_BLOCK;
	t->usage.io_write = (uint64_t)usage.ru_oublock * IO_BLOCK;
}

bool process_tree_kill(struct process_tree *t)
{
	if (!t->reaped) {
		kill(-t->child.pid, SIGKILL);
		kill(t->child.pid, SIGKILL);
		reap(t);
	}
	return process_cgroup_kill(&t->cgroup) && t->reaped;
}

void process_tree_measure(struct process_tree *t, struct process_usage *usage, bool *oom)
{
	*usage = t->usage;
	process_cgroup_measure(&t->cgroup, usage, oom);
	process_cgroup_finish(&t->cgroup);
}

static void on_closed(uv_handle_t *handle)
{
	struct process_tree *t = handle->data;
	t->closed(t->user);
	free(t);
}

void process_tree_close(struct process_tree *t, void (*closed)(void *user), void *user)
{
	t->closed = closed;
	t->user = user;
	uv_close((uv_handle_t *)&t->child_signal, on_closed);
}
