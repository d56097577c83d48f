/* A job's log on its page: a part a stage, lines numbered and linked, the evidence marked. */
#pragma once

#include "reports/html_parts.h"

/* All stages that left something in the log, the failed one open at its evidence line. Returns the
 * number of that line, 0 if there is none. */
int64_t html_log_stages(struct html *h, const struct build_view *b, const struct job_log *log);

/* A field to search in the log, and the lines that have log->find if somebody looks for it. */
void html_log_search(struct html *h, int64_t job, const struct job_log *log);

/* The evidence's line number without writing anything. */
int64_t html_log_evidence(const struct build_view *b, const struct job_log *log);
