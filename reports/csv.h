/* CSV onto a buffer (RFC 4180): comma, CRLF, quotes where they are needed, UTF-8 without a mark. A text
 * that a spreadsheet would take for a formula (=, +, -, @ first, and no number) gets a ' before it. */
#pragma once

#include "core/base/str.h"

struct csv {
	struct buf *out;
	bool began; /* the row has a field */
};

void csv_str(struct csv *c, struct str text);
void csv_text(struct csv *c, const char *text_or_null); /* NULL: an empty field */
void csv_int(struct csv *c, int64_t value);
void csv_known(struct csv *c, int64_t value, int64_t absent); /* empty where it is `absent` */
void csv_bool(struct csv *c, bool value); /* true, false */
void csv_time(struct csv *c, int64_t wall_ms); /* RFC 3339; empty for 0 */
void csv_end(struct csv *c); /* of the row */
/* A row of column names, a space between them. */
void csv_head(struct csv *c, const char *names);
