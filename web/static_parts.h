/* A static site while it is written; for the files of this folder. */
#pragma once

#include "core/base/vec.h"
#include "core/io/json.h"
#include "reports/json_page.h"
#include "web/readers.h"
#include "web/static_site.h"

#include <stdatomic.h>

/* Of packages; NULL: all of them, on the first default target. */
struct site_list {
	const char *target, *headline;
};

struct site {
	const struct static_site_options *o;
	struct page page;
	bool is_new; /* there was no folder: nothing in it needs to be looked at */
	struct readers readers;
	struct names_view names;
	struct overview_view overview;
	int64_t *jobs;
	size_t job_count;
	VEC(struct site_list) lists;
	atomic_size_t next; /* the piece of work that a thread takes: steps, lists, packages, jobs */
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

/* All pages but lists and those of packages and jobs, some a step. */
extern int (*const static_steps[])(struct hand *hand, struct err *e);
extern const size_t static_step_count;
/* The lists that there are, into s->lists; and one of them. */
void static_lists_plan(struct site *s);
int static_list(struct hand *hand, const struct site_list *list, struct err *e);
