/* What the whole program knows: made once in main, handed down. */
#pragma once

#include "agent/config.h"
#include "agent/sandbox.h"

#include <uv.h>

enum { /* exit codes (product.md) */
	AGENT_FINE = 0,
	AGENT_FAILED = 1,
	AGENT_USAGE = 2,
	AGENT_WORLD = 3,
	AGENT_INTERRUPTED = 130,
};

struct agent {
	uv_loop_t *loop;
	struct agent_config config;
	struct sandbox_exposed exposed;
	const char *program; /* this program's file, as stages see it */
	const char *sandbox; /* "bubblewrap 0.8.0" */
	bool own_uid;
	struct arena arena;
};
