/* What every page that reads the database does, on a worker. */
#pragma once

#include "coordinator/store/store.h"
#include "reports/page.h"
#include "web/request.h"
#include "web/routes.h"

struct page page_of(const struct request *r);

/* Lends the route's `read` a connection; it writes r->reply.body. What went wrong becomes a page of the
 * right status; then ETag and packing. Answers of public pages are kept for a second (page_cache.h). */
void page_render(struct request *r);
