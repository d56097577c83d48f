#include "coordinator/inspect/wheel_round.h"

#include "coordinator/inspect/published_wheels.h"
#include "coordinator/inspect/remote_wheel.h"
#include "coordinator/inspect/wheel_row.h"
#include "coordinator/store/writer.h"
#include "coordinator/verdict/verdict.h"
#include "core/base/clock.h"
#include "core/io/loop.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { PARALLEL = 8 };

struct wheel_round {
	struct wheel_round_options options;
	struct wheel_round_counts counts;
	struct arena arena; /* of what waits */
	struct map seen;
	struct published_wheels found; /* of the package that is looked up now */
	int find_code;
	struct err find_err;
	VEC(struct published_wheel) queue;
	size_t begun; /* of the queue */
	size_t next_package;
	size_t open; /* wheels from their first request to the commit */
	struct item *items;
	bool finding; /* a thread of the pool has found, seen and arena */
	bool waiting; /* a timer of the rate runs */
	int64_t next_ms; /* when the rate admits the next one */
	bool cancelled;
	bool ending;
};

/* One wheel: fetch and judge (or read and judge), make the row, write, end. */
struct item {
	struct wheel_round *round;
	struct item *next, *previous;
	struct published_wheel wheel; /* its texts are the round's */
	struct remote_wheel *remote;
	struct arena arena;
	struct wheel_report report;
	struct store_wheel row;
	int code;
	struct err err;
};

static void pump(struct wheel_round *r);

static void report(struct item *item, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void report(struct item *item, const char *format, ...)
{
	struct wheel_round *r = item->round;
	struct buf line = {0};
	if (r->options.on_report != NULL) {
		va_list arguments;
		va_start(arguments, format);
		buf_printf(&line, "%s: %s: ", item->wheel.name, item->wheel.filename);
		buf_vprintf(&line, format, arguments);
		va_end(arguments);
		r->options.on_report(r->options.user, line.p);
	}
	buf_finish(&line);
}

/* What the index promised and the server does not have, against what is merely out of reach. */
static bool is_bad(int code)
{
	return code == ERR_HASH_MISMATCH || code == ERR_NOT_FOUND || code == ERR_DENIED ||
		code == ERR_INVALID || code == ERR_TOO_LARGE;
}

static void end_item(struct item *item)
{
	struct wheel_round *r = item->round;
	if (item->code == 0) {
		r->counts.inspected++;
		r->counts.wrong += item->row.errors != 0;
	} else if (is_bad(item->code)) {
		r->counts.bad++;
	} else if (item->code != ERR_CANCELLED) {
		r->counts.failed++;
	}
	if (item->code != 0 && item->code != ERR_CANCELLED) {
		report(item, "%s", item->err.text);
	} else if (item->code == 0 && item->row.errors != 0) {
		const struct wheel_problem *worst = &item->report.problems.v[0];
		report(item, "%s: %.*s%s%.*s", wheel_problem_name(worst->code), STR_ARG(worst->path),
			worst->path.n != 0 ? ": " : "", STR_ARG(worst->detail));
	}
	*(item->previous != NULL ? &item->previous->next : &r->items) = item->next;
	if (item->next != NULL) {
		item->next->previous = item->previous;
	}
	wheel_report_finish(&item->report);
	arena_finish(&item->arena);
	free(item);
	r->open--;
	if (r->options.on_progress != NULL) {
		r->options.on_progress(r->options.user, &r->counts);
	}
	pump(r);
}

/* --- writing --- */

static int write_wheel(struct store *s, void *user, struct err *e)
{
	struct item *item = user;
	struct arena arena = {0};
	struct store_wheel_errors was;
	int code = store_wheel_errors_get(s, str_from(item->row.sha256), &arena, &was, e);
	if (code == 0) {
		code = store_wheel_put(s, &item->row, e);
	}
	if (code == 0 && (was.any || item->row.errors != 0)) {
		code = verdict_refresh(s, item->row.package, item->row.inspected, e);
	}
	arena_finish(&arena);
	return code;
}

static void on_written(void *user, int code, const struct err *e)
{
	struct item *item = user;
	if (code < 0) {
		item->code = err_set(&item->err, code, "not stored: %s", e != NULL ? e->text : "");
	}
	end_item(item);
}

static void make_row(struct item *item)
{
	wheel_row_make(&item->report, &item->arena, &item->row);
	item->row.sha256 = item->wheel.sha256;
	item->row.package = item->wheel.package;
	item->row.inspected = clock_wall_ms();
}

static void write_row(struct item *item)
{
	if (item->code == 0) {
		int code = store_write(item->round->options.writer, write_wheel, on_written, item);
		if (code == 0) {
			return;
		}
		item->code = err_set(&item->err, code, "not stored: %s", err_text(code));
	}
	end_item(item);
}

/* --- judging --- */

static struct wheel_expectation expectation(const struct item *item)
{
	return (struct wheel_expectation){
		.file_name = str_from(item->wheel.filename),
		.name = str_from(item->wheel.name),
		.version = str_from(item->wheel.version),
		.depth = item->round->options.depth,
	};
}

/* Only files below the folder that the operator named. */
static int local_path(struct item *item, char path[static PATH_MAX])
{
	const struct wheel_round_options *o = &item->round->options;
	char folder[PATH_MAX];
	const char *given = item->wheel.url + strlen("file://");
	char *decoded = remote_wheel_decode(str_from(given));
	int code = 0;
	if (o->folder == NULL || realpath(o->folder, folder) == NULL) {
		code = err_set(&item->err, ERR_DENIED, "the index may not name files of this machine");
	} else if (realpath(decoded, path) == NULL) {
		code = err_set(&item->err, ERR_NOT_FOUND, "%s is not there", decoded);
	} else if (!str_starts(str_from(path), folder) || path[strlen(folder)] != '/') {
		code = err_set(&item->err, ERR_DENIED, "%s lies outside of the index's folder", decoded);
	}
	free(decoded);
	return code;
}

static void judge_local(void *user)
{
	struct item *item = user;
	char path[PATH_MAX], hex[SHA256_HEX];
	uint64_t size;
	struct wheel_expectation expect = expectation(item);
	item->code = local_path(item, path);
	if (item->code == 0 && expect.depth == WHEEL_FULL) {
		item->code = sha256_of_file(path, hex, &size, &item->err);
		if (item->code == 0 && strcmp(hex, item->wheel.sha256) != 0) {
			item->code = err_set(&item->err, ERR_HASH_MISMATCH,
				"its SHA-256 is %s, not the %s of the index", hex, item->wheel.sha256);
		}
	}
	if (item->code == 0) {
		item->code = wheel_check_file(path, &expect, &item->report, &item->err);
	}
	if (item->code == 0) {
		make_row(item);
	}
}

static void make_remote_row(void *user)
{
	make_row(user);
}

static void on_row(void *user)
{
	write_row(user);
}

static void on_remote(void *user, int code, struct remote_wheel_result *result, const struct err *e)
{
	struct item *item = user;
	struct wheel_round *r = item->round;
	item->remote = NULL;
	r->counts.received += result->received;
	item->report = result->report;
	result->report = (struct wheel_report){0};
	if (code != 0) {
		item->code = err_set(&item->err, code, "%s", e->text);
		write_row(item);
		return;
	}
	loop_work(r->options.loop, make_remote_row, on_row, item);
}

static void fetch_remote(struct item *item)
{
	const struct wheel_round_options *o = &item->round->options;
	const char *headers[2] = {0};
	if (o->auth != NULL && o->auth_url != NULL &&
		str_starts(str_from(item->wheel.url), o->auth_url)) {
		headers[0] = o->auth;
	}
	const struct remote_wheel_options options = {
		.loop = o->loop,
		.fetch = o->fetch,
		.url = item->wheel.url,
		.headers = headers,
		.expect = expectation(item),
		.depth = o->depth,
		.sha256 = str_from(item->wheel.sha256),
		.on_end = on_remote,
		.user = item,
	};
	item->remote = remote_wheel_start(&options);
}

static void begin(struct wheel_round *r, const struct published_wheel *wheel)
{
	struct item *item = MEM_NEW(struct item);
	item->round = r;
	item->wheel = *wheel;
	item->next = r->items;
	if (r->items != NULL) {
		r->items->previous = item;
	}
	r->items = item;
	r->open++;
	if (str_starts(str_from(wheel->url), "file://")) {
		loop_work(r->options.loop, judge_local, on_row, item);
	} else {
		fetch_remote(item);
	}
}

/* --- the round --- */

static void find(void *user)
{
	struct wheel_round *r = user;
	r->find_code = published_wheels_find(r->options.store, r->options.packages[r->next_package],
		r->options.depth, &r->seen, &r->arena, &r->found, &r->find_err);
}

static void on_found(void *user)
{
	struct wheel_round *r = user;
	r->finding = false;
	r->next_package++;
	r->counts.packages++;
	r->counts.known += r->found.known;
	if (r->find_code != 0) {
		r->counts.failed++;
		if (r->options.on_report != NULL) {
			r->options.on_report(r->options.user, r->find_err.text);
		}
	}
	for (size_t i = 0; i < r->found.n; i++) {
		*vec_add(&r->queue) = r->found.v[i];
	}
	pump(r);
}

static void on_rate(void *user)
{
	struct wheel_round *r = user;
	r->waiting = false;
	pump(r);
}

/* True if the rate admits one more now; else a timer comes back to it. */
static bool may_begin(struct wheel_round *r)
{
	int64_t now = clock_steady_ms();
	if (r->options.rate <= 0) {
		return true;
	}
	if (now >= r->next_ms) {
		int64_t from = r->next_ms > now - 1000 ? r->next_ms : now;
		r->next_ms = from + 1000 / r->options.rate;
		return true;
	}
	if (!r->waiting) {
		r->waiting = true;
		loop_after(r->options.loop, (uint64_t)(r->next_ms - now), on_rate, r);
	}
	return false;
}

static void finish(void *user)
{
	struct wheel_round *r = user;
	r->options.on_end(r->options.user, &r->counts);
	vec_finish(&r->queue);
	map_finish(&r->seen);
	arena_finish(&r->arena);
	free(r);
}

/* Begins what may begin; ends the round when nothing is left. */
static void pump(struct wheel_round *r)
{
	size_t parallel = r->options.parallel != 0 ? r->options.parallel : PARALLEL;
	while (!r->cancelled && r->begun < r->queue.n && r->open < parallel && may_begin(r)) {
		begin(r, &r->queue.v[r->begun++]);
	}
	bool has_package = !r->cancelled && r->next_package < r->options.package_count;
	if (has_package && !r->finding && r->queue.n - r->begun < parallel) {
		r->finding = true;
		loop_work(r->options.loop, find, on_found, r);
	}
	bool is_idle = r->open == 0 && !r->finding && !r->waiting;
	if (is_idle && !r->ending && (r->cancelled || (!has_package && r->begun == r->queue.n))) {
		r->ending = true;
		loop_after(r->options.loop, 0, finish, r);
	}
}

static void start(void *user)
{
	pump(user);
}

struct wheel_round *wheel_round_start(const struct wheel_round_options *options)
{
	struct wheel_round *r = MEM_NEW(struct wheel_round);
	r->options = *options;
	loop_after(options->loop, 0, start, r);
	return r;
}

void wheel_round_cancel(struct wheel_round *r)
{
	r->cancelled = true;
	for (struct item *item = r->items; item != NULL; item = item->next) {
		if (item->remote != NULL) {
			remote_wheel_cancel(item->remote);
		}
	}
}

/* --- old rows --- */

static int refresh_one(
	struct store *s, struct str sha256, struct arena *arena, int64_t now, struct err *e)
{
	struct store_wheel row;
	struct store_wheel_errors was;
	int code = store_wheel_errors_get(s, sha256, arena, &was, e);
	if (code == 0) {
		code = store_wheel_get(s, sha256, arena, &row, e);
	}
	if (code == 0) {
		code = wheel_row_again(&row, arena, e);
	}
	if (code == 0) {
		code = store_wheel_put(s, &row, e);
	}
	if (code == 0 && (was.broken != NULL) != (row.broken != NULL)) {
		code = verdict_refresh(s, row.package, now, e);
	}
	return code;
}

int wheel_round_refresh_columns(
	struct store *s, size_t most, int64_t now, size_t *done, struct err *e)
{
	int code = 0;
	const char *sha256 = NULL;
	*done = 0;
	do {
		struct arena arena = {0};
		code = store_wheel_stale(s, WHEEL_COLUMNS, &arena, &sha256, e);
		if (code == 0 && sha256 != NULL) {
			code = refresh_one(s, str_from(sha256), &arena, now, e);
			*done += code == 0;
		}
		arena_finish(&arena);
	} while (code == 0 && sha256 != NULL && *done < most);
	return code;
}
