#include "coordinator/solve/round.h"

struct looking {
	struct universe *u;
	const struct solve_question *q;
	const struct solve_source *source;
	struct candidate_set facts; /* nothing is reached in it */
	struct map seen;
	VEC(uint32_t) open; /* requirements */
};

/* The newest version that a requirement alone would take. */
static uint32_t newest(struct looking *l, const struct universe_requirement *r)
{
	uint32_t last_resort = UNIVERSE_NONE;
	for (uint32_t i = l->u->packages.v[r->package].version_count; i-- > 0;) {
		bool excluded;
		if (candidate_reason(&l->facts, r->package, i, &excluded) != SOLVE_USABLE || excluded ||
			!universe_matches(l->u, r->spec, i)) {
			continue;
		}
		if (!l->u->packages.v[r->package].versions[i].prerelease) {
			return i;
		}
		last_resort = last_resort == UNIVERSE_NONE ? i : last_resort;
	}
	return last_resort;
}

static void open_requirement(struct looking *l, uint32_t requirement)
{
	struct str key = {.p = (const char *)&requirement, .n = sizeof(requirement)};
	if (map_put(&l->seen, key, l) == NULL) {
		*vec_add(&l->open) = requirement;
	}
}

static bool applies(struct looking *l, uint32_t inner, const uint32_t *extras, uint32_t count)
{
	uint64_t set = universe_applies(l->u, inner, UNIVERSE_NONE);
	for (uint32_t i = 0; i < count; i++) {
		set |= universe_applies(l->u, inner, extras[i]);
	}
	return universe_has(set, l->q->target);
}

static void look_at(struct looking *l, uint32_t requirement)
{
	struct universe *u = l->u;
	struct universe_requirement r = u->requirements.v[requirement];
	if (u->packages.v[r.package].state == UNIVERSE_UNASKED) {
		l->source->page(l->source->user, u, r.package);
	}
	uint32_t version = newest(l, &r);
	if (version == UNIVERSE_NONE) {
		return;
	}
	struct universe_version *v = &u->packages.v[r.package].versions[version];
	struct universe_wheel *w = solve_wheel(v, l->q->target);
	if (w->requires == UNIVERSE_NONE) {
		l->source->metadata(l->source->user, u, r.package, version, (uint32_t)(w - v->wheels));
	}
	if (w->requires == UNIVERSE_NONE) {
		return;
	}
	struct universe_requires all = u->requires.v[w->requires];
	for (uint32_t i = 0; i < all.count; i++) {
		if (applies(l, all.v[i], r.extras, r.extra_count)) {
			open_requirement(l, all.v[i]);
		}
	}
}

void look_ahead(
	struct universe *u, const struct solve_question *q, const struct solve_source *source)
{
	struct looking l = {.u = u, .q = q, .source = source};
	candidate_set_facts(&l.facts, u, q, NULL);
	for (size_t i = 0; i < q->root_count; i++) {
		if (universe_has(u->requirements.v[q->roots[i]].applies, q->target)) {
			open_requirement(&l, q->roots[i]);
		}
	}
	for (size_t i = 0; i < l.open.n; i++) {
		look_at(&l, l.open.v[i]);
	}
	vec_finish(&l.open);
	map_finish(&l.seen);
	candidate_set_finish(&l.facts);
}
