/* Files in TOML that say what a project needs or what was locked for it. */
#pragma once

#include "coordinator/check/check.h"

/* Adds what the file says; what kind it is shows in its content, not its name: pylock.toml (PEP 751),
 * uv.lock, poetry.lock, pyproject.toml. Errors as of check_file_read. */
int project_file_read(const char *path, struct check_list *list, struct err *e);
/* The same from memory, at most TOML_BYTES_MOST. */
int project_text_read(struct str text, const char *path, struct check_list *list, struct err *e);
