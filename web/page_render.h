/* What every page that reads the database does, on a worker. */
#pragma once

#include "coordinator/store/store.h"
#include "reports/page.h"
#include "web/request.h"

struct page page_of(const struct request *r);
bool page_wants_json(const struct request *r);

/* Lends `fill` a connection; it writes r->reply.body. What went wrong becomes a page of the right
 * status; then ETag and packing. */
void page_render(struct request *r, int (*fill)(struct request *r, struct store *s, struct err *e));
