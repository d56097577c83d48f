/* Of one question: which versions of which packages can matter, grouped: versions that require the same
 * and that all specifiers in play treat alike are one candidate, the best of them. That is what keeps
 * packages of thousands of versions small. */
#pragma once

#include "coordinator/solve/question.h"

struct refuting;

struct candidate {
	uint32_t
		version; /* UNIVERSE_NONE: whatever version; the package has none or is not known yet */
	uint32_t requires; /* UNIVERSE_NONE: not known yet, or nothing */
	enum solve_reason reason;
	bool unknown; /* the page or the metadata was not looked at */
};

/* A package that was reached. */
struct candidates {
	uint32_t package;
	VEC(uint32_t) specs; /* in play */
	VEC(uint32_t) extras; /* in play */
	struct candidate *v; /* worst first */
	uint32_t count;
};

struct candidate_set {
	struct arena arena;
	struct universe *u;
	const struct solve_question *q;
	const struct solve_relax *relax; /* may be NULL */
	size_t fact_count;
	unsigned char *facts; /* of each package: what constraints and pins say of it */
	/* of versions that are dead: no candidates; NULL: nobody knows, or all are to be told of */
	const struct refuting *dead;
	/* of one round */
	struct arena round;
	VEC(struct candidates) list;
	VEC(struct visit {
		uint32_t place;
		uint32_t extra;
	})
	visits;
	/* room, zero between rounds but for stamps */
	VEC(uint32_t) place; /* of each package of the universe: in list, + 1; 0: not reached */
	VEC(bool) spec_seen; /* of each spec of the universe */
	VEC(uint32_t) stamps; /* of each requires: the last visit that saw it */
	uint32_t stamp;
};

/* What the question itself says of packages, and nothing reached. */
void candidate_set_facts(struct candidate_set *s, struct universe *u,
	const struct solve_question *q, const struct solve_relax *relax);
/* All that can be reached from the roots by what is looked at; until it is cleared. */
void candidate_set_fill(struct candidate_set *s);
void candidate_set_clear(struct candidate_set *s);
void candidate_set_finish(struct candidate_set *s);

/* How the version stands among those of its package: 0 is the best, others are last resorts, CANDIDATE_NEVER
 * none at all. */
enum { CANDIDATE_NEVER = 4 };
unsigned candidate_standing(
	struct candidate_set *s, uint32_t package, uint32_t version, enum solve_reason *reason);
/* What the question itself says of the package. */
bool candidate_takes_prereleases(const struct candidate_set *s, uint32_t package);
bool candidate_is_pinned(const struct candidate_set *s, uint32_t package);
/* May the package be taken although something speaks against it? */
bool candidate_is_relaxed(const struct candidate_set *s, uint32_t package);

/* Why the version is none on the question's target; SOLVE_USABLE if it is one. `excluded`: a constraint
 * speaks against it, which is no such reason. */
enum solve_reason candidate_reason(
	struct candidate_set *s, uint32_t package, uint32_t version, bool *excluded);
/* The same as far as the page tells. `pinned`: a yanked one may be taken. */
enum solve_reason candidate_reason_unread(
	const struct universe_version *v, size_t target, bool pinned);

/* --- refute.c --- */

/* It was found out that the version cannot be installed; finds out nothing. */
bool refuting_knows_dead(const struct refuting *f, uint32_t package, uint32_t version);

/* --- candidate_groups.c --- */

/* Of a package that is known and reached: sets v and count. */
void candidates_group(struct candidate_set *s, struct candidates *c);
