/* Each package's choice is the best version that all who asked so far admit. Where somebody comes later and
 * does not admit it, it is chosen anew, and the next try minds that from the start (hints); where nothing is
 * left, one who asks for too much is not taken again (bans). */
#include "coordinator/solve/looking.h"

enum { TRIES_FIRST = 4, TRIES = 48 };

static uint32_t choice_of(struct looking *l, uint32_t package)
{
	vec_fill(&l->place, l->u->packages.n);
	if (l->place.v[package] == 0) {
		vec_add(&l->choices)->package = package;
		l->place.v[package] = (uint32_t)l->choices.n;
	}
	return l->place.v[package] - 1;
}

/* --- what is asked --- */

static void stick(struct looking *l, uint32_t place)
{
	VEC_EACH (uint32_t, known, &l->stuck) {
		if (*known == place) {
			return;
		}
	}
	*vec_add(&l->stuck) = place;
}

/* The page is here, and says that there is such a package. */
static bool is_known(struct looking *l, uint32_t place)
{
	uint32_t package = l->choices.v[place].package;
	if (l->u->packages.v[package].state == UNIVERSE_UNASKED) {
		l->source->page(l->source->user, l->u, package);
	}
	switch (l->u->packages.v[package].state) {
	case UNIVERSE_KNOWN:
		return true;
	case UNIVERSE_ABSENT:
		l->choices.v[place].taken = candidate_is_relaxed(l->facts, package);
		l->choices.v[place].version = UNIVERSE_NONE;
		l->choices.v[place].reason = SOLVE_ABSENT;
		if (!l->choices.v[place].taken) {
			stick(l, place);
		}
		return false;
	default:
		l->unknown = true;
		return false;
	}
}

static void open_requirement(struct looking *l, uint32_t requirement, uint32_t by)
{
	vec_fill(&l->seen, l->u->requirements.n);
	if (l->seen.v[requirement] != l->tried) {
		l->seen.v[requirement] = l->tried;
		*vec_add(&l->open) = (struct opened){.requirement = requirement, .by = by};
	}
}

/* The targets on which it applies beside the extras that are asked for of that package. */
static uint64_t applies_with(struct looking *l, const struct choice *c, uint32_t requirement)
{
	uint64_t set = universe_applies(l->u, requirement, UNIVERSE_NONE);
	for (uint32_t x = c->extras; x != 0; x = l->extras.v[x - 1].next) {
		set |= universe_applies(l->u, requirement, l->extras.v[x - 1].what);
	}
	return set;
}

static const struct universe_requires *requires_of(struct looking *l, const struct choice *c)
{
	const struct universe_wheel *w =
		c->version != UNIVERSE_NONE ? looking_wheel(l, c->package, c->version) : NULL;
	return w != NULL && w->requires != UNIVERSE_NONE ? &l->u->requires.v[w->requires] : NULL;
}

/* What the version that was taken requires. */
static void open_inner(struct looking *l, uint32_t place)
{
	const struct choice *c = &l->choices.v[place];
	const struct universe_requires *all = requires_of(l, c);
	for (uint32_t i = 0; all != NULL && i < all->count; i++) {
		if (!universe_has(applies_with(l, c, all->v[i]), l->q->target)) {
			continue;
		}
		if (l->u->requirements.v[all->v[i]].url.n == 0) {
			open_requirement(l, all->v[i], place);
		} else if (!universe_has(universe_applies(l->u, all->v[i], UNIVERSE_NONE), l->q->target)) {
			stick(l, place); /* without extras it is why the version stands as it does */
		}
	}
}

static bool add_wish(struct looking *l, uint32_t place, uint32_t spec, uint32_t by)
{
	struct choice *c = &l->choices.v[place];
	for (uint32_t w = c->wishes; w != 0; w = l->wishes.v[w - 1].next) {
		if (l->wishes.v[w - 1].spec == spec) {
			return false;
		}
	}
	*vec_add(&l->wishes) = (struct wish_of){.spec = spec, .by = by, .next = c->wishes};
	c->wishes = (uint32_t)l->wishes.n;
	return true;
}

static bool add_extra(struct looking *l, uint32_t place, uint32_t extra)
{
	struct choice *c = &l->choices.v[place];
	for (uint32_t x = c->extras; x != 0; x = l->extras.v[x - 1].next) {
		if (l->extras.v[x - 1].what == extra) {
			return false;
		}
	}
	*vec_add(&l->extras) = (struct link_of){.what = extra, .next = c->extras};
	c->extras = (uint32_t)l->extras.n;
	return true;
}

static void look_at(struct looking *l, struct opened open)
{
	struct universe_requirement r = l->u->requirements.v[open.requirement];
	uint32_t place = choice_of(l, r.package);
	bool again = false;
	add_wish(l, place, r.spec, open.by);
	for (uint32_t i = 0; i < r.extra_count; i++) {
		again |= add_extra(l, place, r.extras[i]);
	}
	if (!is_known(l, place)) {
		return;
	}
	struct choice *c = &l->choices.v[place];
	if (!c->taken || !universe_matches(l->u, r.spec, c->version) ||
		(again && looking_is_dead(l, c, c->version))) {
		bool was_taken = c->taken;
		if (!looking_choose(l, place)) {
			stick(l, place);
		}
		l->stale |= was_taken;
		again = true;
	}
	if (again && l->choices.v[place].taken) {
		open_inner(l, place);
	}
}

/* All from the roots on, to the end even where something does not fit: what is wanted anyway is brought at
 * once, and more than one is stuck. True if it fits together. */
static bool try_all(struct looking *l)
{
	VEC_EACH (struct choice, c, &l->choices) {
		c->taken = false;
		c->wishes = c->extras = 0;
	}
	l->wishes.n = l->extras.n = l->open.n = l->stuck.n = 0;
	l->tried++;
	l->stale = false;
	for (size_t i = 0; i < l->q->root_count; i++) {
		if (universe_has(l->u->requirements.v[l->q->roots[i]].applies, l->q->target)) {
			open_requirement(l, l->q->roots[i], UNIVERSE_NONE);
		}
	}
	for (size_t i = 0; i < l->open.n; i++) {
		look_at(l, l->open.v[i]);
	}
	return l->stuck.n == 0 && !l->unknown;
}

/* --- what is minded next time --- */

static bool add_hint(struct looking *l, struct choice *c, uint32_t spec)
{
	bool known = l->u->specs.v[spec].text.n == 0;
	for (uint32_t h = c->hints; h != 0 && !known; h = l->hints.v[h - 1].next) {
		known = l->hints.v[h - 1].what == spec;
	}
	if (!known) {
		*vec_add(&l->hints) = (struct link_of){.what = spec, .next = c->hints};
		c->hints = (uint32_t)l->hints.n;
	}
	return !known;
}

static bool add_hints(struct looking *l)
{
	bool added = false;
	VEC_EACH (struct choice, c, &l->choices) {
		for (uint32_t w = c->wishes; w != 0; w = l->wishes.v[w - 1].next) {
			added |= add_hint(l, c, l->wishes.v[w - 1].spec);
		}
	}
	return added;
}

/* A lone root is what is asked about: its newest version counts. */
static bool may_ban(struct looking *l, uint32_t place)
{
	if (place == UNIVERSE_NONE || !l->choices.v[place].taken ||
		requires_of(l, &l->choices.v[place]) == NULL) {
		return false;
	}
	return l->q->root_count != 1 ||
		l->u->requirements.v[l->q->roots[0]].package != l->choices.v[place].package;
}

/* One who asks for too much: with many others to take in its place if `by_choice`, else the last. */
static bool ban_somebody(struct looking *l, uint32_t stuck, bool by_choice)
{
	const struct choice *c = &l->choices.v[stuck];
	uint32_t culprit = UNIVERSE_NONE, most = 0;
	for (uint32_t w = c->wishes; w != 0; w = l->wishes.v[w - 1].next) {
		uint32_t by = l->wishes.v[w - 1].by;
		enum solve_reason reason;
		if (!may_ban(l, by)) {
			continue;
		}
		uint32_t worth =
			looking_best(l, c, looking_allow(l, c, w), &reason) != UNIVERSE_NONE ? 2 : 1;
		worth += by_choice && worth == 2 ? looking_alternatives(l, &l->choices.v[by]) : 0;
		if (worth > most) {
			culprit = by;
			most = worth;
		}
	}
	if (culprit == UNIVERSE_NONE) {
		return false;
	}
	const struct choice *banned = &l->choices.v[culprit];
	*vec_add(&l->bans) = (struct ban){.package = banned->package,
		.requires = looking_wheel(l, banned->package, banned->version)->requires};
	return true;
}

static bool ban_all(struct looking *l, bool by_choice)
{
	bool banned = false;
	VEC_EACH (uint32_t, stuck, &l->stuck) {
		banned |= ban_somebody(l, *stuck, by_choice);
	}
	return banned;
}

/* --- the answer --- */

static void reach(struct looking *l, uint32_t requirement)
{
	struct choice *c = &l->choices.v[choice_of(l, l->u->requirements.v[requirement].package)];
	const struct universe_requires *all = c->reached ? NULL : requires_of(l, c);
	c->reached = true;
	for (uint32_t i = 0; all != NULL && i < all->count; i++) {
		if (universe_has(applies_with(l, c, all->v[i]), l->q->target) &&
			l->u->requirements.v[all->v[i]].url.n == 0) {
			*vec_add(&l->open) = (struct opened){.requirement = all->v[i]};
		}
	}
}

/* What is needed of what was taken: somebody may have been taken for one who is no longer. */
static void tell(struct looking *l, struct solve_answer *out)
{
	l->open.n = 0;
	for (size_t i = 0; i < l->q->root_count; i++) {
		if (universe_has(l->u->requirements.v[l->q->roots[i]].applies, l->q->target)) {
			*vec_add(&l->open) = (struct opened){.requirement = l->q->roots[i]};
		}
	}
	for (size_t i = 0; i < l->open.n; i++) {
		reach(l, l->open.v[i].requirement);
	}
	VEC_EACH (struct choice, c, &l->choices) {
		if (c->reached) {
			*vec_add(&out->picks) = (struct solve_pick){
				.package = c->package, .version = c->version, .reason = c->reason};
		}
	}
	solve_sort_picks(l->u, out);
	out->verdict = SOLVE_YES;
}

/* What was taken is what the solver looks at first. */
static void focus(struct looking *l)
{
	VEC_EACH (struct choice, c, &l->choices) {
		if (c->taken && requires_of(l, c) != NULL) {
			solve_focus_add(l->q->focus, l->u, c->package, c->version, l->q->target);
		}
	}
}

/* With bans only once it is known which versions are dead. */
static bool find(struct looking *l, int tries)
{
	bool yes = false;
	for (int i = 0; i < tries && !yes && !l->unknown; i++) {
		yes = try_all(l);
		if (!yes && !l->unknown && !(l->stale && add_hints(l)) &&
			(l->refuting == NULL || !ban_all(l, i < tries / 2))) {
			break;
		}
	}
	return yes;
}

static void finish(struct looking *l)
{
	vec_finish(&l->choices);
	vec_finish(&l->place);
	vec_finish(&l->wishes);
	vec_finish(&l->extras);
	vec_finish(&l->hints);
	vec_finish(&l->bans);
	vec_finish(&l->open);
	vec_finish(&l->allowed);
	vec_finish(&l->stuck);
	vec_finish(&l->seen);
	free(l);
}

/* Its room is the last question's: there are many, and most are small. */
static struct looking *begin(
	struct candidate_set *facts, const struct solve_source *source, struct refuting *refuting)
{
	struct universe *u = facts->u;
	if (u->looking == NULL) {
		u->looking = MEM_NEW(struct looking);
		u->looking_finish = finish;
	}
	struct looking *l = u->looking;
	l->u = u;
	l->q = facts->q;
	l->source = source;
	l->facts = facts;
	l->refuting = refuting;
	l->unknown = false;
	VEC_EACH (struct choice, c, &l->choices) {
		l->place.v[c->package] = 0;
	}
	l->choices.n = l->hints.n = l->bans.n = 0;
	return l;
}

bool look_ahead(struct candidate_set *facts, const struct solve_source *source,
	struct refuting *refuting, struct solve_answer *out)
{
	struct looking *l = begin(facts, source, refuting);
	bool yes = find(l, refuting != NULL ? TRIES : TRIES_FIRST);
	if (yes) {
		tell(l, out);
	} else {
		focus(l);
	}
	return yes;
}
