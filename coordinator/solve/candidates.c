#include "coordinator/solve/candidates.h"

#include <stdlib.h>

enum { STANDINGS = 2 * SOLVE_REASON_COUNT }; /* a reason, and whether it is known */
enum { FACT_CONSTRAINED = 1, FACT_PINNED = 2, FACT_PRERELEASES = 4, FACT_RELAXED = 8 };

struct universe_wheel *solve_wheel(const struct universe_version *v, size_t target)
{
	for (int yanked = 0; yanked < 2; yanked++) {
		for (uint32_t i = 0; i < v->wheel_count; i++) {
			if (v->wheels[i].yanked == (yanked != 0) &&
				universe_has(v->wheels[i].targets, target)) {
				return &v->wheels[i];
			}
		}
	}
	return v->wheel_count != 0 ? v->wheels : NULL;
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

enum solve_reason candidate_reason(
	struct candidate_set *s, uint32_t package, uint32_t version, bool *excluded)
{
	const struct universe_version *v = &s->u->packages.v[package].versions[version];
	size_t t = s->q->target;
	unsigned facts = package < s->fact_count ? s->facts[package] : 0;
	*excluded = (facts & FACT_CONSTRAINED) != 0 && is_excluded(s, package, version);
	if (universe_has(v->fits, t)) {
		return metadata_reason(s, v);
	}
	if ((v->withdrawn || universe_has(v->yanked, t)) && (facts & FACT_PINNED) == 0) {
		return SOLVE_YANKED;
	}
	if (universe_has(v->yanked, t)) {
		return metadata_reason(s, v);
	}
	return v->withdrawn || universe_has(v->admitted, t) ? SOLVE_NO_WHEEL : SOLVE_PYTHON;
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
	const struct specifier_set *set = &s->u->specs.v[r->spec].set;
	if (universe_has(r->applies, s->q->target)) {
		s->facts[r->package] |= (unsigned char)(facts | (is_pin(set) ? FACT_PINNED : 0u) |
			(specifier_set_allows_prereleases(set) ? FACT_PRERELEASES : 0u));
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
	if (s->place[r->package] == 0) {
		vec_add(&s->list)->package = r->package;
		s->place[r->package] = (uint32_t)s->list.n;
		*vec_add(&s->visits) =
			(struct visit){.place = (uint32_t)s->list.n - 1, .extra = UNIVERSE_NONE};
	}
	uint32_t place = s->place[r->package] - 1;
	if (!s->spec_seen[r->spec]) {
		s->spec_seen[r->spec] = true;
		*vec_add(&s->list.v[place].specs) = r->spec;
	}
	for (uint32_t i = 0; i < r->extra_count; i++) {
		if (!has_extra(&s->list.v[place], r->extras[i])) {
			*vec_add(&s->list.v[place].extras) = r->extras[i];
			*vec_add(&s->visits) = (struct visit){.place = place, .extra = r->extras[i]};
		}
	}
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
	bool explicit_pre = package < s->fact_count && (s->facts[package] & FACT_PRERELEASES) != 0;
	*reason = candidate_reason(s, package, version, &excluded);
	if (excluded || (*reason != SOLVE_USABLE && !candidate_is_relaxed(s, package))) {
		return CANDIDATE_NEVER;
	}
	return (*reason != SOLVE_USABLE ? 2u : 0u) +
		(s->u->packages.v[package].versions[version].prerelease && !explicit_pre ? 1u : 0u);
}

/* Everything that some candidate of the package requires, for one extra or without. */
static void walk(struct candidate_set *s, struct visit visit, uint32_t stamp)
{
	uint32_t package = s->list.v[visit.place].package;
	for (uint32_t i = 0; i < s->u->packages.v[package].version_count; i++) {
		const struct universe_wheel *w =
			solve_wheel(&s->u->packages.v[package].versions[i], s->q->target);
		if (w == NULL || w->requires == UNIVERSE_NONE || s->stamp[w->requires] == stamp) {
			continue;
		}
		enum solve_reason reason;
		if (candidate_standing(s, package, i, &reason) == CANDIDATE_NEVER) {
			continue;
		}
		s->stamp[w->requires] = stamp;
		const struct universe_requires *r = &s->u->requires.v[w->requires];
		for (uint32_t k = 0; k < r->count; k++) {
			if (universe_has(universe_applies(s->u, r->v[k], visit.extra), s->q->target)) {
				reach(s, r->v[k]);
			}
		}
	}
}

struct ranked {
	uint32_t version;
	uint32_t group;
	uint32_t requires;
	enum solve_reason reason;
	bool unknown;
	unsigned low; /* a last resort: below CANDIDATE_NEVER */
};

/* The last resorts first; of one standing the versions keep their order. */
static void sort_ranked(struct ranked *v, size_t n, struct ranked *out)
{
	size_t at = 0;
	for (unsigned low = CANDIDATE_NEVER; low-- > 0;) {
		for (size_t i = 0; i < n; i++) {
			if (v[i].low == low) {
				out[at++] = v[i];
			}
		}
	}
}

static size_t list_versions(struct candidate_set *s, uint32_t package, struct ranked *out)
{
	const struct universe_package *p = &s->u->packages.v[package];
	size_t n = 0;
	for (uint32_t i = 0; i < p->version_count; i++) {
		enum solve_reason reason;
		unsigned low = candidate_standing(s, package, i, &reason);
		if (low == CANDIDATE_NEVER) {
			continue;
		}
		const struct universe_wheel *w = solve_wheel(&p->versions[i], s->q->target);
		out[n++] = (struct ranked){
			.version = i,
			.requires = w != NULL ? w->requires : UNIVERSE_NONE,
			.unknown = w != NULL && w->requires == UNIVERSE_NONE,
			.reason = reason,
			.low = low,
		};
	}
	return n;
}

/* Splits the one group by what is required. `seen`: a zero for each text, and one for none. */
static uint32_t split_by_requires(
	struct ranked *v, size_t n, size_t none, uint32_t *seen, uint32_t groups)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t *group = &seen[v[i].requires != UNIVERSE_NONE ? v[i].requires : none];
		if (*group == 0) {
			*group = ++groups;
		}
		v[i].group = *group - 1;
	}
	for (size_t i = 0; i < n; i++) {
		seen[v[i].requires != UNIVERSE_NONE ? v[i].requires : none] = 0;
	}
	return groups;
}

/* Splits groups by a small number that each version has. `room`: one for each group and number. */
static uint32_t split_by_standing(struct ranked *v, size_t n, uint32_t *room, uint32_t groups)
{
	uint32_t other = 0;
	memset(room, 0, (size_t)groups * STANDINGS * sizeof(*room));
	for (size_t i = 0; i < n; i++) {
		uint32_t standing = (uint32_t)v[i].reason * 2 + v[i].unknown;
		uint32_t *group = &room[STANDINGS * v[i].group + standing];
		if (*group == 0) {
			*group = ++other;
		}
		v[i].group = *group - 1;
	}
	return other;
}

static uint32_t split_by_spec(struct candidate_set *s, struct ranked *v, size_t n, uint32_t spec,
	uint32_t *room, uint32_t groups)
{
	uint32_t other = 0;
	for (uint32_t i = 0; i < 2 * groups; i++) {
		room[i] = UNIVERSE_NONE;
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t *group = &room[2 * v[i].group + universe_matches(s->u, spec, v[i].version)];
		if (*group == UNIVERSE_NONE) {
			*group = other++;
		}
		v[i].group = *group;
	}
	return other;
}

/* Keeps the best of each group, worst first. */
static void group(struct candidate_set *s, struct candidates *c)
{
	size_t most = s->u->packages.v[c->package].version_count;
	struct ranked *listed = mem_new(most + 1, sizeof(*listed));
	struct ranked *v = mem_new(most + 1, sizeof(*v));
	uint32_t *room = mem_new(STANDINGS * (most + 1), sizeof(*room));
	size_t n = list_versions(s, c->package, listed);
	sort_ranked(listed, n, v);
	free(listed);
	uint32_t groups = split_by_requires(v, n, s->u->requires.n, s->groups, 0);
	groups = split_by_standing(v, n, room, groups);
	for (size_t i = 0; i < c->specs.n && groups < n; i++) {
		groups = split_by_spec(s, v, n, c->specs.v[i], room, groups);
	}
	c->v = arena_new(&s->arena, (groups + 1) * sizeof(*c->v));
	memset(room, 0, groups * sizeof(*room));
	for (size_t i = n; i-- > 0;) {
		if (room[v[i].group]++ == 0) {
			c->count++;
		}
	}
	uint32_t at = c->count;
	memset(room, 0, groups * sizeof(*room));
	for (size_t i = n; i-- > 0;) {
		if (room[v[i].group]++ == 0) {
			c->v[--at] = (struct candidate){.version = v[i].version,
				.requires = v[i].requires,
				.reason = v[i].reason,
				.unknown = v[i].unknown};
		}
	}
	free(v);
	free(room);
}

/* A package that nobody looked at may be anything; one that is absent may be so if that is allowed. */
static void choose(struct candidate_set *s, struct candidates *c)
{
	enum universe_state state = s->u->packages.v[c->package].state;
	if (state == UNIVERSE_KNOWN) {
		group(s, c);
	} else if (state != UNIVERSE_ABSENT || candidate_is_relaxed(s, c->package)) {
		c->v = arena_new(&s->arena, sizeof(*c->v));
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

void candidate_set_init(struct candidate_set *s, struct universe *u, const struct solve_question *q,
	const struct solve_relax *relax)
{
	candidate_set_facts(s, u, q, relax);
	s->place = arena_new(&s->arena, (u->packages.n + 1) * sizeof(*s->place));
	s->spec_seen = arena_new(&s->arena, u->specs.n + 1);
	s->groups = arena_new(&s->arena, (u->requires.n + 1) * sizeof(*s->groups));
	s->stamp = arena_new(&s->arena, (u->requires.n + 1) * sizeof(*s->stamp));
	for (size_t i = 0; i < q->root_count; i++) {
		if (universe_has(u->requirements.v[q->roots[i]].applies, q->target)) {
			reach(s, q->roots[i]);
		}
	}
	for (size_t i = 0; i < s->visits.n; i++) {
		walk(s, s->visits.v[i], (uint32_t)i + 1);
	}
	for (size_t i = 0; i < s->list.n; i++) {
		choose(s, &s->list.v[i]);
	}
}

void candidate_set_finish(struct candidate_set *s)
{
	VEC_EACH (struct candidates, c, &s->list) {
		vec_finish(&c->specs);
		vec_finish(&c->extras);
	}
	vec_finish(&s->list);
	vec_finish(&s->visits);
	arena_finish(&s->arena);
}
