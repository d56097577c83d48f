/* The SQL of sql/query and sql/migrate as the build embeds it (embed.py). */
#pragma once

#include "sql/sql_blocks.h"

#include <stdbool.h>

struct sql_text {
	const char *name;
	bool read; /* read-only connections prepare it too */
	const char *text;
};
extern const struct sql_text sql_texts[];        /* SQL_BLOCK_COUNT of them */
extern const char *const sql_migrations[]; /* in order, NULL-ended; index + 1 is the version */
