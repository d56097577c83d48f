/* What scan.c (the whole) and scan_item.c (one package) share; for nobody else. */
#pragma once

#include "coordinator/scan/pace.h"
#include "coordinator/scan/page_reader.h"
#include "coordinator/scan/scan.h"
#include "coordinator/scan/serials.h"
#include "coordinator/store/package.h"

enum {
	SCAN_THREADS = 8, /* workers at most */
	SCAN_WEIGHT = 96 << 20, /* decoded bytes of pages on their way */
};

enum scan_state {
	SCAN_TARGETS, /* the targets are being stored */
	SCAN_KNOWN, /* what is known is being read */
	SCAN_SERIALS, /* the index's list tells what changed */
	SCAN_PAGES,
	SCAN_NIGHT, /* its end is being stored */
	SCAN_ENDED,
};

struct scan {
	struct scan_options options;
	enum scan_state state;
	struct scan_counts counts;
	struct arena arena;
	struct page_targets targets;
	int64_t night; /* store/night.h; it may have begun in a process that died */
	char fingerprint[VALIDATOR_FINGERPRINT];
	struct validator *known; /* beside options.packages */
	int known_code;
	struct err known_err;
	struct fetch *fetch; /* NULL for a folder */
	char *user_agent;
	struct pace pace;
	bool multiplexed; /* an answer came by HTTP/2 */
	struct workers *workers;
	struct page_readers readers;
	struct serials *serials; /* while the list comes in */
	struct map names; /* of the packages, onto their validators' `listed` */
	uv_timer_t timer; /* to ask again when the pace or a wait allows */
	size_t next; /* package to begin with */
	size_t open; /* items begun and not ended, and writes under way that are none's */
	size_t transfers; /* of the items, those whose page is still coming in */
	size_t writing; /* of the items, those that the writer has */
	struct scan_item *items; /* the open ones */
	struct scan_item *waiting; /* of those, who wait for another try */
	VEC(size_t) same; /* unchanged packages that are not stored yet */
	bool cancelled;
	bool pumping;
};

/* One package between its first request and its commit. */
struct scan_item {
	struct scan *scan;
	size_t at; /* of the package */
	struct scan_item *next, *previous;
	struct scan_item *next_waiting;
	struct fetch_transfer *transfer;
	bool probe; /* asked while the pace was probing */
	bool paused;
	struct page_reader *reader; /* from the first byte of a page on */
	unsigned tries;
	int64_t due_ms; /* of the next try */
	struct err why; /* what went wrong last */
	struct page_write write;
};

static inline const struct package_item *item_package(const struct scan_item *it)
{
	return &it->scan->options.packages[it->at];
}

/* --- scan_item.c --- */

void scan_item_begin(struct scan *s, size_t at);
/* Asks (again). */
void scan_item_request(struct scan_item *it);
/* Nothing more is tried: `why` says what was last. */
void scan_item_fail(struct scan_item *it);
void scan_item_end(struct scan_item *it);
/* Callbacks of the workers. */
void scan_item_read(void *user, struct page_reader *r);
void scan_item_room(struct lane *lane);

/* --- scan_pump.c --- */

/* Begins what may begin, ends the scan when nothing is left; from anywhere on the loop. */
void scan_pump(struct scan *s);
/* The item is asked for again when it is due. */
void scan_wait(struct scan *s, struct scan_item *it);

/* --- scan_same.c --- */

/* The package is as it is stored: noted, and written with many others. */
void scan_same(struct scan *s, size_t at);
void scan_write_same(struct scan *s);

/* --- scan.c --- */

void scan_report(struct scan *s, const char *name, const char *what, const char *why);
/* Nothing is left to ask. `whole`: nothing was cut short; else the next scan of the same list goes on
 * with it. */
void scan_end(struct scan *s, bool whole);
