/* A version lives if each of its requirements has a version that lives; where none of a root's does, no
 * solver need be asked. What is in circles or not looked at counts as alive: a "no" is sure, and nothing
 * else is said. */
#include "coordinator/solve/round.h"

enum state { UNVISITED, OPEN, ALIVE, DEAD };
enum { DEEPEST = 400 }; /* of versions that require each other; below that all live */

struct refuting {
	struct universe *u;
	const struct solve_question *q;
	const struct solve_source *source;
	struct candidate_set facts; /* nothing is reached in it */
	VEC(unsigned char) requirements; /* a state each, as the universe has them */
	VEC(unsigned char *) versions; /* of each package, a state each version; NULL: none yet */
	size_t depth;
	bool unknown; /* something must be fetched: then nobody looks further */
};

static bool has_living(struct refuting *f, uint32_t requirement);

static unsigned char *state_of_requirement(struct refuting *f, uint32_t requirement)
{
	while (f->requirements.n <= requirement) {
		vec_add(&f->requirements);
	}
	return &f->requirements.v[requirement];
}

static unsigned char *states_of_package(struct refuting *f, uint32_t package)
{
	while (f->versions.n <= package) {
		vec_add(&f->versions);
	}
	unsigned char **states = &f->versions.v[package];
	if (*states == NULL) {
		*states = arena_new(&f->facts.arena, f->u->packages.v[package].version_count + 1);
	}
	return *states;
}

/* What it requires, once that is looked at; UNIVERSE_NONE: nothing, or nobody knows. */
static uint32_t requires_of(struct refuting *f, uint32_t package, uint32_t version)
{
	struct universe_version *v = &f->u->packages.v[package].versions[version];
	struct universe_wheel *w = solve_wheel(v, f->q->target);
	if (w == NULL) {
		return UNIVERSE_NONE;
	}
	if (w->requires == UNIVERSE_NONE && !f->unknown) {
		f->unknown |= !f->source->metadata(
			f->source->user, f->u, package, version, (uint32_t)(w - v->wheels));
	}
	return w->requires;
}

/* Does what applies with the extra, or without any, live? */
static bool inner_live(struct refuting *f, uint32_t requires, uint32_t extra)
{
	struct universe_requires all = f->u->requires.v[requires];
	for (uint32_t i = 0; i < all.count && !f->unknown; i++) {
		uint64_t own = universe_applies(f->u, all.v[i], UNIVERSE_NONE);
		uint64_t set =
			extra != UNIVERSE_NONE ? universe_applies(f->u, all.v[i], extra) & ~own : own;
		if (!universe_has(set, f->q->target)) {
			continue;
		}
		bool by_url = f->u->requirements.v[all.v[i]].url.n != 0;
		if (by_url ? extra != UNIVERSE_NONE : !has_living(f, all.v[i])) {
			return false;
		}
	}
	return true;
}

static bool lives(struct refuting *f, uint32_t package, uint32_t version)
{
	enum solve_reason reason;
	unsigned char *state = &states_of_package(f, package)[version];
	if (*state != UNVISITED) {
		return *state != DEAD;
	}
	if (f->depth == DEEPEST) {
		return true;
	}
	*state = OPEN;
	f->depth++;
	bool alive = candidate_standing(&f->facts, package, version, &reason) != CANDIDATE_NEVER;
	uint32_t requires = alive ? requires_of(f, package, version) : UNIVERSE_NONE;
	if (requires != UNIVERSE_NONE) {
		alive = candidate_standing(&f->facts, package, version, &reason) != CANDIDATE_NEVER &&
			inner_live(f, requires, UNIVERSE_NONE);
	}
	f->depth--;
	*state = alive ? ALIVE : DEAD;
	return alive;
}

/* The same with extras, which are few and seldom asked for: nothing is kept of them. */
static bool lives_with(struct refuting *f, const struct universe_requirement *r, uint32_t version)
{
	bool alive = lives(f, r->package, version);
	uint32_t requires =
		alive && r->extra_count != 0 ? requires_of(f, r->package, version) : UNIVERSE_NONE;
	for (uint32_t i = 0; i < r->extra_count && alive && requires != UNIVERSE_NONE; i++) {
		if (f->depth < DEEPEST) {
			f->depth++;
			alive = inner_live(f, requires, r->extras[i]);
			f->depth--;
		}
	}
	return alive;
}

static bool find_living(struct refuting *f, const struct universe_requirement *r)
{
	struct universe_package *p = &f->u->packages.v[r->package];
	if (p->state == UNIVERSE_UNASKED) {
		f->source->page(f->source->user, f->u, r->package);
		p = &f->u->packages.v[r->package];
	}
	if (p->state != UNIVERSE_KNOWN) {
		f->unknown |= p->state != UNIVERSE_ABSENT;
		return f->unknown || candidate_is_relaxed(&f->facts, r->package);
	}
	for (uint32_t i = p->version_count; i-- > 0 && !f->unknown;) {
		if (universe_matches(f->u, r->spec, i) && lives_with(f, r, i)) {
			return true;
		}
	}
	return f->unknown;
}

static bool has_living(struct refuting *f, uint32_t requirement)
{
	unsigned char state = *state_of_requirement(f, requirement);
	if (state != UNVISITED) {
		return state != DEAD;
	}
	const struct universe_requirement r = f->u->requirements.v[requirement];
	*state_of_requirement(f, requirement) = OPEN;
	bool found = find_living(f, &r);
	*state_of_requirement(f, requirement) = found ? ALIVE : DEAD;
	return found;
}

bool refute(struct universe *u, const struct solve_question *q, const struct solve_relax *relax,
	const struct solve_source *source)
{
	struct refuting f = {.u = u, .q = q, .source = source};
	bool refuted = false;
	candidate_set_facts(&f.facts, u, q, relax);
	for (size_t i = 0; i < q->root_count && !refuted && !f.unknown; i++) {
		if (universe_has(u->requirements.v[q->roots[i]].applies, q->target)) {
			refuted = !has_living(&f, q->roots[i]);
		}
	}
	vec_finish(&f.requirements);
	vec_finish(&f.versions);
	candidate_set_finish(&f.facts);
	return refuted && !f.unknown;
}
