/* The child of a run's present step: its start, its output, the watch over it, how it ended. */
#pragma once

#include "agent/job_run.h"

/* Starts run->now; the run's state is RUN_CHILD, or RUN_JUDGE if it cannot be. */
void job_child_start(struct job_run *run);
/* Ends the child if there is one; the run's next step fails for that reason. */
void job_child_stop(struct job_run *run, enum run_stop why);
/* The timer that measures the workspace and the host's disk; the run stops and closes it. */
void job_child_watch_start(struct job_run *run);

/* Of job_run.c: the one switch over the run's states, to be called when something happened. */
void job_run_step(struct job_run *run);
