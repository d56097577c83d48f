/* /metrics in the text format of Prometheus (exposition format 0.0.4): the queue's counts, and what
 * this process uses. Facts about packages are pages, not metrics. */
#pragma once

#include "web/request.h"

void page_metrics(struct request *r);
