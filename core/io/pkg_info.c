#include "core/io/pkg_info.h"

#include "core/base/mem.h"
#include "core/io/libarchive.h"

enum { PARTS = 2, RATIO = 200, AT_ONCE = 16 * 1024 };
/* Small archives of text with much repetition are no bombs. */
#define RATIO_FROM (UINT64_C(16) << 20)

struct reading {
	struct str file_name;
	const struct pkg_info_source *source;
	struct archive *in;
	struct buf *out;
	struct str rest; /* of the source's piece */
	uint64_t packed; /* bytes that were given to the library */
	int code; /* what ended it, where that is not the library's word */
	struct err *e;
};

static int stop(struct reading *r, int code, const char *rule)
{
	if (r->code == 0) {
		r->code = err_set(r->e, code, "%.*s: %s", STR_ARG(r->file_name), rule);
	}
	return r->code;
}

/* What is passed over is unpacked too, so each look at the source is a look at what came of it. */
static bool is_bomb(const struct reading *r)
{
	int64_t n = libarchive()->filter_bytes(r->in, 0);
	uint64_t unpacked = n > 0 ? (uint64_t)n : 0;
	return unpacked > RATIO_FROM && unpacked / RATIO > r->packed;
}

static la_ssize_t give(struct archive *in, void *user, const void **bytes)
{
	struct reading *r = user;
	if (is_bomb(r)) {
		stop(r, ERR_TOO_LARGE, "unpacks to more than 200 times its size");
		return ARCHIVE_FATAL;
	}
	if (r->rest.n == 0) {
		r->code = r->source->next(r->source->user, &r->rest, r->e);
	}
	if (r->code != 0) {
		return ARCHIVE_FATAL;
	}
	struct str piece = str_slice(r->rest, 0, AT_ONCE);
	r->rest = str_slice(r->rest, piece.n, r->rest.n);
	r->packed += piece.n;
	*bytes = piece.p;
	return (la_ssize_t)piece.n;
}

static int damaged(struct reading *r)
{
	const char *why = libarchive()->error_string(r->in);
	if (r->code == 0) {
		r->code = err_set(
			r->e, ERR_CORRUPT, "%.*s: %s", STR_ARG(r->file_name), why != NULL ? why : "is damaged");
	}
	return r->code;
}

/* Of two parts, the second being PKG-INFO. */
static bool is_pkg_info(struct str name)
{
	struct str rest = name, part, last = {0};
	size_t parts = 0;
	if (name.n == 0 || name.p[0] == '/') {
		return false;
	}
	while (str_split(&rest, '/', &part)) {
		if (part.n == 0 || str_is(part, ".")) {
			continue;
		}
		if (str_is(part, "..") || ++parts > PARTS) {
			return false;
		}
		last = part;
	}
	return parts == PARTS && str_is(last, "PKG-INFO");
}

static int take(struct reading *r)
{
	size_t start = r->out->n;
	for (;;) {
		const void *bytes;
		size_t n;
		la_int64_t offset;
		int status = libarchive()->read_data_block(r->in, &bytes, &n, &offset);
		if (status == ARCHIVE_EOF) {
			return 0;
		}
		if (status < ARCHIVE_WARN) {
			return damaged(r);
		}
		if (offset < 0 || (uint64_t)offset != r->out->n - start) {
			return stop(r, ERR_CORRUPT, "its PKG-INFO has holes");
		}
		if (n > PKG_INFO_MOST - (r->out->n - start)) {
			return stop(r, ERR_TOO_LARGE, "its PKG-INFO is over 16 MiB");
		}
		buf_add(r->out, bytes, n);
	}
}

static bool is_file(struct archive_entry *entry)
{
	return libarchive()->entry_filetype(entry) == AE_IFREG &&
		libarchive()->entry_hardlink(entry) == NULL &&
		libarchive()->entry_hardlink_utf8(entry) == NULL;
}

static int find(struct reading *r)
{
	for (uint32_t entries = 0;; entries++) {
		struct archive_entry *entry;
		int status = libarchive()->read_next_header(r->in, &entry);
		if (status == ARCHIVE_EOF) {
			return stop(r, ERR_INVALID, "has no PKG-INFO in its top folder");
		}
		if (status < ARCHIVE_WARN || r->code != 0) {
			return damaged(r);
		}
		if (entries == PKG_INFO_ENTRIES) {
			return stop(r, ERR_TOO_LARGE, "has over 100,000 entries before its PKG-INFO");
		}
		/* names that do not fit the locale are there as UTF-8 only */
		const char *name = libarchive()->entry_pathname(entry);
		name = name != NULL ? name : libarchive()->entry_pathname_utf8(entry);
		if (is_pkg_info(str_from(name))) {
			return is_file(entry) ? take(r) : stop(r, ERR_INVALID, "its PKG-INFO is no file");
		}
	}
}

/* By its name alone: a filter for each would try them all on bytes of anybody. */
static bool support(struct reading *r)
{
	bool is_zip = str_ends(r->file_name, ".zip");
	if (is_zip) {
		libarchive()->read_support_format_zip_streamable(r->in);
	} else if (str_ends(r->file_name, ".tar.gz")) {
		libarchive()->read_support_filter_gzip(r->in);
		libarchive()->read_support_format_tar(r->in);
		libarchive()->read_support_format_gnutar(r->in);
	} else {
		return false;
	}
	return true;
}

int pkg_info_read(
	struct str file_name, const struct pkg_info_source *source, struct buf *out, struct err *e)
{
	struct reading r = {.file_name = file_name, .source = source, .out = out, .e = e};
	size_t start = out->n;
	r.in = libarchive()->read_new();
	if (r.in == NULL) {
		mem_bug("no memory for an archive reader");
	}
	int code = 0;
	if (!support(&r)) {
		code = stop(&r, ERR_UNSUPPORTED, "is neither .tar.gz nor .zip");
	} else if (libarchive()->read_open(r.in, &r, NULL, give, NULL) != ARCHIVE_OK) {
		code = damaged(&r);
	} else {
		code = find(&r);
	}
	if (code != 0) {
		out->n = start;
	}
	libarchive()->read_free(r.in);
	return code;
}
