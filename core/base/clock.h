/* Time. Wall time is milliseconds since 1970-01-01T00:00:00Z; steady time only goes forward and is
 * for measuring. Code whose behaviour depends on time takes a `struct clock`, so that a test can
 * move it. */
#pragma once

#include "core/base/str.h"

#include <stdbool.h>
#include <stdint.h>

int64_t clock_wall_ms(void);
int64_t clock_steady_ms(void);
int64_t clock_steady_us(void);

struct clock {
	int64_t (*now_ms)(void *user); /* wall time */
	void *user;
};
struct clock clock_real(void);
static inline int64_t clock_now_ms(struct clock c)
{
	return c.now_ms(c.user);
}

/* RFC 3339 in UTC to the second, "2026-11-22T23:58:00Z". */
enum { CLOCK_TEXT = 32 };
void clock_text(int64_t wall_ms, char out[static CLOCK_TEXT]);
/* Reads RFC 3339 with Z or an offset, with or without a fraction of a second; false if it is not. */
bool clock_parse(struct str text, int64_t *wall_ms);

/* The first moment after `wall_ms` at which the clock of UTC shows that minute of the day (0 to 1439). */
int64_t clock_next_minute(int64_t wall_ms, int64_t minute_of_day);
