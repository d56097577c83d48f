/* A version lives if each of its requirements has a version that lives; where none of a root's does, no
 * solver need be asked. What is in circles or not looked at counts as alive: a "no" is sure, and nothing
 * else is said. */
#include "coordinator/solve/round.h"

enum state { UNVISITED, OPEN, ALIVE, DEAD };
enum {
	DEEPEST = 400, /* of versions that require each other; below that all live */
	MISSES = 16, /* then only what is known is looked at: the solver knows better what to ask for */
};

struct refuting {
	struct universe *u;
	const struct solve_question *q;
	const struct solve_source *source;
	struct candidate_set *facts; /* nothing is reached in it */
	VEC(unsigned char) requirements; /* a state each, as the universe has them */
	VEC(unsigned char *) versions; /* of each package, a state each version; NULL: none yet */
	size_t depth;
	unsigned misses; /* how often something was asked for that must be fetched first */
	struct solve_answer *proof; /* where the reasons go; NULL: nowhere */
	VEC(uint32_t) told; /* requirements whose reasons are given */
};

static bool has_living(struct refuting *f, uint32_t requirement);

static unsigned char *state_of_requirement(struct refuting *f, uint32_t requirement)
{
	vec_fill(&f->requirements, f->u->requirements.n);
	return &f->requirements.v[requirement];
}

static unsigned char *states_of_package(struct refuting *f, uint32_t package)
{
	vec_fill(&f->versions, f->u->packages.n);
	unsigned char **states = &f->versions.v[package];
	if (*states == NULL) {
		*states = arena_new(&f->facts->arena, f->u->packages.v[package].version_count + 1);
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
	if (w->requires == UNIVERSE_NONE && f->misses < MISSES) {
		f->misses += !f->source->metadata(
			f->source->user, f->u, package, version, (uint32_t)(w - v->wheels));
	}
	return w->requires;
}

/* Does what applies with the extra, or without any, live? */
static bool inner_live(struct refuting *f, uint32_t requires, uint32_t extra)
{
	struct universe_requires all = f->u->requires.v[requires];
	for (uint32_t i = 0; i < all.count; i++) {
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
	bool alive = candidate_standing(f->facts, package, version, &reason) != CANDIDATE_NEVER;
	uint32_t requires = alive ? requires_of(f, package, version) : UNIVERSE_NONE;
	if (requires != UNIVERSE_NONE) {
		alive = candidate_standing(f->facts, package, version, &reason) != CANDIDATE_NEVER &&
			inner_live(f, requires, UNIVERSE_NONE);
	}
	f->depth--;
	*state = alive ? ALIVE : DEAD;
	return alive;
}

/* The same with an extra, which few ask for: nothing is kept of it. */
static bool lives_with(struct refuting *f, uint32_t package, uint32_t version, uint32_t extra)
{
	bool alive = lives(f, package, version);
	uint32_t requires = alive ? requires_of(f, package, version) : UNIVERSE_NONE;
	if (alive && requires != UNIVERSE_NONE && f->depth < DEEPEST) {
		f->depth++;
		alive = inner_live(f, requires, extra);
		f->depth--;
	}
	return alive;
}

static bool meets(struct refuting *f, const struct universe_requirement *r, uint32_t version)
{
	bool alive = universe_matches(f->u, r->spec, version) && lives(f, r->package, version);
	for (uint32_t i = 0; i < r->extra_count && alive; i++) {
		alive = lives_with(f, r->package, version, r->extras[i]);
	}
	return alive;
}

static bool find_living(struct refuting *f, const struct universe_requirement *r)
{
	struct universe_package *p = &f->u->packages.v[r->package];
	if (p->state == UNIVERSE_UNASKED && f->misses < MISSES) {
		f->source->page(f->source->user, f->u, r->package);
		p = &f->u->packages.v[r->package];
		f->misses += p->state == UNIVERSE_UNASKED;
	}
	if (p->state != UNIVERSE_KNOWN) {
		return p->state != UNIVERSE_ABSENT || candidate_is_relaxed(f->facts, r->package);
	}
	for (uint32_t i = p->version_count; i-- > 0;) {
		if (meets(f, r, i)) {
			return true;
		}
	}
	return false;
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

/* --- the proof --- */

enum { PROOF_LINES = 40 };

/* Would the version be taken if what it requires were there? */
static bool may_stand(struct refuting *f, uint32_t package, uint32_t version)
{
	enum solve_reason reason;
	return candidate_standing(f->facts, package, version, &reason) != CANDIDATE_NEVER;
}

/* "NAME SPEC", and why if that is the end of it. */
static void write_wanted(struct refuting *f, uint32_t requirement, struct buf *out)
{
	const struct universe_requirement *r = &f->u->requirements.v[requirement];
	const struct universe_package *p = &f->u->packages.v[r->package];
	bool some = false, matching = false;
	for (uint32_t i = p->version_count; i-- > 0 && !matching;) {
		if (may_stand(f, r->package, i)) {
			some = true;
			matching = universe_matches(f->u, r->spec, i);
		}
	}
	buf_add_str(out, p->name);
	buf_add_str(out, f->u->specs.v[r->spec].text);
	buf_add_text(out,
		matching   ? ""
			: some ? ", which no version that can be taken here satisfies"
				   : ", of which no version can be taken here");
}

static void add_line(struct refuting *f, struct buf *line)
{
	if (f->proof->proof.n < PROOF_LINES) {
		*vec_add(&f->proof->proof) = buf_take(line);
	}
	buf_finish(line);
}

/* Of what the version requires, that which nothing living meets; UNIVERSE_NONE: an address. */
static uint32_t dead_of(
	struct refuting *f, const struct universe_requirement *r, const struct universe_requires *all)
{
	for (uint32_t i = 0; i < all->count; i++) {
		uint64_t applies = universe_applies(f->u, all->v[i], UNIVERSE_NONE);
		for (uint32_t k = 0; k < r->extra_count; k++) {
			applies |= universe_applies(f->u, all->v[i], r->extras[k]);
		}
		if (universe_has(applies, f->q->target) && *state_of_requirement(f, all->v[i]) == DEAD) {
			return all->v[i];
		}
	}
	return UNIVERSE_NONE;
}

static void tell(struct refuting *f, uint32_t requirement)
{
	VEC_EACH (uint32_t, known, &f->told) {
		if (*known == requirement) {
			return;
		}
	}
	*vec_add(&f->told) = requirement;
}

/* Each version that would meet it, and what that one lacks; versions that require the same once. */
static void tell_why(struct refuting *f, uint32_t requirement)
{
	const struct universe_requirement r = f->u->requirements.v[requirement];
	uint32_t last = UNIVERSE_NONE;
	for (uint32_t i = f->u->packages.v[r.package].version_count; i-- > 0;) {
		if (!universe_matches(f->u, r.spec, i) || !may_stand(f, r.package, i)) {
			continue;
		}
		uint32_t requires = requires_of(f, r.package, i);
		uint32_t dead = requires != UNIVERSE_NONE && requires != last
			? dead_of(f, &r, &f->u->requires.v[requires])
			: UNIVERSE_NONE;
		last = requires;
		if (dead != UNIVERSE_NONE) {
			const struct universe_package *p = &f->u->packages.v[r.package];
			struct buf line = {0};
			buf_add_str(&line, p->name);
			buf_add_char(&line, ' ');
			buf_add_str(&line, p->versions[i].text);
			buf_add_text(&line, " needs ");
			write_wanted(f, dead, &line);
			add_line(f, &line);
			tell(f, dead);
		}
	}
}

/* Each requirement once, the nearest first. */
static void prove(struct refuting *f, uint32_t root)
{
	struct buf line = {0};
	buf_add_text(&line, "asked for: ");
	write_wanted(f, root, &line);
	add_line(f, &line);
	*vec_add(&f->proof->asked) = root;
	tell(f, root);
	for (size_t i = 0; i < f->told.n && f->proof->proof.n < PROOF_LINES; i++) {
		tell_why(f, f->told.v[i]);
	}
}

struct refuting *refuting_create(struct candidate_set *facts, const struct solve_source *source)
{
	struct refuting *f = MEM_NEW(struct refuting);
	*f = (struct refuting){.u = facts->u, .q = facts->q, .source = source, .facts = facts};
	return f;
}

void refuting_destroy(struct refuting *f)
{
	if (f != NULL) {
		vec_finish(&f->told);
		vec_finish(&f->requirements);
		vec_finish(&f->versions);
		free(f);
	}
}

bool refuting_lives(struct refuting *f, uint32_t package, uint32_t version, uint32_t extra)
{
	return extra == UNIVERSE_NONE ? lives(f, package, version)
								  : lives_with(f, package, version, extra);
}

bool refuting_knows_dead(const struct refuting *f, uint32_t package, uint32_t version)
{
	return package < f->versions.n && f->versions.v[package] != NULL &&
		f->versions.v[package][version] == DEAD;
}

void refuting_focus(const struct refuting *f, struct solve_focus *focus)
{
	for (uint32_t p = 0; p < f->versions.n; p++) {
		for (uint32_t v = 0; f->versions.v[p] != NULL && v < f->u->packages.v[p].version_count;
			 v++) {
			const struct universe_wheel *w =
				solve_wheel(&f->u->packages.v[p].versions[v], f->q->target);
			if (f->versions.v[p][v] != UNVISITED && w != NULL && w->requires != UNIVERSE_NONE) {
				solve_focus_add(focus, f->u, p, v, f->q->target);
			}
		}
	}
}

bool refute(struct refuting *f, struct solve_answer *proof)
{
	bool refuted = false;
	f->proof = proof;
	for (size_t i = 0; i < f->q->root_count && !refuted; i++) {
		if (universe_has(f->u->requirements.v[f->q->roots[i]].applies, f->q->target)) {
			refuted = !has_living(f, f->q->roots[i]);
			if (refuted && proof != NULL) {
				prove(f, f->q->roots[i]);
			}
		}
	}
	return refuted;
}
