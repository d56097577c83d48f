/* The versions of a package, grouped for one round. Sets of versions are bitsets: a package of thousands is
 * some dozen words, and a specifier splits a group by two operations on each. */
#include "coordinator/solve/candidates.h"

#include <stdlib.h>

/* How versions stand before it is known what they require; of one target at a time. */
struct universe_standings {
	size_t target;
	bool with_alive;
	uint64_t *reasons[SOLVE_REASON_COUNT];
	uint64_t *prereleases;
	uint64_t *bare; /* no wheel at all: nothing is unknown of it */
	uint64_t *dead;
};

struct group {
	uint64_t *versions;
	unsigned low; /* a last resort: below CANDIDATE_NEVER */
	struct candidate candidate; /* the version is set at the end */
};

struct grouping {
	struct candidate_set *s;
	uint32_t package;
	size_t words;
	const struct universe_standings *standings;
	VEC(struct group) groups;
};

static uint64_t *new_words(struct grouping *g)
{
	return arena_new(&g->s->round, g->words * sizeof(uint64_t));
}

static void add_bit(uint64_t *words, uint32_t version)
{
	words[version / 64] |= UINT64_C(1) << (version % 64);
}

static bool has_any(const uint64_t *words, size_t count)
{
	uint64_t any = 0;
	for (size_t i = 0; i < count; i++) {
		any |= words[i];
	}
	return any != 0;
}

static uint32_t highest(const uint64_t *words, size_t count)
{
	while (words[count - 1] == 0) {
		count--;
	}
	return (uint32_t)(64 * count - 1) - (uint32_t)__builtin_clzll(words[count - 1]);
}

/* --- how versions stand --- */

static void read_standings(const struct universe_package *p, struct universe_standings *out)
{
	for (uint32_t v = 0; v < p->version_count; v++) {
		const struct universe_version *version = &p->versions[v];
		add_bit(out->reasons[candidate_reason_unread(version, out->target, false)], v);
		if (version->prerelease) {
			add_bit(out->prereleases, v);
		}
		if (version->wheel_count == 0) {
			add_bit(out->bare, v);
		}
		if (out->with_alive && !universe_has(p->alive[v], out->target)) {
			add_bit(out->dead, v);
		}
	}
}

static const struct universe_standings *standings_of(struct candidate_set *s, uint32_t package)
{
	enum { SETS = SOLVE_REASON_COUNT + 3 };
	struct universe_package *p = &s->u->packages.v[package];
	size_t words = p->version_count / 64 + 1;
	struct universe_standings *out = p->standings;
	if (out != NULL && out->target == s->q->target && out->with_alive == (p->alive != NULL)) {
		return out;
	}
	if (out == NULL) {
		out = p->standings = arena_new(&s->u->arena, sizeof(*out));
		uint64_t *room = arena_new(&s->u->arena, SETS * words * sizeof(*room));
		for (size_t i = 0; i < SOLVE_REASON_COUNT; i++) {
			out->reasons[i] = &room[i * words];
		}
		out->prereleases = &room[SOLVE_REASON_COUNT * words];
		out->bare = &room[(SOLVE_REASON_COUNT + 1) * words];
		out->dead = &room[(SOLVE_REASON_COUNT + 2) * words];
	} else {
		memset(out->reasons[0], 0, SETS * words * sizeof(uint64_t));
	}
	out->target = s->q->target;
	out->with_alive = p->alive != NULL;
	read_standings(p, out);
	return out;
}

/* --- the first groups --- */

static void add_group(
	struct grouping *g, uint64_t *versions, unsigned low, struct candidate candidate)
{
	if (has_any(versions, g->words)) {
		*vec_add(&g->groups) =
			(struct group){.versions = versions, .low = low, .candidate = candidate};
	}
}

/* Those that nobody looked at, of one reason: they differ in their standing alone. */
static void add_unread(struct grouping *g, enum solve_reason reason, const uint64_t *versions)
{
	const bool explicit_pre = candidate_takes_prereleases(g->s, g->package);
	for (unsigned kind = 0; kind < 4 && has_any(versions, g->words); kind++) {
		bool bare = (kind & 1) != 0, pre = (kind & 2) != 0;
		uint64_t *set = new_words(g);
		for (size_t i = 0; i < g->words; i++) {
			uint64_t late = explicit_pre ? 0 : g->standings->prereleases[i];
			set[i] = versions[i] & (bare ? g->standings->bare[i] : ~g->standings->bare[i]) &
				(pre ? late : ~late);
		}
		add_group(g, set, (reason != SOLVE_USABLE ? 2u : 0u) + pre,
			(struct candidate){.requires = UNIVERSE_NONE, .reason = reason, .unknown = !bare});
	}
}

static void exclude(struct grouping *g, uint64_t *set)
{
	for (size_t i = 0; i < g->s->q->constraint_count; i++) {
		const struct universe_requirement *r = &g->s->u->requirements.v[g->s->q->constraints[i]];
		const uint64_t *matches =
			r->package == g->package && universe_has(r->applies, g->s->q->target)
			? universe_match_bits(g->s->u, r->spec)
			: NULL;
		for (size_t k = 0; matches != NULL && k < g->words; k++) {
			set[k] &= matches[k];
		}
	}
}

static void add_all_unread(struct grouping *g, const uint64_t *read)
{
	struct candidate_set *s = g->s;
	const struct universe_package *p = &s->u->packages.v[g->package];
	const bool relaxed = candidate_is_relaxed(s, g->package);
	const bool pinned = candidate_is_pinned(s, g->package);
	uint64_t *sets[SOLVE_REASON_COUNT];
	for (size_t reason = 0; reason < SOLVE_REASON_COUNT; reason++) {
		sets[reason] = new_words(g);
		bool counts = reason == SOLVE_USABLE || relaxed || (pinned && reason == SOLVE_YANKED);
		for (size_t i = 0; i < g->words && counts; i++) {
			sets[reason][i] = g->standings->reasons[reason][i] & ~(read != NULL ? read[i] : 0) &
				~(s->relax == NULL ? g->standings->dead[i] : 0);
		}
		exclude(g, sets[reason]);
	}
	for (uint32_t v = 0; pinned && v < p->version_count; v++) {
		if ((sets[SOLVE_YANKED][v / 64] >> (v % 64) & 1) != 0) {
			sets[SOLVE_YANKED][v / 64] &= ~(UINT64_C(1) << (v % 64));
			add_bit(sets[candidate_reason_unread(&p->versions[v], s->q->target, true)], v);
		}
	}
	for (size_t reason = 0; reason < SOLVE_REASON_COUNT; reason++) {
		if (reason == SOLVE_USABLE || relaxed) {
			add_unread(g, (enum solve_reason)reason, sets[reason]);
		}
	}
}

/* One that was looked at: beside those that require the same and stand alike. */
static void add_read(struct grouping *g, uint32_t version)
{
	enum solve_reason reason;
	unsigned low = candidate_standing(g->s, g->package, version, &reason);
	const struct universe_wheel *w =
		solve_wheel(&g->s->u->packages.v[g->package].versions[version], g->s->q->target);
	if (low == CANDIDATE_NEVER) {
		return;
	}
	uint32_t requires = w != NULL ? w->requires : UNIVERSE_NONE;
	const struct candidate candidate = {
		.requires = requires, .reason = reason, .unknown = w != NULL && requires == UNIVERSE_NONE};
	VEC_EACH (struct group, known, &g->groups) {
		if (known->low == low && known->candidate.requires == requires &&
			known->candidate.reason == reason && known->candidate.unknown == candidate.unknown) {
			add_bit(known->versions, version);
			return;
		}
	}
	uint64_t *versions = new_words(g);
	add_bit(versions, version);
	add_group(g, versions, low, candidate);
}

/* --- split by what is asked --- */

static void split(struct grouping *g, const uint64_t *matches)
{
	for (size_t i = 0, n = g->groups.n; i < n; i++) {
		uint64_t *versions = g->groups.v[i].versions, in = 0, out = 0;
		for (size_t k = 0; k < g->words; k++) {
			in |= versions[k] & matches[k];
			out |= versions[k] & ~matches[k];
		}
		if (in == 0 || out == 0) {
			continue;
		}
		uint64_t *others = new_words(g);
		for (size_t k = 0; k < g->words; k++) {
			others[k] = versions[k] & ~matches[k];
			versions[k] &= matches[k];
		}
		struct group other = g->groups.v[i];
		other.versions = others;
		*vec_add(&g->groups) = other;
	}
}

static int compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	if (x->low != y->low) {
		return x->low < y->low ? 1 : -1;
	}
	return x->candidate.version < y->candidate.version ? -1 : 1;
}

void candidates_group(struct candidate_set *s, struct candidates *c)
{
	const struct universe_package *p = &s->u->packages.v[c->package];
	const uint64_t *read = solve_focus_versions(s->q->focus, c->package);
	struct grouping g = {.s = s, .package = c->package, .words = p->version_count / 64 + 1};
	g.standings = standings_of(s, c->package);
	add_all_unread(&g, read);
	for (uint32_t v = 0; read != NULL && v < p->version_count; v++) {
		if ((read[v / 64] >> (v % 64) & 1) != 0) {
			add_read(&g, v);
		}
	}
	VEC_EACH (uint32_t, spec, &c->specs) {
		const uint64_t *matches = universe_match_bits(s->u, *spec);
		if (matches != NULL) {
			split(&g, matches);
		}
	}
	VEC_EACH (struct group, group, &g.groups) {
		group->candidate.version = highest(group->versions, g.words);
	}
	if (g.groups.n != 0) {
		qsort(g.groups.v, g.groups.n, sizeof(*g.groups.v), compare_groups);
	}
	c->count = (uint32_t)g.groups.n;
	c->v = arena_new(&s->round, (g.groups.n + 1) * sizeof(*c->v));
	for (size_t i = 0; i < g.groups.n; i++) {
		c->v[i] = g.groups.v[i].candidate;
	}
	vec_finish(&g.groups);
}
