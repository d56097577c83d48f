#include "coordinator/solve/candidates.h"

#include <stdlib.h>

enum { FACT_CONSTRAINED = 1, FACT_PINNED = 2, FACT_PRERELEASES = 4, FACT_RELAXED = 8 };

struct universe_wheel *solve_wheel_of_some(const struct universe_version *v, size_t target)
{
	for (int yanked = 0; yanked < 2; yanked++) {
		for (uint32_t i = 0; i < v->wheel_count; i++) {
			if (v->wheels[i].yanked == (yanked != 0) &&
				universe_has(v->wheels[i].targets, target)) {
				return &v->wheels[i];
			}
		}
	}
	return v->wheels;
}

static bool has_url(
	struct universe *u, const struct universe_requires *r, uint32_t extra, size_t target)
{
	for (uint32_t i = 0; r->by_url && i < r->count; i++) {
		if (u->requirements.v[r->v[i]].url.n != 0 &&
			universe_has(universe_applies(u, r->v[i], extra), target)) {
			return true;
		}
	}
	return false;
}

static enum solve_reason metadata_reason(struct candidate_set *s, const struct universe_version *v)
{
	const struct universe_wheel *w = solve_wheel(v, s->q->target);
	if (w == NULL || w->requires == UNIVERSE_NONE) {
		return SOLVE_USABLE;
	}
	const struct universe_requires *r = &s->u->requires.v[w->requires];
	if (r->bad != NULL || has_url(s->u, r, UNIVERSE_NONE, s->q->target)) {
		return SOLVE_METADATA;
	}
	return universe_has(r->admits, s->q->target) ? SOLVE_USABLE : SOLVE_PYTHON;
}

static bool is_excluded(struct candidate_set *s, uint32_t package, uint32_t version)
{
	for (size_t i = 0; i < s->q->constraint_count; i++) {
		uint32_t c = s->q->constraints[i];
		const struct universe_requirement *r = &s->u->requirements.v[c];
		if (r->package == package && universe_has(r->applies, s->q->target) &&
			!universe_matches(s->u, r->spec, version)) {
			return true;
		}
	}
	return false;
}

enum solve_reason candidate_reason_unread(
	const struct universe_version *v, size_t target, bool pinned)
{
	if (universe_has(v->fits, target)) {
		return SOLVE_USABLE;
	}
	if ((v->withdrawn || universe_has(v->yanked, target)) && !pinned) {
		return SOLVE_YANKED;
	}
	if (universe_has(v->yanked, target)) {
		return SOLVE_USABLE;
	}
	return v->withdrawn || universe_has(v->admitted, target) ? SOLVE_NO_WHEEL : SOLVE_PYTHON;
}

enum solve_reason candidate_reason(
	struct candidate_set *s, uint32_t package, uint32_t version, bool *excluded)
{
	const struct universe_version *v = &s->u->packages.v[package].versions[version];
	unsigned facts = package < s->fact_count ? s->facts[package] : 0;
	*excluded = (facts & FACT_CONSTRAINED) != 0 && is_excluded(s, package, version);
	enum solve_reason unread = candidate_reason_unread(v, s->q->target, (facts & FACT_PINNED) != 0);
	return unread == SOLVE_USABLE ? metadata_reason(s, v) : unread;
}

/* A yanked version may be taken where the user himself pins one (PEP 592). */
static bool is_pin(const struct specifier_set *set)
{
	struct str rest = set->text;
	struct specifier sp;
	while (specifier_set_next(&rest, &sp)) {
		if ((sp.op == SPECIFIER_EQUAL && !sp.prefix) || sp.op == SPECIFIER_ARBITRARY) {
			return true;
		}
	}
	return false;
}

static void note_facts(struct candidate_set *s, uint32_t requirement, unsigned facts)
{
	const struct universe_requirement *r = &s->u->requirements.v[requirement];
	if (universe_has(r->applies, s->q->target)) {
		const struct specifier_set set = universe_spec_set(s->u, r->spec);
		s->facts[r->package] |= (unsigned char)(facts | (is_pin(&set) ? FACT_PINNED : 0u) |
			(specifier_set_allows_prereleases(&set) ? FACT_PRERELEASES : 0u));
	}
}

static bool has_extra(const struct candidates *c, uint32_t extra)
{
	size_t i = 0;
	while (i < c->extras.n && c->extras.v[i] != extra) {
		i++;
	}
	return i < c->extras.n;
}

static void reach(struct candidate_set *s, uint32_t requirement)
{
	const struct universe_requirement *r = &s->u->requirements.v[requirement];
	if (s->place.v[r->package] == 0) {
		vec_add(&s->list)->package = r->package;
		s->place.v[r->package] = (uint32_t)s->list.n;
		*vec_add(&s->visits) =
			(struct visit){.place = (uint32_t)s->list.n - 1, .extra = UNIVERSE_NONE};
	}
	uint32_t place = s->place.v[r->package] - 1;
	if (!s->spec_seen.v[r->spec]) {
		s->spec_seen.v[r->spec] = true;
		*vec_add(&s->list.v[place].specs) = r->spec;
	}
	for (uint32_t i = 0; i < r->extra_count; i++) {
		if (!has_extra(&s->list.v[place], r->extras[i])) {
			*vec_add(&s->list.v[place].extras) = r->extras[i];
			*vec_add(&s->visits) = (struct visit){.place = place, .extra = r->extras[i]};
		}
	}
}

bool candidate_takes_prereleases(const struct candidate_set *s, uint32_t package)
{
	return package < s->fact_count && (s->facts[package] & FACT_PRERELEASES) != 0;
}

bool candidate_is_pinned(const struct candidate_set *s, uint32_t package)
{
	return package < s->fact_count && (s->facts[package] & FACT_PINNED) != 0;
}

bool candidate_is_relaxed(const struct candidate_set *s, uint32_t package)
{
	return package < s->fact_count ? (s->facts[package] & FACT_RELAXED) != 0
								   : s->relax != NULL && s->relax->all;
}

unsigned candidate_standing(
	struct candidate_set *s, uint32_t package, uint32_t version, enum solve_reason *reason)
{
	bool excluded;
	const uint64_t *alive = s->u->packages.v[package].alive;
	if ((alive != NULL && s->relax == NULL && !universe_has(alive[version], s->q->target)) ||
		(s->dead != NULL && refuting_knows_dead(s->dead, package, version))) {
		return CANDIDATE_NEVER;
	}
	*reason = candidate_reason(s, package, version, &excluded);
	if (excluded || (*reason != SOLVE_USABLE && !candidate_is_relaxed(s, package))) {
		return CANDIDATE_NEVER;
	}
	return (*reason != SOLVE_USABLE ? 2u : 0u) +
		(s->u->packages.v[package].versions[version].prerelease &&
					!candidate_takes_prereleases(s, package)
				? 1u
				: 0u);
}

/* Everything that some candidate of the package requires, for one extra or without. */
static void walk(struct candidate_set *s, struct visit visit)
{
	uint32_t package = s->list.v[visit.place].package;
	const uint64_t *read = solve_focus_versions(s->q->focus, package);
	s->stamp++;
	for (uint32_t i = 0; read != NULL && i < s->u->packages.v[package].version_count; i++) {
		if (read[i / 64] == 0) {
			i |= 63;
			continue;
		}
		const struct universe_wheel *w = (read[i / 64] >> (i % 64) & 1) != 0
			? solve_wheel(&s->u->packages.v[package].versions[i], s->q->target)
			: NULL;
		enum solve_reason reason;
		if (w == NULL || w->requires == UNIVERSE_NONE || s->stamps.v[w->requires] == s->stamp ||
			candidate_standing(s, package, i, &reason) == CANDIDATE_NEVER) {
			continue;
		}
		s->stamps.v[w->requires] = s->stamp;
		const struct universe_requires *r = &s->u->requires.v[w->requires];
		for (uint32_t k = 0; k < r->count; k++) {
			if (universe_has(universe_applies(s->u, r->v[k], visit.extra), s->q->target)) {
				reach(s, r->v[k]);
			}
		}
	}
}

/* A package that nobody looked at may be anything; one that is absent may be so if that is allowed. */
static void choose(struct candidate_set *s, struct candidates *c)
{
	enum universe_state state = s->u->packages.v[c->package].state;
	if (state == UNIVERSE_KNOWN) {
		candidates_group(s, c);
	} else if (state != UNIVERSE_ABSENT || candidate_is_relaxed(s, c->package)) {
		c->v = arena_new(&s->round, sizeof(*c->v));
		c->count = 1;
		*c->v = (struct candidate){
			.version = UNIVERSE_NONE,
			.requires = UNIVERSE_NONE,
			.unknown = state != UNIVERSE_ABSENT,
			.reason = state == UNIVERSE_ABSENT ? SOLVE_ABSENT : SOLVE_USABLE,
		};
	}
}

void candidate_set_facts(struct candidate_set *s, struct universe *u,
	const struct solve_question *q, const struct solve_relax *relax)
{
	*s = (struct candidate_set){.u = u, .q = q, .relax = relax};
	s->fact_count = u->packages.n;
	s->facts = arena_new(&s->arena, u->packages.n + 1);
	for (size_t i = 0; relax != NULL && i < u->packages.n; i++) {
		bool relaxed = relax->all || (i < relax->count && relax->packages[i] != 0);
		s->facts[i] |= relaxed ? FACT_RELAXED : 0;
	}
	for (size_t i = 0; i < q->constraint_count; i++) {
		note_facts(s, q->constraints[i], FACT_CONSTRAINED);
	}
	for (size_t i = 0; i < q->root_count; i++) {
		note_facts(s, q->roots[i], 0);
	}
}

void candidate_set_fill(struct candidate_set *s)
{
	const struct universe *u = s->u;
	vec_fill(&s->place, u->packages.n);
	vec_fill(&s->spec_seen, u->specs.n);
	vec_fill(&s->stamps, u->requires.n);
	for (size_t i = 0; i < s->q->root_count; i++) {
		if (universe_has(u->requirements.v[s->q->roots[i]].applies, s->q->target)) {
			reach(s, s->q->roots[i]);
		}
	}
	for (size_t i = 0; i < s->visits.n; i++) {
		walk(s, s->visits.v[i]);
	}
	for (size_t i = 0; i < s->list.n; i++) {
		choose(s, &s->list.v[i]);
	}
}

void candidate_set_clear(struct candidate_set *s)
{
	VEC_EACH (struct candidates, c, &s->list) {
		s->place.v[c->package] = 0;
		VEC_EACH (uint32_t, spec, &c->specs) {
			s->spec_seen.v[*spec] = false;
		}
		vec_finish(&c->specs);
		vec_finish(&c->extras);
	}
	s->list.n = s->visits.n = 0;
	arena_finish(&s->round);
}

void candidate_set_finish(struct candidate_set *s)
{
	candidate_set_clear(s);
	vec_finish(&s->list);
	vec_finish(&s->visits);
	vec_finish(&s->place);
	vec_finish(&s->spec_seen);
	vec_finish(&s->stamps);
	arena_finish(&s->arena);
}
