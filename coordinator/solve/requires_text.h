/* What a distribution requires, as the database keeps it: the few lines of its metadata that say so.
 *
 *   P >=3.9                        Requires-Python
 *   E socks                        Provides-Extra
 *   R idna<4,>=2.5; extra == "x"   Requires-Dist
 *   U metadata: Requires-Dist …    of an sdist that was looked at and does not say: why
 *
 * in the order of the metadata; most distributions share a text with many others. */
#pragma once

#include "core/base/str.h"

enum {
	REQUIRES_TEXT_MOST = 1 << 20, /* bytes of one text */
	REQUIRES_METADATA_MOST = 16 << 20, /* bytes of the metadata it is made from */
};

/* Adds the text that METADATA or PKG-INFO comes to. ERR_INVALID if it is no metadata, or not that of
 * `name` (normalised) and `version`; ERR_TOO_LARGE. */
int requires_text_write(
	struct str metadata, struct str name, struct str version, struct buf *out, struct err *e);
/* The same of an sdist's PKG-INFO, which says it only where that is static (PEP 643): else
 * ERR_UNSUPPORTED. */
int requires_text_write_sdist(
	struct str pkg_info, struct str name, struct str version, struct buf *out, struct err *e);
/* The text of one that does not say it. */
void requires_text_unknown(struct str why, struct buf *out);

/* Walks a text: start with *rest = text; false at the end. `kind` is the letter. */
bool requires_text_next(struct str *rest, char *kind, struct str *value);
