/* What a farm asks of its index: the pages of its packages, then what they need, and the verdicts on that;
 * then the facts as files, if its configuration wants them. */
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
	struct {
		int code;
		struct err err;
		size_t packages;
	} export;
	bool stopped;
	void (*done)(void *user); /* on the loop, once */
	void *user;
};

void farm_scan_start(uv_loop_t *loop, struct farm_scan *s, struct farm_inputs *in,
	struct progress *progress, void (*on_report)(void *user, const char *line),
	void (*done)(void *user), void *user);
/* Ends soon: `done` comes. */
void farm_scan_stop(struct farm_scan *s);
/* Of what was asked: as scan_exit_code, and 3 if the database failed or the files could not be written. */
int farm_scan_exit_code(const struct farm_scan *s);
