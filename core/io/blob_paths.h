/* What the files of the blob store share; for nobody else. */
#pragma once

#include "core/io/blob_store.h"

/* It is our bug if this is not the name of a blob. */
void blob_check_hex(struct str hex);
/* FOLDER/partial/HEX; the caller frees. */
char *blob_partial_path(const struct blob_store *s, struct str hex);
/* Makes a whole and checked temporary file, open as `fd`, the blob `hex`: fsync, rename, fsync. */
int blob_store_place(
	const struct blob_store *s, int fd, const char *temporary, struct str hex, struct err *e);
