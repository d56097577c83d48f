/* The agents of a farm, as JSON and for a terminal. Never their tokens. */
#pragma once

#include "coordinator/store/agent.h"
#include "core/io/json.h"

/* One object. */
void report_agent_json(const struct store_agent *a, struct json_writer *w);
/* A table, a line an agent; revoked ones last. `now` in wall ms. */
void report_agents_terminal(
	const struct store_agent *agents, size_t count, int64_t now, struct buf *out);
