/* The `[tool.poetry]` of a pyproject.toml. */
#pragma once

#include "coordinator/check/lock.h"

/* Adds what it requires: of all groups, and if `main`, of the project itself ([project] tells that
 * otherwise). *any becomes true if it names requirements. */
int poetry_project_read(struct lock *l, const struct toml_node *poetry, bool main, bool *any);
/* Where the dependency of that entry comes from if from no index, in words; NULL: from one. */
const char *poetry_project_elsewhere(const struct toml_node *dependency);
