/* Core metadata: METADATA of wheels, PKG-INFO of sdists (PEP 566, 643 and the versions after them).
 * Headers as in RFC 822 with continuation lines; the body (description) is not read. */
#pragma once

#include "core/base/str.h"

enum metadata_field {
	METADATA_VERSION, /* Metadata-Version */
	METADATA_NAME,
	METADATA_PROJECT_VERSION, /* Version */
	METADATA_REQUIRES_DIST, /* repeated */
	METADATA_REQUIRES_PYTHON,
	METADATA_PROVIDES_EXTRA, /* repeated */
	METADATA_DYNAMIC, /* repeated */
	METADATA_REQUIRES_EXTERNAL, /* repeated */
	METADATA_SUMMARY,
	METADATA_LICENSE_EXPRESSION,
	METADATA_PROJECT_URL, /* repeated */
	METADATA_HOME_PAGE,
	METADATA_OTHER, /* a header that is none of these; name tells which */
};

/* Called for each header in order: `name` as written; `value` without white space around it, folded
 * lines joined by single spaces; both live until it returns. Negative stops the reader. */
struct metadata_handler {
	int (*on_field)(
		void *user, enum metadata_field field, struct str name, struct str value, struct err *e);
};

/* Reads headers until the first line that is none (an empty one, as a rule) or the end. 0, the
 * handler's error, or ERR_INVALID: Metadata-Version, Name or Version missing or given twice. */
int metadata_read(
	struct str text, const struct metadata_handler *handler, void *user, struct err *e);

/* Of an sdist's PKG-INFO: does what it says of Requires-Dist, Provides-Extra and Requires-Python hold for
 * every wheel that is built of it (PEP 643)? 0 if so; ERR_UNSUPPORTED and why if that is known only once one
 * is built; ERR_INVALID as above. */
int metadata_check_static(struct str text, struct err *e);
