/* From the addresses of the server to files: the same pages, kept as files, for any web server or for
 * none at all. */
#pragma once

#include "core/base/str.h"

/* The file of an address that begins with '/', relative to the site's top: "/package/a" is
 * "package/a.html", "/" "index.html", "/packages?target=T&state=S&offset=100" "packages-T-S-100.html",
 * what has an ending keeps it. A fragment stays behind it. Other parameters than these three are
 * dropped, and of what is ready there is the list of all: such a page tells more than was asked for. */
void static_file(struct buf *out, struct str address);

/* A page of the renderers with its addresses made relative; `depth`: folders between it and the top. */
void static_links(struct buf *out, struct str page, size_t depth);
