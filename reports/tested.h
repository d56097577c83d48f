/* What jobs that only test have to say: of the wheel that users download, and of one built here that its own
 * job did not run. */
#pragma once

#include "coordinator/store/view.h"
#include "reports/html.h"

/* Does the run say something of its wheel? One that waits does not, nor one that ended by the farm's fault. */
bool tested_says(const struct build_view *run_or_null);

/* "test of the published wheel", "test of our wheel"; NULL: it builds. */
const char *tested_kind(const struct build_view *run);

/* A paragraph of a card; nothing if the published wheel was not run. */
void tested_html_published(struct html *h, const struct target_view *t);
/* Goes on after "This farm built 1.0 (cross); ". */
void tested_html_built(struct html *h, const struct target_view *t);
/* Sentences of a job's page: where its wheel is tested, or where that was built. */
void tested_html_job(struct html *h, const struct job_view *v);
