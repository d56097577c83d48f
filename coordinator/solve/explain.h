/* Why a question is answered with no: the fewest packages that would have to change, or requirements that
 * cannot be met together whatever is published. */
#pragma once

#include "coordinator/solve/question.h"

struct solve_blocker {
	uint32_t package;
	uint32_t version; /* the one that would be taken; UNIVERSE_NONE: the package is absent */
	enum solve_reason reason;
	char *path; /* "a 1.0 -> b 2.0 -> c 3.1": how it comes in */
};

struct solve_explanation {
	/* SOLVE_YES: without the blockers it would be a yes, and each is needed for that. SOLVE_NO: a
	 * conflict of versions. SOLVE_WAIT and SOLVE_UNREACHED as of solve(). */
	enum solve_verdict verdict;
	VEC(struct solve_blocker) blockers; /* of SOLVE_YES */
	VEC(uint32_t)
	roots; /* of SOLVE_NO: requirements of the question, none of which can be left out */
	VEC(char *) proof; /* of SOLVE_NO, a line each */
};

/* Of a question that solve() answered with SOLVE_NO. */
void solve_explain(struct universe *u, const struct solve_question *q,
	const struct solve_source *source, struct solve_explanation *out);
void solve_explanation_finish(struct solve_explanation *x);
