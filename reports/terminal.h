/* Reports for people at a terminal: at most 100 columns, colour only where it is asked for, every
 * outside character made visible. */
#pragma once

#include "coordinator/store/view.h"
#include "coordinator/store/view_changes.h"

struct terminal {
	struct buf *out;
	bool colour; /* stdout is a terminal and NO_COLOR is unset: the caller knows */
	int64_t now; /* wall ms, for "2 days ago" */
};

/* Of a headline: the parameter of SGR (ECMA-48), "32". */
const char *terminal_colour(enum headline h);

/* From here on in that colour, "32"; "0" ends it. Nothing without colour. */
void terminal_paint(struct terminal *t, const char *sgr);

/* All of one package, for `wheelfarm show`. `target` (NULL: all) leaves the others out. */
void report_package_terminal(
	struct terminal *t, const struct package_view *v, const char *target_or_null);

/* `wheelfarm changes`: by kind, a package on two lines. */
void report_changes_terminal(struct terminal *t, const struct changes_view *v);

/* The end of `wheelfarm run`: a table package x target with glyph and word, then for each failure its
 * stage, reason and evidence line, then totals. `targets` are the columns (at most 3 side by side;
 * more continue in a second table); `address` of the dashboard may be NULL. Returns how many cells
 * are neither ready, degraded, builds nor not_applicable. */
int64_t report_run_terminal(struct terminal *t, struct package_view *const *packages, size_t n,
	const char *const *targets, size_t target_count, const char *address);
