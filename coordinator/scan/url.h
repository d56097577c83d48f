/* Addresses of files as a page has them. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"

/* True if the address is *origin followed by `reference` as it stands, as nearly all are: *origin is a
 * view onto `base`, empty where the reference is whole already. */
bool url_is_plain(struct str base, struct str reference, struct str *origin);

/* `reference` seen from the page at `base` (RFC 3986, section 5.2), copied into the arena; the empty
 * view if it cannot be an address. */
struct str url_resolve(struct str base, struct str reference, struct arena *arena);
