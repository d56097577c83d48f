/* The headline of a package on a target and since when it is that, and what decides it besides the
 * published fact: the newest final build. */
#pragma once

#include "coordinator/store/headline.h"
#include "coordinator/store/store.h"
#include "core/base/mem.h"

/* Writes. If the word differs from the stored one, the row gets the new word with `now` as its
 * start and a line goes into the history; if only the version differs, the row gets that. `changed`
 * (may be NULL) tells whether the word did. */
int store_standing_put(struct store *s, int64_t package, int64_t target, enum headline headline,
	const char *version, int64_t now, bool *changed, struct err *e);
/* ERR_NOT_FOUND if there is none. */
int store_standing_get(struct store *s, int64_t package, int64_t target, enum headline *headline,
	int64_t *since, struct err *e);

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
	bool clean; /* pass: the coordinator's own look at the wheel found no error */
};
/* Of every target that has one, by target id; an array in `arena`. */
int store_built_list(struct store *s, int64_t package, struct arena *arena,
	struct store_built **out, size_t *count, struct err *e);

/* Changes at or after `since` (wall ms), oldest first, first sightings left out. */
struct store_change {
	int64_t at;
	const char *package;
	const char *target;
	const char *was;
	const char *became;
	const char *version; /* may be NULL */
};
int store_change_list(struct store *s, int64_t since, struct arena *arena,
	struct store_change **out, size_t *count, struct err *e);
