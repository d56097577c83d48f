/* Reading folders, and walking down trees. */
#include "core/posix/include/dirent.h"

#include "core/posix/include/posix_windows.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <winternl.h>

struct posix_folder {
	int fd;
	/* Of its own, opened anew by rewinddir: Wine keeps what a handle was told first. NULL: not yet. */
	HANDLE listing;
	FILE_ID_BOTH_DIR_INFO *next; /* NULL: more is to be asked for */
	struct dirent entry;
	union {
		FILE_ID_BOTH_DIR_INFO first;
		char bytes[32 * 1024];
	} room;
};

DIR *posix_fdopendir(int fd)
{
	DIR *d = calloc(1, sizeof(*d));
	if (d == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	d->fd = fd;
	return d;
}

DIR *posix_opendir(const char *path)
{
	int fd = posix_open(path, O_RDONLY | POSIX_O_DIRECTORY);
	DIR *d = fd >= 0 ? posix_fdopendir(fd) : NULL;
	if (d == NULL && fd >= 0) {
		_close(fd);
	}
	return d;
}

static bool fill(DIR *d)
{
	if (d->listing == NULL) {
		struct posix_opening how = {
			.access = FILE_LIST_DIRECTORY,
			.disposition = FILE_OPEN,
			.options = FILE_DIRECTORY_FILE,
		};
		d->listing = posix_open_handle(d->fd, "", &how); /* the same folder */
	}
	if (d->listing == NULL) {
		return false;
	}
	if (!GetFileInformationByHandleEx(
			d->listing, FileIdBothDirectoryInfo, &d->room, sizeof(d->room))) {
		if (GetLastError() != ERROR_NO_MORE_FILES) {
			posix_fail(GetLastError());
		}
		return false;
	}
	d->next = &d->room.first;
	return true;
}

struct dirent *posix_readdir(DIR *d)
{
	if (d->next == NULL && !fill(d)) {
		return NULL;
	}
	FILE_ID_BOTH_DIR_INFO *info = d->next;
	d->next = info->NextEntryOffset != 0
		? (FILE_ID_BOTH_DIR_INFO *)(void *)((char *)info + info->NextEntryOffset)
		: NULL;
	char *name = posix_narrow(info->FileName, info->FileNameLength / sizeof(WCHAR));
	if (name == NULL) {
		return NULL;
	}
	size_t n = strlen(name);
	n = n < sizeof(d->entry.d_name) ? n : sizeof(d->entry.d_name) - 1;
	memcpy(d->entry.d_name, name, n);
	d->entry.d_name[n] = '\0';
	free(name);
	bool link = (info->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 &&
		IsReparseTagNameSurrogate(info->EaSize); /* where a link has its tag */
	bool folder = (info->FileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
	d->entry.d_type = link ? DT_LNK : folder ? DT_DIR : DT_REG;
	return &d->entry;
}

void posix_rewinddir(DIR *d)
{
	if (d->listing != NULL) {
		CloseHandle(d->listing);
	}
	d->listing = NULL;
	d->next = NULL;
}

int posix_dirfd(DIR *d)
{
	return d->fd;
}

int posix_closedir(DIR *d)
{
	posix_rewinddir(d);
	int code = _close(d->fd);
	free(d);
	return code;
}
