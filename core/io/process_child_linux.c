#include "core/io/process_child.h"

#include "core/base/mem.h"
#include "core/base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child could not do, told to the parent through a pipe that exec closes. */
enum step { STEP_GROUP, STEP_OUTPUT, STEP_LIMITS, STEP_FOLDER, STEP_USER, STEP_EXEC };
static const char *const step_texts[] = {
	[STEP_GROUP] = "its control group cannot be joined",
	[STEP_OUTPUT] = "its output cannot be set up",
	[STEP_LIMITS] = "its limits cannot be set",
	[STEP_FOLDER] = "its folder cannot be entered",
	[STEP_USER] = "its user cannot be taken on",
	[STEP_EXEC] = "it cannot be run",
};
struct failure {
	int step;
	int error;
};

/* All that needs memory is made before the fork: behind it, other threads' locks may be held. */
struct plan {
	const struct process_spec *spec;
	const struct process_cgroup *cgroup;
	bool memory_by_rlimit;
	bool pids_by_rlimit;
	char *const *argv;
	char *const *env;
	VEC(char *) programs; /* argv[0] in each folder of PATH */
	int output;
	int report;
	pid_t parent;
};

static void find_program(struct plan *p)
{
	const char *name = p->spec->argv[0];
	if (strchr(name, '/') != NULL) {
		*vec_add(&p->programs) = str_dup(str_from(name));
		return;
	}
	struct str path = STR("/usr/local/bin:/usr/bin:/bin");
	for (const char *const *v = p->spec->env; v != NULL && *v != NULL; v++) {
		if (strncmp(*v, "PATH=", 5) == 0) {
			path = str_from(*v + 5);
		}
	}
	for (struct str folder; str_split(&path, ':', &folder);) {
		if (folder.n != 0) {
			*vec_add(&p->programs) = str_format("%.*s/%s", STR_ARG(folder), name);
		}
	}
}

static bool limit(int what, uint64_t value)
{
	struct rlimit r = {.rlim_cur = value, .rlim_max = value};
	return setrlimit(what, &r) == 0;
}

static bool set_limits(const struct plan *p)
{
	const struct process_limits *l = &p->spec->limits;
	return limit(RLIMIT_CORE, 0) && (l->file_bytes == 0 || limit(RLIMIT_FSIZE, l->file_bytes)) &&
		(!p->memory_by_rlimit || limit(RLIMIT_AS, l->memory_bytes)) &&
		(!p->pids_by_rlimit || limit(RLIMIT_NPROC, l->pids));
}

static bool set_user(const struct process_spec *spec)
{
	if (spec->uid < 0) {
		return true;
	}
	uid_t uid = (uid_t)spec->uid;
	gid_t gid = spec->gid >= 0 ? (gid_t)spec->gid : (gid_t)spec->uid;
	return setgroups(0, NULL) == 0 && setresgid(gid, gid, gid) == 0 &&
		setresuid(uid, uid, uid) == 0;
}

static bool set_streams(const struct plan *p)
{
	int nothing = open("/dev/null", O_RDONLY);
	/* dup2 of a descriptor onto itself would leave it to be closed at exec. */
	return nothing >= 0 && dup2(nothing, 0) == 0 && dup2(p->output, 1) == 1 &&
		dup2(p->output, 2) == 2;
}

static void hide_descriptors(void)
{
	if (close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) == 0) {
		return;
	}
	for (int fd = 3; fd < 4096; fd++) { /* kernels before 5.11 */
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
}

static _Noreturn void fail(const struct plan *p, enum step step)
{
	struct failure f = {.step = step, .error = errno};
	ssize_t written = write(p->report, &f, sizeof(f));
	_exit(written == (ssize_t)sizeof(f) ? 127 : 126);
}

static _Noreturn void run(const struct plan *p)
{
	for (int number = 1; number < NSIG; number++) {
		signal(number, SIG_DFL);
	}
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	umask(022);
	errno = process_cgroup_join(p->cgroup);
	if (errno != 0) {
		fail(p, STEP_GROUP);
	}
	if (!set_streams(p)) {
		fail(p, STEP_OUTPUT);
	}
	if (!set_limits(p)) {
		fail(p, STEP_LIMITS);
	}
	if (p->spec->cwd != NULL && chdir(p->spec->cwd) != 0) {
		fail(p, STEP_FOLDER);
	}
	if (!set_user(p->spec)) {
		fail(p, STEP_USER);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of user would have undone it */
	if (getppid() != p->parent) {
		_exit(127); /* it ended before that was in force: nobody waits for us */
	}
	hide_descriptors();
	int error = ENOENT;
	for (size_t i = 0; i < p->programs.n; i++) {
		execve(p->programs.v[i], p->argv, p->env);
		/* That one folder has no such file says less than that another's may not be run. */
		error = errno == ENOENT || errno == ENOTDIR ? error : errno;
	}
	errno = error;
	fail(p, STEP_EXEC);
}

/* A pipe whose ends are none of 0, 1, 2, even if the program was started without these. */
static int make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) != 0) {
		return -errno;
	}
	for (int i = 0; i < 2; i++) {
		if (ends[i] > 2) {
			continue;
		}
		int higher = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
		int code = -errno;
		close(ends[i]);
		ends[i] = higher;
		if (higher < 0) {
			close(ends[1 - i]);
			ends[1 - i] = -1;
			return code;
		}
	}
	return 0;
}

/* Waits for the exec, or for what went wrong before it. */
static int hear(pid_t pid, int report, const struct process_spec *spec, struct err *e)
{
	struct failure f;
	ssize_t n;
	do {
		n = read(report, &f, sizeof(f));
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(f)) {
		return 0;
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
	}
	return err_set(e, -f.error, "%s: %s: %s", spec->argv[0], step_texts[f.step], strerror(f.error));
}

int process_child_start(const struct process_spec *spec, const struct process_cgroup *cgroup,
	bool memory_by_rlimit, bool pids_by_rlimit, struct process_child *child, struct err *e)
{
	char *const no_env[] = {NULL};
	struct plan p = {
		.spec = spec,
		.cgroup = cgroup,
		.memory_by_rlimit = memory_by_rlimit,
		.pids_by_rlimit = pids_by_rlimit,
		.argv = (char *const *)spec->argv,
		.env = spec->env != NULL ? (char *const *)spec->env : no_env,
	};
	int output[2] = {-1, -1};
	int report[2] = {-1, -1};
	find_program(&p);
	int code = make_pipe(output);
	code = code == 0 ? make_pipe(report) : code;
	if (code < 0) {
		err_set(e, code, "%s: no pipe for it: %s", spec->argv[0], strerror(-code));
		goto out;
	}
	p.output = output[1];
	p.report = report[1];
	p.parent = getpid();
	/* A signal that comes to the child before its handlers are gone would run ours, which write into
	 * the loop's pipe: the loop would hear it twice. */
	sigset_t all;
	sigset_t before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	if (pid == 0) {
		run(&p);
	}
	int fork_error = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (pid < 0) {
		code = err_set(
			e, -fork_error, "%s: cannot be forked: %s", spec->argv[0], strerror(fork_error));
		goto out;
	}
	close(report[1]);
	report[1] = -1;
	code = hear(pid, report[0], spec, e);
	if (code == 0) {
		fcntl(output[0], F_SETFL, O_NONBLOCK);
		*child = (struct process_child){.pid = pid, .output = output[0]};
		output[0] = -1;
	}
out:
	for (int i = 0; i < 2; i++) {
		if (output[i] >= 0) {
			close(output[i]);
		}
		if (report[i] >= 0) {
			close(report[i]);
		}
	}
	for (size_t i = 0; i < p.programs.n; i++) {
		free(p.programs.v[i]);
	}
	vec_finish(&p.programs);
	return code;
}
