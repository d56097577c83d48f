/* What an agent must have for a job: sets of names, each a subset of what the agent says it has
 * (struct capabilities). Kept with the job as one line of JSON. */
#pragma once

#include "core/farm_protocol/message.h"

struct store_needs {
	const char *os; /* NULL: any */
	const char *arch; /* of the agent; NULL: any */
	struct json_texts modes; /* "cross" */
	struct json_texts toolchains; /* "cross-zig" */
	struct json_texts images; /* "trixie-amd64-builder-1": name and revision */
	struct json_texts targets; /* an agent without a list of targets takes any */
};

void store_needs_write(struct buf *out, const struct store_needs *n);
int store_needs_read(struct str json, struct arena *arena, struct store_needs *out, struct err *e);
/* True if each of the sets is met. */
bool store_needs_met(const struct store_needs *n, const struct capabilities *c);
