#include "coordinator/solve/looking.h"

enum { RANKS = 16 };

struct universe_wheel *looking_wheel(struct looking *l, uint32_t package, uint32_t version)
{
	return solve_wheel(&l->u->packages.v[package].versions[version], l->q->target);
}

static void allow(struct looking *l, uint32_t spec, size_t words)
{
	const uint64_t *matches = universe_match_bits(l->u, spec);
	for (size_t i = 0; matches != NULL && i < words; i++) {
		l->allowed.v[i] &= matches[i];
	}
}

size_t looking_allow(struct looking *l, const struct choice *c, uint32_t without)
{
	size_t words = l->u->packages.v[c->package].version_count / 64 + 1;
	l->allowed.n = 0;
	while (l->allowed.n < words) {
		*vec_add(&l->allowed) = UINT64_MAX;
	}
	l->allowed.v[words - 1] =
		(UINT64_C(1) << (l->u->packages.v[c->package].version_count % 64)) - 1;
	for (uint32_t w = c->wishes; w != 0; w = l->wishes.v[w - 1].next) {
		if (w != without) {
			allow(l, l->wishes.v[w - 1].spec, words);
		}
	}
	return words;
}

static bool is_banned(const struct looking *l, uint32_t package, const struct universe_wheel *w)
{
	VEC_EACH (struct ban, b, &l->bans) {
		if (b->package == package && w != NULL && b->requires == w->requires) {
			return true;
		}
	}
	return false;
}

static bool is_hinted_at(struct looking *l, const struct choice *c, uint32_t version)
{
	for (uint32_t h = c->hints; h != 0; h = l->hints.v[h - 1].next) {
		if (!universe_matches(l->u, l->hints.v[h - 1].what, version)) {
			return false;
		}
	}
	return true;
}

bool looking_is_dead(struct looking *l, const struct choice *c, uint32_t version)
{
	if (l->refuting == NULL) {
		return false;
	}
	bool lives = refuting_lives(l->refuting, c->package, version, UNIVERSE_NONE);
	for (uint32_t x = c->extras; x != 0 && lives; x = l->extras.v[x - 1].next) {
		lives = refuting_lives(l->refuting, c->package, version, l->extras.v[x - 1].what);
	}
	return !lives;
}

/* The place of the version among those that might be taken: RANKS if it is none. */
static unsigned rank_of(
	struct looking *l, const struct choice *c, uint32_t version, enum solve_reason *reason)
{
	unsigned standing = candidate_standing(l->facts, c->package, version, reason);
	const struct universe_wheel *w = looking_wheel(l, c->package, version);
	if (standing == CANDIDATE_NEVER || is_banned(l, c->package, w) ||
		looking_is_dead(l, c, version)) {
		return RANKS;
	}
	bool unread = l->refuting != NULL && w != NULL && w->requires == UNIVERSE_NONE;
	return (standing & 2) * 4 + (unread ? 4 : 0) + (is_hinted_at(l, c, version) ? 0 : 2) +
		(standing & 1);
}

/* Among l->allowed: what nothing speaks against goes before what may be taken all the same, then what was
 * read, unless this is the first look, then what all hints admit, then final ones, then the newest. */
uint32_t looking_best(
	struct looking *l, const struct choice *c, size_t words, enum solve_reason *reason)
{
	uint32_t found = UNIVERSE_NONE;
	unsigned lowest = RANKS;
	for (size_t i = words; i-- > 0 && lowest != 0;) {
		while (l->allowed.v[i] != 0 && lowest != 0) {
			uint32_t bit = 63 - (uint32_t)__builtin_clzll(l->allowed.v[i]);
			enum solve_reason why;
			unsigned rank = rank_of(l, c, (uint32_t)i * 64 + bit, &why);
			l->allowed.v[i] &= ~(UINT64_C(1) << bit);
			if (rank < lowest) {
				lowest = rank;
				found = (uint32_t)i * 64 + bit;
				*reason = why;
			}
		}
	}
	return found;
}

bool looking_choose(struct looking *l, uint32_t place)
{
	struct choice made = l->choices.v[place];
	for (;;) {
		made.version = looking_best(l, &made, looking_allow(l, &made, 0), &made.reason);
		if (made.version == UNIVERSE_NONE) {
			return false;
		}
		struct universe_version *v = &l->u->packages.v[made.package].versions[made.version];
		struct universe_wheel *w = looking_wheel(l, made.package, made.version);
		if (w == NULL || w->requires != UNIVERSE_NONE) {
			break;
		}
		if (!l->source->metadata(
				l->source->user, l->u, made.package, made.version, (uint32_t)(w - v->wheels))) {
			l->unknown = true;
			return true;
		}
	}
	made.taken = true;
	l->choices.v[place] = made;
	return true;
}

uint32_t looking_alternatives(struct looking *l, const struct choice *c)
{
	size_t words = looking_allow(l, c, 0);
	uint32_t n = 0, last = UNIVERSE_NONE;
	for (size_t i = 0; i < words; i++) {
		for (uint64_t left = l->allowed.v[i]; left != 0; left &= left - 1) {
			enum solve_reason reason;
			uint32_t version = (uint32_t)i * 64 + (uint32_t)__builtin_ctzll(left);
			const struct universe_wheel *w = looking_wheel(l, c->package, version);
			if (w != NULL && w->requires != last && rank_of(l, c, version, &reason) < RANKS) {
				n++;
				last = w->requires;
			}
		}
	}
	return n;
}
