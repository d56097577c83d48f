/* Which versions are alive: what needs something that is not goes, again and again until nothing goes. */
#include "coordinator/depend/graph.h"

struct living {
	uint64_t set;
	uint32_t age; /* deaths of its package, or the pass, when that was so; + 1 */
};

/* The requirements that an extra adds are met, as far as one look can tell: of what those ask for in
 * turn the packages are looked at, not their extras. A wheel without metadata asks for nothing. */
static uint64_t extras_alive(
	struct depend_graph *g, uint32_t version, const struct universe_requirement *q)
{
	uint64_t set = g->packages.v[q->package].alive[version];
	const struct universe_version *v = &g->u.packages.v[q->package].versions[version];
	for (uint32_t w = 0; w < v->wheel_count && set != 0; w++) {
		if (v->wheels[w].yanked || v->wheels[w].requires == UNIVERSE_NONE) {
			continue;
		}
		const struct universe_requires *r = &g->u.requires.v[v->wheels[w].requires];
		for (uint32_t i = 0; i < r->count; i++) {
			const struct universe_requirement *inner = &g->u.requirements.v[r->v[i]];
			if (!inner->by_extra) {
				continue;
			}
			uint64_t applies =
				depend_applies(g, r->v[i], q->extras, q->extra_count) & v->wheels[w].targets;
			if ((applies & set) != 0 && inner->url.n != 0) {
				set &= ~applies;
			} else if ((applies & set) != 0 && inner->extra_count == 0) {
				set &= ~applies | depend_living(g, r->v[i]);
			}
		}
	}
	return set;
}

static uint64_t find_living(struct depend_graph *g, uint32_t requirement)
{
	const struct universe_requirement q = g->u.requirements.v[requirement];
	const struct universe_package *p = &g->u.packages.v[q.package];
	uint64_t set = 0;
	if (p->state == UNIVERSE_ABSENT) {
		return 0;
	}
	if (p->state != UNIVERSE_KNOWN) {
		return g->u.all;
	}
	/* the newest has most of them, as a rule */
	for (uint32_t v = p->version_count; v-- > 0 && set != g->u.all;) {
		uint64_t alive = g->packages.v[q.package].alive[v];
		if ((alive & ~set) != 0 && universe_matches(&g->u, q.spec, v)) {
			set |= q.extra_count == 0 ? alive : extras_alive(g, v, &q);
		}
	}
	return set;
}

uint64_t depend_living(struct depend_graph *g, uint32_t requirement)
{
	while (g->living.n <= requirement) {
		vec_add(&g->living);
	}
	const struct universe_requirement *q = &g->u.requirements.v[requirement];
	uint32_t package = q->package;
	/* An extra's answer depends on more packages than one. */
	uint32_t age = (q->extra_count != 0 ? g->pass : g->packages.v[package].deaths) + 1;
	if (g->living.v[requirement].age != age) {
		uint64_t set = find_living(g, requirement);
		g->living.v[requirement] = (struct living){.set = set, .age = age};
	}
	return g->living.v[requirement].set;
}

static uint64_t version_alive(struct depend_graph *g, uint32_t package, uint32_t version)
{
	uint64_t alive = g->packages.v[package].alive[version];
	const struct universe_version *v = &g->u.packages.v[package].versions[version];
	for (uint32_t w = 0; w < v->wheel_count && alive != 0; w++) {
		uint64_t here = v->wheels[w].targets & alive;
		if (v->wheels[w].yanked || v->wheels[w].requires == UNIVERSE_NONE || here == 0) {
			continue;
		}
		const struct universe_requires *r = &g->u.requires.v[v->wheels[w].requires];
		for (uint32_t i = 0; i < r->count && here != 0; i++) {
			uint64_t applies = g->u.requirements.v[r->v[i]].applies & here;
			if (applies != 0) {
				uint64_t dies = applies & ~depend_living(g, r->v[i]);
				alive &= ~dies;
				here &= ~dies;
			}
		}
	}
	return alive;
}

void depend_graph_live(struct depend_graph *g)
{
	bool again = true;
	while (again) {
		again = false;
		g->pass++;
		for (uint32_t p = 0; p < g->packages.n; p++) {
			if (!g->packages.v[p].loaded) {
				continue;
			}
			for (uint32_t v = 0; v < g->u.packages.v[p].version_count; v++) {
				uint64_t alive = version_alive(g, p, v);
				if (alive != g->packages.v[p].alive[v]) {
					g->packages.v[p].alive[v] = alive;
					g->packages.v[p].deaths++;
					again = true;
				}
			}
		}
	}
	g->pass++;
	for (uint32_t p = 0; p < g->packages.n; p++) {
		g->u.packages.v[p].alive = g->packages.v[p].alive;
	}
}
