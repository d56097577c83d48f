/* Facts to headlines in the database: run inside the writer's transaction after a scan or a result
 * changed something of a package. */
#pragma once

#include "coordinator/store/published.h"
#include "coordinator/store/standing.h"
#include "coordinator/verdict/headline.h"

/* Recomputes the headlines of one package on every target and writes those that changed, with the
 * change's time. Only on the writer's connection, inside its transaction. */
int verdict_refresh(struct store *s, int64_t package, int64_t now, struct err *e);

/* The same for one target: after the result of a build. */
int verdict_refresh_target(
	struct store *s, int64_t package, int64_t target, int64_t now, struct err *e);

/* The same after a page was read: `before` is how the package stood before anything of it was
 * written (store_standing_get), `facts` the page's own, already stored, of `targets`; none if the index
 * has no such project. */
int verdict_page(struct store *s, int64_t package, const struct store_standing *before,
	const struct store_published_set *facts, const int64_t *targets, int64_t now, struct err *e);
