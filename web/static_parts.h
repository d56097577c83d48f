/* A static site while it is written; for the files of this folder. */
#pragma once

#include "core/io/json.h"
#include "reports/json_page.h"
#include "web/readers.h"
#include "web/static_site.h"

#include <stdatomic.h>

struct site {
	const struct static_site_options *o;
	struct page page;
	struct readers readers;
	struct names_view names;
	struct overview_view overview;
	int64_t *jobs;
	size_t job_count;
	atomic_size_t next; /* the package, then the job, that a thread takes */
	atomic_size_t files, written;
	atomic_bool failed;
	uv_mutex_t lock; /* of `problem` */
	struct err problem;
};

/* One thread's buffers and connection. */
struct hand {
	struct site *site;
	struct store *store;
	struct buf page, fixed, held;
	struct buf path;
	uv_thread_t thread;
};

/* Writes a file below the site's folder, if it is not there as it should be. */
int static_put(struct hand *hand, const char *name, struct str bytes, struct err *e);
/* A page into hand->page, then under the file of `address`, which may have a query. */
struct html static_begin_html(struct hand *hand);
int static_put_html(struct hand *hand, const char *address, struct err *e);
/* The same for JSON, under the file `name`. */
void static_begin_json(struct hand *hand, struct json_writer *w);
int static_put_json(struct hand *hand, struct json_writer *w, const char *name, struct err *e);
void static_hand_finish(struct hand *hand);

/* All pages but those of packages and jobs. */
int static_pages(struct site *s, struct store *store, struct err *e);
