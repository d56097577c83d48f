/* The central directory of a zip archive (APPNOTE.TXT 6.3, 4.3.12), and what is wrong with it. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

enum {
	ZIP_RANGE_MAX = 1 << 20,
	ZIP_ENTRIES_MAX = 100000,
	ZIP_PATH_MAX = 4096,
	ZIP_RATIO_MAX = 200, /* no member beyond ZIP_RATIO_FREE_BYTES may be packed tighter */
};
#define ZIP_BYTES_MAX (UINT64_C(16) << 30) /* of all members, inflated */
#define ZIP_RATIO_FREE_BYTES (UINT64_C(64) << 20)
#define ZIP_DIRECTORY_MAX (UINT64_C(64) << 20)

enum zip_fault {
	ZIP_FINE,
	ZIP_BAD, /* the format is broken, cut short, contradicts itself, or is unsupported */
	ZIP_TOO_LARGE, /* over a limit above */
	ZIP_UNSAFE_PATH, /* absolute, "..", drive letter, backslash, symbolic link, … */
	ZIP_DUPLICATE, /* the path is there already */
};

struct zip_range {
	uint64_t offset;
	size_t length;
};

struct zip_entry {
	struct str path; /* as in the directory */
	uint64_t packed_size;
	uint64_t size;
	uint64_t header_offset;
	uint64_t limit; /* offset where the next member or the directory begins */
	uint32_t crc;
	uint16_t method; /* 0 stored, 8 deflated */
	uint16_t flags;
	uint32_t attributes; /* external ones */
	uint8_t system; /* that made it; 3 is Unix */
	bool is_folder; /* the path ends in a slash */
	enum zip_fault fault;
	const char *fault_text; /* static sentence, NULL if fine */
};

enum {
	ZIP_FLAG_ENCRYPTED = 1 << 0,
	ZIP_FLAG_DESCRIPTOR = 1 << 3,
	ZIP_FLAG_PATCH = 1 << 5,
	ZIP_FLAG_STRONG = 1 << 6,
	ZIP_FLAG_UTF8 = 1 << 11,
	ZIP_FLAG_MASKED = 1 << 13,
};
enum { ZIP_STORED = 0, ZIP_DEFLATED = 8, ZIP_UNIX = 3 };

struct zip_directory {
	VEC(struct zip_entry) entries;
};

/* Reads `count` entries out of the directory's bytes, which must outlive the entries (their paths).
 * `offset` is where the directory begins in the file. A fault that is returned is the archive's;
 * those of members are in the entries. Always end with zip_directory_finish. */
enum zip_fault zip_directory_read(struct str bytes, uint64_t offset, uint64_t count,
	struct zip_directory *out, const char **sentence);
void zip_directory_finish(struct zip_directory *d);

/* Why a path may not be in an archive that gets unpacked; NULL if it may. */
const char *zip_path_fault(struct str path);

/* The zip64 extra field (4.5.3): replaces each value that is saturated (all ones), in the order of
 * the standard; NULL for those that the header does not have. False if it lacks one. */
bool zip_extra_zip64(
	struct str extra, uint64_t *size, uint64_t *packed_size, uint64_t *header_offset);
