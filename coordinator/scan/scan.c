#include "coordinator/scan/scan.h"

#include "coordinator/scan/scan_parts.h"
#include "coordinator/store/night.h"
#include "core/base/clock.h"
#include "core/io/loop.h"

#include <stdlib.h>

enum {
	CONNECTIONS = 8,
	STREAMS = 64, /* pages at once where they share connections */
	OPEN_PAGES = 1024, /* from the request to the commit */
	WEIGHT = 96 << 20, /* decoded bytes of pages that are not stored yet */
	THREADS_MAX = 8,
	SAME_BATCH = 2048, /* unchanged packages of one write */
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

/* --- unchanged packages: many in one write --- */

struct same_batch {
	struct scan *scan;
	size_t *packages; /* their places in the list */
	size_t n;
	int64_t now;
};

static int write_same(struct store *store, void *user, struct err *e)
{
	struct same_batch *b = user;
	const struct scan *s = b->scan;
	struct store_mark *marks = mem_new(b->n + 1, sizeof(*marks));
	for (size_t i = 0; i < b->n; i++) {
		const struct package_item *p = &s->options.packages[b->packages[i]];
		const struct validator *known = &s->known[b->packages[i]];
		marks[i] = (struct store_mark){
			.package = known->package,
			.rank = known->ranked ? 0 : p->rank,
			.downloads = known->ranked ? -1 : p->downloads,
		};
	}
	int code = store_packages_unchanged(store, s->night, marks, b->n, b->now, e);
	free(marks);
	return code;
}

static void on_same_written(void *user, int code, const struct err *e)
{
	struct same_batch *b = user;
	struct scan *s = b->scan;
	if (code < 0) {
		s->counts.failed += b->n;
		scan_report(s, "unchanged packages", "not stored", e != NULL ? e->text : err_text(code));
	} else {
		s->counts.unchanged += b->n;
	}
	if (s->options.on_progress != NULL) {
		s->options.on_progress(s->options.user, &s->counts);
	}
	free(b->packages);
	free(b);
	s->open--;
	scan_pump(s);
}

static void write_all_same(struct scan *s)
{
	struct same_batch *b = MEM_NEW(struct same_batch);
	*b = (struct same_batch){
		.scan = s, .packages = s->same.v, .n = s->same.n, .now = clock_wall_ms()};
	s->same.v = NULL;
	vec_finish(&s->same);
	s->open++;
	int code = store_write(s->options.writer, write_same, on_same_written, b);
	if (code != 0) {
		on_same_written(b, code, NULL);
	}
}

void scan_same(struct scan *s, size_t at)
{
	*vec_add(&s->same) = at;
	if (s->same.n >= SAME_BATCH) {
		write_all_same(s);
	}
}

/* --- the end --- */

static void on_timer_closed(uv_handle_t *handle)
{
	struct scan *s = handle->data;
	s->options.on_end(s->options.user, &s->counts);
	vec_finish(&s->same);
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

/* --- what to ask next --- */

void scan_wait(struct scan *s, struct scan_item *it)
{
	it->next_waiting = s->waiting;
	s->waiting = it;
}

/* Takes out of the waiting ones the first that is due; NULL if none is. *due_ms gets the time of the
 * next one, where it is sooner. */
static struct scan_item *take_due(struct scan *s, int64_t now_ms, int64_t *due_ms)
{
	struct scan_item **best = NULL;
	for (struct scan_item **at = &s->waiting; *at != NULL; at = &(*at)->next_waiting) {
		if (best == NULL || (*at)->due_ms < (*best)->due_ms) {
			best = at;
		}
	}
	if (best == NULL) {
		return NULL;
	}
	struct scan_item *it = *best;
	if (it->due_ms > now_ms && !s->cancelled && s->pace.gave_up == NULL) {
		*due_ms = it->due_ms < *due_ms ? it->due_ms : *due_ms;
		return NULL;
	}
	*best = it->next_waiting;
	return it;
}

static size_t pages_at_once(const struct scan *s)
{
	size_t connections =
		s->options.connections > 0 ? (size_t)s->options.connections : (size_t)CONNECTIONS;
	if (s->fetch == NULL) {
		return 4 * THREADS_MAX; /* files that wait for a worker */
	}
	if (s->pace.probing) {
		return 1;
	}
	return s->multiplexed && connections < STREAMS ? STREAMS : connections;
}

static void on_timer(uv_timer_t *timer)
{
	scan_pump(timer->data);
}

static void pump_at(struct scan *s, int64_t now_ms, int64_t at_ms)
{
	uv_update_time(s->options.loop);
	uv_timer_start(&s->timer, on_timer, (uint64_t)(at_ms > now_ms ? at_ms - now_ms : 0), 0);
}

/* Those that wait for another try will not have it. */
static void end_waiting(struct scan *s)
{
	int64_t never = INT64_MAX;
	for (struct scan_item *it; (it = take_due(s, 0, &never)) != NULL;) {
		if (s->cancelled) {
			scan_item_end(it);
		} else {
			scan_item_fail(it);
		}
	}
}

static void give_up(struct scan *s)
{
	size_t left = s->options.package_count - s->next;
	if (left != 0) {
		char *count = str_format("%zu packages were not asked for", left);
		scan_report(s, s->pace.gave_up, count, "");
		free(count);
	}
	s->counts.failed += left;
	s->next = s->options.package_count;
}

/* Steps over what this night settled before its process was killed. */
static void skip_settled(struct scan *s)
{
	for (; s->next < s->options.package_count; s->next++) {
		const struct validator *known = &s->known[s->next];
		if (known->night != s->night || known->night == 0) {
			return;
		}
		*(known->outcome == 'r'         ? &s->counts.changed
				: known->outcome == 'a' ? &s->counts.absent
				: known->outcome == 'b' ? &s->counts.bad
										: &s->counts.unchanged) += 1;
	}
}

/* As many requests as may begin now. */
static void begin_some(struct scan *s)
{
	int64_t now_ms = clock_steady_ms(), due_ms = INT64_MAX;
	while (s->transfers < pages_at_once(s) && s->open < OPEN_PAGES &&
		workers_weight(s->workers) < WEIGHT) {
		int64_t wait_ms = s->fetch != NULL ? pace_wait(&s->pace, now_ms) : 0;
		if (wait_ms > 0) {
			due_ms = now_ms + wait_ms;
			break;
		}
		struct scan_item *again = take_due(s, now_ms, &due_ms);
		skip_settled(s);
		if (again != NULL) {
			scan_item_request(again);
		} else if (s->next < s->options.package_count && !(s->pace.probing && s->waiting != NULL)) {
			scan_item_begin(s, s->next++);
		} else {
			break;
		}
		pace_take(&s->pace);
	}
	if (due_ms != INT64_MAX && (s->waiting != NULL || s->next < s->options.package_count)) {
		pump_at(s, now_ms, due_ms);
	}
}

void scan_pump(struct scan *s)
{
	if (s->pumping || s->state != SCAN_PAGES) {
		return;
	}
	s->pumping = true;
	if (!s->cancelled && s->pace.gave_up == NULL) {
		begin_some(s);
	} else {
		end_waiting(s);
	}
	if (!s->cancelled && s->pace.gave_up != NULL) {
		give_up(s);
	}
	bool all = s->open == 0 && (s->cancelled || s->next == s->options.package_count);
	if (all && s->same.n != 0) {
		write_all_same(s);
	} else if (all) {
		/* What was cut short stays open: the next scan of the same list goes on with it. */
		bool whole = !s->cancelled && s->pace.gave_up == NULL;
		s->state = SCAN_NIGHT;
		uv_timer_stop(&s->timer);
		loop_after(s->options.loop, 0, whole ? begin_end : finish_scan, s);
	}
	s->pumping = false;
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

static void load_known(void *user)
{
	struct scan *s = user;
	s->known_code =
		validators_load(&s->options, s->fingerprint, &s->arena, &s->known, &s->known_err);
}

static void on_known(void *user)
{
	struct scan *s = user;
	begin_pages(s, s->known_code, &s->known_err);
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
			.max_connections = o->connections > 0 ? (long)o->connections : CONNECTIONS});
}

static void open_workers(struct scan *s)
{
	unsigned cores = uv_available_parallelism();
	s->workers = workers_create(s->options.loop,
		&(struct workers_options){.threads = cores < THREADS_MAX ? cores : THREADS_MAX,
			.weight_limit = WEIGHT,
			.work = page_reader_work,
			.on_over = page_reader_over,
			.on_room = scan_item_room});
	s->readers = (struct page_readers){.workers = s->workers,
		.targets = s->options.targets,
		.scope = s->options.scope,
		.fingerprint = s->fingerprint,
		.folder = s->options.index->folder,
		.on_read = scan_item_read};
}

struct scan *scan_start(const struct scan_options *options)
{
	struct scan *s = MEM_NEW(struct scan);
	s->options = *options;
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
	for (struct scan_item *it = s->items, *next; it != NULL; it = next) {
		next = it->next;
		if (it->transfer != NULL) {
			fetch_cancel(it->transfer);
		}
	}
	scan_pump(s);
}
