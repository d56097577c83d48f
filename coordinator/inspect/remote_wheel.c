#include "coordinator/inspect/remote_wheel.h"

#include "coordinator/inspect/byte_range.h"
#include "core/io/file.h"
#include "core/io/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	TAIL_BYTES = 22 + 0xffff + 20, /* the longest end of a zip: record, comment, zip64's locator */
	GAP = 1 << 10, /* bytes between two ranges that cost less than another request */
	RANGE_MAX = 1 << 20,
	UPCOMING = 512, /* ranges that are asked for ahead */
	HEADERS_MAX = 20,
};
#define WHOLE_MAX (UINT64_C(512) << 20)
#define RANGES_MAX (UINT64_C(64) << 20) /* of one file, kept until it is judged */

/* In the order of life; the second line is the way of whole files. */
enum state {
	WANT_TAIL,
	CHECK_RANGES,
	WANT_RANGES,
	WANT_WHOLE,
	CHECK_FILE,
	ENDING,
};

struct remote_wheel {
	struct remote_wheel_options options; /* its texts are in the arena */
	struct arena arena;
	char *shown;
	enum state state;
	struct remote_wheel_result result;
	struct wheel_check *check;
	struct byte_cache cache;
	struct byte_ranges wanted; /* what the check lacks */
	bool complete; /* the check is over */
	bool checking; /* a thread of the pool has the rest of this struct */
	bool cancelled;
	uint64_t size; /* of the file, as its first answer said */
	char *etag; /* of the first answer, "" if it had none */
	uint64_t asked; /* bytes in all ranges */
	int fd; /* of a file that comes whole; -1 */
	struct transfer *transfers; /* under way */
	int code;
	struct err err;
};

struct transfer {
	struct remote_wheel *wheel;
	struct transfer *next, *previous;
	struct fetch_transfer *fetch;
	struct byte_range range; /* asked for; of the tail: empty */
	struct buf bytes;
};

static void step(struct remote_wheel *w);

/* The first failure counts; what else is under way is of no use then. */
__attribute__((format(printf, 3, 4))) static int fail(
	struct remote_wheel *w, int code, const char *format, ...)
{
	if (w->code == 0) {
		va_list arguments;
		va_start(arguments, format);
		w->code = err_setv(&w->err, code, format, arguments);
		va_end(arguments);
		for (struct transfer *t = w->transfers; t != NULL; t = t->next) {
			fetch_cancel(t->fetch);
		}
	}
	return w->code;
}

/* --- answers --- */

static int status_failed(struct remote_wheel *w, long status)
{
	switch (status) {
	case 404:
	case 410:
		return fail(w, ERR_NOT_FOUND, "%s: the server has no such file (%ld)", w->shown, status);
	case 401:
	case 403:
		return fail(w, ERR_DENIED, "%s: the server does not allow it (%ld)", w->shown, status);
	case 416:
		return fail(w, ERR_HTTP,
			"%s: the server says that the file does not have the bytes asked for (416)", w->shown);
	default:
		return fail(w, ERR_HTTP, "%s: HTTP status %ld", w->shown, status);
	}
}

/* The answer to If-Range when the file is another one by now. */
static int whole_failed(struct remote_wheel *w)
{
	return fail(w, ERR_CONFLICT,
		"%s: the server sends the whole file where a part was asked for: it changed while it was "
		"read, or ranges work at times only",
		w->shown);
}

static int size_failed(struct remote_wheel *w)
{
	const char *why = w->state == WANT_WHOLE ? "" : "the server knows no ranges, and ";
	return fail(w, ERR_TOO_LARGE, "%s: %sthe file is over %" PRIu64 " MiB", w->shown, why,
		w->options.whole_max >> 20);
}

static int open_file(struct remote_wheel *w)
{
	const char *folder = getenv("TMPDIR");
	folder = folder != NULL && folder[0] != '\0' ? folder : "/tmp";
	w->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return w->fd >= 0 ? 0 : fail(w, -errno, "%s: no temporary file: %s", folder, err_text(-errno));
}

/* A whole file instead of its end: the server knows no ranges. */
static bool takes_whole(const struct remote_wheel *w)
{
	return w->state == WANT_WHOLE || w->state == WANT_TAIL;
}

static int on_body(void *user, const struct fetch_response *r, struct str piece, struct err *e)
{
	struct transfer *t = user;
	struct remote_wheel *w = t->wheel;
	int rc = 0;
	if (r->status == 206 && w->state != WANT_WHOLE) {
		if (t->bytes.n + piece.n > TAIL_BYTES + RANGE_MAX) {
			return fail(w, ERR_HTTP, "%s: the server sends more than it was asked for", w->shown);
		}
		buf_add_str(&t->bytes, piece);
	} else if (r->status == 200 && takes_whole(w)) {
		rc = w->fd < 0 ? open_file(w) : 0;
		rc = rc == 0 ? file_write_all(w->fd, piece) : rc;
		if (rc != 0) {
			rc = fail(w, rc, "%s: its copy cannot be written: %s", w->shown, err_text(rc));
		}
	} else if (r->status == 200) {
		rc = whole_failed(w);
	} else if (r->status == 206) {
		rc = fail(
			w, ERR_HTTP, "%s: the server sends a part of the file, nobody asked for one", w->shown);
	} else {
		rc = status_failed(w, r->status);
	}
	return rc == 0 ? 0 : err_set(e, rc, "%s", w->err.text);
}

/* The end of the file came: how long it is and which version of it this is. */
static void take_tail(struct transfer *t, const struct fetch_response *r, struct byte_range got)
{
	struct remote_wheel *w = t->wheel;
	if (got.to != w->size || got.to - got.from > TAIL_BYTES ||
		(got.from != 0 && got.to - got.from != TAIL_BYTES)) {
		fail(w, ERR_HTTP, "%s: asked for its last %d bytes, the server sends '%s'", w->shown,
			TAIL_BYTES, r->content_range);
		return;
	}
	w->etag = arena_copy(&w->arena, r->etag, strlen(r->etag));
	byte_cache_add(&w->cache, got.from, &t->bytes);
}

static void take_range(
	struct transfer *t, const struct fetch_response *r, struct byte_range got, uint64_t size)
{
	struct remote_wheel *w = t->wheel;
	if (size != w->size || strcmp(r->etag, w->etag) != 0) {
		fail(w, ERR_CONFLICT, "%s: the file changed on the server while it was read", w->shown);
	} else if (got.from != t->range.from || got.to != t->range.to) {
		fail(w, ERR_HTTP, "%s: asked for bytes %" PRIu64 "-%" PRIu64 ", the server sends '%s'",
			w->shown, t->range.from, t->range.to - 1, r->content_range);
	} else {
		byte_cache_add(&w->cache, got.from, &t->bytes);
	}
}

static void take_part(struct transfer *t, const struct fetch_response *r)
{
	struct remote_wheel *w = t->wheel;
	struct byte_range got;
	uint64_t size;
	if (!byte_range_parse(str_from(r->content_range), &got, &size)) {
		fail(
			w, ERR_HTTP, "%s: a part came with the Content-Range '%s'", w->shown, r->content_range);
	} else if (t->bytes.n != got.to - got.from) {
		fail(w, ERR_HTTP, "%s: %zu bytes came with the Content-Range '%s'", w->shown, t->bytes.n,
			r->content_range);
	} else if (w->state == WANT_TAIL) {
		w->size = size;
		take_tail(t, r, got);
	} else {
		take_range(t, r, got, size);
	}
}

static void remove_transfer(struct transfer *t)
{
	struct remote_wheel *w = t->wheel;
	*(t->previous != NULL ? &t->previous->next : &w->transfers) = t->next;
	if (t->next != NULL) {
		t->next->previous = t->previous;
	}
	buf_finish(&t->bytes);
	free(t);
}

static void on_response(
	void *user, int code, const struct fetch_response *r, struct str body, const struct err *e)
{
	struct transfer *t = user;
	struct remote_wheel *w = t->wheel;
	w->result.requests++;
	w->result.received += r != NULL ? r->received : 0;
	if (w->code == 0 && code == ERR_TOO_LARGE && r->status == 200) {
		(void)(takes_whole(w) ? size_failed(w) : whole_failed(w));
	} else if (w->code == 0 && code != 0) {
		fail(w, code, "%s", e->text);
	} else if (w->code == 0 && r->status == 206 && w->state != WANT_WHOLE) {
		take_part(t, r);
	} else if (w->code == 0 && r->status == 200 && w->fd >= 0) {
		w->result.whole = w->state == WANT_TAIL;
		w->state = WANT_WHOLE;
	} else if (w->code == 0 && r->status == 200) {
		fail(w, ERR_HTTP, "%s: the server's answer is empty", w->shown);
	} else if (w->code == 0) {
		status_failed(w, r->status);
	}
	remove_transfer(t);
	if (w->transfers == NULL) {
		step(w);
	}
}

/* --- requests --- */

static void request(struct remote_wheel *w, const char *range, struct byte_range place)
{
	struct transfer *t = MEM_NEW(struct transfer);
	t->wheel = w;
	t->range = place;
	t->next = w->transfers;
	if (w->transfers != NULL) {
		w->transfers->previous = t;
	}
	w->transfers = t;
	const char *headers[HEADERS_MAX + 4] = {"Accept-Encoding: identity"};
	size_t n = 1;
	char *condition = NULL;
	if (range != NULL) {
		headers[n++] = range;
	}
	/* only a strong validator may say whether bytes are the same (RFC 9110, 13.1.5) */
	if (w->etag != NULL && w->etag[0] == '"') {
		condition = str_format("If-Range: %s", w->etag);
		headers[n++] = condition;
	}
	for (size_t i = 0; w->options.headers != NULL && w->options.headers[i] != NULL; i++) {
		headers[n++] = w->options.headers[i];
	}
	const struct fetch_request options = {
		.url = w->options.url,
		.headers = headers,
		.limit = place.to != 0 ? place.to - place.from : w->options.whole_max,
		.timeout_ms = place.to != 0 ? 0 : 3600 * 1000, /* a stalled one ends after a minute */
		.on_body = on_body,
		.on_end = on_response,
		.user = t,
	};
	t->fetch = fetch_start(w->options.fetch, &options);
	free(condition);
}

static void request_ranges(struct remote_wheel *w)
{
	byte_ranges_join(&w->wanted, GAP, RANGE_MAX);
	VEC_EACH (const struct byte_range, range, &w->wanted.list) {
		w->asked += range->to - range->from;
	}
	if (w->asked > RANGES_MAX) {
		fail(
			w, ERR_TOO_LARGE, "%s: its headers are over %d MiB", w->shown, (int)(RANGES_MAX >> 20));
		return;
	}
	w->state = WANT_RANGES;
	VEC_EACH (const struct byte_range, range, &w->wanted.list) {
		char *header = str_format("Range: bytes=%" PRIu64 "-%" PRIu64, range->from, range->to - 1);
		request(w, header, *range);
		free(header);
	}
}

/* --- judging, on the pool --- */

static void add_wanted(struct remote_wheel *w, struct wheel_range range)
{
	struct byte_range wanted = {.from = range.offset, .to = range.offset + range.length};
	wanted.to = wanted.to < w->size ? wanted.to : w->size;
	if (wanted.from < wanted.to) {
		byte_cache_missing(&w->cache, wanted, &w->wanted);
	}
}

static void check_ranges(void *user)
{
	struct remote_wheel *w = user;
	struct wheel_range upcoming[UPCOMING];
	struct wheel_range range;
	struct buf joined = {0};
	w->wanted.list.n = 0;
	while (wheel_check_needs(w->check, &range)) {
		add_wanted(w, range);
		if (w->wanted.list.n != 0) {
			size_t n = wheel_check_upcoming(w->check, upcoming, UPCOMING);
			for (size_t i = 0; i < n; i++) {
				add_wanted(w, upcoming[i]);
			}
			buf_finish(&joined);
			return;
		}
		struct byte_range here = {.from = range.offset, .to = range.offset + range.length};
		wheel_check_feed(w->check, byte_cache_get(&w->cache, here, &joined));
	}
	buf_finish(&joined);
	w->complete = true;
}

/* Unnamed files are opened by the name that the kernel has for them. */
static void check_file(void *user)
{
	struct remote_wheel *w = user;
	char path[32];
	uint64_t size;
	struct err e = {0};
	snprintf(path, sizeof(path), "/proc/self/fd/%d", w->fd);
	int code = sha256_of_file(path, w->result.sha256, &size, &e);
	if (code == 0 && w->options.sha256.n != 0 && !str_is(w->options.sha256, w->result.sha256)) {
		code = err_set(&e, ERR_HASH_MISMATCH, "its SHA-256 is %s, not the %.*s of the index",
			w->result.sha256, STR_ARG(w->options.sha256));
	}
	if (code == 0) {
		w->options.expect.depth = w->options.depth;
		code = wheel_check_file(path, &w->options.expect, &w->result.report, &e);
	}
	if (code != 0) {
		fail(w, code, "%s: %s", w->shown, e.text);
	}
	w->complete = true;
}

static void on_checked(void *user)
{
	struct remote_wheel *w = user;
	w->checking = false;
	if (w->cancelled) {
		remote_wheel_cancel(w);
	} else if (w->code == 0 && !w->complete) {
		request_ranges(w);
	}
	if (w->transfers == NULL) {
		step(w);
	}
}

/* --- life --- */

static void end(void *user)
{
	struct remote_wheel *w = user;
	wheel_check_destroy(w->check);
	if (w->code != 0) {
		wheel_report_finish(&w->result.report);
	}
	w->options.on_end(w->options.user, w->code, &w->result, &w->err);
	byte_cache_finish(&w->cache);
	vec_finish(&w->wanted.list);
	if (w->fd >= 0) {
		close(w->fd);
	}
	free(w->shown);
	arena_finish(&w->arena);
	free(w);
}

static void begin_check(struct remote_wheel *w)
{
	struct err e = {0};
	w->check =
		wheel_check_create(&w->options.expect, w->size, w->options.depth, &w->result.report, &e);
	if (w->check == NULL) {
		fail(w, e.code, "%s: %s", w->shown, e.text);
	}
}

/* Nothing is under way: what comes next. */
static void step(struct remote_wheel *w)
{
	if (w->state == WANT_TAIL && w->code == 0) {
		begin_check(w);
	}
	if (w->state == ENDING) {
		return;
	}
	if (w->code != 0 || w->complete) {
		w->state = ENDING;
		loop_after(w->options.loop, 0, end, w); /* never from inside a callback of the fetch */
		return;
	}
	switch (w->state) {
	case WANT_TAIL:
	case WANT_RANGES:
		w->state = CHECK_RANGES;
		w->checking = true;
		loop_work(w->options.loop, check_ranges, on_checked, w);
		break;
	case WANT_WHOLE:
		w->state = CHECK_FILE;
		w->checking = true;
		loop_work(w->options.loop, check_file, on_checked, w);
		break;
	case CHECK_RANGES:
	case CHECK_FILE:
	case ENDING:
		break;
	}
}

static struct str keep(struct remote_wheel *w, struct str text)
{
	return (struct str){.p = arena_copy(&w->arena, text.n != 0 ? text.p : "", text.n), .n = text.n};
}

static void copy_options(struct remote_wheel *w, const struct remote_wheel_options *options)
{
	struct remote_wheel_options *o = &w->options;
	*o = *options;
	o->url = keep(w, str_from(options->url)).p;
	o->sha256 = keep(w, options->sha256);
	o->expect.name = keep(w, options->expect.name);
	o->expect.version = keep(w, options->expect.version);
	o->expect.target = keep(w, options->expect.target);
	char *name = remote_wheel_file_name(options->url);
	struct str given = options->expect.file_name;
	o->expect.file_name = keep(w, given.n != 0 ? given : str_from(name));
	free(name);
	o->whole_max = options->whole_max != 0 ? options->whole_max : WHOLE_MAX;
	const char **headers = arena_new(&w->arena, (HEADERS_MAX + 1) * sizeof(*headers));
	for (size_t i = 0; options->headers != NULL && options->headers[i] != NULL; i++) {
		if (i == HEADERS_MAX) {
			mem_bug("remote_wheel_start: over %d headers", HEADERS_MAX);
		}
		headers[i] = keep(w, str_from(options->headers[i])).p;
	}
	o->headers = headers;
}

static void step_soon(void *user)
{
	step(user);
}

struct remote_wheel *remote_wheel_start(const struct remote_wheel_options *options)
{
	struct remote_wheel *w = MEM_NEW(struct remote_wheel);
	w->fd = -1;
	copy_options(w, options);
	w->shown = remote_wheel_shown(options->url);
	if (!str_ends(w->options.expect.file_name, ".whl")) {
		fail(w, ERR_INVALID, "%s: is not named as a wheel (.whl)", w->shown);
		loop_after(options->loop, 0, step_soon, w);
	} else if (options->depth == WHEEL_FULL) {
		w->state = WANT_WHOLE;
		request(w, NULL, (struct byte_range){0});
	} else {
		char *header = str_format("Range: bytes=-%d", TAIL_BYTES);
		request(w, header, (struct byte_range){0});
		free(header);
	}
	return w;
}

void remote_wheel_cancel(struct remote_wheel *w)
{
	w->cancelled = true;
	if (!w->checking) {
		fail(w, ERR_CANCELLED, "%s: cancelled", w->shown);
	}
}
