#include "agent/host.h"

#include "core/io/file.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

void host_start(int *argc, char ***argv)
{
	signal(SIGPIPE, SIG_IGN);
}

int host_die_with_parent(struct err *e)
{
	pid_t parent = getppid();
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent) {
		return err_set(e, ERR_CANCELLED, "the process that started this agent is gone");
	}
	return 0;
}

bool host_has_users(void)
{
	return geteuid() == 0;
}

int64_t host_uid(void)
{
	return getuid();
}

const char *host_os(void)
{
	return "linux";
}

const char *host_machine(struct arena *a)
{
	struct utsname name;
	uname(&name);
	return arena_copy(a, name.machine, strlen(name.machine));
}

int64_t host_page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* By Debian's registration or by ours (tools/prepare/binfmt.sh). */
bool host_emulates_aarch64(void)
{
	static const char *const names[] = {"qemu-aarch64", "wheelfarm-aarch64"};
	bool enabled = false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !enabled; i++) {
		struct buf bytes = {0};
		char *path = file_join("/proc/sys/fs/binfmt_misc", names[i]);
		enabled =
			file_read(path, 4096, &bytes, NULL) == 0 && str_starts(buf_view(&bytes), "enabled");
		buf_finish(&bytes);
		free(path);
	}
	return enabled;
}

/* $XDG_CACHE_HOME/wheelfarm, else ~/.cache/wheelfarm. */
const char *host_cache(struct arena *a)
{
	const char *base = getenv("XDG_CACHE_HOME");
	const char *below = "wheelfarm";
	if (base == NULL || base[0] != '/') {
		base = getenv("HOME");
		below = ".cache/wheelfarm";
	}
	if (base == NULL || base[0] != '/') {
		return NULL;
	}
	char *joined = file_join(base, below);
	const char *path = arena_copy(a, joined, strlen(joined));
	free(joined);
	return path;
}

bool host_has_shell(void)
{
	return true;
}

const char *host_path(struct arena *a, const char *path)
{
	return path[0] == '/' ? path : NULL;
}

void host_stop(void)
{
	raise(SIGTERM);
}

void host_stop_through(void (*stop)(void *user), void *user)
{
	/* the loop watches for signals */
}
