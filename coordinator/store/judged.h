/* Failed results and the rules that their reason is from. */
#pragma once

#include "coordinator/store/store.h"
#include "core/base/mem.h"
#include "core/farm_protocol/reason.h"

/* A final failure of which the agent itself did not say the reason. */
struct store_unjudged {
	int64_t result;
	int64_t package;
	int64_t target;
	const char *stage;
	const char *reason; /* as it is now, "" if none */
	const char *log_sha256;
	const char *log_blob;
	int64_t log_from; /* of the stage's part */
	int64_t log_to; /* -1: to its end */
};
/* The next one past `after` that other rules than these (a git object id) judged, by id; texts in
 * `arena`. ERR_NOT_FOUND if there is none. */
int store_unjudged_next(struct store *s, const char *rules, int64_t after, struct arena *arena,
	struct store_unjudged *out, struct err *e);
/* Writes. What these rules say; NULL keeps the reason (the log is gone). A line that the agent named
 * stays the evidence. */
int store_judged_put(struct store *s, int64_t result, const enum reason *reason, const char *line,
	const char *rules, struct err *e);
