/* What was found inside a published wheel, as people read it; shared by page and terminal. */
#pragma once

#include "coordinator/store/view.h"

/* "glibc 2.27 or newer; kernels with 64 KiB pages are fine; brings libfoo-1a2b.so.3 and 2 more";
 * "no binary". Names are as the wheel has them: the caller makes them safe to show. At most
 * `bundled_most` of them. */
void wheel_words_inside(struct buf *out, const struct wheel_view *w, size_t bundled_most);
/* True if some kernel with 64 KiB pages refuses its binaries. */
bool wheel_words_small_pages(const struct wheel_view *w);
/* What to do about a problem, by its code; NULL if this program does not know it. */
const char *wheel_words_advice(const char *code);
