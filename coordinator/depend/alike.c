#include "coordinator/depend/alike.h"

struct walking {
	struct depend_graph *g;
	const struct solve_focus *focus;
	size_t target;
	uint64_t alike;
	struct map seen; /* package and extra */
	VEC(struct depend_visit) visits;
};

static uint64_t same_as(const struct walking *w, uint64_t set)
{
	return universe_has(set, w->target) ? set : ~set;
}

static void visit(struct walking *w, uint32_t package, uint32_t extra)
{
	const struct depend_visit v = {.package = package, .extra = extra};
	struct str key = {(const char *)&v, sizeof(v)};
	if (map_put(&w->seen, key, w) == NULL) {
		*vec_add(&w->visits) = v;
	}
}

static void look_at_requires(struct walking *w, uint32_t requires, uint32_t extra)
{
	const struct universe *u = &w->g->u;
	for (uint32_t i = 0; i < u->requires.v[requires].count; i++) {
		uint32_t requirement = u->requires.v[requires].v[i];
		uint64_t applies = universe_applies(&w->g->u, requirement, extra);
		w->alike &= same_as(w, applies);
		if (universe_has(applies, w->target)) {
			const struct universe_requirement *q = &u->requirements.v[requirement];
			visit(w, q->package, UNIVERSE_NONE);
			for (uint32_t x = 0; x < q->extra_count; x++) {
				visit(w, q->package, q->extras[x]);
			}
		}
	}
}

static void look_at_version(
	struct walking *w, uint32_t package, uint32_t version, uint32_t extra, uint32_t *last)
{
	const struct universe_version *v = &w->g->u.packages.v[package].versions[version];
	if (extra == UNIVERSE_NONE) {
		w->alike &= same_as(w, v->fits) & same_as(w, v->yanked) & same_as(w, v->admitted) &
			same_as(w, w->g->packages.v[package].usable[version]) &
			same_as(w, w->g->packages.v[package].alive[version]);
	}
	for (uint32_t i = 0; i < v->wheel_count; i++) {
		uint32_t requires = v->wheels[i].requires;
		w->alike &= extra == UNIVERSE_NONE && v->wheel_count > 1 ? same_as(w, v->wheels[i].targets)
																 : UINT64_MAX;
		if (requires != UNIVERSE_NONE && requires != *last &&
			solve_focus_has(w->focus, package, version)) {
			*last = requires;
			look_at_requires(w, requires, extra);
		}
	}
}

uint64_t depend_alike(struct depend_graph *g, const struct solve_focus *focus, uint32_t package,
	uint32_t version, size_t target, uint64_t among)
{
	struct walking w = {.g = g, .focus = focus, .target = target, .alike = among};
	const uint64_t alone = UINT64_C(1) << target;
	uint32_t last = UNIVERSE_NONE;
	look_at_version(&w, package, version, UNIVERSE_NONE, &last);
	for (size_t i = 0; i < w.visits.n && w.alike != alone; i++) {
		struct depend_visit v = w.visits.v[i];
		last = UNIVERSE_NONE;
		for (uint32_t k = 0; k < g->u.packages.v[v.package].version_count; k++) {
			look_at_version(&w, v.package, k, v.extra, &last);
		}
	}
	map_finish(&w.seen);
	vec_finish(&w.visits);
	return w.alike | alone;
}
