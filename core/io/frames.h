/* A text in zstd frames (RFC 8878), each of FRAMES_TEXT bytes of it: any range can be read without what
 * lies before it, and `zstd -d` reads the whole. Made for logs. Blocking. */
#pragma once

#include "core/base/str.h"

enum { FRAMES_TEXT = 256 << 10 };

/* Packs what can be read from `from` into `to` (both at their offsets); the same text gives the same
 * bytes. Errors are those of reading
 * and writing. */
int frames_pack(int from, int to, struct err *e);
/* Adds bytes [from, to) of the text in the file to `out`, cut at its end. ERR_CORRUPT names what is
 * wrong with the file. */
int frames_read(int fd, int64_t from, int64_t to, struct buf *out, struct err *e);
