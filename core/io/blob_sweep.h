/* Taking blobs out of a store again, and what lies in one. A blob that nobody names any more goes in two
 * steps: renamed to a dead file, which is quick and can be done where nothing else may happen in the
 * same moment, then removed. What a crash leaves of it goes with the next blob_sweep_partial. Blocking. */
#pragma once

#include "core/io/blob_store.h"

enum { BLOB_FOLDERS = 256 };

struct blob_found {
	char hex[SHA256_HEX];
	uint64_t size;
	int64_t changed; /* wall ms: when it was put there or last wanted (blob_store_touch) */
};
/* Calls `found` for each blob of one of the store's folders until it returns false. */
int blob_sweep_folder(const struct blob_store *s, unsigned folder,
	bool (*found)(void *user, const struct blob_found *blob), void *user, struct err *e);
/* Renames it to a dead file unless it was wanted since `before` (wall ms): then, or if it is not
 * there, false. */
bool blob_sweep_retire(const struct blob_store *s, struct str hex, int64_t before);
/* Removes dead files at once, and uploads and temporary files that nothing was added to since `before`.
 * Adds to both. */
int blob_sweep_partial(
	const struct blob_store *s, int64_t before, size_t *files, uint64_t *bytes, struct err *e);

struct blob_usage {
	uint64_t files, bytes;
	uint64_t partial_files, partial_bytes;
};
int blob_usage(const struct blob_store *s, struct blob_usage *out, struct err *e);
