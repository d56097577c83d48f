/* "This is what to do", by reason code or headline: reports/advice.toml as a table. */
#pragma once

#include "coordinator/store/view.h"
#include "reports/html.h"

struct advice {
	const char *code; /* of a reason, or a headline's word */
	const char *what; /* sentences for the one whose it is */
	const char *threads[8]; /* "OWNER/REPO#NUMBER" where others met the same; NULL ends it */
	const char
		*recipe; /* a line that a draft begins with, "": none is needed; NULL: no recipe helps */
};
extern const struct advice advice_rows[];
extern const size_t advice_count;

const struct advice *advice_find(const char *code_or_null); /* NULL if there is none */
/* For how a package stands on a target: by the reason of its failed build, else by its headline. NULL
 * where nothing is to be done. */
const struct advice *advice_of(const struct target_view *t);
/* A recipe to begin with, as text. */
void advice_draft(struct html *h, const struct advice *a, const char *package);
/* The sentences, and the threads as links. */
void advice_html(struct html *h, const struct advice *a);
