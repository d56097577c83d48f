/* The pages of the dashboard. A renderer gets a view, and writes one whole document; it reads no
 * database, opens no file and knows no socket. */
#pragma once

#include "coordinator/store/view.h"
#include "coordinator/store/view_changes.h"
#include "coordinator/store/view_farm.h"
#include "reports/html.h"
#include "reports/log_text.h"

/* Addresses of the files that pages link, with their content's hash in the name. */
struct page_assets {
	const char *style;
	const char *script;
	const char *icon;
	const char *chart; /* the library for lines, and how the overview uses it */
	const char *chart_style;
	const char *licences;
};

/* What the farm's page is made of: facts, and what only the running coordinator knows. */
struct farm_page {
	const struct farm_view *facts;
	bool serving; /* there is a queue; else the four below are not known */
	bool paused; /* no jobs are given: the disk is nearly full */
	struct farm_outlook {
		const char *target;
		int64_t queued, leased, slots;
		double eta_s; /* -1: nobody can tell */
	} * outlooks;
	size_t outlook_count;
	int64_t database_bytes, free_bytes; /* -1: not known */
};

enum page_section {
	PAGE_OVERVIEW,
	PAGE_PACKAGES,
	PAGE_BLOCKERS,
	PAGE_START,
	PAGE_CHANGES,
	PAGE_FARM,
	PAGE_NONE, /* a job, an error */
};

struct page {
	const struct page_assets *assets;
	int64_t now; /* wall ms, for "2 days ago" */
	bool fixed; /* a page kept as a file: nobody can ask, and "2 days ago" would not stay true */
	const char *base; /* the site's address without a slash at its end, for badges and feeds */
	const char *python; /* of the default targets, "cp313"; NULL: the newest with a headline */
};

/* Everything around a page's own content. `title` is outside text. `json`, `csv` and `feed`
 * are the addresses of the same facts in other forms (already escaped for an address), or NULL;
 * `search` fills the search field. */
struct page_frame {
	const char *title;
	enum page_section section;
	const char *json;
	const char *csv; /* the same */
	const char *feed; /* the same */
	struct str search;
	bool charts; /* lines that a script draws better */
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
/* What agents, queue and disk do. */
void html_page_farm(struct html *h, const struct page *p, const struct farm_page *f);
void html_page_causes(struct html *h, const struct page *p, const struct causes_view *v);
/* `v` are packages that are not ready on v->target. */
void html_page_start(struct html *h, const struct page *p, const struct packages_view *v);
/* Every component of these pages in every state. */
void html_page_style(struct html *h, const struct page *p);
/* `status` is of HTTP; `sentence` may hold outside text. */
void html_page_error(struct html *h, const struct page *p, int status, const char *sentence);
