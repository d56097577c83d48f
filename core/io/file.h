/* Whole small files and paths; blocking. */
#pragma once

#include "core/base/str.h"

/* Reads a file of at most `limit` bytes into `out` (appended); ERR_TOO_LARGE beyond that. */
int file_read(const char *path, size_t limit, struct buf *out, struct err *e);
/* Writes beside `path` under a temporary name, fsyncs, renames over it. */
int file_write_atomic(const char *path, struct str bytes, struct err *e);
/* As mkdir -p, mode 0755; an existing folder is fine. */
int file_make_folders(const char *path, struct err *e);
/* Removes a tree without following links, read-only folders included; absent is fine. */
int file_remove_tree(const char *path, struct err *e);
/* What is left for this user on the disk with `path`; -1: not known. */
int64_t file_free_bytes(const char *path);
/* "a/b" + "c" → "a/b/c"; the caller frees. */
char *file_join(const char *folder, const char *name);

/* The steps of an atomic write, for those whose bytes come in pieces. A file PATH.RANDOM made for
 * writing: returns its descriptor and *temporary (the caller frees), or an error. */
int file_create_beside(const char *path, char **temporary, struct err *e);
int file_write_all(int fd, struct str bytes); /* 0 or a negative errno */
int file_sync_folder(const char *folder, struct err *e);
/* The bytes of `from` (links followed) in the new file `to`, which must not be there; mode as for
 * open. The kernel copies where it can (blocks shared on some file systems), else read and write. No
 * sync. On an error what was made of `to` stays. Blocking. */
int file_copy(const char *from, const char *to, unsigned mode, struct err *e);
