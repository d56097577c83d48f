#include "coordinator/store/lock.h"

#include "core/base/mem.h"
#include "core/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

struct store_lock {
	int fd;
};

static int open_locked(const char *database, int *out, struct err *e)
{
	char *path = str_format("%s.lock", database);
	int code = 0;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0) {
		code = err_set(e, -errno, "%s: %s", path, err_text(-errno));
	} else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		char holder[32] = "";
		ssize_t n = errno == EWOULDBLOCK ? pread(fd, holder, sizeof(holder) - 1, 0) : 0;
		holder[n > 0 ? n : 0] = '\0';
		code = errno == EWOULDBLOCK
			? err_set(e, ERR_BUSY, "%s: in use by the coordinator with process id %d", database,
				  atoi(holder))
			: err_set(e, -errno, "%s: %s", path, err_text(-errno));
		close(fd);
	}
	*out = fd;
	free(path);
	return code;
}

int store_lock(const char *database, struct store_lock **out, struct err *e)
{
	*out = NULL;
	ptrdiff_t slash = str_find_last(str_from(database), '/');
	if (slash > 0) {
		char *folder = str_dup(str_slice(str_from(database), 0, (size_t)slash));
		int made = file_make_folders(folder, e);
		free(folder);
		if (made != 0) {
			return made;
		}
	}
	int fd = -1;
	int code = open_locked(database, &fd, e);
	if (code != 0) {
		return code;
	}
	char text[32];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n) {
		code = err_set(e, -errno, "%s.lock: %s", database, err_text(-errno));
		close(fd);
		return code;
	}
	struct store_lock *lock = MEM_NEW(struct store_lock);
	lock->fd = fd;
	*out = lock;
	return 0;
}

void store_unlock(struct store_lock *lock)
{
	if (lock == NULL) {
		return;
	}
	/* Empty first: who reads it in between sees no dead process. */
	if (ftruncate(lock->fd, 0) != 0) {
		/* the number stays, which misleads nobody: the lock itself is what counts */
	}
	close(lock->fd);
	free(lock);
}

int store_lock_check(const char *database, struct err *e)
{
	int fd = -1;
	int code = open_locked(database, &fd, e);
	if (code == 0) {
		close(fd);
	}
	/* No folder yet: nobody can have the lock. */
	return code == -ENOENT ? 0 : code;
}
