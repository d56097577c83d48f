/* Read-only connections for the worker threads: opening one prepares every query, so they are kept
 * and lent. Never more than threads that work at once. */
#pragma once

#include "coordinator/store/store.h"

#include <uv.h>

struct readers {
	uv_mutex_t lock;
	char *database;
	char *python; /* of the default targets; NULL: unknown */
	struct store **free;
	size_t free_count;
	size_t free_capacity;
};

/* Opens one at once, so that a database that cannot be read is known at start. */
int readers_init(struct readers *r, const char *database, const char *python, struct err *e);
void readers_finish(struct readers *r); /* all must have been given back */

/* From any thread. */
int readers_take(struct readers *r, struct store **out, struct err *e);
void readers_give(struct readers *r, struct store *s);
