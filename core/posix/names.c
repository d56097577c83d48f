/* Names made, moved and taken away. */
#include "core/posix/include/posix_windows.h"

#include <errno.h>
#include <io.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>
#include <winternl.h>

/* Of ntifs.h, which user programs have not. */
enum { RENAME = 10, LINK = 11, DISPOSITION = 13, DISPOSITION_EX = 64, RENAME_EX = 65 };
enum { RENAME_REPLACE = 1, RENAME_POSIX = 2, RENAME_IGNORE_READ_ONLY = 0x40 };
enum { DELETE_IT = 1, DELETE_POSIX = 2, DELETE_IGNORE_READ_ONLY = 0x10 };
struct new_name {
	ULONG flags; /* of the classes without _EX a BOOLEAN */
	HANDLE folder;
	ULONG bytes;
	WCHAR name[];
};

int posix_mkdirat(int folder, const char *path, unsigned mode)
{
	struct posix_opening how = {
		.access = FILE_READ_ATTRIBUTES,
		.disposition = FILE_CREATE,
		.options = FILE_DIRECTORY_FILE,
	};
	HANDLE handle = posix_open_handle(folder, path, &how);
	if (handle == NULL) {
		if (errno == EINVAL || errno == EACCES) {
			/* of a drive's top it does not say that it is there */
			struct posix_stat st;
			int error = errno;
			errno = posix_fstatat(folder, path, &st, 0) == 0 ? EEXIST : error;
		}
		return -1;
	}
	CloseHandle(handle);
	return 0;
}

int posix_mkdir(const char *path, unsigned mode)
{
	return posix_mkdirat(POSIX_AT_FDCWD, path, mode);
}

/* The name goes at once even if somebody has the file open (Windows 10 1709), else once he closes. */
static NTSTATUS delete_handle(HANDLE handle, DWORD attributes)
{
	IO_STATUS_BLOCK io;
	ULONG flags = DELETE_IT | DELETE_POSIX | DELETE_IGNORE_READ_ONLY;
	NTSTATUS status = NtSetInformationFile(
		handle, &io, &flags, sizeof(flags), (FILE_INFORMATION_CLASS)DISPOSITION_EX);
	if (status >= 0) {
		return status;
	}
	if ((attributes & FILE_ATTRIBUTE_READONLY) != 0) {
		FILE_BASIC_INFO basic = {.FileAttributes = FILE_ATTRIBUTE_NORMAL};
		SetFileInformationByHandle(handle, FileBasicInfo, &basic, sizeof(basic));
	}
	BOOLEAN yes = TRUE;
	return NtSetInformationFile(
		handle, &io, &yes, sizeof(yes), (FILE_INFORMATION_CLASS)DISPOSITION);
}

int posix_unlinkat(int folder, const char *path, int flags)
{
	struct posix_opening how = {
		.access = DELETE | FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES,
		.disposition = FILE_OPEN,
		.options = FILE_OPEN_REPARSE_POINT,
	};
	HANDLE handle = posix_open_handle(folder, path, &how);
	FILE_ATTRIBUTE_TAG_INFO info;
	if (handle == NULL) {
		return -1;
	}
	if (!GetFileInformationByHandleEx(handle, FileAttributeTagInfo, &info, sizeof(info))) {
		posix_fail(GetLastError());
		CloseHandle(handle);
		return -1;
	}
	bool link = (info.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 &&
		IsReparseTagNameSurrogate(info.ReparseTag);
	bool is_folder = !link && (info.FileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
	bool want_folder = (flags & POSIX_AT_REMOVEDIR) != 0;
	if (is_folder != want_folder) {
		CloseHandle(handle);
		errno = is_folder ? EISDIR : ENOTDIR;
		return -1;
	}
	NTSTATUS status = delete_handle(handle, info.FileAttributes);
	CloseHandle(handle);
	return status >= 0 ? 0 : posix_fail_nt(status);
}

int posix_unlink(const char *path)
{
	return posix_unlinkat(POSIX_AT_FDCWD, path, 0);
}

int posix_rmdir(const char *path)
{
	return posix_unlinkat(POSIX_AT_FDCWD, path, POSIX_AT_REMOVEDIR);
}

/* The kernel's struct for another name of `handle`. NULL and errno. */
static struct new_name *make_name(int folder, const char *path, size_t *bytes)
{
	bool absolute = folder == POSIX_AT_FDCWD;
	wchar_t *name = absolute ? posix_path(path) : posix_wide(path);
	if (name == NULL) {
		return NULL;
	}
	for (wchar_t *p = name; !absolute && *p != L'\0'; p++) {
		*p = *p == L'/' ? L'\\' : *p;
	}
	size_t length = wcslen(name) * sizeof(WCHAR);
	*bytes = sizeof(struct new_name) + length + sizeof(WCHAR);
	struct new_name *out = calloc(1, *bytes);
	if (out == NULL) {
		errno = ENOMEM;
	} else {
		out->folder = absolute ? NULL : (HANDLE)_get_osfhandle(folder);
		out->bytes = (ULONG)length;
		memcpy(out->name, name, length);
	}
	free(name);
	return out;
}

static HANDLE open_to_move(int folder, const char *path, bool *is_folder)
{
	struct posix_opening how = {
		.access = DELETE | FILE_READ_ATTRIBUTES,
		.disposition = FILE_OPEN,
		.options = FILE_OPEN_REPARSE_POINT,
	};
	HANDLE handle = posix_open_handle(folder, path, &how);
	FILE_STANDARD_INFO info;
	*is_folder = handle != NULL &&
		GetFileInformationByHandleEx(handle, FileStandardInfo, &info, sizeof(info)) &&
		info.Directory;
	return handle;
}

int posix_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	size_t bytes;
	struct new_name *name = make_name(to_folder, to, &bytes);
	bool is_folder;
	HANDLE handle = name != NULL ? open_to_move(from_folder, from, &is_folder) : NULL;
	if (handle == NULL) {
		free(name);
		return -1;
	}
	IO_STATUS_BLOCK io;
	name->flags = RENAME_POSIX | RENAME_IGNORE_READ_ONLY | (is_folder ? 0 : RENAME_REPLACE);
	NTSTATUS status =
		NtSetInformationFile(handle, &io, name, (ULONG)bytes, (FILE_INFORMATION_CLASS)RENAME_EX);
	if (status < 0 && (uint32_t)status != 0xc0000035 /* it is there */) {
		name->flags = is_folder ? 0 : RENAME_REPLACE;
		status =
			NtSetInformationFile(handle, &io, name, (ULONG)bytes, (FILE_INFORMATION_CLASS)RENAME);
	}
	CloseHandle(handle);
	free(name);
	return status >= 0 ? 0 : posix_fail_nt(status);
}

int posix_rename(const char *from, const char *to)
{
	return posix_renameat(POSIX_AT_FDCWD, from, POSIX_AT_FDCWD, to);
}

int posix_linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
	size_t bytes;
	struct new_name *name = make_name(to_folder, to, &bytes);
	struct posix_opening how = {
		.access = FILE_WRITE_ATTRIBUTES,
		.disposition = FILE_OPEN,
		.options = FILE_OPEN_REPARSE_POINT | FILE_NON_DIRECTORY_FILE,
	};
	HANDLE handle = name != NULL ? posix_open_handle(from_folder, from, &how) : NULL;
	if (handle == NULL) {
		free(name);
		return -1;
	}
	IO_STATUS_BLOCK io;
	NTSTATUS status =
		NtSetInformationFile(handle, &io, name, (ULONG)bytes, (FILE_INFORMATION_CLASS)LINK);
	CloseHandle(handle);
	free(name);
	return status >= 0 ? 0 : posix_fail_nt(status);
}

/* A link needs a right that few accounts have, and must say whether it will lead to a folder. */
int posix_symlinkat(const char *target, int folder, const char *path)
{
	errno = ENOTSUP;
	return -1;
}

int posix_symlink(const char *target, const char *path)
{
	return posix_symlinkat(target, POSIX_AT_FDCWD, path);
}

ssize_t posix_readlink(const char *path, char *out, size_t n)
{
	errno = ENOTSUP;
	return -1;
}

int posix_lchown(const char *path, uid_t uid, gid_t gid)
{
	errno = ENOSYS;
	return -1;
}
