#include "coordinator/depend/graph.h"

#include "coordinator/solve/release_pack.h"
#include "coordinator/store/dependency.h"
#include "coordinator/store/file.h"
#include "coordinator/store/hex.h"
#include "coordinator/store/requires.h"
#include "coordinator/store/target.h"

static bool failed(struct depend_graph *g, int code, const struct err *e)
{
	if (code != 0 && g->code == 0) {
		g->code = err_set(&g->err, code, "%s", e->text);
	}
	return code != 0;
}

int depend_graph_init(
	struct depend_graph *g, struct store *s, const struct target_set *targets, struct err *e)
{
	const struct pep_target *list[UNIVERSE_TARGETS];
	struct arena arena = {0};
	struct buf names = {0};
	int code = 0;
	*g = (struct depend_graph){.store = s};
	if (targets->n == 0 || targets->n > UNIVERSE_TARGETS) {
		return err_set(e, ERR_TOO_LARGE, "dependencies: of 1 to %d targets, not %zu",
			UNIVERSE_TARGETS, targets->n);
	}
	for (size_t i = 0; i < targets->n; i++) {
		list[i] = &targets->v[i].pep;
	}
	universe_init(&g->u, list, targets->n, UNIVERSE_PIP);
	g->ids = mem_new(targets->n, sizeof(*g->ids));
	for (size_t i = 0; i < targets->n && code == 0; i++) {
		struct store_target row;
		code = store_target_get(s, str_from(list[i]->name), &arena, &row, e);
		g->ids[i] = code == 0 ? row.id : 0;
		buf_printf(&names, "%s%s", i != 0 ? " " : "", list[i]->name);
	}
	g->names = buf_take(&names);
	arena_finish(&arena);
	return code;
}

void depend_graph_finish(struct depend_graph *g)
{
	VEC_EACH (struct depend_package, p, &g->packages) {
		vec_finish(&p->extras);
	}
	vec_finish(&g->packages);
	vec_finish(&g->visits);
	vec_finish(&g->texts);
	vec_finish(&g->living);
	vec_finish(&g->wants);
	free(g->ids);
	free(g->names);
	universe_finish(&g->u);
}

uint64_t depend_targets(const struct depend_graph *g, struct str letters, char letter)
{
	uint64_t set = 0;
	for (size_t t = 0; t < g->u.target_count; t++) {
		uint64_t place = (uint64_t)g->ids[t] - 1;
		if (place < letters.n && letters.p[place] == letter) {
			set |= UINT64_C(1) << t;
		}
	}
	return set;
}

static struct depend_package *beside(struct depend_graph *g, uint32_t package)
{
	while (g->packages.n <= package) {
		vec_add(&g->packages);
	}
	return &g->packages.v[package];
}

/* --- one package --- */

/* A stored text becomes requirements once. */
static uint32_t read_text(struct depend_graph *g, int64_t id, struct arena *arena)
{
	struct err e = {0};
	struct str text;
	if (id <= 0 || id >= UNIVERSE_NONE) {
		return UNIVERSE_NONE;
	}
	while (g->texts.n <= (size_t)id) {
		*vec_add(&g->texts) = 0;
	}
	if (g->texts.v[id] == 0) {
		if (failed(g, store_dependency_text(g->store, id, arena, &text, &e), &e)) {
			return UNIVERSE_NONE;
		}
		g->texts.v[id] = universe_requires(&g->u, text) + 1;
	}
	return g->texts.v[id] - 1;
}

void depend_graph_requires(
	struct depend_graph *g, int64_t id, struct universe_version *versions, uint32_t count)
{
	struct store_dependency_requires *rows;
	struct arena arena = {0};
	struct err e = {0};
	struct map keys = {0};
	size_t row_count = 0;
	failed(g, store_dependency_requires(g->store, id, &arena, &rows, &row_count, &e), &e);
	for (size_t i = 0; i < row_count; i++) {
		map_put(&keys, (struct str){(const char *)rows[i].key, sizeof(rows[i].key)}, &rows[i]);
	}
	for (uint32_t v = 0; row_count != 0 && v < count; v++) {
		for (uint32_t w = 0; w < versions[v].wheel_count; w++) {
			struct universe_wheel *wheel = &versions[v].wheels[w];
			const struct store_dependency_requires *row = wheel->keyed
				? map_get(&keys, (struct str){(const char *)wheel->key, sizeof(wheel->key)})
				: NULL;
			if (row != NULL) {
				wheel->requires = read_text(g, row->requires, &arena);
			}
		}
	}
	map_finish(&keys);
	arena_finish(&arena);
}

static uint64_t wheel_usable(const struct depend_graph *g, const struct universe_wheel *w)
{
	uint64_t set = w->targets;
	if (w->requires == UNIVERSE_NONE) {
		return set;
	}
	const struct universe_requires *r = &g->u.requires.v[w->requires];
	set &= r->bad != NULL ? 0 : r->admits;
	for (uint32_t i = 0; r->by_url && i < r->count; i++) {
		const struct universe_requirement *q = &g->u.requirements.v[r->v[i]];
		set &= q->url.n != 0 ? ~q->applies : g->u.all;
	}
	return set;
}

uint64_t depend_usable(const struct depend_graph *g, const struct universe_version *v)
{
	uint64_t set = 0;
	for (uint32_t w = 0; w < v->wheel_count; w++) {
		set |= v->wheels[w].yanked ? 0 : wheel_usable(g, &v->wheels[w]) & v->fits;
	}
	return set;
}

static void find_usable(struct depend_graph *g, uint32_t package)
{
	const struct universe_package *p = &g->u.packages.v[package];
	struct depend_package *d = &g->packages.v[package];
	size_t bytes = (p->version_count + 1) * sizeof(*d->usable);
	d->usable = arena_new(&g->u.arena, bytes);
	d->alive = arena_new(&g->u.arena, bytes);
	for (uint32_t v = 0; v < p->version_count; v++) {
		d->usable[v] = d->alive[v] = depend_usable(g, &p->versions[v]);
	}
}

/* --- this farm's own wheels --- */

static bool is_built(const struct depend_graph *g, uint32_t package)
{
	return g->built != NULL && map_has(g->built, g->u.packages.v[package].name);
}

/* Those of which it is known what they require, after the page's own. */
static size_t add_built(struct depend_graph *g, uint32_t package, struct store_file **files,
	size_t count, struct arena *arena)
{
	struct store_file *built;
	struct err e = {0};
	size_t built_count, n = count;
	if (failed(g,
			store_built_on_page(g->store, g->u.packages.v[package].name, *files, count, arena,
				&built, &built_count, &e),
			&e)) {
		return count;
	}
	struct store_file *all = arena_new(arena, (count + built_count + 1) * sizeof(*all));
	for (size_t i = 0; i < count; i++) {
		all[i] = (*files)[i];
	}
	for (size_t i = 0; i < built_count; i++) {
		unsigned char key[UNIVERSE_KEY];
		struct str text;
		if (hex_read(built[i].sha256, key, sizeof(key)) &&
			store_requires_get(g->store, key, arena, &text, NULL) == 0) {
			all[n++] = built[i];
		}
	}
	*files = all;
	return n;
}

static void note_built(struct depend_graph *g, uint32_t package, size_t page_count)
{
	const struct universe_package *p = &g->u.packages.v[package];
	for (uint32_t v = 0; v < p->version_count; v++) {
		for (uint32_t w = 0; w < p->versions[v].wheel_count; w++) {
			const struct universe_wheel *wheel = &p->versions[v].wheels[w];
			g->built_on |= wheel->file >= page_count ? wheel->targets : 0;
		}
	}
}

/* From its pack, or from the files where it has none yet. */
static int read_releases(struct depend_graph *g, uint32_t package,
	const struct store_dependency_package *row, struct arena *arena, struct err *e)
{
	struct store_file *files;
	size_t count;
	const bool built = is_built(g, package);
	if (row->pack.n != 0 && !built) {
		return release_pack_read(&g->u, package, row->pack, e);
	}
	int code = store_package_files(g->store, row->id, arena, &files, &count, e);
	if (code == 0) {
		size_t all = built ? add_built(g, package, &files, count, arena) : count;
		universe_set_files(&g->u, package, files, all, NULL);
		g->packages.v[package].fresh = !built;
		note_built(g, package, count);
	}
	return code;
}

static void read_package(struct depend_graph *g, uint32_t package)
{
	struct arena arena = {0};
	struct err e = {0};
	struct store_dependency_package row;
	struct str name = g->u.packages.v[package].name;
	int code = store_dependency_package(g->store, name, &arena, &row, &e);
	beside(g, package)->id = code == 0 ? row.id : 0;
	if (code == 0 && row.absent) {
		g->u.packages.v[package].state = UNIVERSE_ABSENT;
	} else if (code == 0 && row.scanned) {
		code = read_releases(g, package, &row, &arena, &e);
	}
	if (!failed(g, code, &e) && g->u.packages.v[package].state == UNIVERSE_KNOWN) {
		const struct universe_package *p = &g->u.packages.v[package];
		depend_graph_requires(g, row.id, p->versions, p->version_count);
	}
	beside(g, package)->loaded = true;
	find_usable(g, package);
	arena_finish(&arena);
}

static void load(struct depend_graph *g, uint32_t package)
{
	if (!beside(g, package)->loaded) {
		read_package(g, package);
	}
}

uint32_t depend_graph_load(struct depend_graph *g, struct str name)
{
	uint32_t package = universe_package(&g->u, name);
	if (!beside(g, package)->loaded) {
		read_package(g, package);
		*vec_add(&g->visits) = (struct depend_visit){.package = package, .extra = UNIVERSE_NONE};
	}
	return package;
}

/* --- all that can be reached --- */

void depend_graph_reach(struct depend_graph *g, uint32_t requirement)
{
	const struct universe_requirement *r = &g->u.requirements.v[requirement];
	uint32_t package = r->package, count = r->extra_count;
	const uint32_t *extras = r->extras;
	if (!beside(g, package)->loaded) {
		load(g, package);
		*vec_add(&g->visits) = (struct depend_visit){.package = package, .extra = UNIVERSE_NONE};
	}
	for (uint32_t i = 0; i < count; i++) {
		struct depend_package *d = &g->packages.v[package];
		bool known = false;
		VEC_EACH (uint32_t, x, &d->extras) {
			known |= *x == extras[i];
		}
		if (!known) {
			*vec_add(&d->extras) = extras[i];
			*vec_add(&g->visits) = (struct depend_visit){.package = package, .extra = extras[i]};
		}
	}
}

static void walk(struct depend_graph *g, struct depend_visit visit)
{
	uint32_t last = UNIVERSE_NONE;
	for (uint32_t v = 0; v < g->u.packages.v[visit.package].version_count; v++) {
		const struct universe_version *version = &g->u.packages.v[visit.package].versions[v];
		for (uint32_t w = 0; w < version->wheel_count; w++) {
			uint32_t requires = version->wheels[w].requires;
			if (requires == UNIVERSE_NONE || requires == last) {
				continue;
			}
			last = requires;
			for (uint32_t i = 0; i < g->u.requires.v[requires].count; i++) {
				uint32_t requirement = g->u.requires.v[requires].v[i];
				if (universe_applies(&g->u, requirement, visit.extra) != 0) {
					depend_graph_reach(g, requirement);
				}
			}
		}
	}
}

void depend_graph_close(struct depend_graph *g)
{
	for (size_t i = 0; i < g->visits.n; i++) {
		walk(g, g->visits.v[i]);
	}
	g->visits.n = 0;
}

uint64_t depend_applies(
	struct depend_graph *g, uint32_t requirement, const uint32_t *extras, size_t count)
{
	uint64_t set = g->u.requirements.v[requirement].applies;
	if (g->u.requirements.v[requirement].by_extra) {
		for (size_t i = 0; i < count; i++) {
			set |= universe_applies(&g->u, requirement, extras[i]);
		}
	}
	return set;
}

/* --- for the solver --- */

static bool source_page(void *user, struct universe *u, uint32_t package)
{
	struct depend_graph *g = user;
	bool was = beside(g, package)->loaded;
	load(g, package);
	if (u->packages.v[package].state == UNIVERSE_UNASKED) {
		*vec_add(&g->wants) = (struct depend_want){.package = package, .version = UNIVERSE_NONE};
		return false;
	}
	return !was;
}

static bool source_metadata(
	void *user, struct universe *u, uint32_t package, uint32_t version, uint32_t wheel)
{
	struct depend_graph *g = user;
	*vec_add(&g->wants) = (struct depend_want){.package = package, .version = version};
	return false;
}

struct solve_source depend_source(struct depend_graph *g)
{
	return (struct solve_source){.page = source_page, .metadata = source_metadata, .user = g};
}
