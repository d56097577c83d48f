/* Facts to headlines in the database: run inside the writer's transaction after a scan or a result
 * changed something of a package. */
#pragma once

#include "coordinator/verdict/headline.h"

struct store;

/* Recomputes the headlines of one package on every target and writes those that changed, with the
 * change's time. Only on the writer's connection, inside its transaction. */
int verdict_refresh(struct store *s, int64_t package, int64_t now, struct err *e);
