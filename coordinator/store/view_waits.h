/* How many packages wait for another one on a target; for the views of this folder. */
#pragma once

#include "coordinator/store/store.h"
#include "core/base/map.h"
#include "core/base/mem.h"

struct waits {
	struct arena arena;
	struct map roots; /* name to struct root_waits */
};
struct root_waits {
	int64_t packages, downloads;
	int64_t freed; /* of the packages, those that can be had with this farm's wheels */
};
int view_waits_read(struct store *s, int64_t target, struct waits *out, struct err *e);
void view_waits_finish(struct waits *w);
/* Nobody waits: zeros. */
struct root_waits view_waits_of(const struct waits *w, struct str name);
