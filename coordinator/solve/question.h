/* A question to the solver: may these be installed together on a target, from wheels alone? And how
 * it is answered. */
#pragma once

#include "coordinator/solve/universe.h"

/* The versions that a question looks at. What the others require is taken for nothing until a solution has
 * one of them, so that the problem is made of what matters, however much is known. */
struct solve_focus {
	VEC(struct solve_focus_package {
		uint64_t *versions; /* a bit each; NULL: none */
		uint32_t looks; /* how often more of them were wanted */
	})
	all; /* beside the universe's packages, as far as they were met */
	VEC(uint32_t) packages; /* those with versions */
};
/* Of a package that is known; with the version come those beside it that are known to require the same on
 * the target. */
void solve_focus_add(struct solve_focus *f, const struct universe *u, uint32_t package,
	uint32_t version, size_t target);
/* How often this was asked before, of a package that has versions in it. */
uint32_t solve_focus_look(struct solve_focus *f, uint32_t package);
const uint64_t *solve_focus_versions(const struct solve_focus *f, uint32_t package);
bool solve_focus_has(const struct solve_focus *f, uint32_t package, uint32_t version);
void solve_focus_clear(struct solve_focus *f);
void solve_focus_finish(struct solve_focus *f);

struct solve_question {
	size_t target; /* index in the universe */
	/* Indices of the universe's requirements. Roots that do not apply on the target are left out by
	 * the solver. A constraint says what a package must match if it is installed. */
	const uint32_t *roots;
	size_t root_count;
	const uint32_t *constraints;
	size_t constraint_count;
	struct solve_focus *focus; /* NULL, or: what is looked at is kept here for the next question */
	bool
		is_hard; /* whoever asks has found neither a quick yes nor a quick no: nobody tries again */
};

/* Why a version is no candidate. Each is a fact about one package that somebody could change. */
#define SOLVE_REASON_MAP(X)                                     \
	X(USABLE, "usable", "can be installed")                     \
	X(NO_WHEEL, "no_wheel", "has no wheel that fits")           \
	X(PYTHON, "python", "does not admit this Python")           \
	X(YANKED, "yanked", "is yanked")                            \
	X(METADATA, "metadata", "has metadata that nobody can use") \
	X(ABSENT, "absent", "is not in the index")
enum solve_reason {
#define SOLVE_REASON_ENUM(name, word, text) SOLVE_##name,
	SOLVE_REASON_MAP(SOLVE_REASON_ENUM)
#undef SOLVE_REASON_ENUM
		SOLVE_REASON_COUNT
};
const char *solve_reason_word(enum solve_reason r);
const char *solve_reason_text(enum solve_reason r);

/* Where the solver gets what the universe does not have yet. Each brings it into the universe now and
 * returns true, or notes that it is wanted and returns false. A page: universe_set_files, or another
 * state. Metadata: the wheel's `requires`. */
struct solve_source {
	bool (*page)(void *user, struct universe *u, uint32_t package);
	bool (*metadata)(
		void *user, struct universe *u, uint32_t package, uint32_t version, uint32_t wheel);
	void *user;
};

/* Which packages may be taken although something speaks against all their versions: all, or a set (a
 * byte a package; NULL: none). What is so taken is ranked below the rest. */
struct solve_relax {
	bool all;
	const unsigned char *packages;
	size_t count;
};

struct solve_pick {
	uint32_t package;
	uint32_t version; /* UNIVERSE_NONE: of a package that has none, by solve_relax */
	enum solve_reason reason;
};

enum solve_verdict {
	SOLVE_YES,
	SOLVE_NO,
	SOLVE_WAIT, /* the source was asked for something that is not here yet */
	SOLVE_UNREACHED, /* what it takes could not be had */
};

struct solve_answer {
	enum solve_verdict verdict;
	VEC(struct solve_pick) picks; /* of SOLVE_YES: what is installed, by name */
	/* of SOLVE_NO, as far as asked for: what cannot be met together, a line each, in the order of the
	 * proof */
	VEC(char *) proof;
	VEC(uint32_t) asked; /* likewise: the roots in it */
};

/* What a "no" is to be told with. */
enum solve_proof {
	SOLVE_PROOF_NONE,
	SOLVE_PROOF_ROOTS, /* who is in it; its lines may leave out why a version is out of the question */
	SOLVE_PROOF_WORDS,
};
void solve_answer_finish(struct solve_answer *a);

/* The answer; what it needs is brought through `source`. `relax` may be NULL. Never fails. */
void solve(struct universe *u, const struct solve_question *q, const struct solve_relax *relax,
	const struct solve_source *source, enum solve_proof proof, struct solve_answer *out);

/* The wheel that tells what a version requires on the target: the one that fits, else any; NULL if the
 * version has no wheel. */
struct universe_wheel *solve_wheel_of_some(const struct universe_version *v, size_t target);
static inline struct universe_wheel *solve_wheel(const struct universe_version *v, size_t target)
{
	return v->wheel_count > 1 ? solve_wheel_of_some(v, target)
		: v->wheel_count != 0 ? v->wheels
							  : NULL;
}
