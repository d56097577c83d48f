/* What POSIX has, our code calls and Windows' own library lacks or does otherwise: for Windows alone.
 * The headers beside this one stand before the compiler's (include_next) and put these functions in the
 * place of their namesakes, so that a file of ours reads the same for both systems.
 *
 * Paths are UTF-8 (what is no valid UTF-16 on disk as WTF-8, so that a tree can be removed whatever was
 * put into it), with / or \, of any length: they go to the kernel as they are, beyond what MAX_PATH,
 * device names ("aux.py") and dots at the end mean to Windows' own layer. A new name must be one that
 * Windows' programs can use: no control character, none of <>:"|?*, no dot or space at its end, else
 * EINVAL. Descriptors are the C library's, binary, not inherited; files are shared for reading, writing
 * and deletion, as on POSIX. Errors are errno's. Symbolic links are seen, and made by nobody: making one
 * is ENOTSUP. */
#pragma once
#pragma GCC system_header /* for include_next */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

typedef unsigned uid_t;
typedef unsigned gid_t;

enum {
	POSIX_O_DIRECTORY = 0x01000000,
	POSIX_O_NOFOLLOW = 0x02000000,
	POSIX_O_CLOEXEC = 0, /* all of ours are */
	POSIX_O_NONBLOCK = 0, /* there is no file whose opening waits */
	POSIX_AT_FDCWD = -100,
	POSIX_AT_SYMLINK_NOFOLLOW = 1,
	POSIX_AT_REMOVEDIR = 2,
};

struct posix_stat {
	unsigned st_mode;
	unsigned st_nlink;
	int64_t st_size;
	int64_t st_blocks; /* of 512 bytes, on disk */
	uint64_t st_ino;
	uint64_t st_dev;
};

int posix_open(const char *path, int flags, ...);
int posix_openat(int folder, const char *path, int flags, ...);
ssize_t posix_read(int fd, void *bytes, size_t n);
ssize_t posix_write(int fd, const void *bytes, size_t n);
ssize_t posix_pread(int fd, void *bytes, size_t n, int64_t offset);
ssize_t posix_pwrite(int fd, const void *bytes, size_t n, int64_t offset);
int64_t posix_lseek(int fd, int64_t offset, int from);
int posix_ftruncate(int fd, int64_t size);
int posix_fsync(int fd); /* of a folder it does nothing: the file system keeps its own journal */
int posix_futimens(int fd, const struct timespec times[2]); /* the second; NULL: now */

int posix_stat(const char *path, struct posix_stat *out);
int posix_lstat(const char *path, struct posix_stat *out);
int posix_fstat(int fd, struct posix_stat *out);
int posix_fstatat(int folder, const char *path, struct posix_stat *out, int flags);
int posix_access(const char *path, int mode); /* existence, and that it is not read-only */
int posix_fchmodat(int folder, const char *path, unsigned mode, int flags); /* read-only or not */

int posix_mkdir(const char *path, unsigned mode);
int posix_mkdirat(int folder, const char *path, unsigned mode);
int posix_unlink(const char *path); /* also of what is read-only */
int posix_rmdir(const char *path);
int posix_unlinkat(int folder, const char *path, int flags);
int posix_rename(const char *from, const char *to); /* replaces files; a folder replaces nothing */
int posix_renameat(int from_folder, const char *from, int to_folder, const char *to);
int posix_linkat(int from_folder, const char *from, int to_folder, const char *to, int flags);
int posix_symlink(const char *target, const char *path);
int posix_symlinkat(const char *target, int folder, const char *path);
ssize_t posix_readlink(const char *path, char *out, size_t n);
ssize_t posix_copy_file_range(/* ENOSYS */
	int in, int64_t *in_at, int out, int64_t *out_at, size_t n, unsigned flags);
int posix_lchown(const char *path, uid_t uid, gid_t gid); /* ENOSYS */

struct _iobuf *posix_fopen(const char *path, const char *mode); /* "rb", "wb", "wbx" */
char *posix_getenv(const char *name); /* UTF-8; for the life of the program */
char *posix_setlocale(int category, const char *name); /* "C.UTF-8" as well */
ssize_t posix_getrandom(void *bytes, size_t n, unsigned flags);
const char *posix_strsignal(int signal);

/* --- for the other files of this folder and for those named *_windows.c --- */

typedef void *posix_handle; /* HANDLE, without <windows.h> */

/* UTF-8 (WTF-8) to UTF-16 and back, zero-ended; NULL and errno (EILSEQ). The caller frees. */
wchar_t *posix_wide(const char *text);
char *posix_narrow(const wchar_t *text, size_t n);
/* "\??\C:\…", absolute and without "." and "..", for the kernel; at 0, '\\' in the second character's
 * place makes it one for functions that take "\\?\". NULL and errno. The caller frees. */
wchar_t *posix_path(const char *path);
/* errno of GetLastError() and of an NTSTATUS; both return -1. */
int posix_fail(unsigned long error);
int posix_fail_nt(long status);
/* A handle of the thing at `path` below `folder`; NULL and errno. */
struct posix_opening {
	unsigned long access; /* SYNCHRONIZE is added */
	unsigned long disposition; /* FILE_OPEN … */
	unsigned long options; /* FILE_DIRECTORY_FILE … */
};
posix_handle posix_open_handle(int folder, const char *path, const struct posix_opening *how);
