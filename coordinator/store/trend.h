/* How the share of what is ready goes over the nights: by target, of the most downloaded and of all. */
#pragma once

#include "coordinator/store/store.h"
#include "core/base/mem.h"

/* Packages of rank 1 to so many; 0: all that were ever scanned. In this order everywhere. */
enum { TREND_TOPS = 3 };
extern const int64_t trend_tops[TREND_TOPS];

struct trend_point {
	int64_t at; /* when the night ended, wall ms; 0 of what is now */
	int64_t packages, ready;
	int64_t downloads, ready_downloads; /* 0 where nobody knows them */
};

/* Writes. How all targets stand now, as that night's points. */
int store_trend_add(struct store *s, int64_t night, struct err *e);
/* At most `most` of the latest points, oldest first, an array in `arena`. */
int store_trend_list(struct store *s, int64_t target, int64_t top, size_t most, struct arena *arena,
	struct trend_point **out, size_t *count, struct err *e);
/* How targets stand now among packages of rank 1 to `top`, by the targets' ids - 1. */
int store_trend_now(struct store *s, int64_t top, struct trend_point *out, size_t n, struct err *e);
