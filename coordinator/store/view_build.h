/* Reading the `build` view of the database; for the views of this folder. */
#pragma once

#include "coordinator/store/view.h"
#include "sql/db.h"

/* One row, and the id of its final result (0: none). Stages, imports and wheel come by
 * view_build_complete, after the query has ended. */
struct build_row {
	struct build_view view;
	int64_t result;
	int64_t target;
};
void view_build_row(struct sql_query *q, struct arena *arena, struct build_row *out);
int view_build_complete(struct sql_db *db, const struct build_row *row, struct arena *arena,
	struct build_view *out, struct err *e);

/* All rows of a started query (which it ends), completed; an array in `arena`. `targets` may be NULL,
 * else the target ids of the same rows. */
int view_build_list(struct sql_query *q, struct arena *arena, struct build_view **out,
	size_t *count, int64_t **targets);
