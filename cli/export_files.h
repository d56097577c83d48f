/* The facts as files for other programs (docs/export.md). Each takes its place when it is whole. */
#pragma once

#include "core/base/err.h"

#include <stddef.h>
#include <stdint.h>

/* facts.sqlite and packages.jsonl in the folder, which is made; *packages: how many those tell of. */
int export_files(const char *db, const char *folder, size_t *packages, struct err *e);

/* The same, and under the names facts-DATE.sqlite and packages-DATE.jsonl of the day of `now` (wall ms,
 * UTC); such files go when they are of `keep_days` days before. */
int export_night(const char *db, const char *folder, int64_t now, int64_t keep_days,
	size_t *packages, struct err *e);
