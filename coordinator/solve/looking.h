/* A look ahead (look_ahead.c) as it goes on, and which version it takes of a package. */
#pragma once

#include "coordinator/solve/round.h"

/* What was taken of a package, and what is asked of it. */
struct choice {
	uint32_t package;
	bool taken; /* in this try */
	bool reached; /* from the roots, by what was taken last */
	uint32_t version; /* UNIVERSE_NONE: of a package that is absent */
	enum solve_reason reason;
	/* chains: index + 1 of the last one */
	uint32_t wishes, extras; /* of this try */
	uint32_t hints; /* of all tries */
};

struct looking {
	struct universe *u;
	const struct solve_question *q;
	const struct solve_source *source;
	struct candidate_set *facts; /* nothing is reached in it */
	struct refuting *refuting; /* knows versions that are dead; NULL: nobody does */
	VEC(struct choice) choices;
	VEC(uint32_t) place; /* of the universe's packages: in choices, + 1; 0: none */
	VEC(struct wish_of) wishes;
	VEC(struct link_of) extras, hints;
	VEC(struct ban) bans;
	VEC(struct opened) open;
	VEC(uint32_t) seen; /* of the universe's requirements: the last try in which it was opened */
	uint32_t tried; /* tries so far */
	VEC(uint32_t) stuck; /* of choices: those of which nothing fits */
	bool stale; /* a choice was changed: what it asked for is still asked for */
	bool unknown; /* something could not be looked at */
	VEC(uint64_t) allowed; /* room: a bit a version */
};
struct wish_of {
	uint32_t spec;
	uint32_t by; /* of choices; UNIVERSE_NONE: the question */
	uint32_t next;
};
struct link_of {
	uint32_t what; /* an extra, or a spec */
	uint32_t next;
};
struct ban {
	uint32_t package;
	uint32_t requires; /* of all versions that require the same */
};
struct opened {
	uint32_t requirement;
	uint32_t by;
};

/* The wheel that tells what it requires on the question's target; NULL: none does. */
struct universe_wheel *looking_wheel(struct looking *l, uint32_t package, uint32_t version);
/* Sets l->allowed: the versions that all wishes admit but `without` (index + 1; 0: none). The number of its
 * words. */
size_t looking_allow(struct looking *l, const struct choice *c, uint32_t without);
/* Of those the best, and how it stands; UNIVERSE_NONE: there is none. Empties l->allowed. */
uint32_t looking_best(
	struct looking *l, const struct choice *c, size_t words, enum solve_reason *reason);
/* Takes the best that all wishes admit, whose metadata was looked at: that may show that it is none. False:
 * nothing fits. */
bool looking_choose(struct looking *l, uint32_t place);
/* It is known that the version cannot be installed, with the extras that are asked for. */
bool looking_is_dead(struct looking *l, const struct choice *c, uint32_t version);
/* How many other versions, that require something else, could be taken. */
uint32_t looking_alternatives(struct looking *l, const struct choice *c);
