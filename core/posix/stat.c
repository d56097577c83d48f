/* What a file is. */
#include "core/posix/include/posix_windows.h"

#include "core/posix/include/sys/statvfs.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <windows.h>
#include <winternl.h>

enum { MODE_FILE = 0100000, MODE_FOLDER = 0040000, MODE_LINK = 0120000, MODE_PIPE = 0010000 };
/* From 1601, in 100 ns, to 1970. */
#define EPOCH INT64_C(116444736000000000)

static int look(HANDLE handle, struct posix_stat *out)
{
	BY_HANDLE_FILE_INFORMATION info;
	FILE_STANDARD_INFO sizes;
	FILE_ATTRIBUTE_TAG_INFO tag;
	*out = (struct posix_stat){0};
	if (GetFileType(handle) != FILE_TYPE_DISK) {
		out->st_mode = MODE_PIPE | 0600;
		out->st_nlink = 1;
		return 0;
	}
	if (!GetFileInformationByHandle(handle, &info) ||
		!GetFileInformationByHandleEx(handle, FileStandardInfo, &sizes, sizeof(sizes))) {
		return posix_fail(GetLastError());
	}
	bool link = (info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 &&
		GetFileInformationByHandleEx(handle, FileAttributeTagInfo, &tag, sizeof(tag)) &&
		IsReparseTagNameSurrogate(tag.ReparseTag);
	bool folder = (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
	bool read_only = (info.dwFileAttributes & FILE_ATTRIBUTE_READONLY) != 0;
	out->st_mode = link ? MODE_LINK | 0777
		: folder        ? MODE_FOLDER | 0755
		: read_only     ? MODE_FILE | 0444
						: MODE_FILE | 0644;
	out->st_nlink = info.nNumberOfLinks;
	out->st_size = sizes.EndOfFile.QuadPart;
	out->st_blocks = (sizes.AllocationSize.QuadPart + 511) / 512;
	out->st_ino = (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow;
	out->st_dev = info.dwVolumeSerialNumber;
	return 0;
}

int posix_fstatat(int folder, const char *path, struct posix_stat *out, int flags)
{
	struct posix_opening how = {
		.access = FILE_READ_ATTRIBUTES,
		.disposition = FILE_OPEN,
		.options = (flags & POSIX_AT_SYMLINK_NOFOLLOW) != 0 ? FILE_OPEN_REPARSE_POINT : 0,
	};
	HANDLE handle = posix_open_handle(folder, path, &how);
	if (handle == NULL) {
		return -1;
	}
	int code = look(handle, out);
	int error = errno;
	CloseHandle(handle);
	errno = error;
	return code;
}

int posix_stat(const char *path, struct posix_stat *out)
{
	return posix_fstatat(POSIX_AT_FDCWD, path, out, 0);
}

int posix_lstat(const char *path, struct posix_stat *out)
{
	return posix_fstatat(POSIX_AT_FDCWD, path, out, POSIX_AT_SYMLINK_NOFOLLOW);
}

int posix_fstat(int fd, struct posix_stat *out)
{
	return look((HANDLE)_get_osfhandle(fd), out);
}

int posix_access(const char *path, int mode)
{
	enum { WRITE = 2 };
	struct posix_stat st;
	if (posix_stat(path, &st) != 0) {
		return -1;
	}
	if ((mode & WRITE) != 0 && (st.st_mode & 0222) == 0) {
		errno = EACCES;
		return -1;
	}
	return 0;
}

int posix_fchmodat(int folder, const char *path, unsigned mode, int flags)
{
	struct posix_opening how = {
		.access = FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES,
		.disposition = FILE_OPEN,
		.options = (flags & POSIX_AT_SYMLINK_NOFOLLOW) != 0 ? FILE_OPEN_REPARSE_POINT : 0,
	};
	HANDLE handle = posix_open_handle(folder, path, &how);
	FILE_BASIC_INFO basic;
	if (handle == NULL) {
		return -1;
	}
	BOOL ok = GetFileInformationByHandleEx(handle, FileBasicInfo, &basic, sizeof(basic));
	DWORD wanted = (mode & 0222) != 0 ? basic.FileAttributes & ~(DWORD)FILE_ATTRIBUTE_READONLY
									  : basic.FileAttributes | FILE_ATTRIBUTE_READONLY;
	if (ok && wanted != basic.FileAttributes) {
		/* times of 0 stay; no attribute at all would be "unchanged" */
		FILE_BASIC_INFO set = {.FileAttributes = wanted != 0 ? wanted : FILE_ATTRIBUTE_NORMAL};
		ok = SetFileInformationByHandle(handle, FileBasicInfo, &set, sizeof(set));
	}
	DWORD error = ok ? 0 : GetLastError();
	CloseHandle(handle);
	return ok ? 0 : posix_fail(error);
}

int posix_futimens(int fd, const struct timespec times[2])
{
	FILETIME when;
	if (times == NULL) {
		GetSystemTimeAsFileTime(&when);
	} else {
		int64_t ticks = (int64_t)times[1].tv_sec * 10000000 + times[1].tv_nsec / 100 + EPOCH;
		ticks = ticks > 0 ? ticks : 0;
		when = (FILETIME){.dwLowDateTime = (DWORD)ticks, .dwHighDateTime = (DWORD)(ticks >> 32)};
	}
	HANDLE handle = (HANDLE)_get_osfhandle(fd);
	return SetFileTime(handle, NULL, NULL, &when) ? 0 : posix_fail(GetLastError());
}

int posix_statvfs(const char *path, struct statvfs *out)
{
	wchar_t *name = posix_path(path);
	ULARGE_INTEGER available;
	if (name == NULL) {
		return -1;
	}
	name[1] = L'\\';
	BOOL ok = GetDiskFreeSpaceExW(name, &available, NULL, NULL);
	DWORD error = GetLastError();
	free(name);
	if (!ok) {
		return posix_fail(error);
	}
	*out = (struct statvfs){.f_frsize = 1, .f_bavail = available.QuadPart};
	return 0;
}
