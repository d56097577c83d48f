/* Copies of folders, for what a job gets from the cache and may change. */
#pragma once

#include "core/base/str.h"

/* Copies files, folders and links below `from` into the folder `to` (which exists), all owned by uid
 * (-1: as we are). Reflinks where the file system has them. Blocking. */
int tree_copy(const char *from, const char *to, int64_t uid, struct err *e);
