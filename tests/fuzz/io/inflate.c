#include "core/io/inflate.h"
#include "core/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 1 << 20 };

/* What zlib makes of the same bytes: true if they are one or more whole members and no more. */
static bool by_zlib(struct str text, struct buf *out)
{
	unsigned char piece[4096];
	z_stream z = {.next_in = (Bytef *)(uintptr_t)text.p, .avail_in = (uInt)text.n};
	int result = Z_STREAM_END;
	while (result == Z_STREAM_END && z.avail_in != 0 && out->n <= LIMIT) {
		if (inflateInit2(&z, 31) != Z_OK) {
			abort();
		}
		do {
			z.next_out = piece;
			z.avail_out = sizeof(piece);
			result = inflate(&z, Z_NO_FLUSH);
			buf_add(out, piece, sizeof(piece) - z.avail_out);
		} while (result == Z_OK && out->n <= LIMIT);
		inflateEnd(&z);
	}
	return result == Z_STREAM_END && text.n != 0;
}

/* The first byte says how long the pieces are that the rest comes in; the answer must be zlib's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0) {
		return 0;
	}
	struct str rest = {(const char *)data + 1, size - 1};
	struct buf ours = {0}, theirs = {0};
	struct err e;
	struct inflate *i = inflate_create(LIMIT);
	int code = 0;
	for (struct str left = rest; left.n != 0 && code == 0;) {
		struct str part = str_slice(left, 0, (size_t)data[0] + 1);
		left = str_slice(left, part.n, left.n);
		char *copy = mem_copy(part.p, part.n); /* so that a byte read beyond it is seen */
		code = inflate_feed(i, (struct str){copy, part.n}, &ours, &e);
		free(copy);
	}
	code = code == 0 ? inflate_end(i, &e) : code;
	inflate_destroy(i);
	bool fine = by_zlib(rest, &theirs);
	if (code != ERR_TOO_LARGE && theirs.n <= LIMIT) {
		bool same = ours.n == theirs.n && (ours.n == 0 || memcmp(ours.p, theirs.p, ours.n) == 0);
		if ((code == 0) != fine || (fine && !same)) {
			abort();
		}
	}
	buf_finish(&ours);
	buf_finish(&theirs);
	return 0;
}
