/* What the build made of the .sql files; for this folder. */
#pragma once

#include "sql/sql_blocks.h"

struct sql_embedded {
	const char *name;
	const char *text;
};
extern const char *const sql_migrations[]; /* [i] brings version i to i + 1 */
extern const int sql_migration_count;
extern const char *const sql_export_script; /* export.sql */
extern const struct sql_embedded sql_blocks[SQL_BLOCK_COUNT];
