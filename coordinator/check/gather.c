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

/* A stored page is told while its bytes are there: nothing but what others make of it is kept. */
struct telling {
	struct gather *g;
	struct gathered *known;
	struct universe *u;
	uint32_t package;
};

static int tell_pack(void *user, struct str pack, struct err *e)
{
	const struct telling *t = user;
	struct arena arena = {0};
	struct store_file *files = NULL;
	size_t count = 0;
	int code = pack.n != 0 ? file_pack_read(pack, FILE_PACK_NAMES, &arena, &files, &count, e) : 0;
	if (code == 0) {
		gathered_tell(t->g, t->known, t->u, t->package, files, count);
	}
	arena_finish(&arena);
	return code;
}

static int keep_pack(void *user, struct str pack, struct err *e)
{
	const struct telling *t = user;
	return pack.n == 0 ? 0
					   : file_pack_read(pack, FILE_PACK_WHOLE, &t->g->arena, &t->known->files,
							 &t->known->count, e);
}

const struct store_file *gather_files_whole(struct gather *g, struct gathered *known)
{
	struct telling telling = {.g = g, .known = known};
	if (known->files == NULL && known->stored != 0 &&
		store_package_pack(g->options.store, known->stored, keep_pack, &telling, NULL) != 0) {
		known->files = NULL;
		known->count = 0;
	}
	return known->files;
}

/* Who looks for sdists beside what this farm made wants all that is told of them. */
bool gathered_tell_stored(
	struct gather *g, struct gathered *known, struct universe *u, uint32_t package)
{
	struct telling telling = {g, known, u, package};
	if (g->options.built && has_built(g) && gather_files_whole(g, known) != NULL) {
		gathered_tell(g, known, u, package, known->files, known->count);
		return true;
	}
	return store_package_pack(g->options.store, known->stored, tell_pack, &telling, NULL) == 0;
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

/* What was told before, or is stored; false: that is none, or too old. */
static bool tell_known(
	struct gather *g, struct gathered *known, struct universe *u, uint32_t package)
{
	struct store_package row;
	if (known->told) {
		gathered_tell(g, known, u, package, known->files, known->count);
		return true;
	}
	if (g->options.store == NULL ||
		store_package_get(gather_reader(g), str_from(known->name), &g->arena, &row, NULL) != 0) {
		return false;
	}
	bool has_page = row.scanned != 0 && !row.absent;
	known->stored = has_page ? row.id : 0;
	if (!is_fresh(g, &row)) {
		known->etag = has_page ? validator_etag(row.etag, g->fingerprint, &g->arena) : NULL;
		return false;
	}
	if (row.absent) {
		known->told = known->absent = true;
		gathered_tell(g, known, u, package, NULL, 0);
		return true;
	}
	return has_page && gathered_tell_stored(g, known, u, package);
}

static bool bring_page(void *user, struct universe *u, uint32_t package)
{
	struct gather *g = user;
	struct universe_package *p = &u->packages.v[package];
	struct gathered *known = gathered_of(g, p->name);
	if (known->wanted) {
		return false;
	}
	if (tell_known(g, known, u, package)) {
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

static int compare_key(const void *key, const void *element)
{
	const struct store_dependency_requires *row = element;
	return memcmp(key, row->key, sizeof(row->key));
}

/* The id of the text of what is stored under that key; 0: nothing is. What is stored of a package lies together:
 * it is read at once. */
static int64_t find_requires(struct gather *g, struct gathered *known, const unsigned char *key)
{
	if (known->requires == NULL && known->stored != 0) {
		(void)store_dependency_requires(gather_reader(g), known->stored, &g->arena,
			&known->requires, &known->requires_count, NULL);
	}
	const struct store_dependency_requires *row = known->requires_count != 0
		? bsearch(key, known->requires, known->requires_count, sizeof(*row), compare_key)
		: NULL;
	return row != NULL ? row->requires : 0;
}

/* A stored text becomes requirements once. */
static bool read_text(struct gather *g, struct universe *u, int64_t id, uint32_t *out)
{
	struct arena arena = {0};
	struct str text, key = {(const char *)&id, sizeof(id)};
	size_t found = (size_t)(uintptr_t)map_get(&g->requires_texts, key);
	if (found == 0 && store_dependency_text(gather_reader(g), id, &arena, &text, NULL) == 0) {
		found = (size_t)universe_requires(u, text) + 1;
		map_put(&g->requires_texts, key, (void *)(uintptr_t)found);
	}
	arena_finish(&arena);
	*out = found != 0 ? (uint32_t)(found - 1) : UNIVERSE_NONE;
	return found != 0;
}

static bool bring_metadata(
	void *user, struct universe *u, uint32_t package, uint32_t version, uint32_t wheel)
{
	struct gather *g = user;
	struct universe_package *p = &u->packages.v[package];
	struct universe_wheel *w = &p->versions[version].wheels[wheel];
	int64_t id = w->keyed ? find_requires(g, gathered_of(g, p->name), w->key) : 0;
	if (id != 0 && read_text(g, u, id, &w->requires)) {
		return true;
	}
	if (g->options.offline) {
		w->requires = universe_requires_bad(u, "its metadata was not looked at yet");
		return true;
	}
	want(g,
		(struct gather_want){
			.kind = GATHER_METADATA, .package = package, .version = version, .wheel = wheel});
	return false;
}

struct solve_source gather_source(struct gather *g)
{
	return (struct solve_source){.page = bring_page, .metadata = bring_metadata, .user = g};
}

/* What this farm made of what is on the page. */
static void read_built(
	struct gather *g, struct gathered *known, const struct store_file *files, size_t count)
{
	if (g->options.store != NULL && known->built == NULL && has_built(g)) {
		(void)store_built_on_page(g->options.store, str_from(known->name), files, count, &g->arena,
			&known->built, &known->built_count, NULL);
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

void gathered_tell(struct gather *g, struct gathered *known, struct universe *u, uint32_t package,
	const struct store_file *files, size_t count)
{
	if (known->absent) {
		u->packages.v[package].state = UNIVERSE_ABSENT;
		return;
	}
	read_built(g, known, files, count);
	size_t n = count;
	struct store_file *all = NULL;
	uint32_t *places = mem_resize(NULL, count + known->built_count, sizeof(*places));
	const struct store_file *told = files;
	if (g->options.built && known->built_count != 0) {
		all = mem_resize(NULL, count + known->built_count, sizeof(*all));
		if (count != 0) {
			memcpy(all, files, count * sizeof(*all));
		}
		n += add_built(g, known, &all[count]);
		told = all;
	}
	universe_set_files(u, package, told, n, places);
	for (struct gather_asked *a = known->asked; a != NULL; a = a->next) {
		a->read(a, files, places, count);
	}
	free(all);
	free(places);
}

void gather_ask(struct gather *g, struct str package, struct gather_asked *a)
{
	struct gathered *known = gathered_of(g, package);
	a->next = known->asked;
	known->asked = a;
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
	map_finish(&g->requires_texts);
	scan_index_finish(&g->index);
	arena_finish(&g->arena);
	free(g);
}
