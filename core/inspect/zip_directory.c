#include "core/inspect/zip_directory.h"

#include "core/base/map.h"
#include "core/inspect/bytes.h"

enum {
	ENTRY_SIGNATURE = 0x02014b50,
	ENTRY_BYTES = 46,
	EXTRA_ZIP64 = 0x0001,
	EXTRA_UNICODE_PATH = 0x7075,
	SATURATED_16 = 0xffff,
};
#define SATURATED_32 UINT64_C(0xffffffff)

static bool component_is_bad(struct str part)
{
	return part.n == 0 || str_is(part, ".") || str_is(part, "..");
}

const char *zip_path_fault(struct str path)
{
	if (path.n == 0) {
		return "the path is empty";
	}
	if (path.n > ZIP_PATH_MAX) {
		return "the path is over 4096 bytes, more than systems take";
	}
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];
		if (c < 0x20 || c == 0x7f) {
			return "the path has a control character";
		}
		if (c == '\\') {
			return "the path has a backslash, which is a separator on Windows";
		}
	}
	if (path.n >= 2 && path.p[1] == ':') {
		return "the path has a drive letter";
	}
	if (path.p[0] == '/') {
		return "the path is absolute";
	}
	struct str rest = path, part;
	if (path.p[path.n - 1] == '/') { /* a folder: its last, empty part is fine */
		rest.n--;
	}
	while (str_split(&rest, '/', &part)) {
		if (component_is_bad(part)) {
			return "the path has an empty, '.' or '..' part";
		}
	}
	return NULL;
}

static bool extra_find(struct str extra, uint16_t id, struct str *out, bool *is_sane)
{
	bool found = false;
	*is_sane = true;
	while (extra.n >= 4) {
		size_t length = bytes_u16le(extra.p + 2);
		if (length > extra.n - 4) {
			*is_sane = false;
			break;
		}
		if (bytes_u16le(extra.p) == id && !found) {
			*out = str_slice(extra, 4, 4 + length);
			found = true;
		}
		extra = str_slice(extra, 4 + length, extra.n);
	}
	return found;
}

static bool take_u64(struct str *field, uint64_t *value)
{
	if (value == NULL || *value != SATURATED_32) {
		return true;
	}
	if (field->n < 8) {
		return false;
	}
	*value = bytes_u64le(field->p);
	*field = str_slice(*field, 8, field->n);
	return true;
}

bool zip_extra_zip64(
	struct str extra, uint64_t *size, uint64_t *packed_size, uint64_t *header_offset)
{
	struct str field = {0};
	bool is_sane;
	if (!extra_find(extra, EXTRA_ZIP64, &field, &is_sane)) {
		/* without the field, all ones can only be the number itself, which no file here has */
		return !((size != NULL && *size == SATURATED_32) ||
			(packed_size != NULL && *packed_size == SATURATED_32) ||
			(header_offset != NULL && *header_offset == SATURATED_32));
	}
	return take_u64(&field, size) && take_u64(&field, packed_size) &&
		take_u64(&field, header_offset);
}

static void entry_fault(struct zip_entry *entry, enum zip_fault fault, const char *text)
{
	if (entry->fault == ZIP_FINE) {
		entry->fault = fault;
		entry->fault_text = text;
	}
}

/* Without the mark, readers differ on what bytes beyond ASCII mean. */
static bool path_is_text(struct str path, bool is_marked)
{
	for (size_t i = 0; i < path.n; i++) {
		if ((unsigned char)path.p[i] >= 0x80 && !is_marked) {
			return false;
		}
	}
	return str_is_utf8(path);
}

static void entry_judge(struct zip_entry *entry, struct str extra)
{
	const char *path_fault = zip_path_fault(entry->path);
	struct str unicode_path;
	bool is_sane;
	if (path_fault != NULL) {
		entry_fault(entry, ZIP_UNSAFE_PATH, path_fault);
	}
	if (entry->flags & (ZIP_FLAG_ENCRYPTED | ZIP_FLAG_STRONG | ZIP_FLAG_MASKED)) {
		entry_fault(entry, ZIP_BAD, "the member is encrypted");
	}
	if (entry->flags & ZIP_FLAG_PATCH ||
		(entry->method != ZIP_STORED && entry->method != ZIP_DEFLATED)) {
		entry_fault(entry, ZIP_BAD, "the member is neither stored nor deflated");
	}
	if (extra_find(extra, EXTRA_UNICODE_PATH, &unicode_path, &is_sane)) {
		entry_fault(entry, ZIP_BAD, "the member has two paths (Unicode path extra field)");
	}
	if (!is_sane) {
		entry_fault(entry, ZIP_BAD, "an extra field is longer than its block");
	}
	if (!path_is_text(entry->path, entry->flags & ZIP_FLAG_UTF8)) {
		entry_fault(entry, ZIP_BAD, "the path is not ASCII and not marked UTF-8");
	}
	uint32_t type = entry->attributes >> 16 & 0170000;
	if (entry->system == ZIP_UNIX && type != 0 && type != 0100000 && type != 0040000) {
		entry_fault(entry, ZIP_UNSAFE_PATH,
			type == 0120000 ? "the member is a symbolic link" : "the member is a special file");
	}
	if (entry->is_folder && entry->size != 0) {
		entry_fault(entry, ZIP_BAD, "a folder has contents");
	}
	if (entry->method == ZIP_STORED && entry->size != entry->packed_size) {
		entry_fault(entry, ZIP_BAD, "a stored member has two sizes");
	}
	if (entry->size > ZIP_RATIO_FREE_BYTES && entry->size / ZIP_RATIO_MAX >= entry->packed_size) {
		entry_fault(entry, ZIP_TOO_LARGE, "the member is over 64 MiB, packed more than 200:1");
	}
}

/* Takes one entry off the front of *rest; false if it is broken. */
static bool entry_read(struct str *rest, struct zip_entry *out)
{
	const char *p = rest->p;
	if (rest->n < ENTRY_BYTES || bytes_u32le(p) != ENTRY_SIGNATURE) {
		return false;
	}
	size_t name_length = bytes_u16le(p + 28);
	size_t extra_length = bytes_u16le(p + 30);
	size_t comment_length = bytes_u16le(p + 32);
	size_t length = ENTRY_BYTES + name_length + extra_length + comment_length;
	if (rest->n < length) {
		return false;
	}
	*out = (struct zip_entry){
		.system = (uint8_t)p[5],
		.flags = bytes_u16le(p + 8),
		.method = bytes_u16le(p + 10),
		.crc = bytes_u32le(p + 16),
		.packed_size = bytes_u32le(p + 20),
		.size = bytes_u32le(p + 24),
		.attributes = bytes_u32le(p + 38),
		.header_offset = bytes_u32le(p + 42),
		.path = str_slice(*rest, ENTRY_BYTES, ENTRY_BYTES + name_length),
	};
	out->is_folder = str_ends(out->path, "/");
	struct str extra =
		str_slice(*rest, ENTRY_BYTES + name_length, ENTRY_BYTES + name_length + extra_length);
	if (!zip_extra_zip64(extra, &out->size, &out->packed_size, &out->header_offset)) {
		return false;
	}
	if (bytes_u16le(p + 34) != 0 && bytes_u16le(p + 34) != SATURATED_16) {
		entry_fault(out, ZIP_BAD, "the member is on another disk");
	}
	entry_judge(out, extra);
	*rest = str_slice(*rest, length, rest->n);
	return true;
}

static int compare_offsets(const void *a, const void *b)
{
	const struct zip_entry *const *left = a, *const *right = b;
	uint64_t x = (*left)->header_offset, y = (*right)->header_offset;
	return x < y ? -1 : x > y;
}

/* Gives each entry the offset where it must have ended; overlapping ones are the oldest bomb. */
static void set_limits(struct zip_directory *d, uint64_t directory_offset)
{
	struct zip_entry **sorted = mem_new(d->entries.n, sizeof(*sorted));
	for (size_t i = 0; i < d->entries.n; i++) {
		sorted[i] = &d->entries.v[i];
	}
	if (d->entries.n != 0) {
		qsort(sorted, d->entries.n, sizeof(*sorted), compare_offsets);
	}
	if (d->entries.n != 0 && sorted[0]->header_offset != 0) {
		entry_fault(sorted[0], ZIP_BAD, "bytes come before the first member");
	}
	for (size_t i = 0; i < d->entries.n; i++) {
		struct zip_entry *entry = sorted[i];
		entry->limit = i + 1 < d->entries.n ? sorted[i + 1]->header_offset : directory_offset;
		uint64_t least = 30 + entry->path.n;
		if (entry->limit < entry->header_offset || entry->limit - entry->header_offset < least ||
			entry->limit - entry->header_offset - least < entry->packed_size) {
			entry_fault(entry, ZIP_BAD, "the member overlaps another one or the directory");
		}
	}
	free(sorted);
}

static void find_duplicates(struct zip_directory *d)
{
	struct map seen = {0};
	VEC_EACH (struct zip_entry, entry, &d->entries) {
		struct str path = entry->path;
		if (entry->is_folder) {
			path.n--;
		}
		if (map_has(&seen, path)) {
			/* above all others: it is what two readers read differently */
			entry->fault = ZIP_DUPLICATE;
			entry->fault_text = "another entry has this path";
		}
		map_put(&seen, path, entry);
	}
	map_finish(&seen);
}

enum zip_fault zip_directory_read(struct str bytes, uint64_t offset, uint64_t count,
	struct zip_directory *out, const char **sentence)
{
	*out = (struct zip_directory){0};
	uint64_t total = 0;
	struct str rest = bytes;
	for (uint64_t i = 0; i < count; i++) {
		struct zip_entry entry;
		if (!entry_read(&rest, &entry)) {
			*sentence = "an entry of the directory is broken or cut short";
			return ZIP_BAD;
		}
		*vec_add(&out->entries) = entry;
		if (entry.size > ZIP_BYTES_MAX || (total += entry.size) > ZIP_BYTES_MAX) {
			*sentence = "the members are over 16 GiB in all";
			return ZIP_TOO_LARGE;
		}
	}
	if (rest.n != 0) {
		*sentence = "the directory is longer than its entries";
		return ZIP_BAD;
	}
	set_limits(out, offset);
	find_duplicates(out);
	return ZIP_FINE;
}

void zip_directory_finish(struct zip_directory *d)
{
	vec_finish(&d->entries);
}
