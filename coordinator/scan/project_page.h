/* One project page on its way from bytes to facts. */
#pragma once

#include "coordinator/scan/scan.h"
#include "coordinator/store/package.h"
#include "coordinator/store/published.h"
#include "core/base/vec.h"

struct fetch_response;
struct published;
struct published_file;

enum project_page_format { PAGE_UNKNOWN, PAGE_JSON, PAGE_HTML };

struct project_page {
	struct arena arena; /* every text below that is not in `text` */
	const char *name; /* of the package, normalised */
	struct str base; /* the page's own address; may be empty until known */
	enum project_page_format format;
	struct buf text; /* the page, unpacked: filled between begin and end, of no other use after */
	VEC(struct store_file) files;
	struct str display;
	struct str status;
	int64_t serial;
	int code; /* of the first error; the text is in err */
	struct err err;
	/* after project_page_judge; every text ends in a zero byte */
	struct published *published;
	const struct published_file *published_files; /* beside files */
	struct str newest;
	int64_t newest_date;
	struct store_published *facts; /* beside target_set.v; `target` is not filled */
};

/* A zeroed page; `name` is copied. */
void project_page_init(struct project_page *p, const char *name);
void project_page_finish(struct project_page *p);

/* The header line that asks for a page: JSON first (PEP 691, "Version + Format Selection"). */
extern const char project_page_accept[];

/* Takes the page's own address and its format from the head of an answer; an error if the format is
 * none that is read. Errors stick. */
int project_page_begin(struct project_page *p, const struct fetch_response *response);

/* All bytes are in `text`: an error unless it was a project page. */
int project_page_end(struct project_page *p);

/* Each file's version and kind, and the facts of every target. Needs nothing but the page, so it
 * runs on any thread. */
void project_page_judge(
	struct project_page *p, const struct target_set *targets, const struct scope *scope);
