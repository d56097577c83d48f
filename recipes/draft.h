/* A first recipe for a package, from what the files of its source show. It reads and runs nothing of
 * them: a few texts are looked at line by line, and what is found is a guess for a person to check. */
#pragma once

#include "core/base/str.h"

struct draft {
	const char *name; /* normalised */
	const char *folder; /* the unpacked source */
};

/* Adds the YAML text: it loads as it is (recipe_load), whatever the source holds. Folders deeper than
 * some levels and files over 1 MiB are not looked at; nothing is followed through a link. */
void draft_write(const struct draft *d, struct buf *out);
