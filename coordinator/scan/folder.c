#include "coordinator/scan/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int folder_page_open(const char *folder, const char *name, struct folder_page *out, struct err *e)
{
	static const char *const suffixes[] = {".json", ".json.gz"};
	struct stat st;
	int code = ERR_NOT_FOUND;
	*out = (struct folder_page){.fd = -1};
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		char *path = str_format("%s/%s%s", folder, name, suffixes[i]);
		int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
			out->fd = fd;
			out->path = path;
			out->packed = i == 1;
			snprintf(out->etag, sizeof(out->etag), "\"%lld-%lld.%09ld\"", (long long)st.st_size,
				(long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
			return 0;
		}
		if (fd >= 0) {
			close(fd);
			code = ERR_INVALID; /* a folder or a device is no page */
		} else if (errno != ENOENT) {
			code = -errno;
		}
		free(path);
	}
	return err_set(e, code, "%s/%s.json: %s", folder, name, err_text(code));
}
