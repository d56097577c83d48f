/* A report on a published wheel as the database keeps it: all of it as JSON, and the columns that
 * somebody asks for. What is kept are facts, so that the columns can be made anew without the wheel. */
#pragma once

#include "coordinator/inspect/wheel_facts.h"
#include "coordinator/store/wheel.h"

/* Raised when other columns follow from a report. */
enum { WHEEL_COLUMNS = 1 };

/* Fills what follows from the report; sha256, package and inspected are the caller's. In `arena`. */
void wheel_row_make(const struct wheel_report *r, struct arena *arena, struct store_wheel *out);
/* The same of a stored row, from its own JSON. ERR_CORRUPT if that is no report. */
int wheel_row_again(struct store_wheel *row, struct arena *arena, struct err *e);
