/* Test cases as text: one case a line, fields parted by tabs, '#' lines are comments. */
#pragma once

#include "core/base/str.h"

enum { TABLE_FIELDS = 8 };

struct table_line {
	size_t n; /* fields given; the others are empty */
	struct str fields[TABLE_FIELDS];
};

/* Calls check for each line of tests/data/pep/NAME; it puts what was answered into `answer`, as the
 * line's fields from `first` on would have it. Fails the test, and prints the lines that differ. */
void table_check(const char *name, size_t first,
	void (*check)(const struct table_line *line, struct buf *answer));
