#include "core/io/frames.h"

#include "core/base/mem.h"
#include "core/io/file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

/* Logs are read seldom and written once: 3 is where more work begins to gain little. */
enum { LEVEL = 3 };

/* As much as fits or is there; negative: errno. */
static ssize_t read_whole(int fd, char *out, size_t n)
{
	size_t done = 0;
	while (done < n) {
		ssize_t got = read(fd, out + done, n - done);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return -errno;
		}
		if (got == 0) {
			break;
		}
		done += (size_t)got;
	}
	return (ssize_t)done;
}

int frames_pack(int from, int to, struct err *e)
{
	size_t room = ZSTD_compressBound(FRAMES_TEXT);
	char *text = mem_new(FRAMES_TEXT, 1);
	char *packed = mem_new(room, 1);
	ZSTD_CCtx *context = ZSTD_createCCtx();
	int code = 0;
	if (context == NULL) {
		mem_bug("no memory for a compressor");
	}
	ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	for (;;) {
		ssize_t n = read_whole(from, text, FRAMES_TEXT);
		if (n < 0) {
			code = err_set(e, (int)n, "cannot be read: %s", err_text((int)n));
		}
		if (n <= 0) {
			break;
		}
		size_t size = ZSTD_compress2(context, packed, room, text, (size_t)n);
		if (ZSTD_isError(size)) {
			mem_bug("zstd: %s", ZSTD_getErrorName(size));
		}
		code = file_write_all(to, (struct str){packed, size});
		if (code != 0) {
			err_set(e, code, "cannot be written: %s", err_text(code));
			break;
		}
	}
	ZSTD_freeCCtx(context);
	free(packed);
	free(text);
	return code;
}

/* One frame at the front of `rest`: what of its text lies in the range goes to `out`. */
static int read_frame(struct str *rest, int64_t *at, int64_t from, int64_t to, char *text,
	struct buf *out, struct err *e)
{
	size_t size = ZSTD_findFrameCompressedSize(rest->p, rest->n);
	unsigned long long length = ZSTD_getFrameContentSize(rest->p, rest->n);
	if (ZSTD_isError(size)) {
		return err_set(e, ERR_CORRUPT, "frame at byte %lld of the text: %s", (long long)*at,
			ZSTD_getErrorName(size));
	}
	if (length == 0 || length > FRAMES_TEXT) { /* the values for "not told" are larger still */
		return err_set(
			e, ERR_CORRUPT, "frame at byte %lld of the text: not of this program", (long long)*at);
	}
	int64_t end = *at + (int64_t)length;
	if (end > from) {
		size_t n = ZSTD_decompress(text, FRAMES_TEXT, rest->p, size);
		if (ZSTD_isError(n) || n != length) {
			return err_set(e, ERR_CORRUPT, "frame at byte %lld of the text: %s", (long long)*at,
				ZSTD_isError(n) ? ZSTD_getErrorName(n) : "shorter than it says");
		}
		struct str part = {text, n};
		part = str_slice(part, from > *at ? (size_t)(from - *at) : 0, n);
		if (to < end) {
			part.n -= (size_t)(end - to);
		}
		buf_add_str(out, part);
	}
	*rest = str_slice(*rest, size, rest->n);
	*at = end;
	return 0;
}

int frames_read(int fd, int64_t from, int64_t to, struct buf *out, struct err *e)
{
	struct stat st;
	if (fstat(fd, &st) != 0) {
		return err_set(e, -errno, "cannot be looked at: %s", err_text(-errno));
	}
	if (st.st_size == 0 || to <= from) {
		return 0;
	}
	char *map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED) {
		return err_set(e, -errno, "cannot be mapped: %s", err_text(-errno));
	}
	char *text = mem_new(FRAMES_TEXT, 1);
	struct str rest = {map, (size_t)st.st_size};
	int64_t at = 0;
	int code = 0;
	while (code == 0 && rest.n != 0 && at < to) {
		code = read_frame(&rest, &at, from, to, text, out, e);
	}
	free(text);
	munmap(map, (size_t)st.st_size);
	return code;
}
