/* A zip archive (APPNOTE.TXT 6.3) read by ranges: it asks for (offset, length) and is fed, so that a
 * file, a memory block or HTTP ranges can be behind it. Takes stored and deflated members, zip64 and
 * data descriptors; stricter than most readers, as what two readers read differently is an attack:
 * local headers must agree with the directory, members must not overlap, nothing may follow the end.
 *
 *   create → needs/feed … until needs is false: the directory is read, entries can be walked
 *   open(i) → needs/feed … until needs is false: the member went to the sink, piece by piece
 *
 * A fault of the archive ends everything; a fault of a member only that member. */
#pragma once

#include "core/inspect/zip_directory.h"
#include "core/inspect/zip_member.h"

struct zip_reader;
struct zip_reader *zip_reader_create(uint64_t file_size);
void zip_reader_destroy(struct zip_reader *z); /* NULL is fine */
/* True: get these bytes of the file and feed them, all of them. What lies in the file's last 64 KiB is
 * asked for once, with the end record. */
bool zip_reader_needs(struct zip_reader *z, struct zip_range *range);
void zip_reader_feed(struct zip_reader *z, struct str bytes);
/* The archive's own fault (not a member's) and its sentence; ZIP_FINE once the directory is read. */
enum zip_fault zip_reader_fault(const struct zip_reader *z, const char **sentence);

size_t zip_reader_count(const struct zip_reader *z);
const struct zip_entry *zip_reader_entry(const struct zip_reader *z, size_t i);
/* Begins to read a member; the directory must be complete and the entry without fault. range_max is
 * the longest range that is asked for first, at most ZIP_RANGE_MAX (0: that); each further one may be
 * twice as long. */
void zip_reader_open(struct zip_reader *z, size_t i, size_t range_max, zip_sink *sink, void *user);
/* The first range that such a member will need; false if it will need none. */
bool zip_reader_first_range(
	const struct zip_reader *z, size_t i, size_t range_max, struct zip_range *range);
/* All of the open member's contents, if they went to the sink as one piece out of memory that stays
 * until the next open; else empty. */
struct str zip_reader_whole(const struct zip_reader *z);
/* Bytes that lie hidden between the member that was read and the next one; 0 if it was not read whole. */
uint64_t zip_reader_member_gap(const struct zip_reader *z);
/* How the member that was open ended: ZIP_FINE means sizes and CRC-32 hold, or the sink stopped. */
enum zip_fault zip_reader_member_fault(const struct zip_reader *z, const char **sentence);
