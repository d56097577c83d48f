/* PKG-INFO out of an sdist (PEP 625: `NAME-VERSION/PKG-INFO`), read in order and only as far as that;
 * every byte is hostile. Blocking: for a thread of its own. */
#pragma once

#include "core/base/str.h"

enum {
	PKG_INFO_MOST = 16 << 20, /* bytes of it */
	PKG_INFO_ENTRIES = 100000, /* that come before it */
};

/* Where the sdist comes from. Sets *piece to what comes next, which is good until the next call; an empty
 * one is the end. An error ends the reading with it. */
struct pkg_info_source {
	int (*next)(void *user, struct str *piece, struct err *e);
	void *user;
};

/* Adds the text of the first regular file PKG-INFO in a top folder to `out`. `file_name` tells the kind:
 * .tar.gz or .zip, anything else is ERR_UNSUPPORTED. ERR_INVALID: there is none, or it is a link.
 * ERR_CORRUPT: damaged. ERR_TOO_LARGE: a limit, or unpacked it is over 200 times of what was read.
 * Sentences name the file. */
int pkg_info_read(
	struct str file_name, const struct pkg_info_source *source, struct buf *out, struct err *e);
