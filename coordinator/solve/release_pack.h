/* The versions of a package and the wheels that fit each target, as one blob: what universe_set_files
 * makes of a page, so that nobody reads the names of millions of files again to solve.
 *
 * Format 1. Numbers are LEB128, texts a number and the bytes; a set of targets (a bit each, in the order
 * of the universe's targets) is told by what differs from the same set of the version before.
 *
 *   u8 1, number of versions, then each, lowest first:
 *   text; u8 flags: 0 withdrawn; fits, yanked, admitted, sdist
 *   number of wheels, then each: u8 flags: 0 yanked, 1 keyed; targets; file; 32 bytes if keyed */
#pragma once

#include "coordinator/solve/universe.h"

/* Adds the pack of a package that is UNIVERSE_KNOWN. */
void release_pack_write(const struct universe_package *p, struct buf *out);
/* In place of universe_set_files, once a package: of a universe with the same targets in the same order.
 * ERR_CORRUPT, and the package is as it was. Nothing of the bytes is taken for granted, nothing is kept. */
int release_pack_read(struct universe *u, uint32_t package, struct str pack, struct err *e);
