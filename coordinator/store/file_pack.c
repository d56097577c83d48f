#include "coordinator/store/file_pack.h"

#include "coordinator/store/file_pack_parts.h"
#include "coordinator/store/hex.h"
#include "core/base/map.h"

/* A table of texts; the reader makes the same one as it goes. */
struct table {
	struct map numbers; /* text to number + 1 */
	struct str last; /* number 0, the empty text, before the first */
	size_t last_number;
};

struct packing {
	unsigned char *at; /* where the next byte goes; there is room, see add_file */
	struct table versions, rules, prefixes;
	struct str name; /* of the file before */
	int64_t uploaded; /* last known */
};

enum { NUMBER = 10 }; /* bytes at most */

static void add_byte(struct packing *p, unsigned byte)
{
	*p->at++ = (unsigned char)byte;
}

static void add_number(struct packing *p, uint64_t n)
{
	while (n >= 0x80) {
		add_byte(p, (unsigned)(n | 0x80) & 0xff);
		n >>= 7;
	}
	add_byte(p, (unsigned)n);
}

static void add_bytes(struct packing *p, const void *bytes, size_t n)
{
	if (n != 0) {
		memcpy(p->at, bytes, n);
		p->at += n;
	}
}

static void add_text(struct packing *p, struct str text)
{
	add_number(p, text.n);
	add_bytes(p, text.p, text.n);
}

static bool is_last(const struct table *t, struct str text)
{
	return text.n == t->last.n && (text.p == t->last.p || str_equal(text, t->last));
}

/* Writes the text's number, and the text where it is new. */
static void add_entry(struct packing *p, struct table *t, struct str text)
{
	bool is_new = false;
	if (!is_last(t, text)) {
		size_t known = 1; /* 0 is the empty text */
		if (text.n != 0) {
			void **place = map_place(&t->numbers, text);
			is_new = *place == NULL;
			if (is_new) {
				*place = (void *)(uintptr_t)(t->numbers.n + 1);
			}
			known = (size_t)(uintptr_t)*place;
		}
		t->last = text;
		t->last_number = known - 1;
	}
	add_number(p, t->last_number);
	if (is_new) {
		add_text(p, text);
	}
}

static void add_name(struct packing *p, struct str name)
{
	size_t most = name.n < p->name.n ? name.n : p->name.n;
	most = most < FILE_PACK_SHARED ? most : FILE_PACK_SHARED;
	size_t start = 0, end = 0;
	while (start < most && name.p[start] == p->name.p[start]) {
		start++;
	}
	while (end < most - start && name.p[name.n - 1 - end] == p->name.p[p->name.n - 1 - end]) {
		end++;
	}
	add_byte(p, (unsigned)start);
	add_byte(p, (unsigned)end);
	add_text(p, str_slice(name, start, name.n - end));
	p->name = name;
}

/* "PREFIXaa/bb/REST/" before the name: the digits of the path as bytes. */
static bool read_path(struct str before, unsigned char path[static HEX_HASH])
{
	char digits[2 * HEX_HASH];
	if (before.n < PACK_PATH_TEXT) {
		return false;
	}
	const char *at = before.p + before.n - PACK_PATH_TEXT;
	memcpy(digits, at, 2);
	memcpy(digits + 2, at + 3, 2);
	memcpy(digits + 4, at + 6, 60);
	return at[2] == '/' && at[5] == '/' && hex_read((struct str){digits, 64}, path, HEX_HASH);
}

/* The form of the address, and for those that have one what stands before hash path or name. */
static unsigned url_form(
	const struct store_file *f, struct str *prefix, unsigned char path[static HEX_HASH])
{
	struct str name = f->filename;
	if (f->url.n <= name.n) {
		return PACK_URL_TEXT;
	}
	struct str before = {f->url.p, f->url.n - name.n};
	struct str tail = {f->url.p + before.n, name.n};
	if (before.p[before.n - 1] != '/' || (tail.p != name.p && !str_equal(tail, name))) {
		return PACK_URL_TEXT;
	}
	bool has_path = read_path(before, path);
	*prefix = (struct str){before.p, before.n - (has_path ? PACK_PATH_TEXT : 0)};
	if (prefix->n > FILE_PACK_SHARED) {
		return PACK_URL_TEXT; /* a short pack must not grow to any size */
	}
	return has_path ? PACK_URL_PATH : PACK_URL_NAME;
}

static unsigned kind_of(const char *kind)
{
	return strcmp(kind, "wheel") == 0 ? 0 : strcmp(kind, "sdist") == 0 ? 1 : 2;
}

static uint64_t zigzag(int64_t n)
{
	return (uint64_t)n << 1 ^ (n < 0 ? UINT64_MAX : 0);
}

static void add_uploaded(struct packing *p, int64_t uploaded)
{
	if (uploaded == 0) {
		add_number(p, 0);
		return;
	}
	/* unsigned: times from outside may be as far apart as numbers go */
	int64_t since = (int64_t)((uint64_t)uploaded - (uint64_t)p->uploaded);
	uint64_t n = zigzag(since);
	add_number(p, n == UINT64_MAX ? 0 : n + 1);
	p->uploaded = n == UINT64_MAX ? p->uploaded : uploaded;
}

static void add_file(struct packing *p, const struct store_file *f)
{
	unsigned char path[HEX_HASH], sha256[HEX_HASH], metadata[HEX_HASH];
	struct str prefix = {0};
	unsigned form = url_form(f, &prefix, path);
	bool raw = hex_read(f->sha256, sha256, HEX_HASH);
	bool raw_metadata = hex_read(f->metadata_sha256, metadata, HEX_HASH);
	bool usual = form == PACK_URL_PATH && is_last(&p->prefixes, prefix);
	bool same_version = is_last(&p->versions, f->version);
	bool same_rule = is_last(&p->rules, f->requires_python);
	unsigned odd = (raw                       ? 0
						   : f->sha256.n == 0 ? PACK_NO_SHA256
											  : PACK_SHA256_TEXT) |
		(!raw_metadata && f->metadata_sha256.n != 0 ? PACK_METADATA_TEXT : 0);
	unsigned flags = kind_of(f->kind) | (f->yanked ? PACK_YANKED : 0) |
		(same_version ? PACK_SAME_VERSION : 0) | (same_rule ? PACK_SAME_RULE : 0) |
		(raw_metadata ? PACK_METADATA : 0) | (usual ? PACK_USUAL_URL : 0) |
		(odd != 0 ? PACK_ODD : 0);
	add_byte(p, flags);
	if (!usual) {
		add_byte(p, form);
	}
	if (odd != 0) {
		add_byte(p, odd);
	}
	add_name(p, f->filename);
	if (!same_version) {
		add_entry(p, &p->versions, f->version);
	}
	if (!same_rule) {
		add_entry(p, &p->rules, f->requires_python);
	}
	add_number(p, f->size >= 0 ? (uint64_t)f->size + 1 : 0);
	add_uploaded(p, f->uploaded);
	if (raw) {
		add_bytes(p, sha256, HEX_HASH);
	} else if ((odd & PACK_SHA256_TEXT) != 0) {
		add_text(p, f->sha256);
	}
	if (raw_metadata) {
		add_bytes(p, metadata, HEX_HASH);
	} else if ((odd & PACK_METADATA_TEXT) != 0) {
		add_text(p, f->metadata_sha256);
	}
	if (form == PACK_URL_TEXT) {
		add_text(p, f->url);
	} else if (!usual) {
		add_entry(p, &p->prefixes, prefix);
	}
	if (form == PACK_URL_PATH) {
		add_bytes(p, path, HEX_HASH);
	}
}

/* The most bytes that a file can take. */
static size_t room_for(const struct store_file *f)
{
	enum { FIXED = 5 + 9 * NUMBER + 3 * HEX_HASH };
	return FIXED + f->filename.n + f->version.n + f->requires_python.n + f->sha256.n +
		f->metadata_sha256.n + f->url.n;
}

void file_pack_write(const struct store_file *files, size_t count, struct buf *out)
{
	struct packing p = {
		.versions.numbers.lent = true, .rules.numbers.lent = true, .prefixes.numbers.lent = true};
	buf_reserve(out, 1 + NUMBER + count * 128);
	p.at = (unsigned char *)out->p + out->n;
	add_byte(&p, FILE_PACK_FORMAT);
	add_number(&p, count);
	for (size_t i = 0; i < count; i++) {
		out->n = (size_t)(p.at - (unsigned char *)out->p);
		buf_reserve(out, room_for(&files[i]));
		p.at = (unsigned char *)out->p + out->n;
		add_file(&p, &files[i]);
	}
	out->n = (size_t)(p.at - (unsigned char *)out->p);
	out->p[out->n] = '\0';
	map_finish(&p.versions.numbers);
	map_finish(&p.rules.numbers);
	map_finish(&p.prefixes.numbers);
}
