/* Views filled by hand, as the database would fill them: what the pages must be able to show. */
#pragma once

#include "coordinator/store/view.h"
#include "reports/log_text.h"

/* 2026-11-22T23:58:00Z: "now" of all of them. */
#define VIEWS_NOW INT64_C(1795391880000)

/* A package that vanished on Windows, is ready on glibc, builds on musl, failed for one target. */
void views_package(struct package_view *v);
/* Named and described by somebody who wants markup in our page. */
void views_package_hostile(struct package_view *v);
void views_package_never_scanned(struct package_view *v);

/* A failed build; `text` gets its log, with escapes, control characters and a very long line. */
void views_job_failed(struct job_view *v, struct buf *text);
void views_job_passed(struct job_view *v, struct buf *text);
void views_job_running(struct job_view *v, struct buf *text);

void views_packages(struct packages_view *v);
void views_overview(struct overview_view *v);
