/* What a version without a wheel would need if it were built. */
#include "coordinator/check/check_parts.h"

static struct check_source *place(
	struct checking *c, uint32_t package, uint32_t version, bool *is_new)
{
	const uint32_t numbers[] = {package, version, (uint32_t)c->target};
	const struct str key = {(const char *)numbers, sizeof(numbers)};
	struct check_source *s = map_get(&c->sources, key);
	*is_new = s == NULL;
	if (s == NULL) {
		s = arena_new(&c->out->arena, sizeof(*s));
		map_put(&c->sources, key, s);
	}
	return s;
}

/* A wheel for other systems says it as its sdist would. */
static bool bring_wheel(
	struct checking *c, uint32_t package, uint32_t version, struct gather_source *out)
{
	const struct solve_source source = gather_source(c->options->gather);
	struct universe_version *v = &c->u.packages.v[package].versions[version];
	struct universe_wheel *w = solve_wheel(v, c->target);
	if (w->requires == UNIVERSE_NONE &&
		!source.metadata(source.user, &c->u, package, version, (uint32_t)(w - v->wheels))) {
		return false;
	}
	out->why = c->u.requires.v[w->requires].bad;
	out->requires = out->why == NULL ? w->requires : UNIVERSE_NONE;
	return true;
}

static int bring(struct checking *c, uint32_t package, uint32_t version, struct gather_source *out)
{
	struct gather *g = c->options->gather;
	bool has_wheel = c->u.packages.v[package].versions[version].wheel_count != 0;
	while (has_wheel ? !bring_wheel(c, package, version, out)
					 : !gather_source_of(g, &c->u, package, version, out)) {
		int code = gather_wait(g, &c->u, c->e);
		if (code != 0) {
			return code;
		}
	}
	return 0;
}

static int tell_blockers(
	struct checking *c, const uint32_t *roots, size_t count, struct check_source *out)
{
	struct solve_explanation x;
	int code = check_explain(c, roots, count, &x);
	if (code != 0) {
		return code;
	}
	out->state = CHECK_BUILT_BLOCKED;
	out->blockers = arena_new(&c->out->arena, (x.blockers.n + 1) * sizeof(*out->blockers));
	VEC_EACH (struct solve_blocker, b, &x.blockers) {
		out->blockers[out->blocker_count++] = check_keep(c, c->u.packages.v[b->package].name);
	}
	solve_explanation_finish(&x);
	return 0;
}

struct needed {
	VEC(uint32_t) roots;
	bool by_url; /* some are addresses, which nobody follows */
};

/* What its extras would bring in besides, nobody asked for here. */
static void collect(struct checking *c, uint32_t requires, struct needed *needed)
{
	const struct universe *u = &c->u;
	for (uint32_t i = 0; i < u->requires.v[requires].count; i++) {
		uint32_t requirement = u->requires.v[requires].v[i];
		if (universe_has(u->requirements.v[requirement].applies, c->target)) {
			*vec_add(&needed->roots) = requirement;
			needed->by_url |= u->requirements.v[requirement].url.n != 0;
		}
	}
}

static int ask(struct checking *c, const struct needed *needed, struct check_source *out)
{
	struct solve_answer a;
	int code = check_ask(c, needed->roots.v, needed->roots.n, &a);
	if (code != 0) {
		return code;
	}
	if (a.verdict == SOLVE_YES) {
		out->state = CHECK_BUILT_OK;
	} else {
		code = tell_blockers(c, needed->roots.v, needed->roots.n, out);
	}
	solve_answer_finish(&a);
	return code;
}

static int tell(struct checking *c, uint32_t requires, struct check_source *out)
{
	struct needed needed = {0};
	int code = 0;
	collect(c, requires, &needed);
	out->requires = arena_new(&c->out->arena, (needed.roots.n + 1) * sizeof(*out->requires));
	VEC_EACH (uint32_t, root, &needed.roots) {
		out->requires[out->require_count++] = check_keep(c, c->u.requirements.v[*root].text);
	}
	if (!universe_has(c->u.requires.v[requires].admits, c->target)) {
		out->state = CHECK_BUILT_UNKNOWN;
		out->why = "it does not admit this Python";
	} else if (needed.by_url) {
		out->state = CHECK_BUILT_UNKNOWN;
		out->why = "it requires what is at an address";
	} else {
		code = ask(c, &needed, out);
	}
	vec_finish(&needed.roots);
	return code;
}

int check_source(struct checking *c, uint32_t package, uint32_t version, struct check_source *out)
{
	bool is_new;
	struct check_source *s = place(c, package, version, &is_new);
	struct gather_source found = {0};
	int code = is_new ? bring(c, package, version, &found) : 0;
	if (is_new && code == 0 && found.requires == UNIVERSE_NONE) {
		s->state = CHECK_BUILT_UNKNOWN;
		s->why = check_keep(c, str_from(found.why));
	} else if (is_new && code == 0) {
		code = tell(c, found.requires, s);
	}
	*out = *s;
	return code;
}
