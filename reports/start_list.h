/* What somebody with ten free minutes could do: packages that are not ready, those first that free most
 * others for the least work, and of equal ones the most downloaded first. */
#pragma once

#include "coordinator/store/view.h"

struct start_item {
	const struct package_row *row;
	int ease; /* 0: easiest; equal ones are as the view has them */
	const char *ease_word;
};

/* Room for v->row_count items in `out`; returns how many there are. Left out is what needs no helper. */
size_t start_list(const struct packages_view *v, struct start_item *out);
