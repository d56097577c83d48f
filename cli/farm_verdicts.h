/* While a farm works: soon after a result was accepted, the verdicts that its wheel may move are brought up to
 * date. One refresh at a time, and none while a scan has its own. */
#pragma once

#include "cli/dependencies.h"
#include "cli/farm_inputs.h"
#include "cli/progress.h"

struct farm_verdicts {
	uv_loop_t *loop;
	struct farm_inputs *in;
	struct progress *progress;
	uv_timer_t timer; /* a refresh is near */
	bool open; /* refreshes may begin */
	bool wanted; /* something came since the last one began */
	bool running;
	struct dependencies dependencies;
	void (*rested)(void *user); /* NULL: nobody waits for the end of one */
	void *user;
};

void farm_verdicts_init(
	uv_loop_t *loop, struct farm_verdicts *v, struct farm_inputs *in, struct progress *progress);
/* From now on refreshes may begin. */
void farm_verdicts_open(struct farm_verdicts *v);
/* A result was accepted. */
void farm_verdicts_want(struct farm_verdicts *v);
/* No more begin, and `rested` comes, maybe at once, when none runs any more. `hurry`: one that runs ends soon;
 * else what was wanted is done first. */
void farm_verdicts_rest(
	struct farm_verdicts *v, bool hurry, void (*rested)(void *user), void *user);
/* After it rests. */
void farm_verdicts_close(struct farm_verdicts *v);
