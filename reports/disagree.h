/* Where the word of the bytes and what a run of the same wheel showed differ. */
#pragma once

#include "coordinator/store/view.h"
#include "reports/html.h"

enum disagree {
	DISAGREE_NOT,
	DISAGREE_BYTES, /* the bytes say that it cannot work, and its import passed */
	DISAGREE_RUN, /* the bytes have no error, and its import failed */
};

/* looked: somebody read the bytes; wrong: code of an error in them, NULL: none. */
enum disagree disagree_of(bool looked, const char *wrong, const struct build_view *run);
enum disagree disagree_of_job(const struct job_view *v);
/* Of the published wheel. */
enum disagree disagree_of_target(const struct target_view *t);
/* "bytes", "run": who found something wrong; NULL: they agree. */
const char *disagree_word(enum disagree d);

/* A paragraph; nothing if they agree. */
void disagree_html_job(struct html *h, const struct job_view *v);
void disagree_html_target(struct html *h, const struct target_view *t);
