/* Version constraints in Poetry's own words (its documentation, "Version constraints"). */
#pragma once

#include "core/base/str.h"

/* Adds the same as PEP 440 says it: sets of specifiers with a '|' between alternatives, so that without
 * one it is a set (`^1.2` is `>=1.2,<2`; `*` is the empty set). ERR_INVALID. */
int poetry_constraint_write(struct str text, struct buf *out, struct err *e);
