/* Reports on the published wheels of a package, for its page; for the files of this folder. */
#pragma once

#include "coordinator/store/view.h"

int view_wheels_read(struct store *s, int64_t package, struct arena *arena, struct wheel_view **out,
	size_t *count, struct err *e);
/* NULL if there is none; `sha256` may be NULL. */
const struct wheel_view *view_wheel_find(
	const struct wheel_view *wheels, size_t count, const char *sha256);
