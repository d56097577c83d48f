#include "core/io/blob_store.h"

#include "core/base/mem.h"
#include "core/io/blob_paths.h"
#include "core/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int blob_store_open(struct blob_store *s, const char *folder, struct err *e)
{
	*s = (struct blob_store){.folder = str_dup(str_from(folder))};
	char *partial = file_join(folder, "partial");
	int code = file_make_folders(partial, e);
	free(partial);
	if (code < 0) {
		blob_store_finish(s);
	}
	return code;
}

void blob_store_finish(struct blob_store *s)
{
	free(s->folder);
	s->folder = NULL;
}

bool blob_store_has(const struct blob_store *s, struct str hex, uint64_t *size)
{
	char *path = blob_store_path(s, hex);
	struct stat st;
	bool there = stat(path, &st) == 0 && S_ISREG(st.st_mode);
	free(path);
	if (there && size != NULL) {
		*size = (uint64_t)st.st_size;
	}
	return there;
}

void blob_store_touch(const struct blob_store *s, struct str hex)
{
	char *path = blob_store_path(s, hex);
	(void)utimensat(AT_FDCWD, path, NULL, 0); /* one that is not there is nobody's to keep */
	free(path);
}

int blob_store_place(
	const struct blob_store *s, int fd, const char *temporary, struct str hex, struct err *e)
{
	char *path = blob_store_path(s, hex);
	char *folder = str_format("%s/%.2s", s->folder, hex.p);
	int code = 0;
	/* First the bytes, then the name, then the folder that holds the name: whatever the moment of
	 * a power cut, a name that is there has its bytes. */
	(void)futimens(fd, NULL); /* a file that was moved here may be old */
	if (fsync(fd) != 0) {
		code = err_set(e, -errno, "%s: cannot be synced: %s", temporary, err_text(-errno));
		goto out;
	}
	if (mkdir(folder, 0755) == 0) {
		code = file_sync_folder(s->folder, e);
		if (code < 0) {
			goto out;
		}
	} else if (errno != EEXIST) {
		code = err_set(e, -errno, "%s: cannot be made: %s", folder, err_text(-errno));
		goto out;
	}
	if (rename(temporary, path) != 0) {
		code =
			err_set(e, -errno, "%s: cannot be moved to %s: %s", temporary, path, err_text(-errno));
		goto out;
	}
	code = file_sync_folder(folder, e);
out:
	free(folder);
	free(path);
	return code;
}

int blob_store_add(
	struct blob_store *s, struct str bytes, char hex[static SHA256_HEX], struct err *e)
{
	unsigned char digest[SHA256_BYTES];
	sha256_of(bytes, digest);
	sha256_hex(digest, hex);
	struct str name = {.p = hex, .n = SHA256_HEX - 1};
	if (blob_store_has(s, name, NULL)) {
		blob_store_touch(s, name);
		return 0;
	}
	char *base = file_join(s->folder, "partial/add");
	char *temporary = NULL;
	int fd = file_create_beside(base, &temporary, e);
	int code = fd;
	if (fd < 0) {
		goto out;
	}
	code = file_write_all(fd, bytes);
	if (code < 0) {
		err_set(e, code, "%s: cannot be written: %s", temporary, err_text(code));
	} else {
		code = blob_store_place(s, fd, temporary, name, e);
	}
	if (code < 0) {
		unlink(temporary);
	}
	close(fd);
out:
	free(temporary);
	free(base);
	return code;
}

static int mismatch(const char *path, struct str expected, const char *found, struct err *e)
{
	return err_set(
		e, ERR_HASH_MISMATCH, "%s: SHA-256 is %s, not %.*s", path, found, STR_ARG(expected));
}

/* Copies and hashes the same bytes, so that a file that changes meanwhile cannot slip in. */
static int copy(struct blob_store *s, int from, const char *path, struct str hex, struct err *e)
{
	enum { PIECE = 256 * 1024 };
	char *piece = mem_new(PIECE, 1);
	struct sha256 *h = sha256_create();
	char *base = file_join(s->folder, "partial/add");
	char *temporary = NULL;
	int to = file_create_beside(base, &temporary, e);
	int code = to;
	if (to < 0) {
		goto out;
	}
	for (;;) {
		ssize_t n = read(from, piece, PIECE);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			code = err_set(e, -errno, "%s: cannot be read: %s", path, err_text(-errno));
			goto close_to;
		}
		if (n == 0) {
			break;
		}
		sha256_add(h, piece, (size_t)n);
		code = file_write_all(to, (struct str){.p = piece, .n = (size_t)n});
		if (code < 0) {
			err_set(e, code, "%s: cannot be written: %s", temporary, err_text(code));
			goto close_to;
		}
	}
	unsigned char digest[SHA256_BYTES];
	char found[SHA256_HEX];
	sha256_end(h, digest);
	sha256_hex(digest, found);
	code = str_is(hex, found) ? blob_store_place(s, to, temporary, hex, e)
							  : mismatch(path, hex, found, e);
close_to:
	close(to);
	if (code < 0) {
		unlink(temporary);
	}
out:
	free(temporary);
	free(base);
	sha256_destroy(h);
	free(piece);
	return code;
}

/* A file can be moved if nobody else can write to it afterwards: it is ours and has one name. */
static bool is_ours_alone(const struct stat *st)
{
	return st->st_uid == geteuid() && st->st_nlink == 1;
}

static int move(struct blob_store *s, int fd, const char *path, struct str hex, struct err *e)
{
	char found[SHA256_HEX];
	int code = sha256_of_file(path, found, NULL, e);
	if (code < 0) {
		return code;
	}
	if (!str_is(hex, found)) {
		return mismatch(path, hex, found, e);
	}
	fchmod(fd, 0644);
	return blob_store_place(s, fd, path, hex, e);
}

int blob_store_add_file(
	struct blob_store *s, const char *path, struct str hex, bool move_it, struct err *e)
{
	blob_check_hex(hex);
	/* A link in a build's output could name any file of this machine. */
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		return err_set(e, -errno, "%s: cannot be opened: %s", path, err_text(-errno));
	}
	struct stat st;
	int code = 0;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		code = err_set(e, ERR_INVALID, "%s: is not a plain file", path);
		goto out;
	}
	if (move_it && is_ours_alone(&st)) {
		struct err inner = {0};
		code = move(s, fd, path, hex, &inner);
		if (code != -EXDEV) {
			if (code < 0) {
				err_set(e, code, "%s", inner.text);
			}
			goto out;
		}
	}
	code = copy(s, fd, path, hex, e);
	if (code == 0 && move_it) {
		unlink(path);
	}
out:
	close(fd);
	return code;
}
