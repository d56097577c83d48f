#include "coordinator/depend/concern.h"

#include "coordinator/depend/needs.h"

enum {
	COMPARED_MOST = 16
}; /* that are due at once: of more, most of the rest is concerned anyway */

static struct concern *concern_of(struct concerns *c, const char *name)
{
	void **place = map_place(&c->places, str_from(name));
	if (*place == NULL) {
		*vec_add(&c->v) = (struct concern){.name = name};
		*place = (void *)c->v.n;
	}
	return &c->v.v[(size_t)*place - 1];
}

static void add(struct settled *to, const struct settled *s)
{
	to->gains |= s->gains;
	to->loses |= s->loses;
	to->tells |= s->tells;
	to->names |= s->names;
}

static int add_needers(struct concerns *c, struct store *s, const struct store_due *due,
	size_t count, const struct settled *moves, struct err *e)
{
	const char **names = NULL;
	size_t name_count = 0;
	int code = needs_affected(s, due, count, &c->arena, &names, &name_count, e);
	for (size_t i = 0; code == 0 && i < name_count; i++) {
		add(&concern_of(c, names[i])->moves, moves);
	}
	return code;
}

static int add_mentions(struct concerns *c, struct store *s, const char *name,
	const struct settled *moves, struct err *e)
{
	const char **names = NULL;
	size_t count = 0;
	int code = store_dependency_mentions(s, str_from(name), &c->arena, &names, &count, e);
	for (size_t i = 0; code == 0 && i < count; i++) {
		concern_of(c, names[i])->moves.names |= moves->names;
	}
	return code;
}

static int compare(
	struct depend_graph *g, const struct store_due *due, struct settled *out, struct err *e)
{
	struct arena arena = {0};
	struct str pack;
	int64_t known;
	uint32_t package = depend_graph_load(g, str_from(due->name));
	int code = store_judged_pack(g->store, due->package, &arena, &pack, &known, e);
	if (code == 0) {
		*out = settled_find(g, package, pack, known);
	}
	arena_finish(&arena);
	return code;
}

static int add_compared(
	struct concerns *c, struct depend_graph *g, const struct store_due *due, struct err *e)
{
	struct settled moves = {0};
	int code = compare(g, due, &moves, e);
	if (code == 0 && (moves.gains | moves.loses | moves.tells) != 0) {
		code = add_needers(c, g->store, due, 1, &moves, e);
	}
	if (code == 0 && moves.names != 0) {
		*vec_add(&c->changed) = due->name;
		code = add_mentions(c, g->store, due->name, &moves, e);
	}
	return code;
}

int concerns_find(struct depend_graph *g, const struct store_due *due, size_t count,
	struct concerns *out, struct err *e)
{
	const struct settled all = {.gains = g->u.all, .loses = g->u.all};
	int code = 0;
	*out = (struct concerns){0};
	for (size_t i = 0; i < count; i++) {
		uint32_t package = depend_graph_load(g, str_from(due[i].name));
		g->packages.v[package].due = true;
		concern_of(out, due[i].name)->due = true;
	}
	if (count > COMPARED_MOST) {
		return add_needers(out, g->store, due, count, &all, e);
	}
	depend_graph_close(g);
	depend_graph_live(g);
	for (size_t i = 0; code == 0 && i < count; i++) {
		code = add_compared(out, g, &due[i], e);
	}
	return code;
}

void concerns_finish(struct concerns *c)
{
	map_finish(&c->places);
	vec_finish(&c->v);
	vec_finish(&c->changed);
	arena_finish(&c->arena);
}

static bool speaks_of(const struct store_blocker *b, const char *name)
{
	size_t n = strlen(name);
	const char *at = strstr(b->path, name);
	while (at != NULL && at[n] != ' ') {
		at = strstr(at + n, name);
	}
	return at != NULL || strcmp(b->root, name) == 0;
}

uint64_t concern_spoken(const struct depend_graph *g, const struct concerns *c,
	const struct store_blocker *blockers, size_t count)
{
	uint64_t set = 0;
	for (size_t i = 0; i < count; i++) {
		bool speaks = false;
		VEC_EACH (const char *, name, &c->changed) {
			speaks |= speaks_of(&blockers[i], *name);
		}
		set |= speaks ? depend_targets(g, blockers[i].targets, '1') : 0;
	}
	return set;
}

uint64_t concern_targets(const struct depend_graph *g, const struct concern *c)
{
	const struct settled *m = &c->moves;
	uint64_t either = m->gains | m->loses;
	return (depend_targets(g, c->letters, DEPENDENCY_BLOCKED) & (m->gains | m->tells | m->names)) |
		(depend_targets(g, c->letters, DEPENDENCY_OK) & m->loses) |
		(depend_targets(g, c->letters, DEPENDENCY_UNKNOWN) & either);
}
