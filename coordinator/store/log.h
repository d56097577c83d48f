/* A job's log: how it is kept when it is finished, and reading it, growing or finished, whatever form it
 * is kept in. Blocking. */
#pragma once

#include "coordinator/store/view.h"
#include "core/io/blob_store.h"

/* Adds bytes [from, to) of the log to `out` (to -1: to its end; cut at what is there, and at 8 MiB).
 * ERR_NOT_FOUND if there is no log any more. */
int store_log_read(const struct blob_store *blobs, const struct log_location *where, int64_t from,
	int64_t to, struct buf *out, struct err *e);
/* How long its text is now; 0 if there is none (any more). */
int64_t store_log_size(const struct blob_store *blobs, const struct log_location *where);
/* Packs the file `text` in frames (core/io/frames.h) into a blob, whose name comes in `blob`. A temporary
 * file "….pack" is made in `folder`. */
int store_log_keep(struct blob_store *blobs, const char *text, const char *folder,
	char blob[static SHA256_HEX], struct err *e);
/* "FOLDER/JOB-ATTEMPT.log": where the queue keeps a growing log; the caller frees. */
char *store_log_live_path(const char *live_folder, int64_t job, int64_t attempt);
/* The folder of growing logs that belongs to a database: "live" beside it; the caller frees. */
char *store_log_live_folder(const char *database);
