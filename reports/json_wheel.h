/* What was found inside a published wheel, as a member of `show --json` and /package/NAME.json. */
#pragma once

#include "coordinator/store/view.h"
#include "core/io/json.h"

void json_wheel(
	struct json_writer *w, const struct wheel_view *wheel_or_null); /* null without one */
