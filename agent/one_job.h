/* `wheelfarm-agent --job FILE`: one job from a file, without a coordinator; the form of `wheelfarm
 * recipe try`. Prints the log as it comes and the result as JSON, and keeps the workspace. */
#pragma once

#include "agent/agent.h"

/* 0 the job passed, 1 it failed, 2 the file is no job, 3 the host failed it (farm reasons). */
int one_job(struct agent *agent, const char *file, struct err *e);
