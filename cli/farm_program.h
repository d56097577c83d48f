/* The farm as one process: scan, plan, queue, dashboard, local agents. `run` ends when all is done,
 * `serve` when it is told to. */
#pragma once

#include <stdbool.h>

struct farm_options {
	const char *config; /* file */
	bool serve; /* go on until a signal; scan again after refresh_hours */
};

/* Returns an exit code (cli/main.h). */
int farm_program_run(const struct farm_options *options);
