#include "coordinator/scan/scan_parts.h"

#include "coordinator/scan/project_page.h"
#include "core/base/clock.h"
#include "core/io/loop.h"

#include <stdlib.h>

enum {
	TRIES = 3,
	TRIES_TOLD = 6, /* where the server says when to come again */
	PAGE_S = 120,
	STALL_S = 20, /* slower than SLOWEST for so long is no page */
	SLOWEST = 512, /* bytes a second */
	CONNECT_MS = 10 * 1000,
	BACKLOG = 512 << 10, /* of one page: its transfer waits for the workers */
};

void scan_item_end(struct scan_item *it)
{
	struct scan *s = it->scan;
	s->open--;
	*(it->previous != NULL ? &it->previous->next : &s->items) = it->next;
	if (it->next != NULL) {
		it->next->previous = it->previous;
	}
	page_reader_destroy(it->reader);
	free(it);
	if (s->options.on_progress != NULL) {
		s->options.on_progress(s->options.user, &s->counts);
	}
	scan_pump(s);
}

/* --- storing --- */

static void on_written(void *user, int code, const struct err *e)
{
	struct scan_item *it = mem_container_of(user, struct scan_item, write);
	struct scan *s = it->scan;
	const char *name = item_package(it)->name;
	s->writing--;
	if (code < 0) {
		s->counts.failed++;
		scan_report(s, name, "not stored", e != NULL ? e->text : "");
	} else {
		switch (it->write.kind) {
		case PAGE_WRITE_FACTS:
			s->counts.changed++;
			break;
		case PAGE_WRITE_UNCHANGED:
			s->counts.unchanged++;
			break;
		case PAGE_WRITE_ABSENT:
			s->counts.absent++;
			scan_report(s, name, "the index has no such project", "");
			break;
		case PAGE_WRITE_BAD:
			s->counts.bad++;
			scan_report(s, name, "bad page", it->why.text);
			break;
		case PAGE_WRITE_FAILED:
			s->counts.failed++;
			scan_report(s, name, "unreachable", it->why.text);
			break;
		}
	}
	scan_item_end(it);
}

static void end_later(void *user)
{
	scan_item_end(user);
}

static void write_item(struct scan_item *it, enum page_write_kind kind)
{
	struct scan *s = it->scan;
	it->write.kind = kind;
	it->write.why = it->why.text;
	it->write.facts = it->reader != NULL ? it->reader->facts : NULL;
	it->write.package = item_package(it);
	it->write.targets = &s->targets;
	it->write.night = s->night;
	it->write.now = clock_wall_ms();
	s->writing++;
	/* Where nobody else is on the way, those that wait for others wait for nothing. */
	bool last = s->writing == s->open && s->next == s->options.package_count;
	int code = (last ? store_write_again : store_write_lazy)(
		s->options.writer, page_write, on_written, &it->write);
	if (code != 0) {
		s->writing--;
		s->counts.failed++;
		scan_report(s, item_package(it)->name, "not stored", err_text(code));
		/* Never from inside a callback of the fetch. */
		loop_after(s->options.loop, 0, end_later, it);
	}
}

void scan_item_fail(struct scan_item *it)
{
	write_item(it, PAGE_WRITE_FAILED);
}

static void end_same(struct scan_item *it)
{
	scan_same(it->scan, it->at);
	scan_item_end(it);
}

void scan_item_read(void *user, struct page_reader *r)
{
	struct scan *s = mem_container_of(r->all, struct scan, readers);
	struct scan_item *it = user;
	if (r->outcome == PAGE_DROPPED) { /* of a try that is over */
		page_reader_destroy(r);
		s->open--;
		scan_pump(s);
		return;
	}
	if (s->fetch == NULL) {
		s->transfers--;
	}
	it->why = r->page.err;
	switch (r->outcome) {
	case PAGE_READ:
		write_item(it, PAGE_WRITE_FACTS);
		break;
	case PAGE_SAME:
		end_same(it);
		return;
	case PAGE_GONE:
		write_item(it, PAGE_WRITE_ABSENT);
		break;
	case PAGE_BAD:
		write_item(it, PAGE_WRITE_BAD);
		break;
	case PAGE_UNREADABLE:
		write_item(it, PAGE_WRITE_FAILED);
		break;
	case PAGE_DROPPED:
		break;
	}
	scan_pump(s);
}

/* --- the answer of the index --- */

void scan_item_room(struct lane *lane)
{
	struct page_reader *r = lane->user;
	struct scan_item *it = r->user;
	if (!r->dropped && it->transfer != NULL && it->paused) {
		it->paused = false;
		fetch_resume(it->transfer);
	}
}

/* By its serial the page is the one that is stored. An ETag goes before: the server looked at it. */
static bool is_known(const struct scan_item *it, const struct fetch_response *r)
{
	const struct validator *known = &it->scan->known[it->at];
	int64_t serial;
	return r->etag[0] == '\0' && known->current && known->serial != 0 &&
		str_to_i64(str_from(r->serial), &serial) && serial == known->serial;
}

static void open_reader(struct scan_item *it, const struct fetch_response *r)
{
	struct scan *s = it->scan;
	it->reader = page_reader_open(&s->readers, item_package(it)->name, &s->known[it->at], r, it);
}

static int on_body(void *user, const struct fetch_response *r, struct str piece, struct err *e)
{
	struct scan_item *it = user;
	if (r->status != 200) {
		return 0;
	}
	if (it->reader == NULL) {
		if (is_known(it, r)) {
			return ERR_CANCELLED; /* nothing of the rest is wanted */
		}
		open_reader(it, r);
	}
	int64_t backlog = page_reader_feed(it->reader, piece);
	if (backlog > BACKLOG && !it->paused && workers_pause(it->scan->workers, &it->reader->lane)) {
		it->paused = true;
		fetch_pause(it->transfer);
	}
	return backlog < 0 ? (int)backlog : 0;
}

/* What was read of this try is of no use; the worker has it still. */
static void drop_reader(struct scan_item *it)
{
	if (it->reader != NULL) {
		struct page_reader *r = it->reader;
		it->reader = NULL;
		it->scan->open++; /* until scan_item_read hears of it */
		page_reader_drop(r);
	}
}

/* Too busy or out of reach: once more, later, or it has failed. */
static void retry_or_fail(struct scan_item *it, bool told)
{
	struct scan *s = it->scan;
	drop_reader(it);
	if (it->tries >= (told ? TRIES_TOLD : TRIES) || s->pace.gave_up != NULL) {
		scan_item_fail(it);
		return;
	}
	it->due_ms = clock_steady_ms() + pace_backoff(it->tries, arc4random_uniform(UINT16_MAX + 1));
	scan_wait(s, it);
}

static void on_failure(struct scan_item *it, int code, const struct err *e)
{
	struct scan *s = it->scan;
	err_set(&it->why, code, "%s", e != NULL ? e->text : err_text(code));
	if (code == ERR_TOO_LARGE ||
		code == ERR_DENIED) { /* it answered, and asking again helps nobody */
		pace_good(&s->pace);
		drop_reader(it);
		write_item(it, code == ERR_TOO_LARGE ? PAGE_WRITE_BAD : PAGE_WRITE_FAILED);
		return;
	}
	pace_bad(&s->pace, clock_steady_ms(), PACE_NO_WAIT, false, it->probe);
	retry_or_fail(it, false);
}

static void on_other_status(struct scan_item *it, const struct fetch_response *r)
{
	struct scan *s = it->scan;
	bool busy = r->status == 429 || r->status == 503;
	int64_t wait_s = r->retry_after_s < INT32_MAX ? r->retry_after_s : INT32_MAX;
	bool told = busy && wait_s >= 0;
	err_set(&it->why, ERR_HTTP, "HTTP status %ld", r->status);
	pace_bad(&s->pace, clock_steady_ms(), told ? wait_s * 1000 : PACE_NO_WAIT, busy, it->probe);
	if (r->status == 429 || r->status >= 500) {
		retry_or_fail(it, told);
	} else {
		scan_item_fail(it);
	}
}

static void on_answer(struct scan_item *it, const struct fetch_response *r)
{
	struct scan *s = it->scan;
	if (r->status == 200) {
		pace_good(&s->pace);
		if (it->reader == NULL) { /* an empty page */
			open_reader(it, r);
		}
		page_reader_end(it->reader);
	} else if (r->status == 304 && s->known[it->at].etag != NULL) {
		pace_good(&s->pace);
		end_same(it);
	} else if (r->status == 404 || r->status == 410) {
		pace_good(&s->pace);
		write_item(it, PAGE_WRITE_ABSENT);
	} else {
		on_other_status(it, r);
	}
}

static void on_response(
	void *user, int code, const struct fetch_response *r, struct str body, const struct err *e)
{
	struct scan_item *it = user;
	struct scan *s = it->scan;
	it->transfer = NULL;
	it->paused = false;
	s->transfers--;
	if (r != NULL) {
		s->counts.received += r->received;
		s->multiplexed = s->multiplexed || r->multiplexed;
	}
	bool refused = it->reader != NULL && atomic_load(&it->reader->refused);
	if (s->cancelled) {
		drop_reader(it);
		scan_item_end(it);
	} else if (refused) { /* the worker saw that it is bad, and has the reason */
		pace_good(&s->pace);
		page_reader_end(it->reader);
	} else if (code == ERR_CANCELLED && it->reader == NULL) {
		pace_good(&s->pace);
		end_same(it);
	} else if (code != 0) {
		on_failure(it, code, e);
	} else {
		on_answer(it, r);
	}
	scan_pump(s);
}

void scan_item_request(struct scan_item *it)
{
	struct scan *s = it->scan;
	const struct validator *known = &s->known[it->at];
	const struct scan_options *o = &s->options;
	char *url = str_format("%s%s/", o->index->url, item_package(it)->name);
	char *condition = known->etag != NULL ? str_format("If-None-Match: %s", known->etag) : NULL;
	const char *headers[5] = {project_page_accept, "Accept-Encoding: gzip"};
	size_t n = 2;
	if (condition != NULL) {
		headers[n++] = condition;
	}
	if (o->index->auth != NULL) {
		headers[n++] = o->index->auth;
	}
	int64_t page_s = o->page_s > 0 ? o->page_s : PAGE_S;
	const struct fetch_request request = {
		.url = url,
		.headers = headers,
		.limit = PAGE_BYTES,
		.timeout_ms = page_s * 1000,
		.stall_s = page_s < STALL_S ? page_s : STALL_S,
		.slowest = SLOWEST,
		.connect_ms = CONNECT_MS,
		.on_body = on_body,
		.on_end = on_response,
		.user = it,
	};
	it->tries++;
	it->probe = s->pace.probing;
	s->transfers++;
	s->counts.requests++;
	it->transfer = fetch_start(s->fetch, &request);
	free(condition);
	free(url);
}

void scan_item_begin(struct scan *s, size_t at)
{
	struct scan_item *it = MEM_NEW(struct scan_item);
	it->scan = s;
	it->at = at;
	it->next = s->items;
	if (s->items != NULL) {
		s->items->previous = it;
	}
	s->items = it;
	s->open++;
	if (s->fetch != NULL) {
		scan_item_request(it);
	} else {
		s->transfers++;
		it->reader = page_reader_folder(&s->readers, item_package(it)->name, &s->known[at], it);
	}
}
