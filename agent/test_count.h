/* How many tests ran, by what the runner printed: pytest's last line, or unittest's. */
#pragma once

#include "core/base/str.h"

struct test_count {
	int64_t passed; /* xfailed ones too: they did what was expected */
	int64_t
		failed; /* errors too, and xpassed ones that are strict (pytest counts them as failed) */
	int64_t skipped;
	struct str first; /* the line that names the first failure, a view; empty if none does */
};

/* Reads a run's whole output. Of several runs in one output the last one counts, as a command that
 * runs two has to end with one that tells all. Any bytes are fine; numbers past 1e9 are none. */
void test_count_read(struct str output, struct test_count *out);
