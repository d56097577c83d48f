/* Packages, as the last scan found them. */
#pragma once

#include "coordinator/store/file.h"
#include "coordinator/store/store.h"
#include "core/base/mem.h"

struct store_package {
	int64_t id;
	const char *name;
	const char *display; /* as the index spells it, NULL: as name */
	int64_t rank; /* 0: none */
	int64_t downloads; /* -1: unknown */
	const char *status; /* PEP 792, NULL: not told */
	const char *newest; /* NULL: no final release */
	int64_t newest_date; /* wall ms, 0: unknown */
	int64_t scanned; /* wall ms, 0: never */
	const char *etag; /* NULL: none */
	int64_t serial; /* 0: none */
	bool absent; /* the index said: no such project */
	const char *problem; /* why its last scan failed, NULL: it did not */
	int64_t night; /* the last one that settled it (night.h), 0: none */
	const char *outcome; /* what that found: "read", "unchanged", "absent", "bad"; NULL: no night */
};

/* ERR_NOT_FOUND if unknown; memory in `arena`. `name` is normalised (PEP 503). */
int store_package_get(struct store *s, struct str name, struct arena *arena,
	struct store_package *out, struct err *e);
/* By id, for those who have one. */
int store_package_name(
	struct store *s, int64_t package, struct arena *arena, const char **out, struct err *e);
/* All, by rank (those without last), then name. *out is an array in `arena`. */
int store_package_list(
	struct store *s, struct arena *arena, struct store_package **out, size_t *count, struct err *e);

/* Writes. Makes the row if there is none. Rank 0 and downloads -1 leave what is there. */
int store_package_put(
	struct store *s, struct str name, int64_t rank, int64_t downloads, int64_t *id, struct err *e);

/* What one scan of a page says of the package itself. */
struct store_scan {
	struct str display;
	struct str status;
	struct str newest;
	int64_t newest_date;
	int64_t scanned;
	struct str etag;
	int64_t serial; /* 0: none */
	int64_t night; /* 0: none */
	struct str pack; /* its files, by file_pack_write */
	size_t file_count;
};
/* Writes. The page's facts and all of its files take the place of the old ones. Clears `absent` and
 * `problem`. The published rows come beside (published.h), in the same transaction. */
int store_package_scanned(
	struct store *s, int64_t package, const struct store_scan *scan, struct err *e);

/* A package whose page is what it was; rank and downloads as for store_package_put. */
struct store_mark {
	int64_t package;
	int64_t rank;
	int64_t downloads;
};
/* Writes. These pages were asked for and have not changed. */
int store_packages_unchanged(struct store *s, int64_t night, const struct store_mark *marks,
	size_t count, int64_t scanned, struct err *e);
/* Writes. The index has no such project: files and published rows go, the row stays. */
int store_package_absent(
	struct store *s, int64_t package, int64_t night, int64_t scanned, struct err *e);
/* Writes. Its scan failed for `line` (one line); old facts stay. `night`: the page was had and is none,
 * so it need not be asked for again in that night; 0: it was out of reach. */
int store_package_problem(
	struct store *s, int64_t package, int64_t night, const char *line, struct err *e);
