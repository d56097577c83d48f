#include "core/io/process_cgroup.h"

#include "core/base/mem.h"
#include "core/io/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOUNT "/sys/fs/cgroup"
#define OURS "wheelfarm"
#define OURSELVES "/" OURS "-self"

/* These files take and give a line at a time. */
static bool put(const char *folder, const char *name, const char *value)
{
	char *path = file_join(folder, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	free(path);
	if (fd < 0) {
		return false;
	}
	bool done = write(fd, value, strlen(value)) == (ssize_t)strlen(value);
	int code = errno;
	close(fd);
	errno = code;
	return done;
}

static bool put_number(const char *folder, const char *name, uint64_t value)
{
	char text[32];
	snprintf(text, sizeof(text), "%" PRIu64, value);
	return put(folder, name, text);
}

static bool get(const char *folder, const char *name, struct buf *out)
{
	char *path = file_join(folder, name);
	buf_clear(out);
	bool done = file_read(path, 1 << 20, out, NULL) == 0;
	free(path);
	return done;
}

static bool get_number(const char *folder, const char *name, uint64_t *value)
{
	struct buf text = {0};
	bool done = get(folder, name, &text) && str_to_u64(str_trim(buf_view(&text)), value);
	buf_finish(&text);
	return done;
}

/* The number behind "KEY " in a file of such lines. */
static bool get_keyed(const char *folder, const char *name, const char *key, uint64_t *value)
{
	struct buf text = {0};
	bool found = false;
	get(folder, name, &text);
	struct str rest = buf_view(&text);
	for (struct str line; !found && str_split(&rest, '\n', &line);) {
		struct str left;
		found =
			str_split(&line, ' ', &left) && str_is(left, key) && str_to_u64(str_trim(line), value);
	}
	buf_finish(&text);
	return found;
}

static bool has(const char *folder, const char *name)
{
	char *path = file_join(folder, name);
	bool there = access(path, F_OK) == 0;
	free(path);
	return there;
}

/* Where this process is in the hierarchy of `controller` ("" for version 2), "/" if it is told
 * nowhere; the caller frees. /proc/self/cgroup has lines ID:CONTROLLERS:PATH. */
static char *own_place(const char *controller)
{
	struct buf text = {0};
	char *place = NULL;
	file_read("/proc/self/cgroup", 1 << 16, &text, NULL);
	struct str rest = buf_view(&text);
	for (struct str line; place == NULL && str_split(&rest, '\n', &line);) {
		struct str number;
		struct str controllers;
		if (!str_split(&line, ':', &number) || !str_split(&line, ':', &controllers)) {
			continue;
		}
		bool here = controllers.n == 0 && controller[0] == '\0';
		for (struct str one; !here && controllers.n != 0 && str_split(&controllers, ',', &one);) {
			here = str_is(one, controller);
		}
		if (here) {
			place = str_dup(line);
		}
	}
	buf_finish(&text);
	if (place != NULL && controller[0] == '\0' && str_ends(str_from(place), OURSELVES)) {
		place[strlen(place) - strlen(OURSELVES)] = '\0'; /* see make_room */
	}
	return place != NULL ? place : str_dup(STR("/"));
}

/* Version 2 limits no group that has processes of its own besides groups. A service is alone in the group
 * that was delegated to it, and moves into one below; where others are too, nothing is changed. */
static void make_room(const char *around)
{
	static const char controllers[] = "+memory +pids";
	if (put(around, "cgroup.subtree_control", controllers) || errno != EBUSY) {
		return;
	}
	char *below = str_format("%s%s", around, OURSELVES);
	if ((mkdir(below, 0755) == 0 || errno == EEXIST) && put(below, "cgroup.procs", "0") &&
		!put(around, "cgroup.subtree_control", controllers)) {
		put(around, "cgroup.procs", "0");
		rmdir(below);
	}
	free(below);
}

static bool kill_all_in(const char *folder)
{
	if (put(folder, "cgroup.kill", "1")) {
		struct buf text = {0};
		bool empty = get(folder, "cgroup.procs", &text) && text.n == 0;
		buf_finish(&text);
		return empty;
	}
	/* Nobody may fork while we go through the list, or a fork bomb outruns it. */
	put(folder, "pids.max", "0");
	struct buf text = {0};
	bool empty = !get(folder, "cgroup.procs", &text) || text.n == 0;
	struct str rest = buf_view(&text);
	for (struct str line; !empty && str_split(&rest, '\n', &line);) {
		uint64_t pid;
		if (str_to_u64(line, &pid) && pid > 1) {
			kill((pid_t)pid, SIGKILL);
		}
	}
	buf_finish(&text);
	return empty;
}

/* Ends what runs of ours that were killed themselves have left: their folders are not locked. */
static void sweep(const char *parent)
{
	DIR *d = opendir(parent);
	for (struct dirent *entry; d != NULL && (entry = readdir(d)) != NULL;) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.') {
			continue;
		}
		int fd = openat(dirfd(d), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
			char *path = file_join(parent, entry->d_name);
			kill_all_in(path);
			rmdir(path); /* not yet, if something is still dying: the next sweep does it */
			free(path);
		}
		if (fd >= 0) {
			close(fd);
		}
	}
	if (d != NULL) {
		closedir(d);
	}
}

/* A folder of our own under `parent`, locked; false if none can be had. */
static bool add_tree(struct process_cgroup *g, const char *parent, const char *name)
{
	for (int number = 0; number < 100; number++) {
		char *path = number == 0 ? str_format("%s/%s", parent, name)
								 : str_format("%s/%s.%d", parent, name, number);
		if (mkdir(path, 0755) != 0) {
			bool taken = errno == EEXIST;
			free(path);
			if (!taken) {
				return false;
			}
			continue;
		}
		/* A sweep of another process may have taken it in this moment: then the next name. */
		char *file = file_join(path, "cgroup.procs");
		int lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		bool locked = lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0;
		int procs = locked ? open(file, O_WRONLY | O_CLOEXEC) : -1;
		free(file);
		if (procs >= 0) {
			g->tree[g->n].path = path;
			g->tree[g->n].lock = lock;
			g->tree[g->n].procs = procs;
			g->n++;
			return true;
		}
		if (lock >= 0) {
			close(lock);
		}
		rmdir(path);
		free(path);
	}
	return false;
}

/* Tries the place we are in, so that limits around us hold, then the top of the hierarchy. */
static bool add_hierarchy(
	struct process_cgroup *g, const char *mount, const char *controller, const char *name)
{
	char *place = own_place(controller);
	bool done = false;
	for (int top = 0; top < 2 && !done; top++) {
		char *around = top ? str_dup(str_from(mount)) : str_format("%s%s", mount, place);
		char *parent = file_join(around, OURS);
		if (controller[0] == '\0') {
			make_room(around);
		}
		if (mkdir(parent, 0755) == 0 || errno == EEXIST) {
			if (controller[0] == '\0') {
				put(parent, "cgroup.subtree_control", "+memory +pids");
			}
			sweep(parent);
			done = add_tree(g, parent, name);
		}
		if (done && controller[0] == '\0' && !has(g->tree[g->n - 1].path, "memory.max")) {
			process_cgroup_finish(g);
			done = false;
		}
		free(parent);
		free(around);
	}
	free(place);
	return done;
}

static void open_v2(struct process_cgroup *g, const char *name, const struct process_limits *limits)
{
	const char *path = g->tree[0].path;
	g->version = 2;
	g->cpu = path;
	g->memory = path;
	if (limits->memory_bytes != 0) {
		g->memory_limited = put_number(path, "memory.max", limits->memory_bytes);
		put(path, "memory.swap.max", "0");
		put(path, "memory.oom.group", "1");
	}
	if (has(path, "pids.max")) {
		g->pids = path;
		g->pids_limited = limits->pids != 0 && put_number(path, "pids.max", limits->pids);
	}
}

static void open_v1(struct process_cgroup *g, const char *name, const struct process_limits *limits)
{
	if (add_hierarchy(g, MOUNT "/memory", "memory", name)) {
		g->memory = g->tree[g->n - 1].path;
		if (limits->memory_bytes != 0) {
			g->memory_limited =
				put_number(g->memory, "memory.limit_in_bytes", limits->memory_bytes);
			put_number(g->memory, "memory.memsw.limit_in_bytes", limits->memory_bytes);
		}
	}
	if (add_hierarchy(g, MOUNT "/pids", "pids", name)) {
		g->pids = g->tree[g->n - 1].path;
		g->pids_limited = limits->pids != 0 && put_number(g->pids, "pids.max", limits->pids);
	}
	if (add_hierarchy(g, MOUNT "/cpuacct", "cpuacct", name)) {
		g->cpu = g->tree[g->n - 1].path;
	}
	g->version = g->n != 0 ? 1 : 0;
}

void process_cgroup_open(
	struct process_cgroup *g, const char *name, const struct process_limits *limits)
{
	*g = (struct process_cgroup){0};
	const char *mounts[] = {MOUNT, MOUNT "/unified"};
	for (size_t i = 0; i < 2; i++) {
		struct buf controllers = {0};
		bool useful = get(mounts[i], "cgroup.controllers", &controllers) &&
			str_find_text(buf_view(&controllers), STR("memory")) >= 0;
		buf_finish(&controllers);
		if (useful && add_hierarchy(g, mounts[i], "", name)) {
			open_v2(g, name, limits);
			return;
		}
	}
	open_v1(g, name, limits);
}

int process_cgroup_join(const struct process_cgroup *g)
{
	for (size_t i = 0; i < g->n; i++) {
		if (write(g->tree[i].procs, "0", 1) != 1) {
			return errno;
		}
	}
	return 0;
}

bool process_cgroup_kill(struct process_cgroup *g)
{
	if (g->pids != NULL) {
		put(g->pids, "pids.max", "0");
	}
	bool empty = true;
	for (size_t i = 0; i < g->n; i++) {
		empty = kill_all_in(g->tree[i].path) && empty;
	}
	return empty;
}

void process_cgroup_measure(const struct process_cgroup *g, struct process_usage *usage, bool *oom)
{
	uint64_t value;
	*oom = false;
	if (g->cpu != NULL && g->version == 2 && get_keyed(g->cpu, "cpu.stat", "usage_usec", &value)) {
		usage->cpu_s = (double)value / 1e6;
	} else if (g->cpu != NULL && get_number(g->cpu, "cpuacct.usage", &value)) {
		usage->cpu_s = (double)value / 1e9;
	}
	if (g->memory == NULL) {
		return;
	}
	bool v2 = g->version == 2;
	if (get_number(g->memory, v2 ? "memory.peak" : "memory.max_usage_in_bytes", &value)) {
		usage->peak_memory = value;
	}
	*oom = g->memory_limited &&
		get_keyed(g->memory, v2 ? "memory.events" : "memory.oom_control", "oom_kill", &value) &&
		value != 0;
}

void process_cgroup_finish(struct process_cgroup *g)
{
	for (size_t i = 0; i < g->n; i++) {
		close(g->tree[i].procs);
		rmdir(g->tree[i].path);
		close(g->tree[i].lock);
		free(g->tree[i].path);
	}
	*g = (struct process_cgroup){0};
}
