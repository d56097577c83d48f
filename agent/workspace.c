#include "agent/workspace.h"

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/io/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of 512 bytes: what an entry costs at least. Empty files without end use up a disk too. */
enum { ENTRY_BLOCKS = 8 };

static const char *const part_names[WORKSPACE_PARTS] = {
	[WORKSPACE_IN] = "in",
	[WORKSPACE_SRC] = "src",
	[WORKSPACE_WHEELS] = "wheels",
	[WORKSPACE_ENV] = "env",
	[WORKSPACE_DIST] = "dist",
	[WORKSPACE_OUT] = "out",
	[WORKSPACE_NOTES] = "notes",
	[WORKSPACE_RUNTIME] = "runtime",
	[WORKSPACE_SITE] = "site",
	[WORKSPACE_TESTS] = "tests",
	[WORKSPACE_TMP] = "tmp",
	[WORKSPACE_FOREIGN_TMP] = "foreign-tmp",
	[WORKSPACE_CACHE] = "cache",
	[WORKSPACE_TOOLCHAIN] = "toolchain",
	[WORKSPACE_KEPT] = "kept",
};

static int make_part(struct workspace *w, enum workspace_part part, struct err *e)
{
	const char *path = w->parts[part];
	if (mkdir(path, 0755) != 0) {
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	}
	bool ours = w->uid < 0 || part == WORKSPACE_TOOLCHAIN || part == WORKSPACE_KEPT;
	if (!ours && lchown(path, (uid_t)w->uid, (gid_t)w->uid) != 0) {
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	}
	return 0;
}

int workspace_open(
	struct workspace *w, const char *parent, int64_t slot, int64_t job, int64_t uid, struct err *e)
{
	*w = (struct workspace){.uid = uid};
	w->path = str_format("%s/slot%lld-job%lld", parent, (long long)slot, (long long)job);
	for (int i = 0; i < WORKSPACE_PARTS; i++) {
		w->parts[i] = file_join(w->path, part_names[i]);
	}
	int code = file_make_folders(parent, e);
	if (code != 0) {
		return code;
	}
	code = file_remove_tree(w->path, e);
	if (code != 0) {
		return code;
	}
	if (mkdir(w->path, 0755) != 0) {
		return err_set(e, -errno, "%s: %s", w->path, strerror(errno));
	}
	for (int i = 0; i < WORKSPACE_PARTS && code == 0; i++) {
		code = make_part(w, (enum workspace_part)i, e);
	}
	return code;
}

int workspace_remove(struct workspace *w, struct err *e)
{
	return w->path != NULL ? file_remove_tree(w->path, e) : 0;
}

void workspace_finish(struct workspace *w)
{
	for (int i = 0; i < WORKSPACE_PARTS; i++) {
		free(w->parts[i]);
	}
	free(w->path);
	*w = (struct workspace){0};
}

int workspace_file(const struct workspace *w, enum workspace_part part, const char *name,
	uint64_t *size, struct err *e)
{
	if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL) {
		return err_set(e, ERR_INVALID, "%s: not a plain file name", name);
	}
	int folder = open(w->parts[part], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0) {
		return err_set(e, -errno, "%s: %s", w->parts[part], strerror(errno));
	}
	/* non-blocking: the name may be a fifo that nobody writes to */
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int code =
		fd < 0 ? err_set(e, -errno, "%s/%s: %s", part_names[part], name, strerror(errno)) : 0;
	close(folder);
	if (code != 0) {
		return code;
	}
	struct stat st;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1) {
		close(fd);
		return err_set(
			e, ERR_INVALID, "%s/%s: not a plain file with one name", part_names[part], name);
	}
	if (size != NULL) {
		*size = (uint64_t)st.st_size;
	}
	return fd;
}

int workspace_read(const struct workspace *w, enum workspace_part part, const char *name,
	size_t limit, struct buf *out, struct err *e)
{
	uint64_t size = 0;
	int fd = workspace_file(w, part, name, &size, e);
	if (fd < 0) {
		return fd;
	}
	int code = 0;
	if (size > limit) {
		code = err_set(e, ERR_TOO_LARGE, "%s/%s: over %zu bytes", part_names[part], name, limit);
	}
	while (code == 0) {
		char piece[16384];
		ssize_t n = read(fd, piece, sizeof(piece));
		if (n == 0) {
			break;
		}
		if (n < 0) {
			if (errno != EINTR) {
				code = err_set(e, -errno, "%s/%s: %s", part_names[part], name, strerror(errno));
			}
		} else if (out->n + (size_t)n > limit) {
			code =
				err_set(e, ERR_TOO_LARGE, "%s/%s: over %zu bytes", part_names[part], name, limit);
		} else {
			buf_add(out, piece, (size_t)n);
		}
	}
	close(fd);
	return code;
}

uint64_t workspace_usage(const struct workspace *w)
{
	char *const paths[] = {w->path, NULL};
	uint64_t blocks = 0;
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, NULL);
	if (walk == NULL) {
		return 0;
	}
	for (FTSENT *entry = fts_read(walk); entry != NULL; entry = fts_read(walk)) {
		if (entry->fts_info != FTS_DP && entry->fts_statp != NULL && entry->fts_info != FTS_NS) {
			uint64_t own = (uint64_t)entry->fts_statp->st_blocks;
			blocks += own > ENTRY_BLOCKS ? own : ENTRY_BLOCKS;
		}
		bool failed =
			entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR;
		if (failed && entry->fts_errno == ENAMETOOLONG) {
			fts_close(walk);
			return UINT64_MAX;
		}
	}
	fts_close(walk);
	return blocks * 512;
}

uint64_t workspace_free_bytes(const char *path)
{
	int64_t left = file_free_bytes(path);
	return left >= 0 ? (uint64_t)left : UINT64_MAX;
}

const char *workspace_shared(
	const char *parent, const char *name, int64_t slot, int64_t uid, struct arena *a)
{
	char *path = str_format("%s/%s-slot%lld", parent, name, (long long)slot);
	const char *made = NULL;
	if ((mkdir(path, 0755) == 0 || errno == EEXIST) &&
		(uid < 0 || lchown(path, (uid_t)uid, (gid_t)uid) == 0)) {
		made = arena_copy(a, path, strlen(path));
	}
	free(path);
	return made;
}

/* "slot3-job17" */
static bool is_job_folder(const char *name)
{
	struct str rest = str_from(name);
	struct str slot, job;
	uint64_t number;
	return str_split(&rest, '-', &slot) && str_split(&rest, '-', &job) && rest.p == NULL &&
		str_starts(slot, "slot") && str_to_u64(str_slice(slot, 4, slot.n), &number) &&
		str_starts(job, "job") && str_to_u64(str_slice(job, 3, job.n), &number);
}

void workspace_clean(const char *parent)
{
	DIR *folder = opendir(parent);
	if (folder == NULL) {
		return;
	}
	for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		if (!is_job_folder(entry->d_name)) {
			continue;
		}
		char *path = file_join(parent, entry->d_name);
		struct err e = {0};
		if (file_remove_tree(path, &e) != 0) {
			log_warn("agent", "a workspace of before cannot be removed: %s", e.text);
		} else {
			log_info("agent", "removed the workspace of a killed agent: %s", entry->d_name);
		}
		free(path);
	}
	closedir(folder);
}
