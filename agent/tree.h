/* Copies of folders and plain files, for what a job gets from us. */
#pragma once

#include "core/base/str.h"

/* Copies files, folders and links below `from` into the folder `to` (which exists), all owned by uid
 * (-1: as we are). Blocking. */
int tree_copy(const char *from, const char *to, int64_t uid, struct err *e);

/* Writes a new file, or over one that is there, without a sync: a job's folder does not outlive a
 * power cut, and a sync costs more than some steps. mode as for open. Blocking. */
int tree_write(const char *path, struct str bytes, unsigned mode, struct err *e);
