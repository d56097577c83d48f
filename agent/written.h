/* Files that somebody wrote by hand on the agent's machine: its configuration, its token, what is installed there. */
#pragma once

#include "core/base/err.h"
#include "core/base/str.h"

/* As file_read, whatever Windows' own tools made of the text: Notepad puts a mark before UTF-8, and `>` of
 * PowerShell writes UTF-16 with one. Halves of pairs that stand alone become U+FFFD. */
int written_read(const char *path, size_t limit, struct buf *out, struct err *e);
