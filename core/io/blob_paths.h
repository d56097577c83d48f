/* What blob_store.c and blob_partial.c share; for nobody else. */
#pragma once

#include "core/io/blob_store.h"

/* FOLDER/partial/HEX; the caller frees. */
char *blob_partial_path(const struct blob_store *s, struct str hex);
/* Makes a whole and checked temporary file, open as `fd`, the blob `hex`: fsync, rename, fsync. */
int blob_store_place(
	const struct blob_store *s, int fd, const char *temporary, struct str hex, struct err *e);
