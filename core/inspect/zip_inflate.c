#include "core/inspect/zip_inflate.h"

#include "core/base/mem.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <zlib.h>

enum { PIECE_BYTES = 64 << 10 };

struct zip_inflate {
	uint64_t size; /* of the member, inflated */
	bool at_once;
	struct libdeflate_decompressor *decompressor; /* made when the first member needs it */
	struct buf packed; /* until the last piece */
	struct buf out;
	struct str whole;
	bool has_stream;
	bool ended; /* the stream */
	z_stream stream;
	unsigned char piece[PIECE_BYTES];
};

struct zip_inflate *zip_inflate_create(void)
{
	return MEM_NEW(struct zip_inflate);
}

void zip_inflate_destroy(struct zip_inflate *z)
{
	if (z == NULL) {
		return;
	}
	if (z->has_stream) {
		inflateEnd(&z->stream);
	}
	if (z->decompressor != NULL) {
		libdeflate_free_decompressor(z->decompressor);
	}
	buf_finish(&z->packed);
	buf_finish(&z->out);
	free(z);
}

static void begin_stream(struct zip_inflate *z)
{
	int code = z->has_stream ? inflateReset(&z->stream) : inflateInit2(&z->stream, -MAX_WBITS);
	if (code != Z_OK) {
		mem_bug("zlib does not start");
	}
	z->has_stream = true;
	z->ended = false;
}

void zip_inflate_begin(struct zip_inflate *z, uint64_t size, bool at_once)
{
	z->size = size;
	z->at_once = at_once;
	z->whole = (struct str){0};
	buf_clear(&z->packed);
	if (!at_once) {
		begin_stream(z);
	}
}

static const char *add_to_stream(struct zip_inflate *z, struct str piece, bool is_last,
	zip_inflate_give *give, void *user, bool *over)
{
	z_stream *stream = &z->stream;
	stream->next_in = (unsigned char *)(uintptr_t)piece.p;
	stream->avail_in = (uInt)piece.n;
	while (stream->avail_in != 0 || stream->avail_out == 0) {
		if (z->ended) {
			return "bytes follow the end of the deflated data";
		}
		stream->next_out = z->piece;
		stream->avail_out = PIECE_BYTES;
		int result = inflate(stream, Z_NO_FLUSH);
		if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
			return "the deflated data is broken";
		}
		size_t produced = PIECE_BYTES - stream->avail_out;
		z->ended = result == Z_STREAM_END;
		if (!give(user, (struct str){.p = (const char *)z->piece, .n = produced})) {
			*over = true;
			return NULL;
		}
		if (z->ended && stream->avail_in == 0) {
			break;
		}
		if (result == Z_BUF_ERROR && produced == 0) {
			break; /* it wants more input */
		}
	}
	return is_last && !z->ended ? "the deflated data does not end" : NULL;
}

/* False if anything is wrong with it. */
static bool inflate_whole(struct zip_inflate *z, struct str packed)
{
	size_t used = 0, produced = 0;
	if (z->decompressor == NULL) {
		z->decompressor = libdeflate_alloc_decompressor();
		if (z->decompressor == NULL) {
			mem_bug("no memory for libdeflate");
		}
	}
	buf_clear(&z->out);
	buf_reserve(&z->out, (size_t)z->size + 1);
	enum libdeflate_result result = libdeflate_deflate_decompress_ex(
		z->decompressor, packed.p, packed.n, z->out.p, (size_t)z->size, &used, &produced);
	if (result != LIBDEFLATE_SUCCESS || used != packed.n) {
		return false;
	}
	z->whole = (struct str){.p = z->out.p, .n = produced};
	return true;
}

const char *zip_inflate_add(struct zip_inflate *z, struct str piece, bool is_last,
	zip_inflate_give *give, void *user, bool *over)
{
	*over = false;
	if (!z->at_once) {
		return add_to_stream(z, piece, is_last, give, user, over);
	}
	if (!is_last || z->packed.n != 0) {
		buf_add_str(&z->packed, piece);
		piece = buf_view(&z->packed);
	}
	if (!is_last) {
		return NULL;
	}
	if (inflate_whole(z, piece)) {
		*over = !give(user, z->whole);
		return NULL;
	}
	/* bad data: the stream finds out what is wrong, and gives what comes before */
	begin_stream(z);
	return add_to_stream(z, piece, true, give, user, over);
}

struct str zip_inflate_whole(const struct zip_inflate *z)
{
	return z->whole;
}

uint32_t zip_crc(uint32_t crc, struct str bytes)
{
	return bytes.n != 0 ? libdeflate_crc32(crc, bytes.p, bytes.n) : crc;
}
