#include "coordinator/check/gather.h"

#include "coordinator/check/gather_parts.h"

#include "coordinator/inspect/remote_wheel.h"
#include "coordinator/solve/requires_text.h"
#include "coordinator/store/file_pack.h"
#include "coordinator/store/hex.h"
#include "coordinator/store/package.h"
#include "coordinator/store/requires.h"
#include "core/base/clock.h"
#include "core/base/map.h"

#include <stdlib.h>

static struct gathered *gathered_of(struct gather *g, struct str name)
{
	struct gathered *p = map_get(&g->packages, name);
	if (p == NULL) {
		p = arena_new(&g->arena, sizeof(*p));
		p->name = arena_copy(&g->arena, name.p, name.n);
		map_put(&g->packages, name, p);
	}
	return p;
}

/* Is what is stored as good as the index's own page? */
static bool is_fresh(struct gather *g, const struct store_package *p)
{
	if (g->options.offline) {
		return true;
	}
	if (p->scanned == 0 || clock_wall_ms() - p->scanned > g->options.fresh_ms) {
		return false;
	}
	/* Facts of another index are none here; without a word from the user they are of his. */
	return p->absent || g->options.any_index || g->fingerprint[0] == '\0' ||
		(p->etag != NULL && strncmp(p->etag, g->fingerprint, VALIDATOR_FINGERPRINT - 1) == 0);
}

static void want(struct gather *g, struct gather_want w)
{
	*vec_add(&g->wants) = w;
}

bool gathered_read(struct gather *g, struct gathered *known, int64_t package)
{
	return store_package_pack(g->options.store, package, &g->arena, &known->pack, NULL) == 0 &&
		(known->pack.n == 0 ||
			file_pack_read(
				known->pack, FILE_PACK_NAMES, &g->arena, &known->files, &known->count, NULL) == 0);
}

/* One look at the database for many questions: each by itself would lock it. Not over a wait for the index,
 * which is long. */
struct store *gather_reader(struct gather *g)
{
	if (!g->reading && g->options.store != NULL) {
		g->reading = store_begin(g->options.store, NULL) == 0;
	}
	return g->options.store;
}

void gather_end_reading(struct gather *g)
{
	if (g->reading) {
		store_rollback(g->options.store);
		g->reading = false;
	}
}

static bool bring_page(void *user, struct universe *u, uint32_t package)
{
	struct gather *g = user;
	struct universe_package *p = &u->packages.v[package];
	struct gathered *known = gathered_of(g, p->name);
	struct store_package row;
	if (known->wanted) {
		return false;
	}
	bool stored = !known->told && g->options.store != NULL &&
		store_package_get(gather_reader(g), p->name, &g->arena, &row, NULL) == 0;
	if (stored && is_fresh(g, &row) && (row.absent || row.scanned != 0)) {
		known->absent = row.absent;
		known->told = row.absent || gathered_read(g, known, row.id);
	} else if (stored && !row.absent && row.scanned != 0) {
		known->stored = row.id;
		known->etag = validator_etag(row.etag, g->fingerprint, &g->arena);
	}
	if (known->told) {
		gathered_tell(g, known, u, package);
		return true;
	}
	if (g->options.offline) {
		known->told = known->absent = known->unread = true;
		p->state = UNIVERSE_ABSENT;
		return true;
	}
	known->wanted = true;
	want(g, (struct gather_want){.kind = GATHER_PAGE, .package = package});
	return false;
}

static bool bring_metadata(
	void *user, struct universe *u, uint32_t package, uint32_t version, uint32_t wheel)
{
	struct gather *g = user;
	struct universe_wheel *w = &u->packages.v[package].versions[version].wheels[wheel];
	struct str text;
	struct arena arena = {0};
	bool brought = w->keyed && g->options.store != NULL &&
		store_requires_get(gather_reader(g), w->key, &arena, &text, NULL) == 0;
	if (brought) {
		w->requires = universe_requires(u, text);
	} else if (g->options.offline) {
		w->requires = universe_requires_bad(u, "its metadata was not looked at yet");
		brought = true;
	} else {
		want(g,
			(struct gather_want){
				.kind = GATHER_METADATA, .package = package, .version = version, .wheel = wheel});
	}
	arena_finish(&arena);
	return brought;
}

struct solve_source gather_source(struct gather *g)
{
	return (struct solve_source){.page = bring_page, .metadata = bring_metadata, .user = g};
}

/* One look instead of one a package: most databases have none. */
static bool has_built(struct gather *g)
{
	bool some = false;
	if (g->built == GATHER_NOT_ASKED) {
		(void)store_has_built(g->options.store, &some, NULL);
		g->built = some ? GATHER_SOME_BUILT : GATHER_NONE_BUILT;
	}
	return g->built == GATHER_SOME_BUILT;
}

/* What this farm made of what is on the page. */
static void read_built(struct gather *g, struct gathered *known)
{
	if (g->options.store != NULL && known->built == NULL && has_built(g)) {
		(void)store_built_on_page(g->options.store, str_from(known->name), known->files,
			known->count, &g->arena, &known->built, &known->built_count, NULL);
	}
}

/* Where it is not known what the wheel requires, its release's sdist may say it: no address has the wheel. */
static bool find_metadata(struct gather *g, struct gathered *known, struct store_file *built)
{
	unsigned char *key = arena_new(&g->arena, UNIVERSE_KEY);
	struct str text;
	if (hex_read(built->sha256, key, UNIVERSE_KEY) &&
		store_requires_get(g->options.store, key, &g->arena, &text, NULL) == 0) {
		return true;
	}
	const struct store_file *sdist = gather_find_sdist(g, known, built->version);
	built->key = key;
	return sdist != NULL && hex_read(sdist->sha256, key, UNIVERSE_KEY);
}

static size_t add_built(struct gather *g, struct gathered *known, struct store_file *out)
{
	size_t n = 0;
	for (size_t i = 0; i < known->built_count; i++) {
		out[n] = known->built[i];
		n += find_metadata(g, known, &out[n]);
	}
	return n;
}

void gathered_tell(struct gather *g, struct gathered *known, struct universe *u, uint32_t package)
{
	if (known->absent) {
		u->packages.v[package].state = UNIVERSE_ABSENT;
		return;
	}
	read_built(g, known);
	if (!g->options.built || known->built_count == 0) {
		universe_set_files(u, package, known->files, known->count);
		return;
	}
	struct store_file *all = mem_new(known->count + known->built_count, sizeof(*all));
	size_t n = known->count + add_built(g, known, &all[known->count]);
	memcpy(all, known->files, known->count * sizeof(*all));
	universe_set_files(u, package, all, n);
	free(all);
}

void gather_files(
	struct gather *g, struct str package, const struct store_file **files, size_t *count)
{
	const struct gathered *p = map_get(&g->packages, package);
	*files = p != NULL ? p->files : NULL;
	*count = p != NULL ? p->count : 0;
}

bool gather_is_unread(const struct gather *g, struct str package)
{
	const struct gathered *p = map_get(&g->packages, package);
	return p != NULL && p->unread;
}

void gather_built(
	struct gather *g, struct str package, const struct store_file **files, size_t *count)
{
	const struct gathered *p = map_get(&g->packages, package);
	*files = p != NULL ? p->built : NULL;
	*count = p != NULL ? p->built_count : 0;
}

static int begin_index(struct gather *g, struct err *e)
{
	int code = scan_index_find(g->options.index, &g->index, e);
	if (code != 0) {
		return code;
	}
	const struct scan_options scan = {
		.index = &g->index, .targets = g->options.targets, .scope = g->options.scope};
	g->has_index = true;
	validator_fingerprint(&scan, g->fingerprint);
	return 0;
}

int gather_create(const struct gather_options *options, struct gather **out, struct err *e)
{
	struct gather *g = MEM_NEW(struct gather);
	*out = g;
	g->options = *options;
	g->targets.set = options->targets;
	g->targets.ids = arena_new(&g->arena, (options->targets->n + 1) * sizeof(*g->targets.ids));
	return options->index != NULL && !options->offline ? begin_index(g, e) : 0;
}

int gather_wait(struct gather *g, struct universe *u, struct err *e)
{
	g->u = u;
	g->code = 0;
	gather_end_reading(g);
	if (g->wants.n != 0 && !g->has_index) {
		g->code = begin_index(g, &g->err);
	}
	if (g->wants.n != 0 && g->code == 0) {
		gather_fetch(g);
	}
	g->wants.n = 0;
	if (g->code != 0) {
		return err_set(e, g->code, "%s", g->err.text);
	}
	return 0;
}

void gather_cancel(struct gather *g)
{
	g->code = err_set(&g->err, ERR_CANCELLED, "interrupted");
	gather_stop(g);
}

void gather_destroy(struct gather *g)
{
	if (g == NULL) {
		return;
	}
	if (g->fetch != NULL) {
		fetch_destroy(g->fetch);
		uv_run(g->options.loop, UV_RUN_DEFAULT);
	}
	VEC_EACH (struct project_page *, page, &g->pages) {
		project_page_finish(*page);
		free(*page);
	}
	vec_finish(&g->pages);
	vec_finish(&g->wants);
	for (size_t i = 0; i < g->packages.n; i++) {
		struct gathered *p = g->packages.entries[i].value;
		vec_finish(&p->sdists);
	}
	map_finish(&g->packages);
	scan_index_finish(&g->index);
	arena_finish(&g->arena);
	free(g);
}
