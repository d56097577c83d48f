#include "core/io/archive.h"

#include "core/base/mem.h"
#include "core/io/libarchive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRIES = 100000, PATH_BYTES = 1024, RATIO = 200, PIECE = 64 * 1024 };
#define TOTAL_BYTES (UINT64_C(16) << 30)
/* Small archives of text with much repetition are no bombs. */
#define RATIO_FROM (UINT64_C(16) << 20)

struct unpack {
	const char *file;
	int fd; /* of it: the library would not know our names on Windows */
	struct archive *in;
	struct archive_limits limits;
	uint64_t file_bytes;
	int root; /* the folder */
	uint64_t entries;
	uint64_t bytes;
	char *top; /* the first name's first part; NULL so far */
	bool several_tops;
	bool top_is_folder;
	struct err *e;
};

static int refuse(struct unpack *u, struct str name, int code, const char *rule)
{
	struct buf shown = {0};
	for (size_t i = 0; i < name.n && i < 200; i++) {
		char c = name.p[i];
		buf_add_char(&shown, (unsigned char)c < 0x20 || c == 0x7f ? '?' : c);
	}
	struct buf text = {0};
	buf_add_utf8(&text, buf_view(&shown));
	err_set(u->e, code, "%s: entry '%.*s' %s", u->file, STR_ARG(buf_view(&text)), rule);
	buf_finish(&shown);
	buf_finish(&text);
	return code;
}

static int failed(struct unpack *u, struct str name, int error)
{
	char rule[128];
	snprintf(rule, sizeof(rule), "cannot be written: %s", strerror(error));
	return refuse(u, name, -error, rule);
}

/* The next part of a path that is neither empty nor "."; false at its end. */
static bool next_part(struct str *rest, struct str *part)
{
	while (str_split(rest, '/', part)) {
		if (part->n != 0 && !str_is(*part, ".")) {
			return true;
		}
	}
	return false;
}

static int check_name(struct unpack *u, struct str name)
{
	if (name.n == 0) {
		return refuse(u, name, ERR_INVALID, "has no name");
	}
	if (name.n > u->limits.path_bytes) {
		return refuse(u, name, ERR_TOO_LARGE, "has a name over the length limit");
	}
	if (name.p[0] == '/') {
		return refuse(u, name, ERR_DENIED, "has an absolute name");
	}
	struct str rest = name;
	for (struct str part; next_part(&rest, &part);) {
		if (str_is(part, "..")) {
			return refuse(u, name, ERR_DENIED, "has \"..\" in its name");
		}
	}
	return 0;
}

/* Opens the folder that is to hold `name`, making what is missing, and leaves the last part in
 * *last. Every step refuses links, so that no name can lead out. Returns a descriptor to close. */
static int open_parent(struct unpack *u, struct str name, char last[static 256])
{
	int at = dup(u->root);
	struct str rest = name;
	struct str part;
	struct str following;
	if (at < 0) {
		return failed(u, name, errno);
	}
	bool more = next_part(&rest, &part);
	last[0] = '\0';
	while (more) {
		if (part.n > 255) {
			close(at);
			return refuse(u, name, ERR_TOO_LARGE, "has a part longer than 255 bytes");
		}
		memcpy(last, part.p, part.n);
		last[part.n] = '\0';
		more = next_part(&rest, &following);
		part = following;
		if (!more) {
			break;
		}
		if (mkdirat(at, last, 0755) != 0 && errno != EEXIST) {
			int error = errno;
			close(at);
			return failed(u, name, error);
		}
		int deeper = openat(at, last, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		int error = errno;
		close(at);
		if (deeper < 0) {
			return error == ELOOP || error == ENOTDIR
				? refuse(u, name, ERR_DENIED, "leads through something that is not a folder")
				: failed(u, name, error);
		}
		at = deeper;
	}
	return at;
}

static int count_bytes(struct unpack *u, struct str name, uint64_t more)
{
	if (more > u->limits.total_bytes - u->bytes) {
		return refuse(u, name, ERR_TOO_LARGE, "takes the unpacked size over its limit");
	}
	u->bytes += more;
	if (u->bytes > RATIO_FROM && u->bytes / u->limits.ratio > u->file_bytes) {
		return refuse(u, name, ERR_TOO_LARGE, "takes the ratio of sizes over its limit");
	}
	return 0;
}

static int write_data(struct unpack *u, int fd, struct str name)
{
	uint64_t end = 0;
	for (;;) {
		const void *bytes;
		size_t n;
		la_int64_t offset;
		int status = libarchive()->read_data_block(u->in, &bytes, &n, &offset);
		if (status == ARCHIVE_EOF) {
			/* A sparse file may end in a hole. */
			return ftruncate(fd, (off_t)end) != 0 ? failed(u, name, errno) : 0;
		}
		if (status < ARCHIVE_WARN) {
			return refuse(u, name, ERR_CORRUPT, "is damaged");
		}
		if (offset < 0 || (uint64_t)offset < end) {
			return refuse(u, name, ERR_CORRUPT, "has overlapping parts");
		}
		uint64_t now = (uint64_t)offset + n;
		int code = count_bytes(u, name, now - end);
		if (code < 0) {
			return code;
		}
		for (size_t done = 0; done < n;) {
			ssize_t written =
				pwrite(fd, (const char *)bytes + done, n - done, offset + (off_t)done);
			if (written < 0 && errno != EINTR) {
				return failed(u, name, errno);
			}
			done += written > 0 ? (size_t)written : 0;
		}
		end = now;
	}
}

static int unpack_file(
	struct unpack *u, struct archive_entry *entry, int parent, const char *last, struct str name)
{
	mode_t mode = (libarchive()->entry_perm(entry) & 0111) != 0 ? 0755 : 0644;
	int fd = openat(parent, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0) {
		return errno == EEXIST ? refuse(u, name, ERR_DENIED, "is there twice")
							   : failed(u, name, errno);
	}
	int code = write_data(u, fd, name);
	if (code == 0 && libarchive()->entry_mtime_is_set(entry)) {
		/* Time stamps steer makefiles: generated files must stay newer than their sources. */
		struct timespec when = {.tv_sec = libarchive()->entry_mtime(entry),
			.tv_nsec = libarchive()->entry_mtime_nsec(entry)};
		struct timespec times[2] = {when, when};
		futimens(fd, times);
	}
	close(fd);
	return code;
}

/* A link's target may go up first and then only down: a ".." behind a name could start from wherever
 * another link of that name leads. Up is counted against the link's own folder, which is real. */
static bool stays_inside(struct str name, struct str target)
{
	size_t depth = 0;
	struct str rest = name;
	for (struct str part; next_part(&rest, &part);) {
		depth++;
	}
	if (target.n == 0 || target.p[0] == '/' || depth == 0) {
		return false;
	}
	depth--;
	bool down = false;
	rest = target;
	for (struct str part; next_part(&rest, &part);) {
		if (!str_is(part, "..")) {
			down = true;
			continue;
		}
		if (down || depth == 0) {
			return false;
		}
		depth--;
	}
	return true;
}

static int unpack_symlink(
	struct unpack *u, struct archive_entry *entry, int parent, const char *last, struct str name)
{
	const char *target = libarchive()->entry_symlink(entry);
	target = target != NULL ? target : libarchive()->entry_symlink_utf8(entry);
	if (!stays_inside(name, str_from(target)) || strlen(target) > u->limits.path_bytes) {
		return refuse(u, name, ERR_DENIED, "is a link that leads outside");
	}
	if (symlinkat(target, parent, last) != 0) {
		return errno == EEXIST ? refuse(u, name, ERR_DENIED, "is there twice")
							   : failed(u, name, errno);
	}
	return 0;
}

static int unpack_hard_link(
	struct unpack *u, const char *target, int parent, const char *last, struct str name)
{
	char other[256];
	struct str target_name = str_from(target);
	int code = check_name(u, target_name);
	if (code < 0) {
		return refuse(u, name, ERR_DENIED, "is a hard link that leads outside");
	}
	int from = open_parent(u, target_name, other);
	if (from < 0) {
		return from;
	}
	struct stat st;
	if (fstatat(from, other, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode)) {
		code = refuse(u, name, ERR_DENIED, "is a hard link to what is no file of the archive");
	} else if (linkat(from, other, parent, last, 0) != 0) {
		code = errno == EEXIST ? refuse(u, name, ERR_DENIED, "is there twice")
							   : failed(u, name, errno);
	}
	close(from);
	return code;
}

static int unpack_folder(struct unpack *u, int parent, const char *last, struct str name)
{
	struct stat st;
	if (last[0] == '\0' || mkdirat(parent, last, 0755) == 0) {
		return 0;
	}
	if (errno != EEXIST) {
		return failed(u, name, errno);
	}
	return fstatat(parent, last, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode)
		? 0
		: refuse(u, name, ERR_DENIED, "is there twice");
}

static void note_top(struct unpack *u, struct str name, bool is_folder)
{
	struct str rest = name;
	struct str first;
	struct str second;
	if (!next_part(&rest, &first)) {
		return;
	}
	bool deeper = next_part(&rest, &second);
	u->top_is_folder = u->top_is_folder || deeper || is_folder;
	if (u->top == NULL) {
		u->top = str_dup(first);
	} else if (!str_is(first, u->top)) {
		u->several_tops = true;
	}
}

static int unpack_entry(struct unpack *u, struct archive_entry *entry)
{
	/* Names that do not fit the locale are there as UTF-8 only. */
	const char *text = libarchive()->entry_pathname(entry);
	struct str name = str_from(text != NULL ? text : libarchive()->entry_pathname_utf8(entry));
	if (++u->entries > u->limits.entries) {
		return refuse(u, name, ERR_TOO_LARGE, "is one more than the limit of entries");
	}
	int code = check_name(u, name);
	if (code < 0) {
		return code;
	}
	mode_t type = libarchive()->entry_filetype(entry);
	const char *hard_link = libarchive()->entry_hardlink(entry);
	hard_link = hard_link != NULL ? hard_link : libarchive()->entry_hardlink_utf8(entry);
	char last[256];
	int parent = open_parent(u, name, last);
	if (parent < 0) {
		return parent;
	}
	if (last[0] == '\0' && type != AE_IFDIR) {
		code = refuse(u, name, ERR_INVALID, "has no name");
	} else if (hard_link != NULL) {
		code = unpack_hard_link(u, hard_link, parent, last, name);
	} else if (type == AE_IFREG) {
		code = unpack_file(u, entry, parent, last, name);
	} else if (type == AE_IFDIR) {
		code = unpack_folder(u, parent, last, name);
	} else if (type == AE_IFLNK) {
		code = unpack_symlink(u, entry, parent, last, name);
	} else {
		code = refuse(u, name, ERR_DENIED, "is a device, pipe or socket");
	}
	close(parent);
	note_top(u, name, type == AE_IFDIR);
	return code;
}

/* Formats of packages only, and no filter that would run a program. */
static void support(struct archive *in)
{
	libarchive()->read_support_format_tar(in);
	libarchive()->read_support_format_gnutar(in);
	/* By its directory only, as Python reads it: without that, one cut short would pass. */
	libarchive()->read_support_format_zip_seekable(in);
	libarchive()->read_support_filter_gzip(in);
	libarchive()->read_support_filter_bzip2(in);
	libarchive()->read_support_filter_xz(in);
	libarchive()->read_support_filter_lzma(in);
	libarchive()->read_support_filter_zstd(in);
}

static int broken(struct unpack *u)
{
	const char *why = libarchive()->error_string(u->in);
	return err_set(
		u->e, ERR_CORRUPT, "%s: not an archive: %s", u->file, why != NULL ? why : "damaged");
}

static int unpack_all(struct unpack *u)
{
	support(u->in);
	if (libarchive()->read_open_fd(u->in, u->fd, PIECE) != ARCHIVE_OK) {
		return broken(u);
	}
	for (;;) {
		struct archive_entry *entry;
		int status = libarchive()->read_next_header(u->in, &entry);
		if (status == ARCHIVE_EOF) {
			return 0;
		}
		if (status < ARCHIVE_WARN) {
			return broken(u);
		}
		int code = unpack_entry(u, entry);
		if (code < 0) {
			return code;
		}
	}
}

static uint64_t or_default(uint64_t value, uint64_t normal)
{
	return value != 0 ? value : normal;
}

int archive_unpack(const char *file, const char *folder, const struct archive_limits *limits,
	char **top, struct err *e)
{
	struct archive_limits given = limits != NULL ? *limits : (struct archive_limits){0};
	struct unpack u = {
		.file = file,
		.limits = {.entries = or_default(given.entries, ENTRIES),
			.total_bytes = or_default(given.total_bytes, TOTAL_BYTES),
			.path_bytes = or_default(given.path_bytes, PATH_BYTES),
			.ratio = or_default(given.ratio, RATIO)},
		.e = e,
	};
	struct stat st;
	u.fd = open(file, O_RDONLY | O_CLOEXEC);
	if (u.fd < 0 || fstat(u.fd, &st) != 0) {
		int code = err_set(e, -errno, "%s: cannot be opened: %s", file, err_text(-errno));
		if (u.fd >= 0) {
			close(u.fd);
		}
		return code;
	}
	u.file_bytes = (uint64_t)st.st_size;
	u.root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (u.root < 0) {
		int code = err_set(e, -errno, "%s: cannot be opened: %s", folder, err_text(-errno));
		close(u.fd);
		return code;
	}
	u.in = libarchive()->read_new();
	if (u.in == NULL) {
		mem_bug("no memory for an archive reader");
	}
	int code = unpack_all(&u);
	if (code == 0 && top != NULL) {
		bool single = u.top != NULL && u.top_is_folder && !u.several_tops;
		*top = str_dup(single ? str_from(u.top) : STR(""));
	}
	libarchive()->read_free(u.in);
	close(u.fd);
	close(u.root);
	free(u.top);
	return code;
}
