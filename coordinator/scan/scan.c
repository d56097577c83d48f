#include "coordinator/scan/scan.h"

#include "coordinator/scan/scan_parts.h"
#include "coordinator/store/night.h"
#include "core/base/clock.h"
#include "core/io/loop.h"

#include <stdlib.h>

enum {
	CONNECTIONS = 8,
	SERIALS = 1000, /* known ones that make the list of all serials worth its length */
};

size_t scan_done(const struct scan_counts *c)
{
	return c->changed + c->unchanged + c->absent + c->bad + c->failed;
}

int scan_exit_code(const struct scan_counts *c)
{
	return c->failed != 0 ? 3 : c->absent != 0 || c->bad != 0 ? 1 : 0;
}

void scan_report(struct scan *s, const char *name, const char *what, const char *why)
{
	if (s->options.on_report != NULL) {
		char *line = str_format("%s: %s%s%s", name, what, why[0] != '\0' ? ": " : "", why);
		s->options.on_report(s->options.user, line);
		free(line);
	}
}

/* --- the end --- */

static void on_timer_closed(uv_handle_t *handle)
{
	struct scan *s = handle->data;
	s->options.on_end(s->options.user, &s->counts);
	vec_finish(&s->same);
	map_finish(&s->names);
	arena_finish(&s->arena);
	free(s->user_agent);
	free(s->targets.ids);
	free(s);
}

static void finish_scan(void *user)
{
	struct scan *s = user;
	s->state = SCAN_ENDED;
	fetch_destroy(s->fetch);
	workers_destroy(s->workers);
	page_readers_finish(&s->readers);
	uv_close((uv_handle_t *)&s->timer, on_timer_closed);
}

static int write_end(struct store *store, void *user, struct err *e)
{
	const struct scan *s = user;
	return store_night_end(store, s->night, (int64_t)s->counts.received, clock_wall_ms(), e);
}

static void on_end_written(void *user, int code, const struct err *e)
{
	if (code < 0) {
		scan_report(user, "the end of the scan", "not stored", e != NULL ? e->text : "");
	}
	finish_scan(user);
}

static void begin_end(void *user)
{
	struct scan *s = user;
	if (store_write(s->options.writer, write_end, on_end_written, s) != 0) {
		finish_scan(s);
	}
}

/* Stores the night's end, where it came to one, and ends. */
void scan_end(struct scan *s, bool whole)
{
	s->state = SCAN_NIGHT;
	uv_timer_stop(&s->timer);
	loop_after(s->options.loop, 0, whole ? begin_end : finish_scan, s);
}

/* --- the beginning --- */

static void begin_pages(struct scan *s, int code, const struct err *e)
{
	if (code < 0) {
		if (s->options.on_report != NULL) {
			s->options.on_report(s->options.user, e->text);
		}
		s->counts.failed = s->options.package_count;
		s->cancelled = true;
	}
	s->state = SCAN_PAGES;
	pace_init(&s->pace, s->options.rate, clock_steady_ms());
	s->open--;
	scan_pump(s);
}

static void on_serials(void *user, int code, size_t read, uint64_t received, const struct err *e)
{
	struct scan *s = user;
	s->serials = NULL;
	s->counts.received += received;
	s->counts.listed = read;
	if (code < 0 && !s->cancelled) {
		scan_report(s, "list of serials", "each page is asked for", e->text);
	}
	begin_pages(s, 0, NULL);
}

static bool wants_serials(const struct scan *s)
{
	size_t known = 0;
	for (size_t i = 0; i < s->options.package_count; i++) {
		known += s->known[i].serial != 0;
	}
	return s->fetch != NULL && known != 0 && (s->options.serials || known >= SERIALS);
}

static void ask_serials(struct scan *s)
{
	for (size_t i = 0; i < s->options.package_count; i++) {
		map_put(&s->names, str_from(s->options.packages[i].name), &s->known[i].listed);
	}
	s->state = SCAN_SERIALS;
	s->serials = serials_start(s->fetch,
		&(struct serials_options){.url = s->options.index->url,
			.auth = s->options.index->auth,
			.names = &s->names,
			.on_end = on_serials,
			.user = s});
}

static void load_known(void *user)
{
	struct scan *s = user;
	s->known_code =
		validators_load(&s->options, s->fingerprint, &s->arena, &s->known, &s->known_err);
}

static void on_known(void *user)
{
	struct scan *s = user;
	if (s->known_code == 0 && !s->cancelled && wants_serials(s)) {
		ask_serials(s);
	} else {
		begin_pages(s, s->known_code, &s->known_err);
	}
}

static void on_begun(void *user, int code, const struct err *e)
{
	struct scan *s = user;
	if (code < 0 || s->cancelled) {
		begin_pages(s, code, e);
		return;
	}
	s->state = SCAN_KNOWN;
	loop_work(s->options.loop, load_known, on_known, s);
}

static int write_begin(struct store *store, void *user, struct err *e)
{
	struct scan *s = user;
	int64_t started;
	int code = page_write_targets(store, &s->targets, e);
	if (code == 0) {
		char *list = validator_list(&s->options, s->fingerprint);
		code = store_night_begin(store, list, (int64_t)s->options.package_count, clock_wall_ms(),
			&s->night, &started, e);
		free(list);
	}
	return code;
}

static void open_fetch(struct scan *s)
{
	const struct scan_options *o = &s->options;
	s->user_agent = o->contact != NULL
		? str_format("wheelfarm/%s (%s)", WHEELFARM_VERSION, o->contact)
		: str_format("wheelfarm/%s", WHEELFARM_VERSION);
	s->fetch = fetch_create(o->loop,
		&(struct fetch_options){.user_agent = s->user_agent,
			.ca_file = o->index->ca_file,
			.proxy = o->index->proxy,
			.max_connections = (long)o->connections});
}

static void open_workers(struct scan *s)
{
	unsigned cores = uv_available_parallelism();
	s->workers = workers_create(s->options.loop,
		&(struct workers_options){.threads = cores < SCAN_THREADS ? cores : SCAN_THREADS,
			.weight_limit = SCAN_WEIGHT,
			.work = page_reader_work,
			.on_over = page_reader_over,
			.on_room = scan_item_room});
	s->readers = (struct page_readers){.workers = s->workers,
		.targets = s->options.targets,
		.scope = s->options.scope,
		.fingerprint = s->fingerprint,
		.folder = s->options.index->folder,
		.on_read = scan_item_read};
	page_readers_init(&s->readers);
}

struct scan *scan_start(const struct scan_options *options)
{
	struct scan *s = MEM_NEW(struct scan);
	s->options = *options;
	s->options.connections = options->connections > 0 ? options->connections : CONNECTIONS;
	s->counts.asked = options->package_count;
	s->targets.set = options->targets;
	s->targets.ids = mem_new(options->targets->n + 1, sizeof(*s->targets.ids));
	validator_fingerprint(options, s->fingerprint);
	uv_timer_init(options->loop, &s->timer);
	s->timer.data = s;
	open_workers(s);
	if (options->index->url != NULL) {
		open_fetch(s);
	}
	s->open++; /* a scan that is cancelled now ends after this write */
	int code = store_write(options->writer, write_begin, on_begun, s);
	if (code != 0) {
		mem_bug("a scan began on a writer that is stopped or full");
	}
	return s;
}

void scan_cancel(struct scan *s)
{
	s->cancelled = true;
	if (s->serials != NULL) {
		serials_cancel(s->serials);
	}
	for (struct scan_item *it = s->items, *next; it != NULL; it = next) {
		next = it->next;
		if (it->transfer != NULL) {
			fetch_cancel(it->transfer);
		}
	}
	scan_pump(s);
}
