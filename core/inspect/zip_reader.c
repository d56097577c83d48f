#include "core/inspect/zip_reader.h"

#include "core/inspect/bytes.h"

enum {
	END_SIGNATURE = 0x06054b50,
	END_BYTES = 22,
	COMMENT_MAX = 0xffff,
	LOCATOR_SIGNATURE = 0x07064b50,
	LOCATOR_BYTES = 20,
	END64_SIGNATURE = 0x06064b50,
	END64_BYTES = 56,
};

/* In the order of a reader's life. */
enum state {
	WANT_END,
	WANT_END64,
	WANT_DIRECTORY,
	HAVE_DIRECTORY,
	WANT_MEMBER,
	FAILED,
};

struct zip_reader {
	enum state state;
	uint64_t file_size;
	uint64_t tail_offset; /* of the range that was asked for in WANT_END */
	uint64_t end64_offset; /* where the zip64 end record is */
	uint64_t directory_offset;
	uint64_t directory_size;
	uint64_t directory_end; /* where the directory must end: its end record's offset */
	uint64_t count;
	struct buf tail; /* the file's end, from tail_offset */
	struct buf directory_bytes;
	struct zip_directory directory;
	struct zip_inflate *inflate;
	struct zip_member member;
	enum zip_fault fault;
	const char *sentence;
};

struct zip_reader *zip_reader_create(uint64_t file_size)
{
	struct zip_reader *z = MEM_NEW(struct zip_reader);
	z->file_size = file_size;
	uint64_t tail = LOCATOR_BYTES + END_BYTES + COMMENT_MAX;
	z->tail_offset = file_size > tail ? file_size - tail : 0;
	z->member.state = ZIP_MEMBER_DONE;
	z->inflate = zip_inflate_create();
	return z;
}

void zip_reader_destroy(struct zip_reader *z)
{
	if (z != NULL) {
		zip_member_finish(&z->member);
		zip_inflate_destroy(z->inflate);
		zip_directory_finish(&z->directory);
		buf_finish(&z->directory_bytes);
		buf_finish(&z->tail);
		free(z);
	}
}

static void fail(struct zip_reader *z, enum zip_fault fault, const char *sentence)
{
	z->state = FAILED;
	z->fault = fault;
	z->sentence = sentence;
}

static bool wants(struct zip_reader *z, struct zip_range *range)
{
	switch (z->state) {
	case WANT_END:
		if (z->file_size < END_BYTES) {
			fail(z, ZIP_BAD, "the file is too short to be a zip");
			return false;
		}
		*range = (struct zip_range){
			.offset = z->tail_offset, .length = (size_t)(z->file_size - z->tail_offset)};
		return true;
	case WANT_END64:
		*range = (struct zip_range){.offset = z->end64_offset, .length = END64_BYTES};
		return true;
	case WANT_DIRECTORY: {
		uint64_t left = z->directory_size - z->directory_bytes.n;
		*range = (struct zip_range){.offset = z->directory_offset + z->directory_bytes.n,
			.length = left < ZIP_RANGE_MAX ? (size_t)left : ZIP_RANGE_MAX};
		return true;
	}
	case WANT_MEMBER:
		return zip_member_needs(&z->member, range);
	case HAVE_DIRECTORY:
	case FAILED:
		break;
	}
	return false;
}

static void read_directory(struct zip_reader *z)
{
	const char *sentence = NULL;
	enum zip_fault fault = zip_directory_read(
		buf_view(&z->directory_bytes), z->directory_offset, z->count, &z->directory, &sentence);
	if (fault != ZIP_FINE) {
		fail(z, fault, sentence);
	} else {
		z->state = HAVE_DIRECTORY;
	}
}

/* The end record was read: is there a directory of sane size right before it? */
static void begin_directory(struct zip_reader *z)
{
	if (z->directory_offset > z->directory_end ||
		z->directory_size != z->directory_end - z->directory_offset) {
		fail(z, ZIP_BAD, "the directory is not where its end record says");
	} else if (z->count > ZIP_ENTRIES_MAX) {
		fail(z, ZIP_TOO_LARGE, "the zip has over 100,000 entries");
	} else if (z->directory_size > ZIP_DIRECTORY_MAX) {
		fail(z, ZIP_TOO_LARGE, "the directory is over 64 MiB");
	} else if (z->directory_size == 0) {
		read_directory(z);
	} else {
		z->state = WANT_DIRECTORY;
	}
}

static void step_end(struct zip_reader *z, struct str tail)
{
	buf_add_str(&z->tail, tail);
	size_t at = tail.n - END_BYTES;
	while (bytes_u32le(tail.p + at) != END_SIGNATURE ||
		bytes_u16le(tail.p + at + 20) != tail.n - at - END_BYTES) {
		if (at-- == 0) {
			fail(z, ZIP_BAD, "the file does not end with a zip's end record");
			return;
		}
	}
	const char *p = tail.p + at;
	z->directory_end = z->tail_offset + at;
	z->count = bytes_u16le(p + 10);
	z->directory_size = bytes_u32le(p + 12);
	z->directory_offset = bytes_u32le(p + 16);
	if (at >= LOCATOR_BYTES && bytes_u32le(p - LOCATOR_BYTES) == LOCATOR_SIGNATURE) {
		z->end64_offset = bytes_u64le(p - LOCATOR_BYTES + 8);
		if (bytes_u32le(p - LOCATOR_BYTES + 4) != 0 || bytes_u32le(p - LOCATOR_BYTES + 16) > 1) {
			fail(z, ZIP_BAD, "the zip spans several disks");
		} else if (z->end64_offset > z->directory_end ||
			z->directory_end - z->end64_offset < END64_BYTES + LOCATOR_BYTES) {
			fail(z, ZIP_BAD, "the zip64 end record is not where its locator says");
		} else {
			z->state = WANT_END64;
		}
		return;
	}
	if (bytes_u16le(p + 4) != 0 || bytes_u16le(p + 6) != 0 || bytes_u16le(p + 8) != z->count) {
		fail(z, ZIP_BAD, "the zip spans several disks");
		return;
	}
	begin_directory(z);
}

/* The short end record's value must be all ones or the same: readers that know no zip64 must not
 * see another archive. */
static bool take_long(uint64_t *value, uint64_t saturated, uint64_t long_value)
{
	bool agrees = *value == saturated || *value == long_value;
	*value = long_value;
	return agrees;
}

static void step_end64(struct zip_reader *z, struct str record)
{
	const char *p = record.p;
	if (bytes_u32le(p) != END64_SIGNATURE) {
		fail(z, ZIP_BAD, "the zip64 end record is not where its locator says");
	} else if (bytes_u64le(p + 4) != z->directory_end - LOCATOR_BYTES - z->end64_offset - 12) {
		fail(z, ZIP_BAD, "the zip64 end record has another length than its place allows");
	} else if (bytes_u32le(p + 16) != 0 || bytes_u32le(p + 20) != 0 ||
		bytes_u64le(p + 24) != bytes_u64le(p + 32)) {
		fail(z, ZIP_BAD, "the zip spans several disks");
	} else if (!take_long(&z->count, 0xffff, bytes_u64le(p + 32)) ||
		!take_long(&z->directory_size, 0xffffffff, bytes_u64le(p + 40)) ||
		!take_long(&z->directory_offset, 0xffffffff, bytes_u64le(p + 48))) {
		fail(z, ZIP_BAD, "the two end records contradict each other");
	} else {
		z->directory_end = z->end64_offset;
		begin_directory(z);
	}
}

void zip_reader_feed(struct zip_reader *z, struct str bytes)
{
	struct zip_range range = {0};
	if (!wants(z, &range)) {
		return;
	}
	if (bytes.n != range.length) {
		if (z->state == WANT_MEMBER) {
			zip_member_fail(&z->member, "the file ends early");
		} else {
			fail(z, ZIP_BAD, "the file ends early");
		}
		return;
	}
	switch (z->state) {
	case WANT_END:
		step_end(z, bytes);
		break;
	case WANT_END64:
		step_end64(z, bytes);
		break;
	case WANT_DIRECTORY:
		buf_add_str(&z->directory_bytes, bytes);
		if (z->directory_bytes.n == z->directory_size) {
			read_directory(z);
		}
		break;
	case WANT_MEMBER:
		zip_member_feed(&z->member, bytes);
		break;
	case HAVE_DIRECTORY:
	case FAILED:
		break;
	}
}

static bool is_in_tail(const struct zip_reader *z, const struct zip_range *range)
{
	return range->offset >= z->tail_offset &&
		bytes_have(buf_view(&z->tail), range->offset - z->tail_offset, range->length);
}

bool zip_reader_needs(struct zip_reader *z, struct zip_range *range)
{
	while (wants(z, range)) {
		if (!is_in_tail(z, range)) {
			return true;
		}
		size_t from = (size_t)(range->offset - z->tail_offset);
		zip_reader_feed(z, str_slice(buf_view(&z->tail), from, from + range->length));
	}
	return false;
}

enum zip_fault zip_reader_fault(const struct zip_reader *z, const char **sentence)
{
	*sentence = z->sentence;
	return z->fault;
}

size_t zip_reader_count(const struct zip_reader *z)
{
	return z->state == HAVE_DIRECTORY || z->state == WANT_MEMBER ? z->directory.entries.n : 0;
}

const struct zip_entry *zip_reader_entry(const struct zip_reader *z, size_t i)
{
	return &z->directory.entries.v[i];
}

void zip_reader_open(struct zip_reader *z, size_t i, size_t range_max, zip_sink *sink, void *user)
{
	if (i >= zip_reader_count(z) || z->directory.entries.v[i].fault != ZIP_FINE) {
		mem_bug("zip_reader_open: no such entry, or one with a fault");
	}
	zip_member_finish(&z->member);
	zip_member_init(&z->member, &z->directory.entries.v[i], range_max, z->inflate, sink, user);
	z->state = WANT_MEMBER;
}

bool zip_reader_first_range(
	const struct zip_reader *z, size_t i, size_t range_max, struct zip_range *range)
{
	struct zip_member first;
	bool needed = false;
	if (i < zip_reader_count(z) && z->directory.entries.v[i].fault == ZIP_FINE) {
		zip_member_init(&first, &z->directory.entries.v[i], range_max, NULL, NULL, NULL);
		needed = zip_member_needs(&first, range) && !is_in_tail(z, range);
		zip_member_finish(&first);
	}
	return needed;
}

struct str zip_reader_whole(const struct zip_reader *z)
{
	return z->member.inflate != NULL ? zip_inflate_whole(z->inflate) : (struct str){0};
}

uint64_t zip_reader_member_gap(const struct zip_reader *z)
{
	return z->member.gap;
}

enum zip_fault zip_reader_member_fault(const struct zip_reader *z, const char **sentence)
{
	*sentence = z->member.fault_text;
	return z->member.fault;
}
