/* Outside text made safe to look at: what a log or a package name holds must neither move a
 * terminal's cursor nor reorder a line. */
#pragma once

#include "core/base/str.h"

enum visible_kind {
	/* Line ends and tabs become one space too: for names, reasons, cells of a table. */
	VISIBLE_LINE,
	/* Tabs stay; complete colour sequences (ECMA-48 SGR, "ESC [ … m") are left out, as they carry
	 * no text; every other control character is shown. */
	VISIBLE_LOG,
};

/* Adds `text` as UTF-8: bytes that are none become U+FFFD, C0 controls and DEL their picture
 * (U+2400 …), C1 controls, bidirectional overrides and invisible marks "<U+202E>". */
void visible_add(struct buf *out, struct str text, enum visible_kind kind);

/* The same, cut to at most `columns` code points; the last one is "…" then. */
void visible_add_cut(struct buf *out, struct str text, enum visible_kind kind, size_t columns);
