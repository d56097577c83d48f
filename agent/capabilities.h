/* What this host can do, found by looking: told to the coordinator at hello. */
#pragma once

#include "agent/agent.h"
#include "core/farm_protocol/message.h"

/* Fills *out; memory in arena. Blocking. */
void capabilities_find(const struct agent *agent, struct arena *a, struct capabilities *out);
