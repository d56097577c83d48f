/* What a night brought, told to those who asked for it: by mail (sendmail) where something changed, and
 * by a signed webhook always. Blocking: for a worker thread. */
#pragma once

#include "coordinator/config.h"
#include "core/base/str.h"

struct night_report {
	const struct config *config;
	int64_t after; /* changes until then were told before; wall ms, 0: all of the last night */
	int64_t now;
	int64_t not_reached; /* jobs that still wait */
	/* filled by night_report_send */
	struct buf line; /* one line for people: what was told to whom, or why not */
};

/* Reads the night from the database, by a connection of its own, and tells it. What cannot be told is
 * in `line`; nothing is retried after a few tries, as the dashboard has it all. */
void night_report_send(struct night_report *r);
void night_report_finish(struct night_report *r);
