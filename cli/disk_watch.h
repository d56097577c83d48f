/* Looks now and then how much room is left where the farm keeps its state. Below the least the farm
 * gives no more jobs, keeps serving and says so; with a tenth more than the least it goes on. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct disk_watch {
	uv_timer_t timer; /* does not keep the loop alive */
	const char *folder;
	int64_t least; /* bytes */
	int64_t left; /* at the last look, -1: unknown */
	bool low;
	void (*on_change)(struct disk_watch *w);
	void *user;
};

/* Looks at once, before it returns, then every few seconds. `folder` must stay. */
void disk_watch_start(uv_loop_t *loop, struct disk_watch *w, const char *folder, int64_t least,
	void (*on_change)(struct disk_watch *w), void *user);
void disk_watch_stop(struct disk_watch *w);
