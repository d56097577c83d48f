#include "agent/wheel_repair.h"

#include "agent/wheel_bundle.h"
#include "agent/wheel_record.h"
#include "core/base/mem.h"
#include "core/base/vec.h"
#include "core/io/sha256.h"
#include "core/pep/filename.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	WHEEL_TEXT_MAX = 1 << 20,
	IMAGE_MAX = 512 << 20,
	ENTRIES_MAX = 100000,
	BLOCK = 64 * 1024,
};
#define TOTAL_MAX (UINT64_C(16) << 30)

struct work {
	struct wheel_repair *r;
	struct arena arena;
	struct filename name;
	VEC(struct str) paths;
	struct wheel_record record; /* the new one */
	struct str dist_info; /* "markupsafe-3.0.4.dist-info", as in the wheel */
	struct buf wheel_text; /* of WHEEL, anew */
	struct wheel_bundle bundle;
	uint64_t total;
	struct archive *in;
	struct archive *out;
	int in_fd, out_fd; /* opened here: the library would not know our names on Windows */
	struct archive_entry *entry; /* of out */
};

static int fail(struct work *w, enum reason reason, int code, struct err *e, const char *format,
	...) __attribute__((format(printf, 5, 6)));
static int fail(
	struct work *w, enum reason reason, int code, struct err *e, const char *format, ...)
{
	w->r->reason = reason;
	va_list arguments;
	va_start(arguments, format);
	err_setv(e, code, format, arguments);
	va_end(arguments);
	return code;
}

/* --- names --- */

static struct str base_of(struct str path)
{
	return str_slice(path, (size_t)(str_find_last(path, '/') + 1), path.n);
}

static struct str folder_of(struct str path)
{
	ptrdiff_t slash = str_find_last(path, '/');
	return str_slice(path, 0, slash < 0 ? 0 : (size_t)slash);
}

static struct str stem_of(struct str path)
{
	struct str base = base_of(path);
	ptrdiff_t dot = str_find(base, '.');
	return str_slice(base, 0, dot < 0 ? base.n : (size_t)dot);
}

bool wheel_repair_is_stray(struct str path, const struct str *paths, size_t n)
{
	static const char *const endings[] = {".pdb", ".lib", ".dll.a", ".exp", ".ilk"};
	bool candidate = false;
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		candidate = candidate || str_ends(path, endings[i]);
	}
	if (!candidate) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (str_ends(paths[i], ".pyd") && str_equal(folder_of(paths[i]), folder_of(path)) &&
			str_equal(stem_of(paths[i]), stem_of(path))) {
			return true;
		}
	}
	return false;
}

void wheel_repair_platform(struct str platforms, const char *target, struct buf *out)
{
	struct str wanted = str_from(target);
	struct str one;
	size_t begin = out->n;
	while (str_split(&platforms, '.', &one)) {
		struct str arch = str_slice(one, sizeof("linux_") - 1, one.n);
		bool plain =
			str_starts(one, "linux_") && arch.n != 0 && str_find_text(wanted, STR("linux")) >= 0;
		char ending[80];
		snprintf(ending, sizeof(ending), "_%.*s", STR_ARG(arch));
		if (out->n != begin) {
			buf_add_char(out, '.');
		}
		buf_add_str(out, plain && str_ends(wanted, ending) ? wanted : one);
	}
}

static char *new_name(struct work *w, struct str base, struct str platforms)
{
	/* everything before the platform stays as the backend wrote it */
	ptrdiff_t dash = str_find_last(base, '-');
	struct buf out = {0};
	buf_add_str(&out, str_slice(base, 0, (size_t)dash + 1));
	wheel_repair_platform(platforms, w->r->platform, &out);
	buf_add_text(&out, ".whl");
	return buf_take(&out);
}

/* --- WHEEL --- */

static void add_tags(struct work *w, const struct filename *name)
{
	struct filename_tags tags = filename_tags(name);
	struct tag tag;
	while (filename_tags_next(&tags, &tag)) {
		buf_printf(&w->wheel_text, "Tag: %.*s-%.*s-%.*s\n", STR_ARG(tag.python), STR_ARG(tag.abi),
			STR_ARG(tag.platform));
	}
}

/* The headers as they are, but the tags of the new name in place of the old ones. */
static int rewrite_wheel(struct work *w, struct str old, const char *file, struct err *e)
{
	struct filename name;
	int code = filename_parse(str_from(file), &name, e);
	if (code != 0) {
		return fail(w, REASON_CODE_WRONG_WHEEL, code, e, "%s: not a wheel's name", file);
	}
	bool tagged = false;
	struct str line;
	while (str_split(&old, '\n', &line)) {
		struct str text = str_trim(line);
		if (text.n == 0) {
			continue;
		}
		if (!str_starts(text, "Tag:")) {
			buf_printf(&w->wheel_text, "%.*s\n", STR_ARG(text));
		} else if (!tagged) {
			add_tags(w, &name);
			tagged = true;
		}
	}
	if (!tagged) {
		add_tags(w, &name);
	}
	buf_add_char(&w->wheel_text, '\n');
	return 0;
}

/* --- reading --- */

static int open_in(struct work *w, struct err *e)
{
	w->in_fd = open(w->r->from, O_RDONLY | O_CLOEXEC);
	if (w->in_fd < 0) {
		return fail(w, REASON_CODE_WRONG_WHEEL, -errno, e, "%s: %s", w->r->from, strerror(errno));
	}
	w->in = archive_read_new();
	archive_read_support_format_zip_seekable(w->in);
	if (archive_read_open_fd(w->in, w->in_fd, BLOCK) != ARCHIVE_OK) {
		return fail(w, REASON_CODE_WRONG_WHEEL, ERR_INVALID, e, "%s: %s", w->r->from,
			archive_error_string(w->in));
	}
	return 0;
}

static void close_in(struct work *w)
{
	if (w->in != NULL) {
		archive_read_free(w->in);
		close(w->in_fd);
		w->in = NULL;
	}
}

/* The next entry's path; ERR_NOT_FOUND at the end. */
static int next(struct work *w, struct archive_entry **entry, struct str *path, struct err *e)
{
	int code = archive_read_next_header(w->in, entry);
	if (code == ARCHIVE_EOF) {
		return ERR_NOT_FOUND;
	}
	const char *name = code >= ARCHIVE_WARN ? archive_entry_pathname(*entry) : NULL;
	if (name == NULL) {
		return fail(w, REASON_CODE_WRONG_WHEEL, ERR_INVALID, e, "the wheel cannot be read: %s",
			archive_error_string(w->in));
	}
	*path = str_from(name);
	return 0;
}

static int read_member(struct work *w, size_t most, struct buf *out, struct err *e)
{
	for (;;) {
		char piece[8192];
		la_ssize_t n = archive_read_data(w->in, piece, sizeof(piece));
		if (n == 0) {
			return 0;
		}
		if (n < 0 || out->n + (size_t)n > most) {
			return fail(w, REASON_CODE_WRONG_WHEEL, ERR_INVALID, e, "an entry cannot be read: %s",
				n < 0 ? archive_error_string(w->in) : "too large");
		}
		buf_add(out, piece, (size_t)n);
	}
}

/* An ELF image of the wheel is for wheel_bundle to see; of other entries a few bytes are read. */
static int survey_image(struct work *w, struct str path, struct err *e)
{
	struct buf bytes = {0};
	char magic[4] = "";
	la_ssize_t n = archive_read_data(w->in, magic, sizeof(magic));
	int code = 0;
	if (n == (la_ssize_t)sizeof(magic) && memcmp(magic, "\177ELF", sizeof(magic)) == 0) {
		buf_add(&bytes, magic, sizeof(magic));
		code = read_member(w, IMAGE_MAX, &bytes, e);
		struct bundle_file file = {
			.path = path, .bytes = {arena_copy(&w->bundle.arena, bytes.p, bytes.n), bytes.n}};
		*vec_add(&w->bundle.files) = file;
	}
	buf_finish(&bytes);
	return code;
}

/* First pass: all names, and the text of WHEEL. */
static int survey(struct work *w, struct buf *wheel, struct err *e)
{
	int code = open_in(w, e);
	while (code == 0) {
		struct archive_entry *entry = NULL;
		struct str path;
		code = next(w, &entry, &path, e);
		if (code != 0) {
			break;
		}
		if (w->paths.n == ENTRIES_MAX) {
			code =
				fail(w, REASON_CODE_WRONG_WHEEL, ERR_TOO_LARGE, e, "over %d entries", ENTRIES_MAX);
			break;
		}
		struct str kept = {.p = arena_copy(&w->arena, path.p, path.n), .n = path.n};
		*vec_add(&w->paths) = kept;
		if (str_ends(kept, ".dist-info/WHEEL") &&
			str_find(kept, '/') == (ptrdiff_t)(kept.n - sizeof("/WHEEL") + 1)) {
			if (w->dist_info.n != 0) {
				code = fail(w, REASON_CODE_WRONG_WHEEL, ERR_INVALID, e, "two .dist-info folders");
				break;
			}
			w->dist_info = folder_of(kept);
			code = read_member(w, WHEEL_TEXT_MAX, wheel, e);
		} else if (wheel_bundle_wants(w->r->platform)) {
			code = survey_image(w, kept, e);
		}
	}
	close_in(w);
	if (code == ERR_NOT_FOUND) {
		code = w->dist_info.n != 0
			? 0
			: fail(w, REASON_CODE_WRONG_WHEEL, ERR_INVALID, e, "no .dist-info/WHEEL in the wheel");
	}
	return code;
}

/* --- writing --- */

static int write_failed(struct work *w, struct err *e)
{
	bool full = archive_errno(w->out) == ENOSPC;
	return fail(w, full ? REASON_CODE_HOST_DISK : REASON_CODE_AGENT_FAULT, ERR_INVALID, e,
		"the repaired wheel cannot be written: %s", archive_error_string(w->out));
}

static int begin(struct work *w, struct str path, uint64_t size, bool executable, struct err *e)
{
	archive_entry_clear(w->entry);
	char *name = str_dup(path);
	archive_entry_set_pathname(w->entry, name);
	free(name);
	archive_entry_set_size(w->entry, (la_int64_t)size);
	archive_entry_set_filetype(w->entry, S_IFREG);
	archive_entry_set_perm(w->entry, executable ? 0755 : 0644);
	archive_entry_set_mtime(w->entry, (time_t)w->r->epoch, 0);
	return archive_write_header(w->out, w->entry) != ARCHIVE_OK ? write_failed(w, e) : 0;
}

/* An entry of bytes at hand; all but RECORD itself are told there. */
static int put(
	struct work *w, struct str path, struct str bytes, bool told, bool executable, struct err *e)
{
	int code = begin(w, path, bytes.n, executable, e);
	if (told) {
		struct sha256 *hash = sha256_create();
		sha256_add(hash, bytes.p, bytes.n);
		wheel_record_add(&w->record, path, hash, bytes.n);
		sha256_destroy(hash);
	}
	if (code == 0 && archive_write_data(w->out, bytes.p, bytes.n) != (la_ssize_t)bytes.n) {
		code = write_failed(w, e);
	}
	return code;
}

static int copy(struct work *w, struct archive_entry *entry, struct str path, struct err *e)
{
	if (!archive_entry_size_is_set(entry)) {
		return fail(w, REASON_CODE_WRONG_WHEEL, ERR_INVALID, e, "an entry without a size");
	}
	uint64_t size = (uint64_t)archive_entry_size(entry);
	int code = begin(w, path, size, (archive_entry_perm(entry) & 0111) != 0, e);
	struct sha256 *hash = sha256_create();
	uint64_t done = 0;
	while (code == 0) {
		static const size_t piece_size = BLOCK;
		char piece[BLOCK];
		la_ssize_t n = archive_read_data(w->in, piece, piece_size);
		if (n == 0) {
			break;
		}
		if (n < 0) {
			code = fail(w, REASON_CODE_WRONG_WHEEL, ERR_INVALID, e, "an entry cannot be read: %s",
				archive_error_string(w->in));
			break;
		}
		done += (uint64_t)n;
		w->total += (uint64_t)n;
		if (done > size || w->total > TOTAL_MAX) {
			code = fail(
				w, REASON_CODE_WRONG_WHEEL, ERR_TOO_LARGE, e, "an entry is larger than it says");
			break;
		}
		sha256_add(hash, piece, (size_t)n);
		if (archive_write_data(w->out, piece, (size_t)n) != n) {
			code = write_failed(w, e);
		}
	}
	if (code == 0) {
		wheel_record_add(&w->record, path, hash, done);
	}
	sha256_destroy(hash);
	return code;
}

static int put_record(struct work *w, struct err *e)
{
	struct buf text = {0};
	char *path = str_format("%.*s/RECORD", STR_ARG(w->dist_info));
	wheel_record_write(&w->record, str_from(path), &text);
	int code = put(w, str_from(path), buf_view(&text), false, false, e);
	free(path);
	buf_finish(&text);
	return code;
}

static bool is_in_dist_info(const struct work *w, struct str path, const char *name)
{
	return str_equal(folder_of(path), w->dist_info) && str_is(base_of(path), name);
}

static const struct bundle_file *changed_image(const struct work *w, struct str path)
{
	VEC_EACH (const struct bundle_file, file, &w->bundle.files) {
		if (file->changed && !file->added && str_equal(file->path, path)) {
			return file;
		}
	}
	return NULL;
}

static int put_libraries(struct work *w, struct err *e)
{
	int code = 0;
	for (size_t i = 0; code == 0 && i < w->bundle.files.n; i++) {
		const struct bundle_file *file = &w->bundle.files.v[i];
		if (file->added) {
			w->r->bundled++;
			code = put(w, file->path, file->bytes, true, true, e);
		}
	}
	return code;
}

static int copy_all(struct work *w, struct err *e)
{
	const struct bundle_file *image;
	int code = open_in(w, e);
	while (code == 0) {
		struct archive_entry *entry = NULL;
		struct str path;
		code = next(w, &entry, &path, e);
		if (code != 0) {
			break;
		}
		/* the first pass's copy, which lives on */
		struct str kept = {.p = arena_copy(&w->arena, path.p, path.n), .n = path.n};
		if (str_ends(kept, "/") || is_in_dist_info(w, kept, "RECORD") ||
			is_in_dist_info(w, kept, "RECORD.jws") || is_in_dist_info(w, kept, "RECORD.p7s")) {
			continue;
		}
		if (wheel_repair_is_stray(kept, w->paths.v, w->paths.n)) {
			w->r->dropped++;
		} else if (is_in_dist_info(w, kept, "WHEEL")) {
			code = put(w, kept, buf_view(&w->wheel_text), true, false, e);
		} else if ((image = changed_image(w, kept)) != NULL) {
			code = put(w, kept, image->bytes, true, (archive_entry_perm(entry) & 0111) != 0, e);
		} else {
			code = copy(w, entry, kept, e);
		}
	}
	close_in(w);
	if (code != ERR_NOT_FOUND) {
		return code;
	}
	code = put_libraries(w, e);
	return code == 0 ? put_record(w, e) : code;
}

static int write_out(struct work *w, struct err *e)
{
	char *path = str_format("%s/%s", w->r->folder, w->r->wheel);
	w->out_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	w->out = archive_write_new();
	w->entry = archive_entry_new();
	archive_write_set_format_zip(w->out);
	archive_write_zip_set_compression_deflate(w->out);
	archive_write_set_bytes_in_last_block(w->out, 1);
	int code = w->out_fd < 0
		? fail(w, REASON_CODE_AGENT_FAULT, -errno, e, "%s: %s", path, strerror(errno))
		: archive_write_open_fd(w->out, w->out_fd) != ARCHIVE_OK ? write_failed(w, e)
																 : 0;
	if (code == 0) {
		code = copy_all(w, e);
	}
	if (code == 0 && archive_write_close(w->out) != ARCHIVE_OK) {
		code = write_failed(w, e);
	}
	archive_write_free(w->out);
	if (w->out_fd >= 0 && close(w->out_fd) != 0 && code == 0) {
		code = fail(w, REASON_CODE_AGENT_FAULT, -errno, e, "%s: %s", path, strerror(errno));
	}
	archive_entry_free(w->entry);
	free(path);
	return code;
}

int wheel_repair(struct wheel_repair *r, struct err *e)
{
	struct work w = {.r = r};
	struct buf wheel = {0};
	struct str base = base_of(str_from(r->from));
	struct err why = {0};
	int code = filename_parse(base, &w.name, &why);
	if (code != 0 || w.name.kind != FILENAME_WHEEL) {
		code = fail(&w, REASON_CODE_WRONG_WHEEL, ERR_INVALID, e, "%.*s: %s", STR_ARG(base),
			code != 0 ? why.text : "not a wheel");
		goto out;
	}
	if (r->expect_native && str_is(w.name.platforms, "any")) {
		code = fail(&w, REASON_CODE_SILENT_PURE, ERR_INVALID, e,
			"%.*s: pure, while this release has compiled wheels elsewhere", STR_ARG(base));
		goto out;
	}
	code = survey(&w, &wheel, e);
	if (code != 0) {
		goto out;
	}
	w.bundle.platform = r->platform;
	w.bundle.folders = r->libraries;
	w.bundle.package = str_slice(base, 0, (size_t)str_find(base, '-'));
	code = wheel_bundle(&w.bundle, e);
	if (code != 0) {
		r->reason = w.bundle.reason != REASON_NONE ? w.bundle.reason : REASON_CODE_AGENT_FAULT;
		goto out;
	}
	r->wheel = new_name(&w, base, w.name.platforms);
	code = rewrite_wheel(&w, buf_view(&wheel), r->wheel, e);
	if (code == 0) {
		code = write_out(&w, e);
	}
out:
	buf_finish(&wheel);
	buf_finish(&w.wheel_text);
	vec_finish(&w.paths);
	wheel_record_finish(&w.record);
	wheel_bundle_finish(&w.bundle);
	arena_finish(&w.arena);
	return code;
}
