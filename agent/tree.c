#include "agent/tree.h"

#include "core/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int copy_file(const FTSENT *entry, const char *to, int64_t uid, struct err *e)
{
	int code = file_copy(entry->fts_accpath, to, entry->fts_statp->st_mode & 0755, e);
	if (code == -EEXIST) {
		return 0; /* of a tree that was copied there before */
	}
	if (code == 0 && uid >= 0 && lchown(to, (uid_t)uid, (gid_t)uid) != 0) {
		code = err_set(e, -errno, "%s: %s", to, strerror(errno));
	}
	return code;
}

static int copy_link(const FTSENT *entry, const char *to, struct err *e)
{
	char target[4096];
	ssize_t n = readlink(entry->fts_accpath, target, sizeof(target) - 1);
	if (n >= 0) {
		target[n] = '\0';
		if (symlink(target, to) == 0) {
			return 0;
		}
	}
	return err_set(e, -errno, "%s: %s", to, strerror(errno));
}

static int copy_entry(
	const FTSENT *entry, size_t prefix, const char *to, int64_t uid, struct err *e)
{
	const char *below = entry->fts_path + prefix;
	char *path = str_format("%s%s", to, below);
	int code = 0;
	switch (entry->fts_info) {
	case FTS_D:
		if (entry->fts_level != 0) {
			if ((mkdir(path, 0755) != 0 && errno != EEXIST) ||
				(uid >= 0 && lchown(path, (uid_t)uid, (gid_t)uid) != 0)) {
				code = err_set(e, -errno, "%s: %s", path, strerror(errno));
			}
		}
		break;
	case FTS_F:
		code = copy_file(entry, path, uid, e);
		break;
	case FTS_SL:
	case FTS_SLNONE:
		code = copy_link(entry, path, e);
		break;
	case FTS_ERR:
	case FTS_DNR:
	case FTS_NS:
		code = err_set(e, -entry->fts_errno, "%s: %s", entry->fts_path, strerror(entry->fts_errno));
		break;
	default:
		break; /* the way back up; devices and sockets have no business in a cache */
	}
	free(path);
	return code;
}

int tree_copy(const char *from, const char *to, int64_t uid, struct err *e)
{
	char *start = str_dup(str_from(from));
	char *const paths[] = {start, NULL};
	int code = 0;
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (walk == NULL) {
		code = err_set(e, -errno, "%s: %s", from, strerror(errno));
	} else {
		for (FTSENT *entry = fts_read(walk); entry != NULL && code == 0; entry = fts_read(walk)) {
			code = copy_entry(entry, strlen(start), to, uid, e);
		}
		fts_close(walk);
	}
	free(start);
	return code;
}

int tree_write(const char *path, struct str bytes, unsigned mode, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	int code = fd < 0 ? -errno : 0;
	while (code == 0 && bytes.n != 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n >= 0) {
			bytes = str_slice(bytes, (size_t)n, bytes.n);
		} else if (errno != EINTR) {
			code = -errno;
		}
	}
	if (fd >= 0 && close(fd) != 0 && code == 0) {
		code = -errno;
	}
	return code != 0 ? err_set(e, code, "%s: %s", path, strerror(-code)) : 0;
}
