/* A line over the nights as SVG, for readers without JavaScript. Internal to reports. */
#pragma once

#include "reports/html.h"
#include "coordinator/store/trend.h"

/* The share that is ready, by downloads where they are known, from old to new; a sentence where there
 * are less than two nights. */
void html_spark(struct html *h, const struct trend_point *points, size_t n);
/* 0 to 100; -1 where there is nothing to have a share of. */
double html_spark_share(const struct trend_point *p);
