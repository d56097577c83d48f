#include "coordinator/depend/needs.h"

#include "coordinator/solve/requires_text.h"

struct reading {
	struct depend_graph *g;
	struct needs *out;
	struct map seen; /* extra, space, node */
};

void needs_finish(struct needs *n)
{
	vec_finish(&n->v);
	arena_finish(&n->arena);
}

static void add(struct reading *r, struct str extra, struct str name, struct str of)
{
	struct buf key = {0};
	buf_add_str(&key, extra);
	buf_add_char(&key, ' ');
	buf_add_str(&key, name);
	if (of.n != 0) {
		buf_add_char(&key, '[');
		buf_add_str(&key, of);
		buf_add_char(&key, ']');
	}
	if (map_put(&r->seen, buf_view(&key), r) == NULL) {
		*vec_add(&r->out->v) = (struct store_need){
			.extra = arena_copy(&r->out->arena, extra.p, extra.n),
			.node = arena_copy(&r->out->arena, key.p + extra.n + 1, key.n - extra.n - 1),
		};
	}
	buf_finish(&key);
}

/* The package itself, and each of its extras that is wanted. */
static void add_nodes(struct reading *r, struct str extra, uint32_t requirement)
{
	const struct universe *u = &r->g->u;
	const struct universe_requirement *q = &u->requirements.v[requirement];
	add(r, extra, u->packages.v[q->package].name, (struct str){0});
	for (uint32_t i = 0; i < q->extra_count; i++) {
		add(r, extra, u->packages.v[q->package].name, u->extras.v[q->extras[i]]);
	}
}

/* What only an extra brings in is the extra's; if none that the metadata tells of does, it is taken for
 * the package's own, which finds too many rather than too few. */
static void add_requirement(
	struct reading *r, uint32_t requirement, const uint32_t *extras, size_t count)
{
	const struct universe_requirement *q = &r->g->u.requirements.v[requirement];
	uint64_t own = q->applies;
	bool told = own != 0 || !q->by_extra;
	if (own != 0) {
		add_nodes(r, STR(""), requirement);
	}
	for (size_t i = 0; q->by_extra && i < count; i++) {
		if ((universe_applies(&r->g->u, requirement, extras[i]) & ~own) != 0) {
			add_nodes(r, r->g->u.extras.v[extras[i]], requirement);
			told = true;
		}
	}
	if (!told) {
		add_nodes(r, STR(""), requirement);
	}
}

static void read_text(struct reading *r, struct str text)
{
	VEC(uint32_t) extras = {0};
	struct str rest = text, value;
	uint32_t requirement;
	char kind;
	while (requires_text_next(&rest, &kind, &value)) {
		if (kind == 'E' && extras.n < UNIVERSE_EXTRAS) {
			*vec_add(&extras) = universe_extra(&r->g->u, value);
		}
	}
	rest = text;
	while (requires_text_next(&rest, &kind, &value)) {
		if (kind == 'R' && universe_requirement(&r->g->u, value, &requirement, NULL) == 0) {
			add_requirement(r, requirement, extras.v, extras.n);
		}
	}
	vec_finish(&extras);
}

void needs_read(struct depend_graph *g, uint32_t package, struct needs *out)
{
	struct reading r = {.g = g, .out = out};
	struct arena arena = {0};
	struct store_dependency_requires *rows;
	struct err e = {0};
	struct str text;
	size_t count = 0;
	*out = (struct needs){0};
	int code =
		store_dependency_requires(g->store, g->packages.v[package].id, &arena, &rows, &count, &e);
	for (size_t i = 0; code == 0 && i < count; i++) {
		code = store_dependency_text(g->store, rows[i].requires, &arena, &text, &e);
		if (code == 0) {
			read_text(&r, text);
		}
	}
	if (code != 0 && g->code == 0) {
		g->code = err_set(&g->err, code, "%s", e.text);
	}
	map_finish(&r.seen);
	arena_finish(&arena);
}

/* --- the other way round --- */

struct finding {
	struct arena *arena;
	struct map nodes; /* "name" or "name[extra]" */
	VEC(const char *) open; /* of those, whose needers are looked up in this order */
	VEC(const char *) names; /* of those without an extra */
};

static void find(struct finding *f, const char *name, const char *extra)
{
	struct buf node = {0};
	buf_add_text(&node, name);
	if (extra[0] != '\0') {
		buf_printf(&node, "[%s]", extra);
	}
	if (map_put(&f->nodes, buf_view(&node), f) == NULL) {
		const char *kept = arena_copy(f->arena, node.p, node.n);
		*vec_add(&f->open) = kept;
		if (extra[0] == '\0') {
			*vec_add(&f->names) = kept;
		}
	}
	buf_finish(&node);
}

int needs_affected(struct store *s, const struct store_due *due, size_t due_count,
	struct arena *arena, const char ***out, size_t *count, struct err *e)
{
	struct finding f = {.arena = arena};
	int code = 0;
	for (size_t i = 0; i < due_count; i++) {
		find(&f, due[i].name, "");
	}
	for (size_t i = 0; code == 0 && i < f.open.n; i++) {
		struct arena rows_arena = {0};
		struct store_needed_by *rows;
		size_t n = 0;
		code = store_needed_by(s, str_from(f.open.v[i]), &rows_arena, &rows, &n, e);
		for (size_t k = 0; code == 0 && k < n; k++) {
			find(&f, rows[k].name, rows[k].extra);
		}
		arena_finish(&rows_arena);
	}
	*count = f.names.n;
	*out = vec_to_arena(&f.names, arena);
	map_finish(&f.nodes);
	vec_finish(&f.open);
	return code;
}
