/* One question as a problem of libsolv; for the files of this folder alone. Each candidate of each
 * package is a solvable, and one more for each extra in play. */
#pragma once

#include "coordinator/solve/candidates.h"

#include <solv/pool.h>
#include <solv/solver.h>

struct round {
	struct universe *u;
	struct candidate_set *set;
	Pool *pool;
	Repo *repo;
	struct owner {
		uint32_t place; /* in set.list */
		uint32_t candidate;
		uint32_t extra;
	} * owners; /* beside the pool's solvables */
	struct {
		Id first; /* of its solvables */
		uint32_t text; /* of its names, the first */
	} * places; /* beside set.list */
	uint32_t texts; /* that are taken */
	VEC(struct wish {
		Id id;
		uint32_t requirement;
		uint32_t extra;
	})
	wishes; /* requirements as ids, one for each spec and extra */
	struct map wish_ids; /* spec and extra to index of wishes + 1 */
	Queue job;
	Solver *solver;
};

/* Fills the set, which has the question's facts, and runs the solver: true if there is a solution. */
bool round_solve(struct round *r, struct candidate_set *set);
/* Clears the set. */
void round_finish(struct round *r);

/* --- proof.c --- */

/* The rules of the first problem, in words. */
void round_proof(struct round *r, struct solve_answer *out);

/* --- refute.c --- */

/* Versions that cannot be installed whatever else is asked, found as they are asked about. The facts and the
 * source must outlive it. */
struct refuting;
struct refuting *refuting_create(struct candidate_set *facts, const struct solve_source *source);
void refuting_destroy(struct refuting *f);
/* True if some root cannot be met: a no, without a solver. False says nothing. In *proof, which may be NULL,
 * why, as round_proof tells it. */
bool refute(struct refuting *f, struct solve_answer *proof);
/* False: the version is dead, if that extra is asked for (UNIVERSE_NONE: none). True says nothing. */
bool refuting_lives(struct refuting *f, uint32_t package, uint32_t version, uint32_t extra);
/* What was asked about is what the solver looks at first, too. */
void refuting_focus(const struct refuting *f, struct solve_focus *focus);

/* --- look_ahead.c --- */

/* Takes the newest version for each requirement, and so on from there, and brings what that needs. True if
 * it fits together: a yes, in *out, without a solver. False decides nothing; what was brought saves rounds.
 * Most questions with a yes end here, and with `refuting`, which may be NULL, where versions were looked for
 * that are not dead, most of the rest. */
bool look_ahead(struct candidate_set *facts, const struct solve_source *source,
	struct refuting *refuting, struct solve_answer *out);

/* --- solve.c --- */

/* By name. */
void solve_sort_picks(const struct universe *u, struct solve_answer *out);
