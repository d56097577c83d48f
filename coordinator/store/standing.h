/* How a package stands on every target: the published fact as a letter, the headline and since when it
 * is that; and what decides headlines besides: the newest final build. */
#pragma once

#include "coordinator/store/headline.h"
#include "coordinator/store/target.h"
#include "core/base/mem.h"

enum { STANDING_NEVER = '.' };

/* One package on one target. */
struct store_pair {
	/* store_fact_letter; STANDING_NEVER: never scanned */
	char fact;
	/* headline_letter; STANDING_NEVER: never judged */
	char word;
	int64_t since; /* wall ms when `word` began */
	/* a letter of dependency.h, or 0: the verdict of the last round, which may be of a release before */
	char dependencies;
	const char *version; /* the release that the published fact speaks of, NULL: none */
};

/* All targets of a package; the place is the target's id - 1. */
struct store_standing {
	size_t n; /* places in use */
	struct store_pair v[STORE_TARGETS];
};

/* The letter of a published fact: w wheel, p pure, l pure that lost its accelerator, s sdist, n none,
 * x python_excluded, a not_applicable; a capital: its support has vanished. */
char store_fact_letter(const char *state, bool lost_accelerator, bool vanished);

/* Versions live in `arena`. Of a package that never was judged everything is STANDING_NEVER. */
int store_standing_get(struct store *s, int64_t package, struct arena *arena,
	struct store_standing *out, struct err *e);
/* The headlines and their times alone; versions and facts are left empty. */
int store_standing_words(
	struct store *s, int64_t package, struct store_standing *out, struct err *e);
/* Writes what differs: the headlines, with `now` as the start of those that are new, and a line in
 * the log of changes (change.h) for pairs that were known before. `before` is what store_standing_get
 * gave, before anything of the package was written. */
int store_standing_put(struct store *s, int64_t package, const struct store_standing *before,
	const struct store_standing *after, int64_t now, struct err *e);

/* Columns words and since of a package as one standing, facts left out; for the views of this folder. */
void store_standing_read(struct str words, struct str since, struct store_standing *out);

/* The newest final result of a build of a pair whose job is not superseded. */
struct store_built {
	int64_t target;
	int64_t job;
	const char *version;
	bool pass;
	bool proven; /* its import ran on the target */
	const char *stage; /* the failed one, NULL on a pass */
	const char *reason; /* code, NULL on a pass */
	const char *owner; /* reason_owner_name, NULL on a pass */
	/* a wheel was made, and the coordinator's own look at it found no error; true of a pass, and of what
	 * failed after that */
	bool clean;
};
/* Of every target that has one (or of `target` alone, 0: all), by target id; an array in `arena`. */
int store_built_list(struct store *s, int64_t package, int64_t target, struct arena *arena,
	struct store_built **out, size_t *count, struct err *e);
