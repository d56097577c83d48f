#include "coordinator/depend/witness.h"

enum { TRIES = 60, RANKS = 8 };

struct witness_pick {
	uint32_t stamp;
	uint32_t version; /* UNIVERSE_NONE: none yet */
	uint32_t specs; /* index + 1 of the last one that came */
	uint32_t extras;
};

void witness_init(struct witness *w, struct depend_graph *g)
{
	*w = (struct witness){.g = g};
}

void witness_finish(struct witness *w)
{
	vec_finish(&w->picks);
	vec_finish(&w->specs);
	vec_finish(&w->extras);
	vec_finish(&w->bans);
	vec_finish(&w->hints);
	vec_finish(&w->open);
}

static struct witness_pick *pick_of(struct witness *w, uint32_t package)
{
	while (w->picks.n <= package) {
		vec_add(&w->picks);
	}
	struct witness_pick *p = &w->picks.v[package];
	if (p->stamp != w->stamp) {
		*p = (struct witness_pick){.stamp = w->stamp, .version = UNIVERSE_NONE};
	}
	return p;
}

/* The wheel that is taken on the target; those that are yanked are not. */
static const struct universe_wheel *wheel_of(
	const struct witness *w, uint32_t package, uint32_t version)
{
	const struct universe_version *v = &w->g->u.packages.v[package].versions[version];
	for (uint32_t i = 0; i < v->wheel_count; i++) {
		if (!v->wheels[i].yanked && universe_has(v->wheels[i].targets, w->target)) {
			return &v->wheels[i];
		}
	}
	return NULL;
}

/* What is banned, and with it all that asks for the same. */
static bool is_banned(const struct witness *w, uint32_t package, uint32_t requires)
{
	VEC_EACH (struct witness_ban, b, &w->bans) {
		if (b->package == package && b->requires == requires) {
			return true;
		}
	}
	return false;
}

/* All that was wanted of it in tries before: not asked for, but it may come again. */
static bool is_hinted_at(struct witness *w, uint32_t package, uint32_t version)
{
	for (size_t i = 0; i < w->hinted; i++) {
		if (w->hints.v[i].package == package &&
			!universe_matches(&w->g->u, w->hints.v[i].spec, version)) {
			return false;
		}
	}
	return true;
}

static bool admitted(struct witness *w, uint32_t package, uint32_t version, uint32_t without)
{
	for (uint32_t s = w->picks.v[package].specs; s != 0; s = w->specs.v[s - 1].next) {
		if (s != without && !universe_matches(&w->g->u, w->specs.v[s - 1].spec, version)) {
			return false;
		}
	}
	return true;
}

/* The newest of the best rank: whose metadata is known go before, then those that all hints admit, then
 * final ones.
 * `without`: index + 1 of a spec that is not looked at; 0: none. */
static uint32_t choose(struct witness *w, uint32_t package, uint32_t without)
{
	const struct universe_package *p = &w->g->u.packages.v[package];
	uint32_t best[RANKS];
	memset(best, 0xff, sizeof(best)); /* UNIVERSE_NONE */
	for (uint32_t v = p->version_count; v-- > 0 && best[0] == UNIVERSE_NONE;) {
		if (!universe_has(w->g->packages.v[package].alive[v], w->target) ||
			!admitted(w, package, v, without)) {
			continue;
		}
		const struct universe_wheel *wheel = wheel_of(w, package, v);
		if (is_banned(w, package, wheel->requires)) {
			continue;
		}
		int rank = (wheel->requires == UNIVERSE_NONE ? 4 : 0) +
			(is_hinted_at(w, package, v) ? 0 : 2) + (p->versions[v].prerelease ? 1 : 0);
		best[rank] = best[rank] == UNIVERSE_NONE ? v : best[rank];
	}
	int rank = 0;
	while (rank < RANKS - 1 && best[rank] == UNIVERSE_NONE) {
		rank++;
	}
	return best[rank];
}

/* Whom to blame first, a way after the other. */
enum way { WAY_CHOICE, WAY_LATEST, WAY_FIRST, WAYS };

/* How many other versions could be taken instead. */
static uint32_t alternatives(struct witness *w, uint32_t package)
{
	const struct universe_package *p = &w->g->u.packages.v[package];
	uint32_t n = 0, last = UNIVERSE_NONE;
	for (uint32_t v = 0; v < p->version_count; v++) {
		if (universe_has(w->g->packages.v[package].alive[v], w->target) &&
			admitted(w, package, v, 0)) {
			uint32_t requires = wheel_of(w, package, v)->requires;
			n += requires != last && !is_banned(w, package, requires);
			last = requires;
		}
	}
	return n;
}

/* Nothing is admitted by all: one who asks for too much is not taken next time. */
static bool ban_somebody(struct witness *w, uint32_t package, enum way way)
{
	uint32_t culprit = UNIVERSE_NONE, most = 0;
	for (uint32_t s = w->picks.v[package].specs; s != 0; s = w->specs.v[s - 1].next) {
		uint32_t by = w->specs.v[s - 1].by;
		if (by == w->root || pick_of(w, by)->version == UNIVERSE_NONE) {
			continue;
		}
		uint32_t worth = choose(w, package, s) != UNIVERSE_NONE ? 2 : 1;
		worth += way == WAY_CHOICE && worth == 2 ? alternatives(w, by) : 0;
		if (worth > most || (way == WAY_FIRST && worth == most)) {
			culprit = by;
			most = worth;
		}
	}
	if (culprit == UNIVERSE_NONE) {
		return false;
	}
	const struct universe_wheel *wheel = wheel_of(w, culprit, pick_of(w, culprit)->version);
	*vec_add(&w->bans) = (struct witness_ban){.package = culprit, .requires = wheel->requires};
	return true;
}

/* Next time choices may mind from the start what came too late in this try. */
static bool add_hints(struct witness *w)
{
	size_t before = w->hints.n;
	VEC_EACH (struct witness_spec, s, &w->specs) {
		uint32_t package = w->g->u.specs.v[s->spec].package;
		bool known = w->g->u.specs.v[s->spec].text.n == 0;
		for (size_t i = 0; i < w->hints.n && !known; i++) {
			known = w->hints.v[i].spec == s->spec;
		}
		if (!known) {
			*vec_add(&w->hints) = (struct witness_hint){.package = package, .spec = s->spec};
		}
	}
	return w->hints.n != before;
}

static void open_requires(struct witness *w, uint32_t package, const uint32_t *extras, size_t count)
{
	uint32_t version = w->picks.v[package].version;
	const struct universe_wheel *wheel = wheel_of(w, package, version);
	w->proven &= wheel->targets & w->g->packages.v[package].usable[version];
	if (wheel->requires == UNIVERSE_NONE) {
		w->unknown = true;
		*vec_add(&w->g->wants) = (struct depend_want){.package = package, .version = version};
		return;
	}
	struct universe_requires r = w->g->u.requires.v[wheel->requires];
	for (uint32_t i = 0; i < r.count; i++) {
		uint64_t applies = depend_applies(w->g, r.v[i], extras, count);
		if (universe_has(applies, w->target)) {
			*vec_add(&w->open) = (struct witness_open){.requirement = r.v[i], .by = package};
		} else {
			w->proven &= ~applies;
		}
	}
}

static void open_package(struct witness *w, uint32_t package)
{
	uint32_t extras[UNIVERSE_EXTRAS];
	size_t n = 0;
	for (uint32_t x = w->picks.v[package].extras; x != 0 && n < UNIVERSE_EXTRAS;
		 x = w->extras.v[x - 1].next) {
		extras[n++] = w->extras.v[x - 1].extra;
	}
	open_requires(w, package, extras, n);
}

static bool add_extras(struct witness *w, const struct universe_requirement *q)
{
	bool added = false;
	for (uint32_t i = 0; i < q->extra_count; i++) {
		struct witness_pick *p = pick_of(w, q->package);
		uint32_t x = p->extras;
		while (x != 0 && w->extras.v[x - 1].extra != q->extras[i]) {
			x = w->extras.v[x - 1].next;
		}
		if (x == 0) {
			*vec_add(&w->extras) = (struct witness_extra){.extra = q->extras[i], .next = p->extras};
			p->extras = (uint32_t)w->extras.n;
			added = true;
		}
	}
	return added;
}

static bool has_spec(struct witness *w, uint32_t package, uint32_t spec)
{
	uint32_t s = pick_of(w, package)->specs;
	while (s != 0 && w->specs.v[s - 1].spec != spec) {
		s = w->specs.v[s - 1].next;
	}
	return s != 0;
}

/* False: nothing fits. */
static bool meet(struct witness *w, struct witness_open open)
{
	const struct universe_requirement q = w->g->u.requirements.v[open.requirement];
	enum universe_state state = w->g->u.packages.v[q.package].state;
	if (q.url.n != 0 || state == UNIVERSE_ABSENT) {
		return false;
	}
	if (state != UNIVERSE_KNOWN) {
		w->unknown = true;
		*vec_add(&w->g->wants) =
			(struct depend_want){.package = q.package, .version = UNIVERSE_NONE};
		return true;
	}
	struct witness_pick *p = pick_of(w, q.package);
	if (!has_spec(w, q.package, q.spec)) {
		*vec_add(&w->specs) =
			(struct witness_spec){.spec = q.spec, .by = open.by, .next = p->specs};
		p->specs = (uint32_t)w->specs.n;
	}
	bool again = add_extras(w, &q);
	p = pick_of(w, q.package);
	if (p->version == UNIVERSE_NONE || !universe_matches(&w->g->u, q.spec, p->version)) {
		/* what the one before asked for stays: a set may have more than it needs */
		uint32_t version = q.package == w->root ? UNIVERSE_NONE : choose(w, q.package, 0);
		if (version == UNIVERSE_NONE) {
			return false;
		}
		w->stale |= p->version != UNIVERSE_NONE;
		p->version = version;
		again = true;
	}
	if (again) {
		open_package(w, q.package);
	}
	return true;
}

/* One try; *stuck is the package of which nothing fits. */
static bool find(struct witness *w, uint32_t version, uint64_t among, uint32_t *stuck)
{
	w->stamp++;
	w->specs.n = w->extras.n = w->open.n = w->g->wants.n = 0;
	w->unknown = w->stale = false;
	w->hinted = w->hints.n;
	w->proven = among;
	pick_of(w, w->root)->version = version;
	open_package(w, w->root);
	for (size_t i = 0; i < w->open.n; i++) {
		struct witness_open open = w->open.v[i];
		if (!meet(w, open)) {
			*stuck = w->g->u.requirements.v[open.requirement].package;
			return false;
		}
	}
	return true;
}

static enum witness_finding find_by(
	struct witness *w, uint32_t version, uint64_t among, enum way way, uint64_t *proven)
{
	uint32_t stuck = UNIVERSE_NONE;
	w->bans.n = w->hints.n = 0;
	for (int i = 0; i < TRIES; i++) {
		if (find(w, version, among, &stuck)) {
			*proven = w->proven;
			return w->unknown ? WITNESS_UNKNOWN : WITNESS_YES;
		}
		pick_of(w, stuck);
		bool hinted = w->stale && add_hints(w);
		if (!hinted && !ban_somebody(w, stuck, way)) {
			break;
		}
	}
	return WITNESS_NONE;
}

enum witness_finding witness_find(struct witness *w, uint32_t package, uint32_t version,
	size_t target, uint64_t among, uint64_t *proven)
{
	enum witness_finding found = WITNESS_NONE;
	w->root = package;
	w->target = target;
	for (enum way way = 0; way < WAYS && found == WITNESS_NONE; way++) {
		found = find_by(w, version, among, way, proven);
	}
	return found;
}

void witness_focus(const struct witness *w, struct solve_focus *focus)
{
	for (uint32_t p = 0; p < w->picks.n; p++) {
		const struct witness_pick *pick = &w->picks.v[p];
		if (pick->stamp == w->stamp && pick->version != UNIVERSE_NONE) {
			solve_focus_add(focus, &w->g->u, p, pick->version, w->target);
		}
	}
}
