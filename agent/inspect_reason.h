/* Which reason a wheel's problem is, where a stage fails for it (facts.md, "Reasons"). */
#pragma once

#include "core/farm_protocol/reason.h"
#include "core/inspect/problem.h"

enum reason inspect_reason(enum wheel_problem_code code);
