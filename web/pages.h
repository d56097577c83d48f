/* The public pages: each takes what it needs off the request on the loop, and renders on a worker
 * with a read-only connection. */
#pragma once

#include "web/request.h"

void page_overview(struct request *r);
void page_packages(struct request *r);
void page_package(struct request *r); /* a name that is not normalised (PEP 503) is redirected */
void page_changes(struct request *r); /* ?since=&until=NIGHT&target= */
void page_job(struct request *r);
void page_job_log(struct request *r); /* ?from=&to= lines, from 1, both included */
void page_job_spec(struct request *r);
/* The growing log as server-sent events: what is there behind ?from= (bytes), then it closes; the
 * browser asks again with the last event's id. No connection is held. */
void page_job_events(struct request *r);
void page_asset(struct request *r);
void page_icon(struct request *r);
void page_health(struct request *r);
