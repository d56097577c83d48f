/* Descriptors: opening by way of the kernel, relative to a folder where one is given. */
#include "core/posix/include/posix_windows.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>
#include <winternl.h>

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

int posix_fail(unsigned long error)
{
	static const struct {
		DWORD error;
		int number;
	} table[] = {
		{ERROR_FILE_NOT_FOUND, ENOENT},
		{ERROR_PATH_NOT_FOUND, ENOENT},
		{ERROR_BAD_NETPATH, ENOENT},
		{ERROR_BAD_NET_NAME, ENOENT},
		{ERROR_INVALID_DRIVE, ENOENT},
		{ERROR_DELETE_PENDING, EBUSY},
		{ERROR_INVALID_NAME, EINVAL},
		{ERROR_BAD_PATHNAME, EINVAL},
		{ERROR_INVALID_PARAMETER, EINVAL},
		{ERROR_DIRECTORY, ENOTDIR},
		{ERROR_ACCESS_DENIED, EACCES},
		{ERROR_SHARING_VIOLATION, EBUSY},
		{ERROR_LOCK_VIOLATION, EBUSY},
		{ERROR_CURRENT_DIRECTORY, EBUSY},
		{ERROR_USER_MAPPED_FILE, EBUSY},
		{ERROR_PRIVILEGE_NOT_HELD, EPERM},
		{ERROR_FILE_EXISTS, EEXIST},
		{ERROR_ALREADY_EXISTS, EEXIST},
		{ERROR_DIR_NOT_EMPTY, ENOTEMPTY},
		{ERROR_DISK_FULL, ENOSPC},
		{ERROR_HANDLE_DISK_FULL, ENOSPC},
		{ERROR_DISK_QUOTA_EXCEEDED, ENOSPC},
		{ERROR_NOT_ENOUGH_MEMORY, ENOMEM},
		{ERROR_OUTOFMEMORY, ENOMEM},
		{ERROR_COMMITMENT_LIMIT, ENOMEM},
		{ERROR_NO_SYSTEM_RESOURCES, ENOMEM},
		{ERROR_TOO_MANY_OPEN_FILES, EMFILE},
		{ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG},
		{ERROR_NOT_SAME_DEVICE, EXDEV},
		{ERROR_WRITE_PROTECT, EROFS},
		{ERROR_INVALID_HANDLE, EBADF},
		{ERROR_BROKEN_PIPE, EPIPE},
		{ERROR_NO_DATA, EPIPE},
		{ERROR_TOO_MANY_LINKS, EMLINK},
		{ERROR_NOT_SUPPORTED, ENOTSUP},
		{ERROR_CALL_NOT_IMPLEMENTED, ENOTSUP},
		{ERROR_INVALID_FUNCTION, ENOTSUP},
		{ERROR_BAD_EXE_FORMAT, ENOEXEC},
		{ERROR_EXE_MACHINE_TYPE_MISMATCH, ENOEXEC},
		{ERROR_CANT_RESOLVE_FILENAME, ELOOP},
	};
	errno = EIO;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (table[i].error == error) {
			errno = table[i].number;
		}
	}
	return -1;
}

int posix_fail_nt(long status)
{
	switch ((uint32_t)status) { /* what Windows' own translation blurs */
	case 0xc00000ba: /* STATUS_FILE_IS_A_DIRECTORY */
		errno = EISDIR;
		return -1;
	case 0xc0000103: /* STATUS_NOT_A_DIRECTORY */
		errno = ENOTDIR;
		return -1;
	case 0xc0000056: /* STATUS_DELETE_PENDING: somebody has it open, its folder cannot go */
		errno = EBUSY;
		return -1;
	default:
		return posix_fail(RtlNtStatusToDosError(status));
	}
}

/* May a new thing be called so, by programs of Windows? */
static bool is_usable_name(const wchar_t *path)
{
	const wchar_t *name = wcsrchr(path, L'\\');
	name = name != NULL ? name + 1 : path;
	size_t n = wcslen(name);
	for (size_t i = 0; i < n; i++) {
		if (name[i] < 0x20 || wcschr(L"<>:\"|?*", name[i]) != NULL) {
			return false;
		}
	}
	return n != 0 && name[n - 1] != L'.' && name[n - 1] != L' ';
}

static bool is_absolute(const char *path)
{
	return path[0] == '/' || path[0] == '\\' || (path[0] != '\0' && path[1] == ':');
}

posix_handle posix_open_handle(int folder, const char *path, const struct posix_opening *how)
{
	bool relative = folder != POSIX_AT_FDCWD && !is_absolute(path);
	wchar_t *name = relative ? posix_wide(path) : posix_path(path);
	HANDLE handle = INVALID_HANDLE_VALUE;
	if (name == NULL) {
		return NULL;
	}
	for (wchar_t *p = name; relative && *p != L'\0'; p++) {
		*p = *p == L'/' ? L'\\' : *p;
	}
	if (how->disposition != FILE_OPEN && how->disposition != FILE_OVERWRITE &&
		!is_usable_name(name)) {
		free(name);
		errno = EINVAL;
		return NULL;
	}
	if (wcslen(name) > 32766) {
		free(name);
		errno = ENAMETOOLONG;
		return NULL;
	}
	UNICODE_STRING text;
	RtlInitUnicodeString(&text, name);
	OBJECT_ATTRIBUTES object;
	InitializeObjectAttributes(&object, &text, OBJ_CASE_INSENSITIVE,
		relative ? (HANDLE)_get_osfhandle(folder) : NULL, NULL);
	IO_STATUS_BLOCK io;
	NTSTATUS status = NtCreateFile(&handle, how->access | SYNCHRONIZE, &object, &io, NULL,
		FILE_ATTRIBUTE_NORMAL, SHARE_ALL, how->disposition,
		how->options | FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_FOR_BACKUP_INTENT, NULL, 0);
	free(name);
	if (status < 0) {
		posix_fail_nt(status);
		return NULL;
	}
	return handle;
}

static bool is_link(HANDLE handle)
{
	FILE_ATTRIBUTE_TAG_INFO info;
	return GetFileInformationByHandleEx(handle, FileAttributeTagInfo, &info, sizeof(info)) &&
		(info.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 &&
		IsReparseTagNameSurrogate(info.ReparseTag);
}

static int open_file(int folder, const char *path, int flags, unsigned mode)
{
	int way = flags & (O_RDONLY | O_WRONLY | O_RDWR);
	struct posix_opening how = {.disposition = FILE_OPEN};
	how.access = way == O_WRONLY ? FILE_GENERIC_WRITE | FILE_READ_ATTRIBUTES
		: way == O_RDWR          ? FILE_GENERIC_READ | FILE_GENERIC_WRITE
								 : FILE_GENERIC_READ;
	if ((flags & O_APPEND) != 0) {
		how.access &= ~(unsigned long)FILE_WRITE_DATA;
	}
	if ((flags & O_CREAT) != 0) {
		how.disposition = (flags & O_EXCL) != 0 ? FILE_CREATE
			: (flags & O_TRUNC) != 0            ? FILE_OVERWRITE_IF
												: FILE_OPEN_IF;
	} else if ((flags & O_TRUNC) != 0) {
		how.disposition = FILE_OVERWRITE;
	}
	if ((flags & POSIX_O_DIRECTORY) != 0) {
		how.options |= FILE_DIRECTORY_FILE;
	} else if (way != O_RDONLY || (flags & O_CREAT) != 0) {
		how.options |= FILE_NON_DIRECTORY_FILE;
	}
	if ((flags & POSIX_O_NOFOLLOW) != 0) {
		how.options |= FILE_OPEN_REPARSE_POINT;
	}
	HANDLE handle = posix_open_handle(folder, path, &how);
	if (handle == NULL) {
		return -1;
	}
	if ((flags & POSIX_O_NOFOLLOW) != 0 && is_link(handle)) {
		CloseHandle(handle);
		errno = ELOOP;
		return -1;
	}
	if ((flags & O_CREAT) != 0 && (mode & 0222) == 0) {
		FILE_BASIC_INFO basic = {.FileAttributes = FILE_ATTRIBUTE_READONLY};
		SetFileInformationByHandle(handle, FileBasicInfo, &basic, sizeof(basic));
	}
	int fd = _open_osfhandle((intptr_t)handle,
		_O_NOINHERIT | (way == O_RDONLY ? _O_RDONLY : 0) |
			((flags & O_APPEND) != 0 ? _O_APPEND : 0));
	if (fd < 0) {
		CloseHandle(handle);
	}
	return fd;
}

int posix_openat(int folder, const char *path, int flags, ...)
{
	unsigned mode = 0;
	if ((flags & O_CREAT) != 0) {
		va_list arguments;
		va_start(arguments, flags);
		mode = va_arg(arguments, unsigned);
		va_end(arguments);
	}
	return open_file(folder, path, flags, mode);
}

int posix_open(const char *path, int flags, ...)
{
	unsigned mode = 0;
	if ((flags & O_CREAT) != 0) {
		va_list arguments;
		va_start(arguments, flags);
		mode = va_arg(arguments, unsigned);
		va_end(arguments);
	}
	return open_file(POSIX_AT_FDCWD, path, flags, mode);
}

struct _iobuf *posix_fopen(const char *path, const char *mode)
{
	bool writes = mode[0] == 'w';
	int flags =
		writes ? O_WRONLY | O_CREAT | (strchr(mode, 'x') != NULL ? O_EXCL : O_TRUNC) : O_RDONLY;
	int fd = posix_open(path, flags, 0666);
	FILE *file = fd >= 0 ? _fdopen(fd, writes ? "wb" : "rb") : NULL;
	if (file == NULL && fd >= 0) {
		_close(fd);
	}
	return file;
}

/* --- bytes --- */

enum { PIECE = 1 << 30 };

ssize_t posix_read(int fd, void *bytes, size_t n)
{
	return _read(fd, bytes, (unsigned)(n < PIECE ? n : PIECE));
}

ssize_t posix_write(int fd, const void *bytes, size_t n)
{
	return _write(fd, bytes, (unsigned)(n < PIECE ? n : PIECE));
}

/* With an offset given, a synchronous handle's own position moves; it is put back. */
static ssize_t at_offset(int fd, void *in, const void *out, size_t n, int64_t offset)
{
	HANDLE handle = (HANDLE)_get_osfhandle(fd);
	int64_t before = _lseeki64(fd, 0, SEEK_CUR);
	OVERLAPPED where = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)((uint64_t)offset >> 32)};
	DWORD count = (DWORD)(n < PIECE ? n : PIECE);
	DWORD done = 0;
	BOOL ok = in != NULL ? ReadFile(handle, in, count, &done, &where)
						 : WriteFile(handle, out, count, &done, &where);
	DWORD error = ok ? 0 : GetLastError();
	_lseeki64(fd, before, SEEK_SET);
	if (error != 0 && error != ERROR_HANDLE_EOF) {
		return posix_fail(error);
	}
	return (ssize_t)done;
}

ssize_t posix_pread(int fd, void *bytes, size_t n, int64_t offset)
{
	return at_offset(fd, bytes, NULL, n, offset);
}

ssize_t posix_pwrite(int fd, const void *bytes, size_t n, int64_t offset)
{
	return at_offset(fd, NULL, bytes, n, offset);
}

int64_t posix_lseek(int fd, int64_t offset, int from)
{
	return _lseeki64(fd, offset, from);
}

int posix_ftruncate(int fd, int64_t size)
{
	FILE_END_OF_FILE_INFO end = {.EndOfFile = {.QuadPart = size}};
	HANDLE handle = (HANDLE)_get_osfhandle(fd);
	return SetFileInformationByHandle(handle, FileEndOfFileInfo, &end, sizeof(end))
		? 0
		: posix_fail(GetLastError());
}

int posix_fsync(int fd)
{
	struct posix_stat st;
	if (posix_fstat(fd, &st) == 0 && (st.st_mode & 0170000) == 0040000) {
		return 0;
	}
	return FlushFileBuffers((HANDLE)_get_osfhandle(fd)) ? 0 : posix_fail(GetLastError());
}

ssize_t posix_copy_file_range(
	int in, int64_t *in_at, int out, int64_t *out_at, size_t n, unsigned flags)
{
	errno = ENOSYS;
	return -1;
}
