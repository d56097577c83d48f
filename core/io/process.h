/* A child process and everything it starts: spawned with limits, its output streamed, its whole tree
 * ended. process.c has the order of life, process_tree.h the side of the operating system. */
#pragma once

#include "core/base/str.h"

#include <uv.h>

struct process_limits {
	int64_t wall_ms; /* 0: none */
	int64_t idle_ms; /* no output for so long; 0: none */
	uint64_t memory_bytes; /* cgroup (v2, else v1) where writable, else RLIMIT_AS; 0: none */
	uint64_t pids; /* cgroup, else RLIMIT_NPROC where a uid is given; 0: none */
	uint64_t file_bytes; /* RLIMIT_FSIZE; 0: none */
	/* Of output kept: head and tail, the cut is marked by a line "[… N bytes cut …]"; 0: 16 MiB.
	 * The tail (a quarter, at most 1 MiB) comes when the process has ended. */
	uint64_t log_bytes;
	/* Of output at all, kept or cut, that ends the tree: who talks without end does not work; 0: none */
	uint64_t output_bytes;
};

enum process_end {
	PROCESS_EXITED, /* exit_code */
	PROCESS_SIGNALED, /* signal */
	PROCESS_WALL,
	PROCESS_IDLE,
	PROCESS_OUTPUT, /* more than output_bytes */
	PROCESS_MEMORY, /* the group ran out of its memory limit, and it did not exit with 0 */
	PROCESS_CANCELLED,
	PROCESS_NOT_STARTED, /* error in code/text */
};

struct process_usage {
	double wall_s;
	double cpu_s; /* of the whole tree where a cgroup tells, else of reaped children */
	uint64_t peak_memory; /* bytes, of the tree where a cgroup tells, else of its largest process */
	/* Bytes read from and written to storage by the processes that were waited for: what the page
	 * cache had is not read, and of a tree that was killed some is not told. */
	uint64_t io_read;
	uint64_t io_write;
};

struct process_result {
	enum process_end end;
	int exit_code;
	int signal;
	int code; /* of PROCESS_NOT_STARTED */
	char text[256]; /* and its sentence, "" else */
	struct process_usage usage;
	/* "wall idle memory(cgroup v1) pids(cgroup v1) files log output tree(cgroup v1)", for the result. tree
	 * says by what the whole tree was ended: a process group lets a child go that made its own. */
	char limits_in_force[128];
};

struct process_spec {
	const char *const *argv; /* NULL-ended; argv[0] is found in PATH of `env` */
	const char *const *env; /* "NAME=value", NULL-ended; the whole environment of the child */
	const char *cwd; /* NULL: ours */
	int64_t uid; /* -1: ours; else setgroups+setgid+setuid to it before exec (we are root) */
	int64_t gid; /* -1: the number of uid */
	const char *name; /* [a-z0-9-]+, unique: names the cgroup */
	struct process_limits limits;
	/* stdout and stderr as they come (one stream, in order), after the log limit; may be NULL */
	void (*on_output)(void *user, struct str piece);
	/* Exactly once, on the loop; the whole tree is gone by then and the process is freed after. */
	void (*on_end)(void *user, const struct process_result *r);
	void *user;
};

struct process;
/* Copies the spec. Always calls on_end later, also when it could not start. Standard input is empty;
 * the child leads a session of its own, has none of our open files, and is killed if the calling
 * thread ends. What an earlier, killed run of ours left in its cgroups is killed first. */
struct process *process_start(uv_loop_t *loop, const struct process_spec *spec);
void process_cancel(struct process *p); /* kills the tree; on_end follows with PROCESS_CANCELLED */
