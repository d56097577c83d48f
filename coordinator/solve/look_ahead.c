#include "coordinator/solve/round.h"

enum { PASSES = 4 };

/* What was taken of a package, and what is asked of it. */
struct choice {
	bool taken;
	uint32_t version; /* UNIVERSE_NONE: of a package that is absent */
	enum solve_reason reason;
	VEC(uint32_t) specs; /* of this pass and those before */
};

struct looking {
	struct universe *u;
	const struct solve_question *q;
	const struct solve_source *source;
	struct candidate_set facts; /* nothing is reached in it */
	VEC(struct choice) choices; /* beside the universe's packages */
	VEC(uint32_t) open; /* requirements */
	struct map seen; /* of those */
	bool fits; /* so far, in this pass */
	bool unknown; /* something could not be looked at */
};

static struct choice *choice_of(struct looking *l, uint32_t package)
{
	while (l->choices.n <= package) {
		vec_add(&l->choices);
	}
	return &l->choices.v[package];
}

static bool matches_all(struct looking *l, const struct choice *c, uint32_t version)
{
	VEC_EACH (uint32_t, spec, &c->specs) {
		if (!universe_matches(l->u, *spec, version)) {
			return false;
		}
	}
	return true;
}

/* The best version of the package that all that is asked of it admits, or if `only` is a spec that one
 * alone; UNIVERSE_NONE if there is none. */
static uint32_t best(struct looking *l, uint32_t package, uint32_t only, enum solve_reason *reason)
{
	uint32_t found = UNIVERSE_NONE;
	unsigned lowest = CANDIDATE_NEVER;
	for (uint32_t i = l->u->packages.v[package].version_count; i-- > 0 && lowest != 0;) {
		enum solve_reason why;
		bool matches = only != UNIVERSE_NONE ? universe_matches(l->u, only, i)
											 : matches_all(l, choice_of(l, package), i);
		unsigned standing =
			matches ? candidate_standing(&l->facts, package, i, &why) : CANDIDATE_NEVER;
		if (standing < lowest) {
			lowest = standing;
			found = i;
			*reason = why;
		}
	}
	return found;
}

static struct universe_wheel *wheel_of(struct looking *l, uint32_t package, uint32_t version)
{
	return solve_wheel(&l->u->packages.v[package].versions[version], l->q->target);
}

/* Takes a version whose metadata was looked at: that may show that it is none. */
static void take(struct looking *l, uint32_t package, uint32_t spec)
{
	struct choice made = *choice_of(l, package);
	for (;;) {
		made.version = best(l, package, UNIVERSE_NONE, &made.reason);
		if (made.version == UNIVERSE_NONE) {
			made.version = best(l, package, spec, &made.reason);
		}
		if (made.version == UNIVERSE_NONE) {
			l->fits = false;
			return;
		}
		struct universe_version *v = &l->u->packages.v[package].versions[made.version];
		struct universe_wheel *w = wheel_of(l, package, made.version);
		if (w == NULL || w->requires != UNIVERSE_NONE) {
			break;
		}
		if (!l->source->metadata(
				l->source->user, l->u, package, made.version, (uint32_t)(w - v->wheels))) {
			l->unknown = true;
			return;
		}
	}
	made.taken = true;
	*choice_of(l, package) = made;
}

/* The page is here, and says that there is such a package. */
static bool is_known(struct looking *l, uint32_t package)
{
	if (l->u->packages.v[package].state == UNIVERSE_UNASKED) {
		l->source->page(l->source->user, l->u, package);
	}
	switch (l->u->packages.v[package].state) {
	case UNIVERSE_KNOWN:
		return true;
	case UNIVERSE_ABSENT:
		l->fits &= candidate_is_relaxed(&l->facts, package);
		choice_of(l, package)->taken = true;
		choice_of(l, package)->version = UNIVERSE_NONE;
		choice_of(l, package)->reason = SOLVE_ABSENT;
		return false;
	default:
		l->unknown = true;
		return false;
	}
}

static void open_requirement(struct looking *l, uint32_t requirement)
{
	struct str key = {.p = (const char *)&requirement, .n = sizeof(requirement)};
	if (map_put(&l->seen, key, l) == NULL) {
		*vec_add(&l->open) = requirement;
	}
}

/* What the version that was taken requires, with those extras. */
static void open_inner(struct looking *l, uint32_t requires, const struct universe_requirement *r)
{
	struct universe_requires all = l->u->requires.v[requires];
	for (uint32_t i = 0; i < all.count; i++) {
		uint64_t own = universe_applies(l->u, all.v[i], UNIVERSE_NONE), with = own;
		for (uint32_t k = 0; k < r->extra_count; k++) {
			with |= universe_applies(l->u, all.v[i], r->extras[k]);
		}
		if (!universe_has(with, l->q->target)) {
			continue;
		}
		if (l->u->requirements.v[all.v[i]].url.n == 0) {
			open_requirement(l, all.v[i]);
		} else {
			/* without extras it is why the version stands as it does */
			l->fits &= universe_has(own, l->q->target);
		}
	}
}

static void look_at(struct looking *l, uint32_t requirement)
{
	struct universe_requirement r = l->u->requirements.v[requirement];
	if (!is_known(l, r.package)) {
		return;
	}
	struct choice *c = choice_of(l, r.package);
	bool asked = false;
	VEC_EACH (uint32_t, spec, &c->specs) {
		asked |= *spec == r.spec;
	}
	if (!asked) {
		*vec_add(&c->specs) = r.spec;
	}
	if (!c->taken) {
		take(l, r.package, r.spec);
		c = choice_of(l, r.package);
	}
	if (!c->taken) {
		return;
	}
	l->fits &= universe_matches(l->u, r.spec, c->version);
	const struct universe_wheel *w = wheel_of(l, r.package, c->version);
	if (w != NULL && w->requires != UNIVERSE_NONE) {
		open_inner(l, w->requires, &r);
	}
}

/* All from the roots on; true if it fits together. */
static bool pass(struct looking *l)
{
	VEC_EACH (struct choice, c, &l->choices) {
		c->taken = false;
	}
	map_finish(&l->seen);
	l->open.n = 0;
	l->fits = true;
	for (size_t i = 0; i < l->q->root_count; i++) {
		if (universe_has(l->u->requirements.v[l->q->roots[i]].applies, l->q->target)) {
			open_requirement(l, l->q->roots[i]);
		}
	}
	for (size_t i = 0; i < l->open.n; i++) {
		look_at(l, l->open.v[i]);
	}
	return l->fits && !l->unknown;
}

static void tell(struct looking *l, struct solve_answer *out)
{
	for (uint32_t i = 0; i < l->choices.n; i++) {
		const struct choice *c = &l->choices.v[i];
		if (c->taken) {
			*vec_add(&out->picks) =
				(struct solve_pick){.package = i, .version = c->version, .reason = c->reason};
		}
	}
	solve_sort_picks(l->u, out);
	out->verdict = SOLVE_YES;
}

/* What was taken is what the solver looks at first. */
static void focus(struct looking *l)
{
	for (uint32_t i = 0; i < l->choices.n; i++) {
		const struct choice *c = &l->choices.v[i];
		const struct universe_wheel *w =
			c->taken && c->version != UNIVERSE_NONE ? wheel_of(l, i, c->version) : NULL;
		if (w != NULL && w->requires != UNIVERSE_NONE) {
			solve_focus_add(l->q->focus, l->u, i, c->version, l->q->target);
		}
	}
}

bool look_ahead(struct universe *u, const struct solve_question *q, const struct solve_relax *relax,
	const struct solve_source *source, struct solve_answer *out)
{
	struct looking l = {.u = u, .q = q, .source = source};
	bool yes = false;
	candidate_set_facts(&l.facts, u, q, relax);
	for (int i = 0; i < PASSES && !yes && !l.unknown; i++) {
		yes = pass(&l);
	}
	if (yes) {
		tell(&l, out);
	} else {
		focus(&l);
	}
	VEC_EACH (struct choice, c, &l.choices) {
		vec_finish(&c->specs);
	}
	vec_finish(&l.choices);
	vec_finish(&l.open);
	map_finish(&l.seen);
	candidate_set_finish(&l.facts);
	return yes;
}
