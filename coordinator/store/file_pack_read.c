#include "coordinator/store/file_pack.h"
#include "coordinator/store/file_pack_parts.h"
#include "coordinator/store/hex.h"
#include "coordinator/store/store_parts.h"

/* The least that a file takes: flags, name (shared, shared, length), size, time. */
enum { LEAST = 6 };

static int corrupt(const struct file_pack_walk *w, const char *what, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "stored files: byte %zu: %s", (size_t)(w->p - w->start), what);
}

static size_t rest(const struct file_pack_walk *w)
{
	return (size_t)(w->end - w->p);
}

static int read_byte(struct file_pack_walk *w, unsigned *out, struct err *e)
{
	if (w->p == w->end) {
		return corrupt(w, "ends here", e);
	}
	*out = *w->p++;
	return 0;
}

static int read_long_number(struct file_pack_walk *w, uint64_t *out, struct err *e)
{
	uint64_t n = 0;
	for (unsigned shift = 0; shift < 64 && w->p < w->end; shift += 7) {
		unsigned char byte = *w->p++;
		if (shift == 63 && byte > 1) {
			break;
		}
		n |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*out = n;
			return 0;
		}
	}
	return corrupt(w, "no number", e);
}

/* Most are one byte. */
static inline int read_number(struct file_pack_walk *w, uint64_t *out, struct err *e)
{
	if (w->p < w->end && *w->p < 0x80) {
		*out = *w->p++;
		return 0;
	}
	return read_long_number(w, out, e);
}

static int read_text(struct file_pack_walk *w, struct str *out, struct err *e)
{
	uint64_t n = 0;
	int code = read_number(w, &n, e);
	if (code == 0 && n > rest(w)) {
		code = corrupt(w, "a text is longer than what is left", e);
	}
	if (code == 0) {
		*out = (struct str){(const char *)w->p, (size_t)n};
		w->p += n;
	}
	return code;
}

static int read_hash(struct file_pack_walk *w, const unsigned char **out, struct err *e)
{
	if (rest(w) < HEX_HASH) {
		return corrupt(w, "a hash is cut", e);
	}
	*out = w->p;
	w->p += HEX_HASH;
	return 0;
}

/* A text by its number; one past the end of the table brings the text. */
static int read_entry(
	struct file_pack_walk *w, struct file_pack_table *t, size_t *number, struct err *e)
{
	uint64_t n = 0;
	int code = read_number(w, &n, e);
	if (code == 0 && n > t->n) {
		code = corrupt(w, "no such text", e);
	}
	if (code == 0 && n == t->n) {
		struct str text;
		code = read_text(w, &text, e);
		if (code == 0) {
			*vec_add(t) = text;
		}
	}
	if (code == 0) {
		*number = (size_t)n;
	}
	return code;
}

/* Room for a name, while the one before it stands. */
static char *name_room(struct file_pack_walk *w, size_t n)
{
	if (w->arena != NULL) {
		return arena_room(w->arena, n);
	}
	struct buf *name = &w->names[w->turn ^= 1];
	buf_clear(name);
	buf_reserve(name, n);
	return name->p;
}

static int read_name(struct file_pack_walk *w, struct err *e)
{
	unsigned start = 0, end = 0;
	struct str middle, before = w->entry.filename;
	int code = read_byte(w, &start, e);
	if (code == 0) {
		code = read_byte(w, &end, e);
	}
	if (code == 0 && (size_t)start + end > before.n) {
		code = corrupt(w, "a name shares more than there is", e);
	}
	if (code == 0) {
		code = read_text(w, &middle, e);
	}
	if (code == 0) {
		size_t n = start + middle.n + end;
		char *name = name_room(w, n + 1);
		if (before.n != 0) {
			memcpy(name, before.p, start);
			memcpy(name + start + middle.n, before.p + before.n - end, end);
		}
		memcpy(name + start, middle.p, middle.n);
		name[n] = '\0';
		w->entry.filename = (struct str){name, n};
	}
	return code;
}

static int read_hashes(struct file_pack_walk *w, unsigned flags, unsigned odd, struct err *e)
{
	struct file_pack_entry *entry = &w->entry;
	int code = 0;
	entry->sha256 = entry->metadata_sha256 = NULL;
	entry->sha256_text = entry->metadata_sha256_text = (struct str){0};
	if ((odd & PACK_SHA256_TEXT) != 0) {
		code = read_text(w, &entry->sha256_text, e);
	} else if ((odd & PACK_NO_SHA256) == 0) {
		code = read_hash(w, &entry->sha256, e);
	}
	if (code == 0 && (odd & PACK_METADATA_TEXT) != 0) {
		code = read_text(w, &entry->metadata_sha256_text, e);
	} else if (code == 0 && (flags & PACK_METADATA) != 0) {
		code = read_hash(w, &entry->metadata_sha256, e);
	}
	return code;
}

static int read_url(struct file_pack_walk *w, bool usual, struct err *e)
{
	struct file_pack_entry *entry = &w->entry;
	if (entry->url_form == PACK_URL_TEXT) {
		return read_text(w, &entry->url_text, e);
	}
	int code = usual ? 0 : read_entry(w, &w->prefixes, &w->prefix, e);
	entry->url_prefix = w->prefixes.v[w->prefix];
	return code == 0 && entry->url_form == PACK_URL_PATH ? read_hash(w, &entry->url_path, e) : code;
}

static int read_numbers(struct file_pack_walk *w, struct err *e)
{
	uint64_t size = 0, uploaded = 0;
	int code = read_number(w, &size, e);
	if (code == 0) {
		code = read_number(w, &uploaded, e);
	}
	if (code == 0 && size > (uint64_t)INT64_MAX + 1) {
		code = corrupt(w, "no size", e);
	}
	w->entry.size = (int64_t)(size - 1); /* 0, unknown, becomes -1 */
	w->entry.uploaded = 0;
	if (uploaded != 0) {
		uint64_t z = uploaded - 1;
		w->uploaded += z >> 1 ^ (0 - (z & 1));
		w->entry.uploaded = (int64_t)w->uploaded;
	}
	return code;
}

int file_pack_walk_next(struct file_pack_walk *w, struct err *e)
{
	static const char *const kinds[] = PACK_KINDS;
	struct file_pack_entry *entry = &w->entry;
	unsigned flags = 0, form = PACK_URL_PATH, odd = 0;
	if (w->left == 0) {
		return w->p == w->end ? 0 : corrupt(w, "more than the files", e);
	}
	int code = read_byte(w, &flags, e);
	bool usual = (flags & PACK_USUAL_URL) != 0;
	if (code == 0 && !usual) {
		code = read_byte(w, &form, e);
	}
	if (code == 0 && (flags & PACK_ODD) != 0) {
		code = read_byte(w, &odd, e);
	}
	if (code == 0 && ((flags & PACK_KIND) == PACK_KIND || form > PACK_URL_TEXT)) {
		code = corrupt(w, "no such kind of file or address", e);
	}
	if (code == 0) {
		entry->kind = kinds[flags & PACK_KIND];
		entry->yanked = (flags & PACK_YANKED) != 0;
		entry->url_form = form;
		code = read_name(w, e);
	}
	if (code == 0 && (flags & PACK_SAME_VERSION) == 0) {
		code = read_entry(w, &w->versions, &entry->version_index, e);
	}
	if (code == 0 && (flags & PACK_SAME_RULE) == 0) {
		code = read_entry(w, &w->rules, &entry->rule_index, e);
	}
	if (code == 0) {
		code = read_numbers(w, e);
	}
	if (code == 0) {
		code = read_hashes(w, flags, odd, e);
	}
	if (code == 0) {
		code = read_url(w, usual, e);
	}
	if (code == 0) {
		entry->version = w->versions.v[entry->version_index];
		entry->rule = w->rules.v[entry->rule_index];
		w->left--;
	}
	return code == 0 ? 1 : code;
}

int file_pack_walk_init(struct file_pack_walk *w, struct str pack, struct err *e)
{
	unsigned format = 0;
	*w = (struct file_pack_walk){0};
	w->start = w->p = (const unsigned char *)pack.p;
	w->end = w->p + pack.n;
	vec_add(&w->versions);
	vec_add(&w->rules);
	vec_add(&w->prefixes);
	int code = read_byte(w, &format, e);
	if (code == 0 && format != FILE_PACK_FORMAT) {
		code = corrupt(w, "not a format that this program knows", e);
	}
	if (code == 0) {
		code = read_number(w, &w->left, e);
	}
	if (code == 0 && w->left > rest(w) / LEAST) {
		code = corrupt(w, "more files than there are bytes for", e);
	}
	return code;
}

void file_pack_walk_finish(struct file_pack_walk *w)
{
	vec_finish(&w->versions);
	vec_finish(&w->rules);
	vec_finish(&w->prefixes);
	buf_finish(&w->names[0]);
	buf_finish(&w->names[1]);
}

static struct str keep(struct arena *arena, struct str text)
{
	return text.n != 0 ? (struct str){arena_copy(arena, text.p, text.n), text.n} : (struct str){0};
}

static struct str hash_text(struct arena *arena, const unsigned char *hash, struct str text)
{
	if (hash == NULL) {
		return keep(arena, text);
	}
	char *digits = arena_room(arena, 2 * HEX_HASH + 1);
	hex_write(hash, HEX_HASH, digits);
	digits[2 * HEX_HASH] = '\0';
	return (struct str){digits, 2 * HEX_HASH};
}

static struct str url_text(struct arena *arena, const struct file_pack_entry *f)
{
	if (f->url_form == PACK_URL_TEXT) {
		return keep(arena, f->url_text);
	}
	size_t path = f->url_form == PACK_URL_PATH ? PACK_PATH_TEXT : 0;
	size_t n = f->url_prefix.n + path + f->filename.n;
	char *url = arena_room(arena, n + 1);
	url[n] = '\0';
	char *at = url + f->url_prefix.n;
	memcpy(url, f->url_prefix.n != 0 ? f->url_prefix.p : "", f->url_prefix.n);
	if (path != 0) {
		char digits[2 * HEX_HASH];
		hex_write(f->url_path, HEX_HASH, digits);
		memcpy(at, digits, 2);
		memcpy(at + 3, digits + 2, 2);
		memcpy(at + 6, digits + 4, 60);
		at[2] = at[5] = at[PACK_PATH_TEXT - 1] = '/';
	}
	memcpy(at + path, f->filename.n != 0 ? f->filename.p : "", f->filename.n);
	return (struct str){url, n};
}

/* The table's texts as copies, made when first asked for. */
static struct str kept_entry(
	struct arena *arena, const struct file_pack_table *t, struct file_pack_table *kept, size_t i)
{
	while (kept->n < t->n) {
		struct str text = keep(arena, t->v[kept->n]);
		*vec_add(kept) = text;
	}
	return kept->v[i];
}

struct reading {
	struct arena *arena;
	struct file_pack_table versions, rules;
};

static struct store_file whole_file(struct reading *r, const struct file_pack_walk *w)
{
	const struct file_pack_entry *f = &w->entry;
	struct str url = url_text(r->arena, f);
	return (struct store_file){
		.filename = f->url_form == PACK_URL_TEXT ? keep(r->arena, f->filename)
												 : str_slice(url, url.n - f->filename.n, url.n),
		.version = kept_entry(r->arena, &w->versions, &r->versions, f->version_index),
		.kind = f->kind,
		.url = url,
		.sha256 = hash_text(r->arena, f->sha256, f->sha256_text),
		.size = f->size,
		.requires_python = kept_entry(r->arena, &w->rules, &r->rules, f->rule_index),
		.yanked = f->yanked,
		.uploaded = f->uploaded,
		.metadata_sha256 = hash_text(r->arena, f->metadata_sha256, f->metadata_sha256_text),
	};
}

static struct store_file named_file(const struct file_pack_entry *f)
{
	return (struct store_file){
		.filename = f->filename,
		.version = f->version,
		.kind = f->kind,
		.sha256 = f->sha256_text,
		.size = f->size,
		.requires_python = f->rule,
		.yanked = f->yanked,
		.uploaded = f->uploaded,
		.metadata_sha256 = f->metadata_sha256_text,
		.key = f->metadata_sha256 != NULL ? f->metadata_sha256 : f->sha256,
	};
}

/* Room for as many as the pack may have by its length: each is some bytes of it. */
static struct store_file *arena_files(struct arena *arena, uint64_t count)
{
	return (struct store_file *)(void *)arena_room(
		arena, ((size_t)count + 1) * sizeof(struct store_file));
}

int file_pack_read(struct str pack, enum file_pack_depth depth, struct arena *arena,
	struct store_file **out, size_t *count, struct err *e)
{
	struct file_pack_walk w;
	struct reading r = {.arena = arena};
	int code = file_pack_walk_init(&w, pack, e);
	w.arena = depth == FILE_PACK_NAMES ? arena : NULL;
	struct store_file *list = arena_files(arena, code == 0 ? w.left : 0);
	size_t n = 0;
	while (code == 0 && (code = file_pack_walk_next(&w, e)) == 1) {
		list[n++] = depth == FILE_PACK_WHOLE ? whole_file(&r, &w) : named_file(&w.entry);
		code = 0;
	}
	*out = list;
	*count = n;
	vec_finish(&r.versions);
	vec_finish(&r.rules);
	file_pack_walk_finish(&w);
	return code;
}
