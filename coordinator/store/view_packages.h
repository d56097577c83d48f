/* The package table inside another view's transaction; for the views of this folder. */
#pragma once

#include "coordinator/store/view.h"

/* store_packages_view without a transaction of its own; the caller finishes *out. */
int view_packages_read(
	struct store *s, const struct package_query *query, struct packages_view *out, struct err *e);
