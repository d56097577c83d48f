/* Shared by the files of this folder only. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "sql/db.h"

struct store;
struct store_names;
struct store_target;

/* The targets as a reader last saw them: every page begins with them, and they hardly ever change. */
struct target_cache {
	int64_t version; /* of the data; 0: nothing is kept */
	struct store_target *v; /* by name */
	size_t n;
	struct buf texts; /* all of theirs, each with its zero */
};
struct target_cache *store_target_cache(struct store *s);
void target_cache_finish(struct target_cache *c);
struct store_names *store_names_of(struct store *s);

/* Of what this transaction sees: another number once another connection has written. 0 of a connection
 * that writes: nothing may be kept there. */
int store_data_version(struct store *s, int64_t *out, struct err *e);

/* The items of a finished vector as an array in `arena` (never NULL). */
void *store_list_copy(struct arena *arena, const void *items, size_t count, size_t size);

/* Ends the question for one row: 0 if it was found, else ERR_NOT_FOUND with "NAME: the database has no such
 * KIND", or "KIND NUMBER: the database has none". */
int store_end_named(
	struct sql_query *q, bool found, const char *kind, struct str name, struct err *e);
int store_end_numbered(
	struct sql_query *q, bool found, const char *kind, int64_t number, struct err *e);

/* Sets of targets as the database keeps them: '1' at the place of each target's id. */
static inline bool store_targets_has(struct str targets, int64_t id)
{
	return id >= 1 && (uint64_t)id <= targets.n && targets.p[id - 1] == '1';
}
