/* The table at the end of a run. */
#pragma once

#include "coordinator/config.h"
#include "coordinator/store/store.h"

/* Prints it on stdout. Returns EXIT_FINE, EXIT_NOT_FINE if a package is not fine on a target or a
 * build that was asked for failed, or EXIT_WORLD if the database cannot be read. */
int farm_report(struct store *s, const struct config *config);
