/* Why a version is not alive: the packages at the root of it, those that nobody else holds back. */
#pragma once

#include "coordinator/depend/graph.h"

#define BLAME_CONFLICT "conflict"

struct blame {
	uint32_t package;
	uint32_t version; /* that would be taken; UNIVERSE_NONE: there is none */
	const char
		*reason; /* a word of question.h, or BLAME_CONFLICT: no release is what is asked for */
	char *path; /* how it comes in */
};

struct blames {
	VEC(struct blame) v; /* nearest first, each root once */
	uint64_t
		alike; /* targets on which all that was looked at is as it is here: so it is told there too */
};

enum { BLAMES_MOST = 16 }; /* roots of one package on one target that are told */

/* Of a version that is usable and not alive on the target. */
void blame_find(
	struct depend_graph *g, uint32_t package, uint32_t version, size_t target, struct blames *out);
void blames_finish(struct blames *b);

/* Of the versions that match, the one that would be taken if nothing spoke against it; UNIVERSE_NONE: none
 * matches. */
uint32_t blame_taken(struct universe *u, uint32_t spec);
