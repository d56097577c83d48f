/* A zip archive (APPNOTE.TXT 6.3) read by ranges: it asks for (offset, length) and is fed, so that a
 * file, a memory block or HTTP ranges can be behind it. Takes stored and deflated members, zip64 and
 * data descriptors; checks that local headers agree with the directory, sizes and CRC-32.
 *
 *   create → needs/feed … until false: the directory is read, entries can be walked
 *   open(i) → needs/feed … until false: the member went to the sink, piece by piece
 *
 * A range is at most ZIP_RANGE_MAX long. The first error is sticky and ends everything; an error of
 * one member only ends that member. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"

enum {
	ZIP_RANGE_MAX = 1 << 20,
	ZIP_ENTRIES_MAX = 100000,
};
#define ZIP_BYTES_MAX (UINT64_C(16) << 30) /* of all members, inflated */
#define ZIP_RATIO_FREE_BYTES (UINT64_C(64) << 20) /* a member beyond this … */
enum { ZIP_RATIO_MAX = 200 }; /* … may not be packed tighter than this */

/* What is wrong; as many problem codes as there are kinds. */
enum zip_fault {
	ZIP_FINE,
	ZIP_BAD, /* the format is broken, truncated, contradicts itself, or is unsupported */
	ZIP_TOO_LARGE, /* over a limit above */
	ZIP_UNSAFE_PATH, /* absolute, "..", ".", drive letter, backslash, control character, not UTF-8 */
	ZIP_DUPLICATE, /* the path is there already */
};

struct zip_entry {
	struct str path; /* as in the directory */
	uint64_t packed_size;
	uint64_t size;
	uint64_t header_offset;
	uint32_t crc;
	uint16_t method; /* 0 stored, 8 deflated */
	uint16_t flags;
	uint32_t attributes; /* external ones */
	uint8_t system; /* "version made by", high byte; 3 is Unix */
	bool is_folder; /* the path ends in a slash */
	enum zip_fault fault;
	const char *fault_text; /* static sentence, NULL if fine */
};

struct zip_range {
	uint64_t offset;
	size_t length;
};

/* Takes inflated bytes of the open member; non-zero stops the member quietly (enough was seen). */
typedef int zip_sink(void *user, struct str piece);

struct zip_reader;
struct zip_reader *zip_reader_create(uint64_t file_size);
void zip_reader_destroy(struct zip_reader *z); /* NULL is fine */
bool zip_reader_needs(struct zip_reader *z, struct zip_range *range);
void zip_reader_feed(struct zip_reader *z, struct str bytes);
/* The archive's own fault (not a member's), and the sentence; ZIP_FINE once the directory is read. */
enum zip_fault zip_reader_fault(const struct zip_reader *z, const char **sentence);

size_t zip_reader_count(const struct zip_reader *z);
const struct zip_entry *zip_reader_entry(const struct zip_reader *z, size_t i);
/* Begins to read a member; the directory must be complete and the entry without fault. */
void zip_reader_open(struct zip_reader *z, size_t i, zip_sink *sink, void *user);
/* How the member that was open ended: ZIP_FINE means sizes and CRC-32 hold, or the sink stopped. */
enum zip_fault zip_reader_member_fault(const struct zip_reader *z, const char **sentence);
