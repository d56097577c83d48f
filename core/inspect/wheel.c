#include "core/inspect/wheel.h"

#include "core/inspect/wheel_parts.h"

#include "core/io/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	HEAD_BYTES = 64, /* enough to know an image by its magic */
	HEADERS_BYTES = 4 << 10, /* of an image, at most, for WHEEL_HEADERS */
	HEADERS_RANGE = 2 << 10, /* asked for first of each, */
	HEADERS_RANGE_MIN = 512, /* or less if there are many: */
	HEADERS_BUDGET = 640 << 10, /* of all first ranges together */
	FILE_MAX = 32 << 20, /* METADATA, WHEEL, RECORD */
};
#define IMAGE_MAX ((size_t)512 << 20) /* beyond, only the headers of an image are judged */

struct wheel_check *wheel_check_create(const struct wheel_expectation *expect, uint64_t size,
	enum wheel_depth depth, struct wheel_report *out, struct err *e)
{
	*out = (struct wheel_report){.depth = depth, .size = size};
	struct wheel_check *c = MEM_NEW(struct wheel_check);
	c->report = out;
	c->zip = zip_reader_create(size);
	c->hash = sha256_create();
	if (wheel_names_begin(c, expect, e) != 0) {
		wheel_check_destroy(c);
		return NULL;
	}
	return c;
}

void wheel_check_destroy(struct wheel_check *c)
{
	if (c == NULL) {
		return;
	}
	VEC_EACH (struct wheel_image, image, &c->images) {
		wheel_image_finish(image);
	}
	vec_finish(&c->images);
	map_finish(&c->sonames);
	map_finish(&c->python_defined);
	map_finish(&c->modules);
	map_finish(&c->dlls);
	vec_finish(&c->members);
	vec_finish(&c->platforms);
	for (size_t i = 0; i < WHEEL_FILE_COUNT; i++) {
		buf_finish(&c->files[i]);
	}
	buf_finish(&c->body);
	sha256_destroy(c->hash);
	zip_reader_destroy(c->zip);
	free(c);
}

static void report_fault(
	struct wheel_check *c, enum zip_fault fault, struct str path, const char *sentence)
{
	static const enum wheel_problem_code codes[] = {
		[ZIP_BAD] = WHEEL_PROBLEM_BAD_ZIP,
		[ZIP_TOO_LARGE] = WHEEL_PROBLEM_TOO_LARGE,
		[ZIP_UNSAFE_PATH] = WHEEL_PROBLEM_UNSAFE_PATH,
		[ZIP_DUPLICATE] = WHEEL_PROBLEM_DUPLICATE_ENTRY,
	};
	if (fault != ZIP_FINE) {
		wheel_problem(c, codes[fault], path, "%s", sentence);
	}
}

/* What is kept of the member that is open. */
static struct str body_of(const struct wheel_check *c)
{
	return c->whole.n != 0 ? c->whole : buf_view(&c->body);
}

/* Is there anything to keep of a member that begins so? Bytes enough to say must be there. */
static bool worth_keeping(const struct wheel_check *c)
{
	enum wheel_file which;
	return wheel_names_file(c, c->members.v[c->open].path, &which) || wheel_image_is(body_of(c));
}

/* By its magic, as the name means nothing: Wavefront models end in .obj, proteins in .pdb. */
static void judge_stray(struct wheel_check *c, struct str path, struct str head)
{
	if (str_starts(head, "!<arch>\n")) {
		wheel_problem_as(c, WHEEL_PROBLEM_STRAY_BUILD_FILE, WHEEL_NOTE, path,
			"a static or import library, of use only to those who link with it");
	} else if (str_starts(head, "Microsoft C/C++ MSF ")) {
		wheel_problem(c, WHEEL_PROBLEM_STRAY_BUILD_FILE, path, "debug information of a linker");
	} else if (head.n >= 20 && (str_ends(path, ".obj") || str_ends(path, ".o"))) {
		unsigned machine = (unsigned char)head.p[0] | (unsigned)(unsigned char)head.p[1] << 8;
		bool is_coff = machine == PE_AMD64 || machine == PE_ARM64 || machine == PE_I386 ||
			machine == PE_ARM64EC || memcmp(head.p, "\0\0\377\377", 4) == 0;
		if (is_coff) {
			wheel_problem(c, WHEEL_PROBLEM_STRAY_BUILD_FILE, path, "an object file");
		}
	}
}

/* True once nothing more of the open member is asked for. */
static bool has_enough(const struct wheel_check *c, bool is_file)
{
	if (is_file) {
		return c->seen > FILE_MAX;
	}
	return c->report->depth == WHEEL_HEADERS && c->seen >= HEAD_BYTES &&
		(!c->keeps || c->seen >= HEADERS_BYTES || wheel_image_has_headers(body_of(c)));
}

/* The sink of the member that is open. */
static int take_piece(void *user, struct str piece)
{
	struct wheel_check *c = user;
	enum wheel_file which;
	bool is_file = wheel_names_file(c, c->members.v[c->open].path, &which);
	if (c->report->depth == WHEEL_FULL) {
		sha256_add(c->hash, piece.p, piece.n);
	}
	bool was_short = c->seen < HEAD_BYTES;
	c->seen += piece.n;
	if (c->keeps) {
		size_t room = IMAGE_MAX > c->body.n ? IMAGE_MAX - c->body.n : 0;
		if (zip_reader_whole(c->zip).n != 0) {
			c->whole = piece;
		} else {
			buf_add(&c->body, piece.p, piece.n < room ? piece.n : room);
		}
		if (was_short && c->seen >= HEAD_BYTES && !worth_keeping(c)) {
			judge_stray(c, c->members.v[c->open].path, body_of(c));
			c->keeps = false;
			c->whole = (struct str){0};
			buf_clear(&c->body);
		}
	}
	return has_enough(c, is_file);
}

static void end_member(struct wheel_check *c)
{
	struct wheel_member *member = &c->members.v[c->open];
	const char *sentence;
	enum zip_fault fault = zip_reader_member_fault(c->zip, &sentence);
	bool is_full = c->report->depth == WHEEL_FULL;
	enum wheel_file which;
	c->is_open = false;
	report_fault(c, fault, member->path, sentence);
	if (is_full) {
		sha256_end(c->hash, member->digest);
		member->was_hashed = fault == ZIP_FINE;
	}
	if (fault != ZIP_FINE) {
		return;
	}
	if (is_full && zip_reader_member_gap(c->zip) != 0) {
		/* a reader that goes by local headers alone may find a member there */
		wheel_problem_as(c, WHEEL_PROBLEM_BAD_ZIP, WHEEL_WARNING, member->path,
			"%llu bytes lie hidden behind the member, of which the directory says nothing",
			(unsigned long long)zip_reader_member_gap(c->zip));
	}
	struct str body = body_of(c);
	if (wheel_names_file(c, member->path, &which)) {
		if (body.n > FILE_MAX) {
			member->was_hashed = false;
			wheel_problem(c, WHEEL_PROBLEM_TOO_LARGE, member->path, "over 32 MiB");
		} else if (!c->has_file[which]) {
			c->has_file[which] = true;
			buf_add_str(&c->files[which], body);
		}
	} else if (c->keeps && wheel_image_is(body)) {
		wheel_image_add(c, member->path, body, is_full && body.n == c->seen);
	} else {
		wheel_image_miss(c, member->path);
	}
}

static bool is_worth_opening(const struct wheel_check *c, struct str path)
{
	static const char *const suffixes[] = {".so", ".pyd", ".dll", ".exe", ".dylib"};
	enum wheel_file which;
	if (c->report->depth == WHEEL_FULL) {
		return true;
	}
	bool wanted = (wheel_names_file(c, path, &which) && which != WHEEL_FILE_RECORD) ||
		str_find_text(path, STR(".so.")) >= 0;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]) && !wanted; i++) {
		wanted = str_ends(path, suffixes[i]);
	}
	return wanted;
}

/* How much of an entry to ask for first. */
static size_t first_range(struct wheel_check *c, struct str path)
{
	enum wheel_file which;
	if (c->report->depth == WHEEL_FULL || wheel_names_file(c, path, &which)) {
		return ZIP_RANGE_MAX;
	}
	if (c->head_range == 0) {
		size_t count = 1;
		for (size_t i = 0; i < zip_reader_count(c->zip); i++) {
			count += is_worth_opening(c, zip_reader_entry(c->zip, i)->path);
		}
		size_t share = HEADERS_BUDGET / count;
		c->head_range = share > HEADERS_RANGE ? (size_t)HEADERS_RANGE
			: share < HEADERS_RANGE_MIN       ? (size_t)HEADERS_RANGE_MIN
											  : share;
	}
	return c->head_range;
}

/* Opens the next entry that can be read; false when there is none. */
static bool open_next(struct wheel_check *c)
{
	while (c->members.n < zip_reader_count(c->zip)) {
		size_t i = c->members.n;
		const struct zip_entry *entry = zip_reader_entry(c->zip, i);
		*vec_add(&c->members) = (struct wheel_member){
			.path = entry->path, .size = entry->size, .is_folder = entry->is_folder};
		report_fault(c, entry->fault, entry->path, entry->fault_text);
		if (entry->fault == ZIP_FINE && is_worth_opening(c, entry->path)) {
			c->is_open = true;
			c->open = i;
			c->seen = 0;
			c->keeps = true;
			c->whole = (struct str){0};
			/* a big image's memory is not held while small files are read */
			if (c->body.capacity > ZIP_RANGE_MAX) {
				buf_finish(&c->body);
			}
			buf_clear(&c->body);
			zip_reader_open(c->zip, i, first_range(c, entry->path), take_piece, c);
			return true;
		}
	}
	return false;
}

size_t wheel_check_upcoming(struct wheel_check *c, struct wheel_range *out, size_t max)
{
	size_t n = 0;
	size_t count = c->state == WHEEL_MEMBERS ? zip_reader_count(c->zip) : 0;
	for (size_t i = c->members.n; i < count && n < max; i++) {
		struct str path = zip_reader_entry(c->zip, i)->path;
		struct zip_range range;
		if (is_worth_opening(c, path) &&
			zip_reader_first_range(c->zip, i, first_range(c, path), &range)) {
			out[n++] = (struct wheel_range){.offset = range.offset, .length = range.length};
		}
	}
	return n;
}

static void judge(struct wheel_check *c)
{
	wheel_names_judge(c);
	if (c->report->depth == WHEEL_FULL) {
		wheel_record_judge(c);
	}
	wheel_image_index(c);
	wheel_module_index(c);
	wheel_machine_judge(c);
	VEC_EACH (struct wheel_image, image, &c->images) {
		if (!image->is_other) {
			wheel_module_judge(c, image);
			wheel_abi_judge(c, image);
			wheel_linux_judge(c, image);
			wheel_windows_judge(c, image);
		}
	}
	wheel_linux_summary(c);
}

/* Goes on where the zip reader stopped; false when all is done. */
static bool step(struct wheel_check *c)
{
	const char *sentence;
	enum zip_fault fault;
	switch (c->state) {
	case WHEEL_DIRECTORY:
		fault = zip_reader_fault(c->zip, &sentence);
		if (fault != ZIP_FINE) {
			report_fault(c, fault, (struct str){0}, sentence);
			break;
		}
		wheel_names_directory(c);
		wheel_path_judge(c);
		c->state = WHEEL_MEMBERS;
		return true;
	case WHEEL_MEMBERS:
		if (c->is_open) {
			end_member(c);
		}
		if (open_next(c)) {
			return true;
		}
		judge(c);
		break;
	case WHEEL_DONE:
		return false;
	}
	wheel_report_sort(c->report);
	c->state = WHEEL_DONE;
	return false;
}

bool wheel_check_needs(struct wheel_check *c, struct wheel_range *range)
{
	struct zip_range wanted;
	do {
		if (c->state != WHEEL_DONE && zip_reader_needs(c->zip, &wanted)) {
			*range = (struct wheel_range){.offset = wanted.offset, .length = wanted.length};
			return true;
		}
	} while (step(c));
	return false;
}

void wheel_check_feed(struct wheel_check *c, struct str bytes)
{
	zip_reader_feed(c->zip, bytes);
}

/* A descriptor, or -1 and errno. A pipe must not be waited for, so that O_NONBLOCK. */
static int open_file(const char *path, uint64_t *size)
{
	struct stat facts;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		return -1;
	}
	int code = fstat(fd, &facts) != 0 ? errno : S_ISREG(facts.st_mode) ? 0 : EISDIR;
	if (code != 0) {
		close(fd);
		errno = code;
		return -1;
	}
	*size = (uint64_t)facts.st_size;
	return fd;
}

/* Fewer bytes than `length` where the file ends; a negative errno. */
static ssize_t read_range(int fd, char *out, const struct wheel_range *range)
{
	size_t n = 0;
	while (n < range->length) {
		ssize_t got = pread(fd, out + n, range->length - n, (off_t)(range->offset + n));
		if (got < 0 && errno != EINTR) {
			return -errno;
		}
		if (got == 0) {
			break;
		}
		n += got > 0 ? (size_t)got : 0;
	}
	return (ssize_t)n;
}

static struct str last_part(const char *path)
{
	struct str text = str_from(path);
	ptrdiff_t slash = str_find_last(text, '/');
	return str_slice(text, (size_t)(slash + 1), text.n);
}

int wheel_check_file(const char *path, const struct wheel_expectation *expect,
	struct wheel_report *out, struct err *e)
{
	struct wheel_expectation own = expect != NULL ? *expect : (struct wheel_expectation){0};
	struct wheel_check *c = NULL;
	struct wheel_range range;
	struct buf piece = {0};
	uint64_t size = 0;
	int rc = 0;
	*out = (struct wheel_report){0};
	if (own.file_name.n == 0) {
		own.file_name = last_part(path);
	}
	int fd = open_file(path, &size);
	if (fd < 0) {
		rc = err_set(e, -errno, "%s: %s", path, strerror(errno));
		goto done;
	}
	c = wheel_check_create(&own, size, own.depth, out, e);
	if (c == NULL) {
		rc = err_prefix(e, ERR_INVALID, "%s", path);
		goto done;
	}
	while (wheel_check_needs(c, &range)) {
		buf_clear(&piece);
		buf_reserve(&piece, range.length);
		ssize_t n = read_range(fd, piece.p, &range);
		if (n < 0) {
			rc = err_set(e, -EIO, "%s: cannot be read: %s", path, strerror((int)-n));
			goto done;
		}
		wheel_check_feed(c, (struct str){.p = piece.p, .n = (size_t)n});
	}
done:
	wheel_check_destroy(c);
	buf_finish(&piece);
	if (fd >= 0) {
		close(fd);
	}
	if (rc != 0) {
		wheel_report_finish(out);
	}
	return rc;
}
