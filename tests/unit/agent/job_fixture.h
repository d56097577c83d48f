/* A job as a coordinator would send it, for tests of the agent. */
#pragma once

#include "core/base/str.h"
#include "core/farm_protocol/job.h"

/* Its JSON with this id, target ("linux" or "windows") and the source's hash; the caller frees. */
char *job_fixture_json(int64_t id, const char *os, const char *sha256);
/* The same, read; memory in arena. */
void job_fixture(const char *os, struct arena *a, struct job *out);
