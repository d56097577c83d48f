#include "core/io/file.h"

#include "core/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int failed(struct err *e, const char *path, const char *what)
{
	int code = -errno;
	return err_set(e, code, "%s: %s: %s", path, what, err_text(code));
}

int file_read(const char *path, size_t limit, struct buf *out, struct err *e)
{
	int code = 0;
	size_t before = out->n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		return failed(e, path, "cannot be opened");
	}
	for (;;) {
		char piece[64 * 1024];
		ssize_t n = read(fd, piece, sizeof(piece));
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			code = failed(e, path, "cannot be read");
			goto out;
		}
		if (n == 0) {
			break;
		}
		if ((size_t)n > limit - (out->n - before)) {
			code = err_set(e, ERR_TOO_LARGE, "%s: larger than %zu bytes", path, limit);
			goto out;
		}
		buf_add(out, piece, (size_t)n);
	}
out:
	close(fd);
	return code;
}

int file_sync_folder(const char *folder, struct err *e)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return failed(e, folder, "cannot be opened");
	}
	/* Some file systems refuse to sync a folder; theirs needs none. */
	int code = fsync(fd) != 0 && errno != EINVAL ? failed(e, folder, "cannot be synced") : 0;
	close(fd);
	return code;
}

int file_write_all(int fd, struct str bytes)
{
	while (bytes.n != 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return -errno;
		}
		bytes = str_slice(bytes, (size_t)n, bytes.n);
	}
	return 0;
}

int file_create_beside(const char *path, char **temporary, struct err *e)
{
	for (int tries = 0; tries < 100; tries++) {
		uint64_t number;
		if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number)) {
			return failed(e, path, "no random number");
		}
		char *name = str_format("%s.%016" PRIx64, path, number);
		int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
		if (fd >= 0) {
			*temporary = name;
			return fd;
		}
		free(name);
		if (errno != EEXIST) {
			break;
		}
	}
	return failed(e, path, "no file can be made beside it");
}

static char *folder_of(const char *path)
{
	struct str whole = str_from(path);
	ptrdiff_t slash = str_find_last(whole, '/');
	if (slash < 0) {
		return str_dup(STR("."));
	}
	return str_dup(slash == 0 ? STR("/") : str_slice(whole, 0, (size_t)slash));
}

int file_write_atomic(const char *path, struct str bytes, struct err *e)
{
	char *temporary = NULL;
	char *folder = folder_of(path);
	int code = file_create_beside(path, &temporary, e);
	if (code < 0) {
		goto out;
	}
	int fd = code;
	code = file_write_all(fd, bytes);
	if (code == 0 && fsync(fd) != 0) {
		code = -errno;
	}
	if (close(fd) != 0 && code == 0) {
		code = -errno;
	}
	if (code == 0 && rename(temporary, path) != 0) {
		code = -errno;
	}
	if (code < 0) {
		err_set(e, code, "%s: cannot be written: %s", path, err_text(code));
		unlink(temporary);
		goto out;
	}
	code = file_sync_folder(folder, e);
out:
	free(folder);
	free(temporary);
	return code;
}

int file_make_folders(const char *path, struct err *e)
{
	char *part = str_dup(str_from(path));
	size_t n = strlen(part);
	int code = 0;
	for (size_t i = 1; i <= n && code == 0; i++) {
		if (part[i] != '/' && part[i] != '\0') {
			continue;
		}
		char c = part[i];
		part[i] = '\0';
		if (mkdir(part, 0755) != 0 && errno != EEXIST) {
			code = failed(e, part, "folder cannot be made");
		}
		part[i] = c;
	}
	struct stat st;
	if (code == 0 && (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))) {
		code = err_set(e, -ENOTDIR, "%s: is not a folder", path);
	}
	free(part);
	return code;
}

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static DIR *open_at(int folder, const char *name)
{
	/* A folder its owner may not read is opened for him first; never through a link. */
	fchmodat(folder, name, 0700, AT_SYMLINK_NOFOLLOW);
	int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	if (d == NULL && fd >= 0) {
		close(fd);
	}
	return d;
}

/* Moves a folder up into `top` under a name that is free. */
static int lift(int from, const char *name, int top, uint64_t *counter)
{
	fchmodat(from, name, 0700, AT_SYMLINK_NOFOLLOW);
	for (;;) {
		char fresh[32];
		snprintf(fresh, sizeof(fresh), ".lifted-%" PRIu64, (*counter)++);
		if (renameat(from, name, top, fresh) == 0) {
			return 0;
		}
		if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR) {
			return -errno;
		}
	}
}

/* Deletes what is in a folder but its folders, which are moved up into `top`. */
static int empty_one(int top, const char *name, uint64_t *counter)
{
	DIR *d = open_at(top, name);
	if (d == NULL) {
		return -errno;
	}
	int code = 0;
	for (struct dirent *entry; code == 0 && (entry = readdir(d)) != NULL;) {
		if (is_dot(entry->d_name)) {
			continue;
		}
		if (unlinkat(dirfd(d), entry->d_name, 0) == 0 || errno == ENOENT) {
			continue;
		}
		code = errno == EISDIR || errno == EPERM ? lift(dirfd(d), entry->d_name, top, counter)
												 : -errno;
	}
	closedir(d);
	if (code == 0 && unlinkat(top, name, AT_REMOVEDIR) != 0 && errno != ENOENT) {
		/* Names that a scan missed because the folder changed under it: the next round. */
		code = errno == ENOTEMPTY ? 0 : -errno;
	}
	return code;
}

/* Folders are flattened, not descended into: a tree a hostile build made 100,000 levels deep needs
 * no deep stack, no long path and two open files. */
int file_remove_tree(const char *path, struct err *e)
{
	if (unlink(path) == 0 || errno == ENOENT) {
		return 0;
	}
	if (errno != EISDIR && errno != EPERM) {
		return failed(e, path, "cannot be removed");
	}
	DIR *top = open_at(AT_FDCWD, path);
	if (top == NULL) {
		return failed(e, path, "cannot be opened");
	}
	int code = 0;
	uint64_t counter = 0;
	for (bool found = true; found && code == 0;) {
		found = false;
		rewinddir(top);
		for (struct dirent *entry; code == 0 && (entry = readdir(top)) != NULL;) {
			if (is_dot(entry->d_name)) {
				continue;
			}
			found = true;
			if (unlinkat(dirfd(top), entry->d_name, 0) == 0 || errno == ENOENT) {
				continue;
			}
			code = errno == EISDIR || errno == EPERM
				? empty_one(dirfd(top), entry->d_name, &counter)
				: -errno;
		}
	}
	closedir(top);
	if (code == 0 && rmdir(path) != 0) {
		code = -errno;
	}
	if (code < 0) {
		return err_set(e, code, "%s: cannot be removed: %s", path, err_text(code));
	}
	return 0;
}

char *file_join(const char *folder, const char *name)
{
	return str_format("%s%s%s", folder, str_ends(str_from(folder), "/") ? "" : "/", name);
}

static int write_all(int fd, const char *bytes, size_t n)
{
	while (n != 0) {
		ssize_t written = write(fd, bytes, n);
		if (written >= 0) {
			bytes += written;
			n -= (size_t)written;
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

static int copy_by_hand(int in, int out)
{
	char bytes[1 << 16];
	for (;;) {
		ssize_t n = read(in, bytes, sizeof(bytes));
		if (n == 0) {
			return 0;
		}
		if (n < 0 && errno != EINTR) {
			return -errno;
		}
		int code = n > 0 ? write_all(out, bytes, (size_t)n) : 0;
		if (code != 0) {
			return code;
		}
	}
}

static int copy_bytes(int in, int out)
{
	/* files of /proc, pairs of file systems, old kernels: it says so before the first byte */
	for (bool first = true;; first = false) {
		ssize_t n = copy_file_range(in, NULL, out, NULL, (size_t)1 << 30, 0);
		if (n == 0) {
			return first ? copy_by_hand(in, out) : 0;
		}
		if (n < 0 && errno != EINTR) {
			bool cannot =
				errno == EINVAL || errno == EXDEV || errno == EOPNOTSUPP || errno == ENOSYS;
			return first && cannot ? copy_by_hand(in, out) : -errno;
		}
	}
}

int file_copy(const char *from, const char *to, unsigned mode, struct err *e)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0) {
		return err_set(e, -errno, "%s: %s", from, strerror(errno));
	}
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	int code = out < 0 ? -errno : copy_bytes(in, out);
	if (out >= 0 && close(out) != 0 && code == 0) {
		code = -errno;
	}
	close(in);
	return code != 0 ? err_set(e, code, "%s: %s", to, strerror(-code)) : 0;
}

int64_t file_free_bytes(const char *path)
{
	struct statvfs disk;
	return statvfs(path, &disk) == 0 ? (int64_t)disk.f_bavail * (int64_t)disk.f_frsize : -1;
}
