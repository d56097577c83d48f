/* One member of a zip archive on its way: local header (APPNOTE.TXT 6.3, 4.3.7), data, descriptor
 * (4.3.9). Fed in pieces of any length; its contents go to a sink. */
#pragma once

#include "core/inspect/zip_directory.h"
#include "core/inspect/zip_inflate.h"

/* Takes inflated bytes; non-zero stops the member quietly (enough was seen). */
typedef int zip_sink(void *user, struct str piece);

enum zip_member_state {
	ZIP_MEMBER_HEADER,
	ZIP_MEMBER_DATA,
	ZIP_MEMBER_DESCRIPTOR,
	ZIP_MEMBER_DONE,
};

struct zip_member {
	const struct zip_entry *entry; /* must outlive the member */
	enum zip_member_state state;
	uint64_t position; /* in the file, of the next byte wanted */
	size_t range_max; /* of the next range; doubles each time */
	struct buf head; /* local header, then descriptor, while they come in */
	uint64_t packed_left; /* bytes of data still to come */
	uint64_t written; /* bytes given to the sink */
	uint32_t crc;
	struct zip_inflate *inflate; /* the reader's; NULL if stored */
	uint64_t gap; /* once it was read whole: bytes to the next member that are no member's */
	zip_sink *sink;
	void *user;
	enum zip_fault fault;
	const char *fault_text;
};

/* `inflate` serves one member at a time; it may be NULL if nothing gets fed. */
void zip_member_init(struct zip_member *m, const struct zip_entry *entry, size_t range_max,
	struct zip_inflate *inflate, zip_sink *sink, void *user);
void zip_member_finish(struct zip_member *m); /* a zeroed member is fine */
bool zip_member_needs(struct zip_member *m, struct zip_range *range); /* false: done */
void zip_member_feed(struct zip_member *m, struct str bytes);
void zip_member_fail(struct zip_member *m, const char *sentence); /* ends it with ZIP_BAD */
