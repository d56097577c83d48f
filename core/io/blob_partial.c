#include "core/io/blob_store.h"

#include "core/base/mem.h"
#include "core/io/blob_paths.h"
#include "core/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opens and locks a partial. The lock is on the file, not on its name: when another upload of the
 * same blob was committed while we waited, our file has become the blob and must not be touched, so
 * the name is looked up again. -ENOENT without `create` if there is none. */
static int open_locked(const char *path, bool create, uint64_t *size, struct err *e)
{
	for (;;) {
		int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0), 0644);
		if (fd < 0) {
			return err_set(e, -errno, "%s: cannot be opened: %s", path, err_text(-errno));
		}
		struct stat ours;
		struct stat named;
		while (flock(fd, LOCK_EX) != 0) {
			if (errno != EINTR) {
				int code = err_set(e, -errno, "%s: cannot be locked: %s", path, err_text(-errno));
				close(fd);
				return code;
			}
		}
		if (fstat(fd, &ours) == 0 && stat(path, &named) == 0 && ours.st_ino == named.st_ino &&
			ours.st_dev == named.st_dev) {
			*size = (uint64_t)ours.st_size;
			return fd;
		}
		close(fd);
	}
}

int blob_store_partial_append(struct blob_store *s, struct str hex, uint64_t offset,
	struct str bytes, uint64_t *size, struct err *e)
{
	if (blob_store_has(s, hex, size)) {
		return offset == *size && bytes.n == 0
			? 0
			: err_set(e, ERR_CONFLICT, "blob %.*s is already there whole", STR_ARG(hex));
	}
	*size = 0;
	char *path = blob_partial_path(s, hex);
	int fd = open_locked(path, true, size, e);
	int code = fd;
	if (fd < 0) {
		goto out_path;
	}
	if (blob_store_has(s, hex, size)) { /* in the moment before the lock */
		unlink(path);
		code = err_set(e, ERR_CONFLICT, "blob %.*s is already there whole", STR_ARG(hex));
		goto out;
	}
	if (*size != offset) {
		code =
			err_set(e, ERR_CONFLICT, "upload of %.*s stands at byte %" PRIu64 ", not at %" PRIu64,
				STR_ARG(hex), *size, offset);
		goto out;
	}
	code = lseek(fd, (off_t)offset, SEEK_SET) < 0 ? -errno : file_write_all(fd, bytes);
	if (code < 0) {
		err_set(e, code, "upload of %.*s: cannot be written: %s", STR_ARG(hex), err_text(code));
		/* Half a piece would be right too, but a full disk wants its bytes back. */
		if (ftruncate(fd, (off_t)offset) != 0) {
			*size = blob_store_partial_size(s, hex);
		}
		goto out;
	}
	*size = offset + bytes.n;
	code = 0;
out:
	close(fd);
out_path:
	free(path);
	return code;
}

uint64_t blob_store_partial_size(const struct blob_store *s, struct str hex)
{
	uint64_t size = 0;
	if (blob_store_has(s, hex, &size)) {
		return size;
	}
	char *path = blob_partial_path(s, hex);
	struct stat st;
	if (stat(path, &st) == 0) {
		size = (uint64_t)st.st_size;
	}
	free(path);
	return size;
}

int blob_store_partial_commit(struct blob_store *s, struct str hex, struct err *e)
{
	char *path = blob_partial_path(s, hex);
	if (blob_store_has(s, hex, NULL)) { /* sent twice, kept once */
		unlink(path);
		free(path);
		return 0;
	}
	uint64_t size = 0;
	int fd = open_locked(path, false, &size, e);
	int code = fd;
	if (fd < 0) {
		if (code == -ENOENT) {
			code = blob_store_has(s, hex, NULL)
				? 0
				: err_set(e, ERR_NOT_FOUND, "no upload of %.*s was begun", STR_ARG(hex));
		}
		goto out;
	}
	char found[SHA256_HEX];
	code = sha256_of_file(path, found, NULL, e);
	if (code == 0 && !str_is(hex, found)) {
		code = err_set(e, ERR_HASH_MISMATCH,
			"upload of %.*s: its %" PRIu64 " bytes have SHA-256 %s", STR_ARG(hex), size, found);
		unlink(path);
	} else if (code == 0) {
		code = blob_store_place(s, fd, path, hex, e);
	}
	close(fd);
out:
	free(path);
	return code;
}
