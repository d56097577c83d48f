/* `show NAME==VERSION`: the view of a package as if it had this one release. */
#pragma once

#include "coordinator/store/store.h"
#include "coordinator/store/view.h"
#include "recipes/target.h"

/* Replaces the published facts, headlines and builds in `view` by those of the release; targets that
 * are not in `set` are left as they are. ERR_NOT_FOUND with a sentence if there is no such release. */
int show_only_release(struct store *s, int64_t package, const struct target_set *set,
	const char *version, struct package_view *view, struct err *e);
