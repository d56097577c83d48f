/* Addresses of files as a page has them. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"

/* `reference` seen from the page at `base` (RFC 3986, section 5.2): itself where it is whole already, else
 * a text in the arena; the empty view if it cannot be an address. */
struct str url_resolve(struct str base, struct str reference, struct arena *arena);
