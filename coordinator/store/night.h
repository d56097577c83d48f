/* Nights: one row a scan, with what it found; and how one that was killed goes on. The log of changes
 * (change.h) is cut into nights by their ends. */
#pragma once

#include "coordinator/store/store.h"
#include "core/base/mem.h"

struct store_night {
	int64_t id; /* 1, 2, … in the order they began */
	int64_t started; /* wall ms */
	int64_t ended; /* 0: it runs, or was killed */
	bool whole; /* it came to its end; false: given up, a later one took its place */
	const char *list; /* which scan it is, as it was begun */
	int64_t asked; /* packages */
	/* how many of them: page read, unchanged, no such project, no page, out of reach */
	int64_t read, unchanged, absent, bad, failed;
	int64_t received; /* bytes on the wire, of the last process that worked on it */
};

/* An open night of the same list that began less than this ago is continued. */
#define STORE_NIGHT_CONTINUE_MS INT64_C(86400000)

/* Writes. Opens a night, or continues an open one of the same list: then *started is its first
 * start, and packages whose `night` is this one need not be asked again. Other open nights are
 * closed as given up. `list` says what is asked and how (a hash of index, targets, names). */
int store_night_begin(struct store *s, const char *list, int64_t asked, int64_t now, int64_t *night,
	int64_t *started, struct err *e);
/* Writes. It came to its end: counts what became of its packages. An interrupted scan does not call
 * this, so that the next one continues. */
int store_night_end(struct store *s, int64_t night, int64_t received, int64_t now, struct err *e);

/* Newest first, at most `most`; an array in `arena`. */
int store_night_list(struct store *s, size_t most, struct arena *arena, struct store_night **out,
	size_t *count, struct err *e);
/* What a night did not come to. */
struct store_missed {
	const char *package;
	const char *version; /* NULL: the index gave no page of it */
	const char *target; /* NULL likewise */
	const char *problem; /* why no page; NULL: a build that still waits */
};
/* Builds first, most urgent first, then pages; at most `most` of each; an array in `arena`. */
int store_night_missed(struct store *s, int64_t most, struct arena *arena,
	struct store_missed **out, size_t *count, struct err *e);
/* The night that a person means: "last", a number, or a date "2026-11-22" (the last one that ended on
 * that day in UTC or before). Only nights that ended. ERR_NOT_FOUND, ERR_INVALID. */
int store_night_find(
	struct store *s, struct str word, struct arena *arena, struct store_night *out, struct err *e);
