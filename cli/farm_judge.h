/* Before a scan, on a worker thread: are there newer recipes? And what failed is judged by the rules as
 * they are now. */
#pragma once

#include "cli/farm_inputs.h"
#include "coordinator/verify/rejudge.h"

/* After a reason became another one, as the queue's on_result; user is NULL. */
typedef int (*farm_judge_changed_fn)(
	void *user, struct store *s, int64_t package, int64_t target, int64_t now, struct err *e);

struct farm_judge {
	struct rejudge_counts counts;
	int code;
	struct err err;
	char *said; /* of the recipes, or NULL */
	struct farm_inputs *in;
	const atomic_bool *stop;
	farm_judge_changed_fn on_changed;
	void (*done)(void *user, int code, const struct err *e);
	void *user;
};

/* `done` comes on the loop, once. */
void farm_judge_start(uv_loop_t *loop, struct farm_judge *j, struct farm_inputs *in,
	const atomic_bool *stop, farm_judge_changed_fn on_changed,
	void (*done)(void *user, int code, const struct err *e), void *user);
