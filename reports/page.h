/* The pages of the dashboard. A renderer gets a view, and writes one whole document; it reads no
 * database, opens no file and knows no socket. */
#pragma once

#include "coordinator/store/view.h"
#include "coordinator/store/view_changes.h"
#include "reports/html.h"
#include "reports/log_text.h"

/* Addresses of the files every page links, with their content's hash in the name. */
struct page_assets {
	const char *style;
	const char *script;
	const char *icon;
};

enum page_section {
	PAGE_OVERVIEW,
	PAGE_PACKAGES,
	PAGE_CHANGES,
	PAGE_NONE, /* a job, an error */
};

struct page {
	const struct page_assets *assets;
	int64_t now; /* wall ms, for "2 days ago" */
	const char *python; /* of the default targets, "cp313"; NULL: the newest with a headline */
};

/* Everything around a page's own content. `title` is outside text. `json` is the address of the same
 * facts as JSON (already escaped for an address), or NULL; `search` fills the search field. */
struct page_frame {
	const char *title;
	enum page_section section;
	const char *json;
	struct str search;
};
void page_begin(struct html *h, const struct page *p, const struct page_frame *f);
void page_end(struct html *h, const struct page *p, const struct page_frame *f);

void html_page_overview(struct html *h, const struct page *p, const struct overview_view *v);
/* `q` is the query as it was asked; its target may be NULL where v->target is not. */
void html_page_packages(struct html *h, const struct page *p, const struct package_query *q,
	const struct packages_view *v);
/* At most 1,000 changes. */
void html_page_changes(struct html *h, const struct page *p, const struct changes_view *v);
void html_page_package(struct html *h, const struct page *p, const struct package_view *v);
void html_page_job(
	struct html *h, const struct page *p, const struct job_view *v, const struct job_log *log);
/* `status` is of HTTP; `sentence` may hold outside text. */
void html_page_error(struct html *h, const struct page *p, int status, const char *sentence);
