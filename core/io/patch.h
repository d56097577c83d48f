/* Unified diffs, as `diff -u` and `git diff` write them (POSIX, diff, "Diff -u Output Format"), applied strictly: each line of
 * context has to be there. A hunk may have moved as a whole; the nearest place counts, and one that begins or ends with
 * less context than the other side belongs to the start or end of its file. */
#pragma once

#include "core/base/str.h"

/* What a patch says of one file: views into its text. */
struct patch_file {
	struct str from; /* as written, with its a/; empty: the file is new */
	struct str to; /* empty: the file is removed */
	struct str hunks;
	bool executable; /* git says so of a new file, or of one whose mode it changes */
};

/* The next file of *rest, which moves behind it: 1, 0 at the end, else an error. Prose between files is skipped; what would be
 * lost with it is ERR_UNSUPPORTED (git's renames, copies, binary files and empty ones, names in quotes). */
int patch_next(struct str *rest, struct patch_file *out, struct err *e);

/* The hunks on `old`, whose result is added to `out`. ERR_CONFLICT names the hunk that does not fit, ERR_INVALID the line
 * that is none of a patch. */
int patch_apply(const struct patch_file *file, struct str old, struct buf *out, struct err *e);

/* A name without its first `strip` folders, or an empty view if it has not so many, is absolute or leads out by "..". */
struct str patch_strip(struct str name, unsigned strip);
