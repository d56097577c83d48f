/* The facts for others: a database with few plain tables (docs/export.md), made by sql/export.sql. */
#pragma once

#include "sql/db.h"

/* From the database `path`, as of one moment, into `out`, which is empty or not there. ERR_NOT_FOUND,
 * ERR_UNSUPPORTED as sql_open; ERR_DATABASE: what was made of `out` is of no use. Blocking, for some seconds
 * a whole index. */
int sql_export(const char *path, const char *out, struct err *e);
