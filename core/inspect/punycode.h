/* Punycode (RFC 3492), as init functions of modules with names beyond ASCII are spelled (PEP 489). */
#pragma once

#include "core/base/str.h"

/* Appends the encoding of UTF-8 text; false if it is no UTF-8 or over 255 bytes. */
bool punycode_encode(struct str text, struct buf *out);
