#include "cli/dependencies.h"

#include "coordinator/check/gather.h"
#include "coordinator/store/dependency.h"
#include "core/io/loop.h"

#include <stdio.h>

enum {
	ROUNDS_MOST =
		16, /* of reading and judging: what is unknown then stays so until the next scan */
	BATCH = 128, /* that are read before the next are looked at */
	EAGER = 4, /* rounds, after which ever more older versions are read with one */
	OLDER_MOST = 64,
	STOP_MS = 100, /* how often `stop` is looked at while something is read */
};

/* What the thread owns. */
struct fetching {
	struct dependencies *d;
	uv_loop_t loop;
	uv_timer_t timer; /* does not keep the loop alive */
	struct store *reader;
	struct gather *gather; /* of the batch under way */
	bool sources; /* what is missing are releases of which there is no wheel on some target */
	uint32_t older; /* versions below one that is missing, which are read with it */
	size_t asked; /* the index, in the batch under way */
	struct map tried; /* name and version: nothing is asked for twice */
};

static void on_timer(uv_timer_t *timer)
{
	struct fetching *f = timer->data;
	if (atomic_load(&f->d->stop) && f->gather != NULL) {
		gather_cancel(f->gather);
	}
}

static struct store_writer *begin_writing(void *user)
{
	struct fetching *f = user;
	return f->d->o.writer;
}

static void on_progress(void *user, size_t done, size_t wanted)
{
	struct fetching *f = user;
	f->asked++;
}

static int nothing(struct store *s, void *user, struct err *e)
{
	return 0;
}

static void show(const struct dependencies *d, const char *what, size_t n, size_t of)
{
	if (d->o.bar) {
		fprintf(stderr, "\rdependencies: %s %zu of %zu\033[K", what, n, of);
	}
}

static void clear(const struct dependencies *d)
{
	if (d->o.bar) {
		fputs("\r\033[K", stderr);
	}
}

/* All wheels of the version, and of so many below it, whose metadata nobody read. */
static void want_version(struct solve_source *source, struct universe *u, uint32_t package,
	struct str version, uint32_t older)
{
	const struct universe_package *p = &u->packages.v[package];
	uint32_t at = universe_find_version(p->versions, p->version_count, version);
	for (uint32_t n = 0; at != UNIVERSE_NONE && n <= older && n <= at; n++) {
		struct universe_version *v = &p->versions[at - n];
		for (uint32_t w = 0; w < v->wheel_count; w++) {
			if (universe_is_unread(&v->wheels[w])) {
				source->metadata(source->user, u, package, at - n, w);
			}
		}
	}
}

/* A wheel for other systems says it as well, and in fewer bytes; else the sdist is read. */
static void want_source(
	struct fetching *f, struct universe *u, uint32_t package, struct str version)
{
	struct solve_source source = gather_source(f->gather);
	const struct universe_package *p = &u->packages.v[package];
	struct gather_source found;
	uint32_t at = universe_find_version(p->versions, p->version_count, version);
	if (at == UNIVERSE_NONE) {
		return;
	}
	if (p->versions[at].wheel_count != 0) {
		want_version(&source, u, package, version, 0);
	} else {
		(void)gather_source_of(f->gather, u, package, at, &found);
	}
}

/* Pages first, then metadata: which wheels a version has, only its page tells. */
static int fetch_pass(
	struct fetching *f, struct universe *u, const struct depend_missing *missing, size_t n)
{
	struct solve_source source = gather_source(f->gather);
	struct err e = {0};
	for (size_t i = 0; i < n; i++) {
		uint32_t package = universe_package(u, str_from(missing[i].name));
		bool asked = u->packages.v[package].state != UNIVERSE_UNASKED;
		bool known = asked || source.page(source.user, u, package);
		if (known && f->sources) {
			want_source(f, u, package, str_from(missing[i].version));
		} else if (known && missing[i].version != NULL) {
			want_version(&source, u, package, str_from(missing[i].version), f->older);
		}
	}
	int code = gather_wait(f->gather, u, &e);
	f->d->failed += code != 0;
	return code == ERR_CANCELLED ? err_set(&f->d->err, code, "stopped") : 0;
}

/* One batch, in a universe of its own: what it takes goes with it. */
static int fetch_batch(struct fetching *f, const struct depend_missing *missing, size_t n)
{
	const struct dependencies_options *o = &f->d->o;
	const struct pep_target *targets[UNIVERSE_TARGETS];
	const struct gather_options options = {
		.loop = &f->loop,
		.store = f->reader,
		.begin_writing = begin_writing,
		.index = o->index,
		.fresh_ms = INT64_MAX,
		.any_index = f->sources, /* what is known is asked of, nothing else is looked for */
		.contact = o->contact,
		.targets = o->targets,
		.scope = o->scope,
		.on_progress = on_progress,
		.user = f,
	};
	struct universe u;
	for (size_t i = 0; i < o->targets->n; i++) {
		targets[i] = &o->targets->v[i].pep;
	}
	f->asked = 0;
	universe_init(&u, targets, o->targets->n, UNIVERSE_PIP);
	int code = gather_create(&options, &f->gather, &f->d->err);
	for (int pass = 0; code == 0 && pass < 2; pass++) {
		code = fetch_pass(f, &u, missing, n);
	}
	/* what it wrote names things of its own */
	int written = store_write_wait(o->writer, nothing, NULL, &f->d->err);
	gather_destroy(f->gather);
	f->gather = NULL;
	universe_finish(&u);
	return code != 0 ? code : written;
}

/* Not faster than asked for, batch by batch. */
static void keep_pace(const struct fetching *f, uint64_t began)
{
	uint64_t took = uv_hrtime() - began;
	int64_t rate = f->d->o.rate;
	uint64_t least = rate > 0 ? (uint64_t)f->asked * 1000000000u / (uint64_t)rate : 0;
	while (took < least && !atomic_load(&f->d->stop)) {
		uint64_t left = (least - took) / 1000000u + 1;
		uv_sleep((unsigned)(left < STOP_MS ? left : STOP_MS));
		took = uv_hrtime() - began;
	}
}

static bool is_new(struct fetching *f, const struct depend_missing *m)
{
	struct buf key = {0};
	buf_printf(&key, "%s %s", m->name, m->version != NULL ? m->version : "");
	bool is = map_put(&f->tried, buf_view(&key), f) == NULL;
	buf_finish(&key);
	return is;
}

/* *read tells how much of it was asked for. */
static int fetch_missing(struct fetching *f, const struct depend_answer *answer, size_t *read)
{
	struct depend_missing batch[BATCH];
	size_t n = 0;
	int code = 0;
	*read = 0;
	for (size_t i = 0; code == 0 && i <= answer->missing.n; i++) {
		if (i < answer->missing.n && is_new(f, &answer->missing.v[i])) {
			batch[n++] = answer->missing.v[i];
		}
		if (n == BATCH || (i == answer->missing.n && n != 0)) {
			uint64_t began = uv_hrtime();
			code = fetch_batch(f, batch, n);
			keep_pace(f, began);
			*read += n;
			n = 0;
			show(f->d, "read", i, answer->missing.n);
		}
	}
	return code;
}

/* What would releases need that nobody built yet? No verdict waits for it: what cannot be had is asked for
 * with the next scan again. */
static int fetch_sources(struct fetching *f)
{
	struct depend_missing batch[BATCH];
	struct arena arena = {0};
	struct store_dependency_sdist *list = NULL;
	size_t count = 0, n = 0;
	int code = store_dependency_sdists(f->reader, &arena, &list, &count, &f->d->err);
	f->sources = true;
	for (size_t i = 0; code == 0 && i < count; i++) {
		batch[n++] = (struct depend_missing){.name = list[i].name, .version = list[i].version};
		if (n == BATCH || i + 1 == count) {
			uint64_t began = uv_hrtime();
			show(f->d, "sdists", i, count);
			code = fetch_batch(f, batch, n);
			keep_pace(f, began);
			f->d->read += f->asked;
			n = 0;
		}
	}
	f->sources = false;
	arena_finish(&arena);
	return code;
}

static void add_counts(struct dependencies *d, const struct depend_counts *c)
{
	d->counts.judged += c->judged;
	d->counts.changed += c->changed;
	d->counts.questions += c->questions;
	d->counts.unknown = c->due != 0 ? c->unknown : d->counts.unknown;
}

static int run(struct fetching *f)
{
	struct dependencies *d = f->d;
	struct depend_options options = {
		.reader = f->reader,
		.writer = d->o.writer,
		.targets = d->o.targets,
		.begin = d->o.fetch,
		.stop = &d->stop,
	};
	size_t read = 1;
	int code = d->o.fetch ? fetch_sources(f) : 0;
	for (int i = 0; code == 0 && read != 0 && i < ROUNDS_MOST; i++) {
		struct depend_answer answer;
		options.ask = i == 0 && d->o.fetch;
		code = depend_refresh(&options, &answer, &d->err);
		add_counts(d, &answer.counts);
		read = 0;
		f->older = i < EAGER ? 0 : (f->older + 1) * 2;
		f->older = f->older < OLDER_MOST ? f->older : OLDER_MOST;
		if (code == 0 && d->o.fetch) {
			code = fetch_missing(f, &answer, &read);
			d->read += read;
		}
		depend_answer_finish(&answer);
	}
	clear(d);
	return code;
}

static void work(void *user)
{
	struct dependencies *d = user;
	struct fetching f = {.d = d};
	uv_loop_init(&f.loop);
	uv_timer_init(&f.loop, &f.timer);
	f.timer.data = &f;
	uv_timer_start(&f.timer, on_timer, STOP_MS, STOP_MS);
	uv_unref((uv_handle_t *)&f.timer);
	d->code = store_open(d->o.db, STORE_READ, &f.reader, &d->err);
	if (d->code == 0) {
		d->code = run(&f);
	}
	store_close(f.reader);
	map_finish(&f.tried);
	uv_close((uv_handle_t *)&f.timer, NULL);
	uv_run(&f.loop, UV_RUN_DEFAULT);
	uv_loop_close(&f.loop);
}

static void on_done(void *user)
{
	struct dependencies *d = user;
	d->done(d->user);
}

void dependencies_start(uv_loop_t *loop, struct dependencies *d,
	const struct dependencies_options *o, void (*done)(void *user), void *user)
{
	*d = (struct dependencies){.o = *o, .done = done, .user = user};
	loop_work(loop, work, on_done, d);
}

void dependencies_tell(const struct dependencies *d, struct buf *out)
{
	if (d->counts.judged == 0 && d->read == 0) {
		return;
	}
	buf_printf(out, "dependencies: %zu judged, %zu changed", d->counts.judged, d->counts.changed);
	if (d->counts.questions != 0) {
		buf_printf(out, ", %zu questions to the solver", d->counts.questions);
	}
	if (d->read != 0) {
		buf_printf(out, ", %zu pages and metadata asked for", d->read);
	}
	if (d->failed != 0) {
		buf_add_text(out, "; some could not be reached");
	}
}
