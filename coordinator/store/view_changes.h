/* What changed between two nights, for `wheelfarm changes`, /changes and its JSON. */
#pragma once

#include "coordinator/store/change.h"

struct changes_query {
	struct str since; /* as store_night_find takes it; empty: the night before the last one */
	struct str until; /* empty: now, builds since the last night included */
	const char *target; /* whole name; NULL: all */
	bool all; /* as in struct store_change_query */
};

struct changes_view {
	struct arena arena;
	struct store_night since; /* id 0: the beginning of the log */
	struct store_night until; /* id 0: now */
	const char *target; /* NULL: all */
	const char **targets; /* that there are, by name */
	size_t target_count;
	struct store_night *nights; /* that ended, newest first, at most 60 */
	size_t night_count;
	struct store_change *changes; /* in the order of store_change_list */
	size_t change_count;
	size_t packages[CHANGE_KIND_COUNT]; /* how many packages have a change of each kind */
};

/* ERR_INVALID: no night is written so, or there is no such target; ERR_NOT_FOUND: no such night ended. */
int store_changes_view(
	struct store *s, const struct changes_query *q, struct changes_view *out, struct err *e);
void changes_view_finish(struct changes_view *v);

/* The latest changes, for feeds. */
struct feed_view {
	struct arena arena;
	const char *package; /* the one asked for, NULL: all */
	const char *target; /* the same */
	int64_t scanned; /* when the last scan ended, or began if it runs; 0: none yet */
	struct store_change *changes; /* newest first, at most 50 */
	size_t change_count;
};
/* Either may be empty: all. ERR_NOT_FOUND: the database knows no such package or target. */
int store_feed_view(
	struct store *s, struct str package, struct str target, struct feed_view *out, struct err *e);
void feed_view_finish(struct feed_view *v);
