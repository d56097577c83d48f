#include "coordinator/scan/scan.h"

#include "coordinator/scan/folder.h"
#include "coordinator/scan/page_store.h"
#include "coordinator/scan/validator.h"
#include "core/base/clock.h"
#include "core/io/fetch.h"
#include "core/io/loop.h"

#include <stdio.h>

enum {
	CONNECTIONS = 16,
	OPEN_PAGES = 512, /* from the first byte to the commit */
	OPEN_BYTES = 64 << 20, /* of pages that are not committed yet */
	PAGE_LIMIT = 256 << 20, /* of one page, decoded */
	TRIES = 3,
	RETRY_MS = 500,
	RETRY_AFTER_MAX_S = 30,
	RETRY_LOOK_MS = 500, /* a wait looks so often whether the scan was cancelled */
};

static const char accept_header[] =
	"Accept: application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
	"text/html;q=0.1";

struct scan {
	struct scan_options options;
	struct scan_counts counts;
	struct fetch *fetch; /* NULL for a folder */
	char *user_agent;
	struct page_targets targets;
	char fingerprint[VALIDATOR_FINGERPRINT];
	size_t next; /* package to begin with */
	size_t open; /* begun and not ended; the write of the targets is one too */
	size_t transfers; /* of those, still coming in */
	size_t open_bytes;
	struct item *items; /* the open ones */
	bool cancelled;
	bool pumping;
};

/* One package between its request and its commit, in this order of life: begin, (retry)*, settle,
 * judge, write, end. */
struct item {
	struct scan *scan;
	const struct package_item *package;
	struct item *next, *previous;
	struct fetch_transfer *transfer;
	struct project_page page;
	struct page_write write;
	struct validator known; /* of the facts that are stored */
	struct sha256 *hash; /* of the page, where the server gives no better validator */
	int64_t serial; /* of the response's header, 0: none */
	bool same; /* the serial header says so: the rest was not read */
	size_t bytes;
	int tries;
	int64_t wait_ms; /* before the next try */
};

static void pump(struct scan *s);

static void report(struct item *it, const char *what, const char *why)
{
	struct scan *s = it->scan;
	if (s->options.on_report != NULL) {
		char *line =
			str_format("%s: %s%s%s", it->package->name, what, why[0] != '\0' ? ": " : "", why);
		s->options.on_report(s->options.user, line);
		free(line);
	}
}

static void finish_scan(void *user)
{
	struct scan *s = user;
	fetch_destroy(s->fetch);
	s->options.on_end(s->options.user, &s->counts);
	free(s->user_agent);
	free(s->targets.ids);
	free(s);
}

static void end_item(void *user)
{
	struct item *it = user;
	struct scan *s = it->scan;
	s->open--;
	s->open_bytes -= it->bytes;
	if (it->previous != NULL) {
		it->previous->next = it->next;
	} else {
		s->items = it->next;
	}
	if (it->next != NULL) {
		it->next->previous = it->previous;
	}
	project_page_finish(&it->page);
	validator_finish(&it->known);
	sha256_destroy(it->hash);
	free(it);
	if (s->options.on_progress != NULL) {
		s->options.on_progress(s->options.user, &s->counts);
	}
	pump(s);
}

/* Ends the item from the loop, never from inside a callback of the fetch. */
static void end_soon(struct item *it)
{
	loop_after(it->scan->options.loop, 0, end_item, it);
}

static void on_written(void *user, int code, const struct err *e)
{
	struct item *it = mem_container_of(user, struct item, write);
	if (code < 0) {
		it->scan->counts.failed++;
		report(it, "not stored", e != NULL ? e->text : "");
	} else {
		switch (it->write.kind) {
		case PAGE_WRITE_FACTS:
			it->scan->counts.changed++;
			break;
		case PAGE_WRITE_UNCHANGED:
			it->scan->counts.unchanged++;
			break;
		case PAGE_WRITE_ABSENT:
			it->scan->counts.absent++;
			report(it, "the index has no such project", "");
			break;
		case PAGE_WRITE_BAD:
			it->scan->counts.bad++;
			report(it, "bad page", it->page.err.text);
			break;
		case PAGE_WRITE_FAILED:
			it->scan->counts.failed++;
			report(it, "unreachable", it->page.err.text);
			break;
		}
	}
	end_item(it);
}

static void write_item(struct item *it, enum page_write_kind kind)
{
	struct scan *s = it->scan;
	it->write.kind = kind;
	it->write.page = &it->page;
	it->write.package = it->package;
	it->write.targets = &s->targets;
	it->write.now = clock_wall_ms();
	int code = store_write(s->options.writer, page_write, on_written, &it->write);
	if (code != 0) {
		s->counts.failed++;
		report(it, "not stored", err_text(code));
		end_soon(it);
	}
}

static void judge(void *user)
{
	struct item *it = user;
	project_page_judge(&it->page, it->scan->options.targets, it->scan->options.scope);
}

static void on_judged(void *user)
{
	write_item(user, PAGE_WRITE_FACTS);
}

/* The hash of what was read, "" if nobody asked for it. */
static void end_hash(struct item *it, char out[static SHA256_HEX])
{
	unsigned char digest[SHA256_BYTES];
	out[0] = '\0';
	if (it->hash != NULL) {
		sha256_end(it->hash, digest);
		sha256_hex(digest, out);
	}
}

/* The whole page is here: its facts, or the line why not. */
static void settle_page(struct item *it, const char *etag)
{
	char hash[SHA256_HEX];
	end_hash(it, hash);
	if (project_page_end(&it->page) != 0) {
		write_item(it, PAGE_WRITE_BAD);
		return;
	}
	if (hash[0] != '\0' && strcmp(hash, it->known.hash) == 0) {
		write_item(it, PAGE_WRITE_UNCHANGED);
		return;
	}
	if (it->serial != 0) {
		it->page.serial = it->serial; /* what the next answer's header is held against */
	}
	it->write.etag = validator_text(it->scan->fingerprint, hash, etag, &it->page.arena);
	loop_work(it->scan->options.loop, judge, on_judged, it);
}

/* The first bytes of a page: where it is from, what it is, and whether it is known by its serial.
 * An ETag goes before the serial: the server looked at it already. */
static void open_page(struct item *it, const struct fetch_response *r)
{
	struct project_page *p = &it->page;
	struct str type = str_from(r->content_type), base = str_from(r->effective_url);
	p->base = (struct str){arena_copy(&p->arena, base.p, base.n), base.n};
	p->format = str_find_text(type, STR("json")) >= 0 ? PAGE_JSON
		: str_find_text(type, STR("html")) >= 0       ? PAGE_HTML
													  : PAGE_UNKNOWN;
	int64_t serial;
	if (r->etag[0] != '\0') {
		return;
	}
	if (!str_to_i64(str_from(r->serial), &serial) || serial <= 0) {
		it->hash = sha256_create();
		return;
	}
	it->serial = serial;
	it->same = it->known.current && it->known.serial == serial;
}

static int on_body(void *user, const struct fetch_response *r, struct str piece, struct err *e)
{
	struct item *it = user;
	if (r->status != 200) {
		return 0;
	}
	struct project_page *p = &it->page;
	if (p->base.n == 0) {
		open_page(it, r);
	}
	if (it->same) {
		return ERR_CANCELLED; /* nothing of the rest is wanted */
	}
	if (it->hash != NULL) {
		sha256_add(it->hash, piece.p, piece.n);
	}
	it->bytes += piece.n;
	it->scan->open_bytes += piece.n;
	int code = project_page_feed(p, piece);
	return code != 0 ? err_set(e, code, "%s", p->err.text) : 0;
}

static void request(struct item *it);

static void wait(void *user)
{
	struct item *it = user;
	if (it->wait_ms <= 0 || it->scan->cancelled) {
		request(it);
		return;
	}
	int64_t ms = it->wait_ms < RETRY_LOOK_MS ? it->wait_ms : RETRY_LOOK_MS;
	it->wait_ms -= ms;
	loop_after(it->scan->options.loop, (uint64_t)ms, wait, it);
}

/* Too busy or out of reach: once more, later. False if it was tried often enough. */
static bool retry(struct item *it, int64_t after_s)
{
	struct scan *s = it->scan;
	if (++it->tries >= TRIES || after_s > RETRY_AFTER_MAX_S || s->cancelled) {
		return false;
	}
	s->open_bytes -= it->bytes;
	it->bytes = 0;
	project_page_finish(&it->page);
	project_page_init(&it->page, it->package->name);
	sha256_destroy(it->hash);
	it->hash = NULL;
	it->same = false;
	it->wait_ms = after_s > 0 ? after_s * 1000 : RETRY_MS * it->tries;
	wait(it);
	return true;
}

static void on_response(
	void *user, int code, const struct fetch_response *r, struct str body, const struct err *e)
{
	struct item *it = user;
	struct scan *s = it->scan;
	it->transfer = NULL;
	s->transfers--;
	if (r != NULL) {
		s->counts.received += r->received;
	}
	if (s->cancelled) {
		end_soon(it);
	} else if (it->same) {
		write_item(it, PAGE_WRITE_UNCHANGED);
	} else if (it->page.code != 0) {
		write_item(it, PAGE_WRITE_BAD);
	} else if (code != 0) {
		if (!retry(it, 0)) {
			err_set(&it->page.err, code, "%s", e != NULL ? e->text : err_text(code));
			write_item(it, PAGE_WRITE_FAILED);
		}
	} else if (r->status == 200) {
		settle_page(it, r->etag);
	} else if (r->status == 304 && it->known.etag != NULL) {
		write_item(it, PAGE_WRITE_UNCHANGED);
	} else if (r->status == 404 || r->status == 410) {
		write_item(it, PAGE_WRITE_ABSENT);
	} else {
		bool again = r->status == 429 || r->status >= 500;
		if (!again || !retry(it, r->retry_after_s)) {
			err_set(&it->page.err, ERR_HTTP, "HTTP status %ld", r->status);
			write_item(it, PAGE_WRITE_FAILED);
		}
	}
	pump(s);
}

static void request(struct item *it)
{
	struct scan *s = it->scan;
	if (s->cancelled) {
		end_item(it);
		return;
	}
	char *url = str_format("%s%s/", s->options.index->url, it->package->name);
	char *condition =
		it->known.etag != NULL ? str_format("If-None-Match: %s", it->known.etag) : NULL;
	const char *headers[4] = {accept_header};
	size_t n = 1;
	if (condition != NULL) {
		headers[n++] = condition;
	}
	if (s->options.index->auth != NULL) {
		headers[n++] = s->options.index->auth;
	}
	const struct fetch_request request_options = {
		.url = url,
		.headers = headers,
		.limit = PAGE_LIMIT,
		.on_body = on_body,
		.on_end = on_response,
		.user = it,
	};
	s->transfers++;
	it->transfer = fetch_start(s->fetch, &request_options);
	free(condition);
	free(url);
}

static void read_folder(void *user)
{
	struct item *it = user;
	it->page.code = folder_page_read(it->scan->options.index->folder, it->known.etag, &it->page,
		&it->write.folder_etag, &it->page.err);
}

static void on_folder_read(void *user)
{
	struct item *it = user;
	struct scan *s = it->scan;
	s->transfers--;
	if (s->cancelled) {
		end_soon(it);
		return;
	}
	switch (it->page.code) {
	case 0:
		settle_page(it, it->write.folder_etag);
		break;
	case FOLDER_PAGE_UNCHANGED:
		write_item(it, PAGE_WRITE_UNCHANGED);
		break;
	case ERR_NOT_FOUND:
		write_item(it, PAGE_WRITE_ABSENT);
		break;
	case ERR_INVALID:
	case ERR_TOO_LARGE:
	case ERR_UNSUPPORTED:
	case ERR_CORRUPT:
		write_item(it, PAGE_WRITE_BAD);
		break;
	default:
		write_item(it, PAGE_WRITE_FAILED);
	}
	pump(s);
}

static void begin(struct scan *s, const struct package_item *package)
{
	struct item *it = MEM_NEW(struct item);
	it->scan = s;
	it->package = package;
	it->next = s->items;
	if (s->items != NULL) {
		s->items->previous = it;
	}
	s->items = it;
	project_page_init(&it->page, package->name);
	validator_read(s->options.store, package->name, s->fingerprint, &it->known);
	s->open++;
	s->counts.asked++;
	if (s->fetch != NULL) {
		request(it);
	} else {
		s->transfers++;
		loop_work(s->options.loop, read_folder, on_folder_read, it);
	}
}

/* Begins what may begin; ends the scan when nothing is left. Safe to call from anywhere. */
static void pump(struct scan *s)
{
	if (s->pumping) {
		return;
	}
	s->pumping = true;
	size_t most = s->options.connections > 0 ? (size_t)s->options.connections : CONNECTIONS;
	while (!s->cancelled && s->next < s->options.package_count && s->transfers < most &&
		s->open < OPEN_PAGES && s->open_bytes < OPEN_BYTES) {
		begin(s, &s->options.packages[s->next++]);
	}
	s->pumping = false;
	if (s->open == 0 && (s->cancelled || s->next == s->options.package_count)) {
		s->pumping = true; /* the end is said once */
		loop_after(s->options.loop, 0, finish_scan, s);
	}
}

static void on_targets(void *user, int code, const struct err *e)
{
	struct scan *s = mem_container_of(user, struct scan, targets);
	if (code < 0) {
		if (s->options.on_report != NULL) {
			s->options.on_report(s->options.user, e->text);
		}
		s->counts.failed = s->options.package_count;
		s->cancelled = true;
	}
	s->open--;
	pump(s);
}

struct scan *scan_start(const struct scan_options *options)
{
	struct scan *s = MEM_NEW(struct scan);
	s->options = *options;
	s->targets.set = options->targets;
	s->targets.ids = mem_new(options->targets->n + 1, sizeof(*s->targets.ids));
	validator_fingerprint(options, s->fingerprint);
	if (options->index->url != NULL) {
		s->user_agent = options->contact != NULL
			? str_format("wheelfarm/%s (%s)", WHEELFARM_VERSION, options->contact)
			: str_format("wheelfarm/%s", WHEELFARM_VERSION);
		s->fetch = fetch_create(options->loop,
			&(struct fetch_options){.user_agent = s->user_agent,
				.ca_file = options->index->ca_file,
				.proxy = options->index->proxy,
				.max_connections =
					options->connections > 0 ? (long)options->connections : CONNECTIONS});
	}
	s->open++; /* a scan that is cancelled now ends after this write */
	int code = store_write(options->writer, page_write_targets, on_targets, &s->targets);
	if (code != 0) {
		mem_bug("a scan began on a writer that is stopped or full");
	}
	return s;
}

void scan_cancel(struct scan *s)
{
	s->cancelled = true;
	for (struct item *it = s->items, *next; it != NULL; it = next) {
		next = it->next;
		if (it->transfer != NULL) {
			fetch_cancel(it->transfer);
		}
	}
	pump(s);
}

int scan_exit_code(const struct scan_counts *c)
{
	return c->failed != 0 ? 3 : c->absent != 0 || c->bad != 0 ? 1 : 0;
}
