/* From a package's files to its releases; for the views of this folder. */
#pragma once

#include "coordinator/store/file.h"
#include "coordinator/store/view.h"

/* The newest `most` releases by PEP 440, an array in `arena`; texts are copied there. Files whose
 * version could not be read are left out. */
void view_releases(const struct store_file *files, size_t count, size_t most, struct arena *arena,
	struct release_view **out, size_t *out_count);
