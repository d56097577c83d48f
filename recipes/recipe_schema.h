/* The form of a recipe as JSON Schema (draft 2020-12), made from the tables that recipes are read by:
 * what an editor shows and what the loader takes cannot differ. */
#pragma once

#include "core/base/str.h"

/* Adds the whole document and a newline; recipes/recipe.schema.json is this. */
void recipe_schema_write(struct buf *out);
