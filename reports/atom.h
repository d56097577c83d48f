/* Changes as a feed (RFC 4287), and the addresses of all pages for crawlers (sitemaps.org). */
#pragma once

#include "coordinator/store/view.h"
#include "coordinator/store/view_changes.h"

/* `base` is the site's address without a slash at its end; `address` of the feed below it. */
void atom_feed(struct buf *out, const char *base, const char *address, const struct feed_view *v);
/* `ending`: of every page ("", ".html"). */
void sitemap(struct buf *out, const char *base, const char *ending, const struct names_view *v);
