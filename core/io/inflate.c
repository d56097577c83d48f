#include "core/io/inflate.h"

#include "core/base/mem.h"

#include <inttypes.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

/* The header of a member, in this order (RFC 1952, section 2.3). Read here: the library's own reading
 * of it fails where a field is cut by the end of a piece (2.30). */
enum part {
	PART_FIXED, /* magic, method, flags, time, …: ten bytes */
	PART_EXTRA_LENGTH,
	PART_EXTRA,
	PART_NAME,
	PART_COMMENT,
	PART_CRC,
	PART_DATA, /* the library's: blocks and trailer */
};

enum {
	FIXED = 10,
	FLAG_CRC = 2,
	FLAG_EXTRA = 4,
	FLAG_NAME = 8,
	FLAG_COMMENT = 16,
	RESERVED = 0xe0
};

enum {
	LEAST_ROOM = 4 << 10, /* of a step, in bytes */
	MOST_ROOM = 1 << 30, /* the library counts in 32 bits */
	USUAL_RATIO = 4, /* of an index page is a little less: it is unpacked in one step */
};

struct inflate {
	uint64_t limit;
	uint64_t total; /* decoded so far */
	enum part part;
	uint32_t at; /* bytes of the part so far */
	uint32_t length; /* of the extra field; of the checksum its value */
	uint32_t sum; /* of the header */
	unsigned flags;
	bool whole; /* some member ended */
	int code; /* sticky */
	struct err err;
	struct inflate_state state;
};

static void next_member(struct inflate *i)
{
	isal_inflate_init(&i->state);
	i->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
	i->part = PART_FIXED;
	i->at = 0;
	i->sum = 0;
}

struct inflate *inflate_create(uint64_t limit)
{
	/* Not zeroed: the tables are large, and filled as a block needs them. */
	struct inflate *i = mem_resize(NULL, 1, sizeof(*i));
	inflate_restart(i, limit);
	return i;
}

void inflate_restart(struct inflate *i, uint64_t limit)
{
	i->limit = limit;
	i->total = 0;
	i->whole = false;
	i->code = 0;
	i->err = (struct err){0};
	next_member(i);
}

void inflate_destroy(struct inflate *i)
{
	free(i);
}

static int corrupt(struct inflate *i, const char *what)
{
	return err_set(&i->err, ERR_CORRUPT, "%s", what);
}

/* To the next part that the flags tell of. */
static void next_part(struct inflate *i)
{
	static const unsigned flag_of[] = {[PART_EXTRA_LENGTH] = FLAG_EXTRA,
		[PART_EXTRA] = FLAG_EXTRA,
		[PART_NAME] = FLAG_NAME,
		[PART_COMMENT] = FLAG_COMMENT,
		[PART_CRC] = FLAG_CRC};
	i->at = 0;
	do {
		i->part++;
	} while (i->part != PART_DATA && (i->flags & flag_of[i->part]) == 0);
	if (i->part == PART_EXTRA_LENGTH || i->part == PART_CRC) {
		i->length = 0;
	}
	if (i->part == PART_EXTRA && i->length == 0) {
		next_part(i);
	}
}

static int fixed_byte(struct inflate *i, unsigned char byte)
{
	static const unsigned char magic[] = {0x1f, 0x8b, 8};
	if (i->at < sizeof(magic) && byte != magic[i->at]) {
		return corrupt(i, i->whole ? "bytes behind the end of the gzip data" : "not gzip data");
	}
	if (i->at == sizeof(magic)) {
		i->flags = byte;
		if ((byte & RESERVED) != 0) {
			return corrupt(i, "gzip data with unknown flags");
		}
	}
	if (++i->at == FIXED) {
		next_part(i);
	}
	return 0;
}

static int header_byte(struct inflate *i, unsigned char byte)
{
	if (i->part != PART_CRC) {
		i->sum = crc32_gzip_refl(i->sum, &byte, 1);
	}
	switch (i->part) {
	case PART_FIXED:
		return fixed_byte(i, byte);
	case PART_EXTRA_LENGTH:
	case PART_CRC:
		i->length |= (uint32_t)byte << (8 * i->at);
		if (++i->at == 2) {
			if (i->part == PART_CRC && i->length != (i->sum & 0xffff)) {
				return corrupt(i, "gzip data with a wrong checksum");
			}
			next_part(i);
		}
		return 0;
	case PART_EXTRA:
		if (++i->at == i->length) {
			next_part(i);
		}
		return 0;
	case PART_NAME:
	case PART_COMMENT:
		if (byte == 0) {
			next_part(i);
		}
		return 0;
	case PART_DATA:
		break;
	}
	return 0;
}

/* One step of the library and what came of it. */
static void step(struct inflate *i, struct buf *out)
{
	uint32_t before = i->state.avail_in;
	buf_reserve(out, LEAST_ROOM);
	size_t room = out->capacity - out->n - 1;
	i->state.next_out = (uint8_t *)out->p + out->n;
	i->state.avail_out = (uint32_t)(room < MOST_ROOM ? room : MOST_ROOM);
	if (i->state.avail_out > i->limit - i->total) {
		i->state.avail_out =
			(uint32_t)(i->limit - i->total) + 1; /* one more tells that it is more */
	}
	uint32_t given = i->state.avail_out;
	int result = isal_inflate(&i->state);
	size_t n = given - i->state.avail_out;
	if (n > i->limit - i->total) {
		i->code =
			err_set(&i->err, ERR_TOO_LARGE, "more than %" PRIu64 " bytes when unpacked", i->limit);
		return;
	}
	i->total += n;
	out->n += n;
	out->p[out->n] = '\0';
	bool stuck = n == 0 && before != 0 && i->state.avail_in == before;
	if ((result != ISAL_DECOMP_OK && result != ISAL_END_INPUT) || stuck) {
		i->code = corrupt(i,
			result == ISAL_INCORRECT_CHECKSUM ? "gzip data with a wrong checksum"
											  : "bad gzip data");
	}
}

/* Blocks and trailer of a member out of the piece; what is behind them is left in it. */
static void take_data(struct inflate *i, struct str *piece, struct buf *out)
{
	struct str part = str_slice(*piece, 0, MOST_ROOM);
	i->state.next_in = (uint8_t *)(uintptr_t)part.p;
	i->state.avail_in = (uint32_t)part.n;
	bool full;
	do {
		step(i, out);
		full = i->state.avail_out == 0; /* there may be more without more input */
	} while (i->code == 0 && i->state.block_state != ISAL_BLOCK_FINISH &&
		(i->state.avail_in != 0 || full));
	*piece = str_slice(*piece, part.n - i->state.avail_in, piece->n);
	if (i->code == 0 && i->state.block_state == ISAL_BLOCK_FINISH) {
		next_member(i);
		i->whole = true;
	}
}

int inflate_feed(struct inflate *i, struct str piece, struct buf *out, struct err *e)
{
	uint64_t guess = (uint64_t)piece.n * USUAL_RATIO;
	if (i->code == 0) {
		buf_reserve(out, (size_t)(guess < i->limit - i->total ? guess : i->limit - i->total));
	}
	while (piece.n != 0 && i->code == 0) {
		if (i->part == PART_DATA) {
			take_data(i, &piece, out);
		} else {
			i->code = header_byte(i, (unsigned char)piece.p[0]);
			piece = str_slice(piece, 1, piece.n);
		}
	}
	return i->code < 0 ? err_set(e, i->code, "%s", i->err.text) : 0;
}

int inflate_end(struct inflate *i, struct err *e)
{
	if (i->code == 0 && (!i->whole || i->part != PART_FIXED || i->at != 0)) {
		i->code = corrupt(i, "gzip data that ends too early");
	}
	return i->code < 0 ? err_set(e, i->code, "%s", i->err.text) : 0;
}
