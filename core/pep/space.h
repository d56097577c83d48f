/* White space as Python's `str.strip` and `\s` see it, which is what the reference implementation
 * of these standards strips: ASCII, U+001C to U+001F, U+0085, U+00A0 and the Unicode spaces. */
#pragma once

#include "core/base/str.h"

/* Bytes of the white space character at the start (end) of s; 0 if there is none. */
size_t space_at_start(struct str s);
size_t space_at_end(struct str s);

struct str space_trim(struct str s);
