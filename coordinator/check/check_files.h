/* Files that say what a project needs, as lines to check. */
#pragma once

#include "coordinator/check/check.h"

enum {
	CHECK_FILE_MOST = 32 << 20, /* bytes of one file */
	CHECK_LINES_MOST = 200 * 1000, /* of all files together */
	CHECK_DEPTH = 32, /* of files that include files */
};

/* True if the word of a command line is meant as a file, not as a requirement. */
bool check_is_file(struct str word);

/* Adds what a file says: `.toml` and `.lock` are projects and lock files (project_file.h), all others
 * requirement files, and so is requirements*.lock, which some tools write. What cannot be checked against
 * an index (addresses, editable projects, options) is noted in list->not_checked. ERR_INVALID
 * "FILE:LINE: what", ERR_TOO_LARGE, or the system's error. */
int check_file_read(const char *path, struct check_list *list, struct err *e);

/* The same of a requirement file that only binds (`-c`). */
int check_constraints_read(const char *path, struct check_list *list, struct err *e);

/* For the readers of this folder: one more line, of `project` (the list's, or NULL). The requirement is
 * copied. */
int check_list_add(struct check_list *list, const char *path, size_t line,
	const struct check_project *project, struct str requirement, bool constraint, struct err *e);
/* Likewise a version that is locked, whose memory is the list's already. */
int check_list_add_locked(struct check_list *list, const char *path, size_t line,
	const struct check_project *project, const struct check_locked *locked, struct err *e);
void check_list_skip(
	struct check_list *list, const char *path, size_t line, const char *what, struct str text);
