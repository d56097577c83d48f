/* How the target's Python is run here: one row an executor. All of them are another image whose Python
 * is called; what differs is where that Python lies and what its failures mean. */
#pragma once

#include "core/base/str.h"

struct executor {
	const char *name; /* job.executor */
	const char *python; /* a path inside the image, with %s for "3.13" */
	/* An executor that is not the target's own system: what ends without Python's own word for why (a
	 * crash, silence, a missing function) is its limit, not the package's fault. */
	bool is_stand_in;
};

const struct executor *executor_find(const char *name); /* NULL if there is none such */

/* True if it was the executor that could not go on: a stand-in said so in the output, or what ran did not
 * end by itself. `code` is the exit code, or -N for a signal; `own` the highest that the program ends with
 * by itself: an access violation under Wine, 0xC0000005, comes out as 5. The evidence is appended to
 * `why`. */
bool executor_gave_up(
	const struct executor *x, struct str output, int code, int own, struct buf *why);
