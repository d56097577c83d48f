/* Files by content: FOLDER/ab/cdef… named by SHA-256. A blob is there whole or not at all: temporary
 * file, fsync, hash compared, rename, folder fsync. Blocking: for worker threads and the agent. */
#pragma once

#include "core/base/str.h"
#include "core/io/sha256.h"

struct blob_store {
	char *folder;
};
int blob_store_open(struct blob_store *s, const char *folder, struct err *e); /* makes the folder */
void blob_store_finish(struct blob_store *s);

/* The path a blob has or would have; the caller frees. hex must be valid (checked, else a bug). */
char *blob_store_path(const struct blob_store *s, struct str hex);
bool blob_store_has(const struct blob_store *s, struct str hex, uint64_t *size);
/* Somebody is about to name it: from now on it is as good as new to who removes what nobody names. */
void blob_store_touch(const struct blob_store *s, struct str hex);
int blob_store_add(
	struct blob_store *s, struct str bytes, char hex[static SHA256_HEX], struct err *e);
/* Takes a file (moved if `move`, else copied) whose hash must be `hex`; ERR_HASH_MISMATCH else. */
int blob_store_add_file(
	struct blob_store *s, const char *path, struct str hex, bool move, struct err *e);

/* Resumable upload: bytes are appended to FOLDER/partial/HEX at exactly `offset`. *size is how much
 * is there after the call (also on ERR_CONFLICT: the offset to go on from). */
int blob_store_partial_append(struct blob_store *s, struct str hex, uint64_t offset,
	struct str bytes, uint64_t *size, struct err *e);
uint64_t blob_store_partial_size(const struct blob_store *s, struct str hex);
/* Hashes the partial and moves it into place; a mismatch removes it (ERR_HASH_MISMATCH). */
int blob_store_partial_commit(struct blob_store *s, struct str hex, struct err *e);
