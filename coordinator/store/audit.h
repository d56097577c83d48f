/* What administrators did to the farm. The line is there before the deed begins, and gets its outcome
 * after it: no deed without a line, whenever the process dies. */
#pragma once

#include "coordinator/store/store.h"
#include "core/base/mem.h"

struct store_audit {
	int64_t at; /* wall ms */
	const char *who; /* "local", or the address the request came from */
	const char *action; /* "agent_add", … */
	const char *subject; /* NULL: none */
	const char *outcome; /* "ok", or why not; NULL: the end is not known */
};

/* Writes. `outcome` is not looked at. */
int store_audit_begin(struct store *s, const struct store_audit *a, int64_t *id, struct err *e);
/* Writes. */
int store_audit_end(struct store *s, int64_t id, const char *outcome, struct err *e);
/* The newest `most`, an array in `arena`. */
int store_audit_list(struct store *s, int64_t most, struct arena *arena, struct store_audit **out,
	size_t *count, struct err *e);
