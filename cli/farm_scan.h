/* What a farm asks of its index: the pages of its packages, then what they need, and the verdicts on that. */
#pragma once

#include "cli/dependencies.h"
#include "cli/farm_inputs.h"
#include "cli/progress.h"

struct farm_scan {
	uv_loop_t *loop;
	struct farm_inputs *in;
	struct progress *progress;
	void (*on_report)(void *user, const char *line); /* of one package, by its page */
	struct scan *scan; /* NULL: over */
	struct scan_counts counts;
	struct dependencies dependencies;
	bool stopped;
	void (*done)(void *user); /* on the loop, once */
	void *user;
};

void farm_scan_start(uv_loop_t *loop, struct farm_scan *s, struct farm_inputs *in,
	struct progress *progress, void (*on_report)(void *user, const char *line),
	void (*done)(void *user), void *user);
/* Ends soon: `done` comes. */
void farm_scan_stop(struct farm_scan *s);
/* Of what was asked: as scan_exit_code, and 3 if the database failed. */
int farm_scan_exit_code(const struct farm_scan *s);
