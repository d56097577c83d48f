/* What a night brought, for mail and for programs. */
#pragma once

#include "coordinator/store/change.h"
#include "coordinator/store/night.h"
#include "core/io/json.h"

struct night_view {
	struct store_night night; /* the scan */
	const struct store_change *changes; /* those that have a kind */
	size_t change_count;
	int64_t not_reached; /* jobs that still wait */
	struct store_missed *missed; /* the first of these, and pages that were not read */
	size_t missed_count;
	const char *url; /* of the dashboard, no slash at the end; NULL: not told */
};

/* "2 vanished, 1 broke, 14 appeared"; "nothing changed". */
void report_night_summary(const struct night_view *v, struct buf *out);
/* Plain text, a line a change, worst kind first. */
void report_night_text(const struct night_view *v, struct buf *out);
/* One object: `night`, `changes` (as /changes.json has them), `counts`, `not_reached`, `missed`, `url`. */
void report_night_json(const struct night_view *v, struct json_writer *w);
