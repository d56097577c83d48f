/* Quoted texts of markers (PEP 508 python_str), which the reference implementation reads as Python
 * string literals, escapes included. */
#pragma once

#include "core/base/str.h"

/* Decodes what is between the quotes. Without a backslash *out is `inner` itself; else it is a view
 * onto *storage, which the caller clears before and finishes after. False if Python would refuse the
 * literal. "\N{NAME}" is refused too: it needs the table of character names. */
bool quoted_decode(struct str inner, struct buf *storage, struct str *out);
