/* What a scan found of one package, on its way into the database: runs on the writer's thread. */
#pragma once

#include "coordinator/scan/project_page.h"
#include "coordinator/store/writer.h"

enum page_write_kind {
	PAGE_WRITE_FACTS, /* the page was read */
	PAGE_WRITE_UNCHANGED, /* it is what it was */
	PAGE_WRITE_ABSENT, /* no such project */
	PAGE_WRITE_BAD, /* no page: old facts stay */
	PAGE_WRITE_FAILED, /* out of reach: old facts stay */
};

struct page_targets {
	const struct target_set *set;
	int64_t *ids; /* beside set->v, filled by page_write_targets */
};

struct page_write {
	enum page_write_kind kind;
	struct project_page *page;
	const struct package_item *package;
	const struct page_targets *targets;
	const char *etag; /* validator_text */
	const char *folder_etag;
	int64_t night; /* store/night.h; 0: none */
	int64_t now;
	struct buf pack; /* of page_write_prepare */
};

/* After project_page_judge and before page_write of PAGE_WRITE_FACTS, on a worker thread: what can be
 * made ready before the writer's turn. */
void page_write_prepare(struct page_write *w);
/* Frees what page_write_prepare made; not the page. */
void page_write_finish(struct page_write *w);

/* store_write_fn; user is a struct page_targets, whose ids it fills. */
int page_write_targets(struct store *s, void *user, struct err *e);
/* store_write_fn; user is a struct page_write. */
int page_write(struct store *s, void *user, struct err *e);
