/* What changed on a package and target between two nights: the log, and the net difference.
 *
 * The log has the condition before and after of each change of a published fact or a headline, as two
 * letters (standing.h); what is seen for the first time is no change. From first `was` and last
 * `became` of a stretch of the log follows what changed over it, so that what went and came back is
 * nothing.
 *
 * A pair works (headline `ready`, no vanished support), is built (`builds`: by this farm), broken
 * (`broken`, `blocked`, `degraded`: the accelerator is lost), gone (support has vanished: a newer
 * release lacks it), has nothing (`missing`, `unknown`, no such project), or is out (`not_applicable`).
 * The kind of a change follows from these alone:
 *
 *   from \ to   works     built     broken   gone      nothing   out
 *   works       -         -         broke    vanished  vanished  vanished
 *   built       appeared  -         broke    vanished  broke     -
 *   broken      fixed     fixed     -        vanished  vanished  -
 *   gone        fixed     fixed     -        -         -         -
 *   nothing     appeared  appeared  -        -         -         -
 *   out         appeared  appeared  -        -         -         -
 *
 * A state of not_applicable is policy, which the operator says and no release: to and from it nothing
 * has a kind. (python_excluded is what releases say.) */
#pragma once

#include "coordinator/store/night.h"
#include "coordinator/store/standing.h"

#define CHANGE_KIND_MAP(X)  \
	X(NONE, "none")         \
	X(APPEARED, "appeared") \
	X(VANISHED, "vanished") \
	X(FIXED, "fixed")       \
	X(BROKE, "broke")
enum change_kind {
#define CHANGE_ENUM(name, word) CHANGE_##name,
	CHANGE_KIND_MAP(CHANGE_ENUM)
#undef CHANGE_ENUM
		CHANGE_KIND_COUNT,
};
const char *change_kind_word(enum change_kind k);

/* A condition is two letters: published fact, headline. '?' as the fact: a log that did not keep it. */
struct store_condition {
	char fact;
	char word;
};
enum change_kind change_kind_of(struct store_condition was, struct store_condition became);

/* Writes. A line for each way in which targets that were known before changed. For standing.c. */
int store_change_log(struct store *s, int64_t package, const struct store_standing *before,
	const struct store_standing *after, int64_t now, struct err *e);

/* The net change of the targets of a package that changed alike. */
struct store_change {
	enum change_kind kind;
	const char *package;
	int64_t at; /* of the last step, wall ms */
	const char **targets; /* names, by name */
	size_t target_count;
	enum headline was, became;
	char was_fact, became_fact; /* letters of standing.h, '?': not known */
	const char *was_version; /* of the release then looked at, NULL: none */
	const char *version;
};

struct store_change_query {
	/* From the end of one night to the end of another, in any order; ids of ended nights. since 0:
	 * from the beginning of the log; until 0: until now. */
	int64_t since, until;
	int64_t target; /* id; 0: all */
	bool all; /* also those of kind none: the word or the fact changed and nothing else */
};
/* By kind (vanished, broke, appeared, fixed; then none), package, first target; an array in `arena`. */
int store_change_list(struct store *s, const struct store_change_query *query, struct arena *arena,
	struct store_change **out, size_t *count, struct err *e);
struct store_change_filter {
	int64_t package, target; /* ids; 0: all */
};
/* The latest lines of the log that have a kind or another headline, newest first, at most `most`. */
int store_change_newest(struct store *s, const struct store_change_filter *filter, size_t most,
	struct arena *arena, struct store_change **out, size_t *count, struct err *e);
