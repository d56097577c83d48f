#include "coordinator/scan/folder.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <zlib.h>

enum { PIECE = 64 << 10, PAGE_LIMIT = 256 << 20 };

/* NAME.json, else NAME.json.gz; NULL if there is neither. The caller frees. */
static char *find_page(const char *folder, const char *name, struct stat *st, int *code)
{
	static const char *const suffixes[] = {".json", ".json.gz"};
	*code = ERR_NOT_FOUND;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		char *path = str_format("%s/%s%s", folder, name, suffixes[i]);
		if (stat(path, st) == 0) {
			*code = 0;
			return path;
		}
		if (errno != ENOENT) {
			*code = -errno;
		}
		free(path);
	}
	return NULL;
}

/* gzopen reads plain files as they are. */
static int feed(const char *path, struct project_page *p, struct err *e)
{
	gzFile file = gzopen(path, "rb");
	if (file == NULL) {
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	}
	char *piece = mem_new(PIECE, 1);
	size_t total = 0;
	int n, code = 0;
	while (code == 0 && (n = gzread(file, piece, PIECE)) > 0) {
		total += (size_t)n;
		code = total > PAGE_LIMIT
			? err_set(e, ERR_TOO_LARGE, "the page is over %d bytes", PAGE_LIMIT)
			: project_page_feed(p, (struct str){piece, (size_t)n});
	}
	int number = Z_OK;
	gzerror(file, &number);
	if (gzclose_r(file) != Z_OK && number == Z_OK) {
		number = Z_BUF_ERROR; /* it ends too early */
	}
	if (code == 0 && number != Z_OK && number != Z_STREAM_END) {
		code = err_set(e, ERR_CORRUPT, "%s: bad gzip data", path);
	}
	free(piece);
	return code;
}

int folder_page_read(
	const char *folder, const char *known, struct project_page *p, const char **etag, struct err *e)
{
	struct stat st;
	int code;
	*etag = "";
	char *path = find_page(folder, p->name, &st, &code);
	if (path == NULL) {
		return err_set(e, code, "%s/%s.json: %s", folder, p->name, err_text(code));
	}
	char text[80];
	int n = snprintf(text, sizeof(text), "\"%lld-%lld.%09ld\"", (long long)st.st_size,
		(long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	*etag = arena_copy(&p->arena, text, (size_t)n);
	if (known != NULL && strcmp(known, *etag) == 0) {
		code = FOLDER_PAGE_UNCHANGED;
	} else {
		char *base = str_format("file://%s", path);
		p->base = (struct str){arena_copy(&p->arena, base, strlen(base)), strlen(base)};
		p->format = PAGE_JSON;
		free(base);
		code = feed(path, p, e);
	}
	free(path);
	return code;
}
