/* uv.lock is a graph: what is installed on a target is what its markers let through from the projects it
 * was made for. All targets are walked at once, as sets. */
#include "coordinator/check/lock.h"

#include "core/pep/name.h"

/* What may be reached: a package, or one of its extras. */
struct node {
	const struct toml_node *edges; /* an array of dependencies; NULL: none */
	uint64_t reached;
	bool waits; /* it is in `open` */
};

struct entry {
	struct lock_pin pin;
	const struct toml_node *source;
	uint32_t node; /* its own; those of its extras follow, as the table has them */
	uint32_t next; /* + 1: the next entry of that name; 0: there is none */
};

struct graph {
	struct lock *l;
	VEC(struct entry) entries;
	VEC(struct node) nodes;
	VEC(uint32_t) open;
	struct map names; /* to the first entry of that name, + 1 */
};

static bool has_source(const struct entry *e, const char *kind)
{
	return toml_get(e->source, kind) != NULL;
}

/* What the lock was made for. */
static bool is_project(const struct entry *e)
{
	return has_source(e, "virtual") || has_source(e, "editable");
}

static bool same_source(const struct toml_node *a, const struct toml_node *b)
{
	const struct toml_node *x = a != NULL ? a->first : NULL, *y = b != NULL ? b->first : NULL;
	return x != NULL && y != NULL && str_equal(x->key, y->key) && str_equal(x->text, y->text);
}

static void reach(struct graph *g, uint32_t node, uint64_t targets)
{
	struct node *n = &g->nodes.v[node];
	if ((targets & ~n->reached) == 0) {
		return;
	}
	n->reached |= targets;
	if (!n->waits) {
		n->waits = true;
		*vec_add(&g->open) = node;
	}
}

static void reach_extras(
	struct graph *g, const struct entry *e, const struct toml_node *extras, uint64_t targets)
{
	TOML_EACH(extra, extras)
	{
		uint32_t node = e->node;
		TOML_EACH(known, toml_get_kind(e->pin.at, "optional-dependencies", TOML_TABLE))
		{
			node++;
			if (name_equal(known->key, extra->text)) {
				reach(g, node, targets);
			}
		}
	}
}

/* The entries that the dependency may mean; all of them get the targets. */
static int follow(struct graph *g, const struct toml_node *edge, uint64_t from)
{
	struct lock *l = g->l;
	struct buf name = {0};
	uint64_t targets;
	int code = lock_applies(l, toml_get(edge, "marker"), &targets);
	if (code != 0 || (targets & from) == 0) {
		return code;
	}
	name_normalise(toml_get_text(edge, "name"), &name);
	struct str version = toml_get_text(edge, "version");
	const struct toml_node *source = toml_get(edge, "source");
	size_t at = (size_t)(uintptr_t)map_get(&g->names, buf_view(&name));
	buf_finish(&name);
	if (at == 0) {
		return lock_fail(l, edge, "a dependency that is none of its packages");
	}
	for (; at != 0; at = g->entries.v[at - 1].next) {
		const struct entry *e = &g->entries.v[at - 1];
		if ((version.n == 0 || str_equal(version, toml_get_text(e->pin.at, "version"))) &&
			(source == NULL || same_source(source, e->source))) {
			reach(g, e->node, targets & from);
			reach_extras(g, e, toml_get_kind(edge, "extra", TOML_ARRAY), targets & from);
		}
	}
	return 0;
}

static int walk(struct graph *g)
{
	int code = 0;
	while (g->open.n != 0 && code == 0) {
		uint32_t at = g->open.v[--g->open.n];
		g->nodes.v[at].waits = false;
		uint64_t from = g->nodes.v[at].reached;
		TOML_EACH(edge, g->nodes.v[at].edges)
		{
			if (code == 0) {
				code = follow(g, edge, from);
			}
		}
	}
	return code;
}

/* --- what there is --- */

static int add_name(struct graph *g, struct str name, uint32_t entry)
{
	size_t first = (size_t)(uintptr_t)map_get(&g->names, name), count = 0;
	if (first == 0) {
		map_put(&g->names, name, (void *)((uintptr_t)entry + 1));
		return 0;
	}
	struct entry *e = &g->entries.v[first - 1];
	for (; e->next != 0; e = &g->entries.v[e->next - 1]) {
		count++;
	}
	e->next = entry + 1;
	return count + 2 <= LOCK_VERSIONS_MOST
		? 0
		: err_set(g->l->e, ERR_TOO_LARGE, "%s:%zu: more than %d versions of one package",
			  g->l->path, g->entries.v[entry].pin.at->line, LOCK_VERSIONS_MOST);
}

static int add_entry(struct graph *g, const struct toml_node *package)
{
	uint32_t index = (uint32_t)g->entries.n;
	struct entry *e = vec_add(&g->entries);
	int code = lock_pin_init(g->l, package, &e->pin);
	if (code != 0) {
		return code;
	}
	e->source = toml_get_kind(package, "source", TOML_TABLE);
	e->node = (uint32_t)g->nodes.n;
	vec_add(&g->nodes)->edges = toml_get_kind(package, "dependencies", TOML_ARRAY);
	TOML_EACH(extra, toml_get_kind(package, "optional-dependencies", TOML_TABLE))
	{
		vec_add(&g->nodes)->edges = extra;
	}
	return add_name(g, e->pin.name, index);
}

/* --- where it begins --- */

static void reach_project(struct graph *g, const struct entry *e)
{
	uint64_t all = check_list_all(g->l->list);
	uint32_t node = e->node;
	reach(g, node, all);
	TOML_EACH(extra, toml_get_kind(e->pin.at, "optional-dependencies", TOML_TABLE))
	{
		reach(g, ++node, all);
	}
}

static int follow_all(struct graph *g, const struct toml_node *edges)
{
	int code = 0;
	TOML_EACH(edge, edges)
	{
		if (code == 0) {
			code = follow(g, edge, check_list_all(g->l->list));
		}
	}
	return code;
}

static int follow_groups(struct graph *g, const struct toml_node *groups)
{
	int code = 0;
	TOML_EACH(group, groups)
	{
		if (code == 0) {
			code = follow_all(g, group);
		}
	}
	return code;
}

/* Projects with their extras and groups, and what a script or a workspace without a project requires. */
static int begin(struct graph *g)
{
	const struct toml_node *manifest = toml_get_kind(g->l->root, "manifest", TOML_TABLE);
	int code = follow_all(g, toml_get_kind(manifest, "requirements", TOML_ARRAY));
	if (code == 0) {
		code = follow_groups(g, toml_get_kind(manifest, "dependency-groups", TOML_TABLE));
	}
	for (uint32_t i = 0; i < g->entries.n && code == 0; i++) {
		if (is_project(&g->entries.v[i])) {
			reach_project(g, &g->entries.v[i]);
			code = follow_groups(
				g, toml_get_kind(g->entries.v[i].pin.at, "dev-dependencies", TOML_TABLE));
		}
	}
	return code == 0 ? walk(g) : code;
}

/* --- what comes out --- */

static int tell(struct graph *g, struct entry *e)
{
	static const struct {
		const char *kind, *what;
	} elsewhere[] = {{"git", "a repository"}, {"url", "an address"}, {"path", "a path"},
		{"directory", "a folder"}};
	struct lock *l = g->l;
	e->pin.applies = g->nodes.v[e->node].reached;
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(*elsewhere); i++) {
		if (e->pin.applies != 0 && has_source(e, elsewhere[i].kind)) {
			lock_skip(l, e->pin.at, elsewhere[i].what, e->pin.name);
			return 0;
		}
	}
	if (e->pin.applies == 0 || is_project(e)) {
		return 0;
	}
	TOML_EACH(wheel, toml_get_kind(e->pin.at, "wheels", TOML_ARRAY))
	{
		lock_pin_file(l, &e->pin, wheel);
	}
	if (toml_get_kind(e->pin.at, "sdist", TOML_TABLE) != NULL) {
		lock_pin_file(l, &e->pin, toml_get(e->pin.at, "sdist"));
	}
	return lock_pin_add(l, &e->pin);
}

int uv_lock_read(struct lock *l)
{
	struct graph g = {.l = l};
	const struct toml_node *version = toml_get(l->root, "version");
	int code = 0;
	lock_python(l, toml_get_text(l->root, "requires-python"));
	if (version->kind != TOML_NUMBER || version->number != 1) {
		code = lock_fail(l, version, "version: only 1 is known of uv.lock");
	}
	if (code == 0) {
		code = lock_applies_any(
			l, toml_get_kind(l->root, "supported-markers", TOML_ARRAY), &l->about->made_for);
	}
	TOML_EACH(package, toml_get_kind(l->root, "package", TOML_ARRAY))
	{
		if (code == 0) {
			code = add_entry(&g, package);
		}
	}
	if (code == 0) {
		code = begin(&g);
	}
	for (size_t i = 0; i < g.entries.n && code == 0; i++) {
		code = tell(&g, &g.entries.v[i]);
	}
	VEC_EACH (struct entry, e, &g.entries) {
		lock_pin_finish(&e->pin);
	}
	vec_finish(&g.entries);
	vec_finish(&g.nodes);
	vec_finish(&g.open);
	map_finish(&g.names);
	return code;
}
