/* What a scan found of one package, on its way into the database: made on a worker's thread, written on
 * the writer's. */
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

/* All that is stored of a page, in the form it is stored in. */
struct page_facts;
/* Of a page that was judged (project_page_judge), for so many targets; `validator` by validator_text.
 * Nothing of the page is needed afterwards. Any thread. */
struct page_facts *page_facts_create(
	const struct project_page *page, size_t targets, const char *validator);
void page_facts_destroy(struct page_facts *f); /* NULL is fine */

struct page_write {
	enum page_write_kind kind;
	const struct page_facts *facts; /* of PAGE_WRITE_FACTS */
	const struct package_item *package;
	const struct page_targets *targets;
	const char *why; /* of PAGE_WRITE_BAD and _FAILED, one line */
	int64_t night; /* store/night.h; 0: none */
	int64_t now;
};

/* store_write_fn; user is a struct page_targets, whose ids it fills. */
int page_write_targets(struct store *s, void *user, struct err *e);
/* store_write_fn; user is a struct page_write. */
int page_write(struct store *s, void *user, struct err *e);
