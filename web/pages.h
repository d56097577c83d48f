/* The public pages. Those with a store run on a worker with a read-only connection (page_render.h):
 * they write r->reply.body in the form that was asked for (r->form). The others run on the loop. */
#pragma once

#include "web/request.h"

int page_overview(struct request *r, struct store *s, struct err *e);
int page_packages(struct request *r, struct store *s, struct err *e);
int page_search(struct request *r, struct store *s, struct err *e);
/* A name that is not normalised (PEP 503) is redirected. */
int page_package(struct request *r, struct store *s, struct err *e);
int page_badge(struct request *r, struct store *s, struct err *e);
int page_changes(
	struct request *r, struct store *s, struct err *e); /* ?since=&until=NIGHT&target= */
int page_feed(struct request *r, struct store *s, struct err *e);
int page_sitemap(struct request *r, struct store *s, struct err *e);
void page_farm_begin(struct request *r); /* on the loop; goes on with page_farm */
int page_farm(struct request *r, struct store *s, struct err *e);
int page_blockers(struct request *r, struct store *s, struct err *e); /* ?target= */
int page_start(struct request *r, struct store *s, struct err *e); /* ?target= */
int page_style(struct request *r, struct store *s, struct err *e);

int page_job(struct request *r, struct store *s, struct err *e);
/* ?from=&to= lines, from 1, both included */
int page_job_log(struct request *r, struct store *s, struct err *e);
int page_job_spec(struct request *r, struct store *s, struct err *e);
/* The growing log as server-sent events: what is there behind ?from= (bytes), then it closes; the
 * browser asks again with the last event's id. No connection is held. */
int page_job_events(struct request *r, struct store *s, struct err *e);

void page_asset(struct request *r);
void page_icon(struct request *r);
void page_robots(struct request *r);
void page_health(struct request *r);
