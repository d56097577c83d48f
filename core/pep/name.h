/* Project and extra names: PEP 503 normalisation, PEP 508 and core metadata's rule of what a name
 * is. */
#pragma once

#include "core/base/str.h"

/* True if s is a valid name: ASCII letters, digits, '.', '_', '-', with a letter or digit at both
 * ends. */
bool name_is_valid(struct str s);

/* Adds the normalised form of s: lower case, each run of '-', '_', '.' one '-'. Does not validate;
 * bytes outside ASCII are kept as they are. */
void name_normalise(struct str s, struct buf *out);

/* The same into out[capacity], zero-terminated; false (and an empty text) if it does not fit. */
bool name_normalise_to(struct str s, char *out, size_t capacity);

/* True if both have the same normalised form; allocates nothing. */
bool name_equal(struct str a, struct str b);
