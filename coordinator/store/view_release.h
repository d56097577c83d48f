/* From a package's pack of files (file_pack.h) to its releases; for the views of this folder. */
#pragma once

#include "coordinator/store/view.h"

/* The newest `most` releases by PEP 440 of a pack of files, an array in `arena`, as are the texts. Files
 * whose version could not be read are left out. ERR_CORRUPT if it is no pack. */
int view_releases(struct str pack, size_t most, struct arena *arena, struct release_view **out,
	size_t *out_count, struct err *e);
