#include "coordinator/scan/folder.h"

#include "core/io/inflate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ = 256 << 10 };

/* NAME.json, else NAME.json.gz: its descriptor and *path (the caller frees); or an error. */
static int open_page(const char *folder, const char *name, char **path, struct stat *st)
{
	static const char *const suffixes[] = {".json", ".json.gz"};
	int code = ERR_NOT_FOUND;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		*path = str_format("%s/%s%s", folder, name, suffixes[i]);
		int fd = open(*path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode)) {
			return fd;
		}
		if (fd >= 0) {
			close(fd);
			code = ERR_INVALID; /* a folder or a device is no page */
		} else if (errno != ENOENT) {
			code = -errno;
		}
		free(*path);
		*path = NULL;
	}
	return code;
}

static int feed(int fd, const char *path, struct buf *out, struct err *e)
{
	bool packed = str_ends(str_from(path), ".gz");
	struct inflate *inflate = packed ? inflate_create(FOLDER_PAGE_BYTES) : NULL;
	char *bytes = mem_resize(NULL, READ, 1);
	int code = 0;
	while (code == 0) {
		ssize_t n = read(fd, bytes, READ);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			code = err_set(e, -errno, "%s: %s", path, err_text(-errno));
		}
		if (n <= 0) {
			break;
		}
		struct str piece = {bytes, (size_t)n};
		if (packed) {
			code = inflate_feed(inflate, piece, out, e);
		} else if (piece.n > FOLDER_PAGE_BYTES - out->n) {
			code = err_set(e, ERR_TOO_LARGE, "the page is over %d bytes", FOLDER_PAGE_BYTES);
		} else {
			buf_add_str(out, piece);
		}
	}
	if (code == 0 && packed) {
		code = inflate_end(inflate, e);
	}
	inflate_destroy(inflate);
	free(bytes);
	return code;
}

int folder_page_read(
	const char *folder, const char *known, struct project_page *p, const char **etag, struct err *e)
{
	struct stat st;
	char *path;
	*etag = "";
	int fd = open_page(folder, p->name, &path, &st);
	if (fd < 0) {
		return err_set(e, fd, "%s/%s.json: %s", folder, p->name, err_text(fd));
	}
	char text[80];
	int n = snprintf(text, sizeof(text), "\"%lld-%lld.%09ld\"", (long long)st.st_size,
		(long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	*etag = arena_copy(&p->arena, text, (size_t)n);
	int code = FOLDER_PAGE_UNCHANGED;
	if (known == NULL || strcmp(known, *etag) != 0) {
		char *base = str_format("file://%s", path);
		p->base = (struct str){arena_copy(&p->arena, base, strlen(base)), strlen(base)};
		p->format = PAGE_JSON;
		free(base);
		code = feed(fd, path, &p->text, e);
	}
	close(fd);
	free(path);
	return code;
}
