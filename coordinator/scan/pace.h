/* How fast a scan may ask: a cap on requests a second, a pause for all when the server asks for one,
 * and an end when nothing answers any more. A function of the times it is given (milliseconds that
 * only go forward). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pace {
	double rate; /* requests a second now, 0: no cap */
	double cap; /* what rate may come to again, 0: none */
	double tokens;
	int64_t at_ms; /* when tokens was right */
	int64_t began_ms;
	int64_t hold_ms; /* nothing is asked before */
	int64_t cut_ms; /* when the rate was cut last */
	uint64_t asked;
	unsigned streak; /* failures without an answer between them */
	unsigned probes; /* of those, of requests made while `probing` */
	bool probing; /* nothing answers: one request at a time */
	const char *gave_up; /* why nothing is asked any more, static; NULL: it goes on */
};

enum { PACE_NO_WAIT = -1 };

/* rate: requests a second, 0 for no cap. */
void pace_init(struct pace *p, int64_t rate, int64_t now_ms);
/* 0: one may be asked now (say pace_take when it is), else how long to wait. */
int64_t pace_wait(struct pace *p, int64_t now_ms);
void pace_take(struct pace *p);
/* The server answered, and is well. */
void pace_good(struct pace *p);
/* A try failed. `wait_ms`: what the server told to wait, or PACE_NO_WAIT; `busy`: it said that it has
 * too much to do, so all go slower. `probe`: the request was made while probing. */
void pace_bad(struct pace *p, int64_t now_ms, int64_t wait_ms, bool busy, bool probe);

/* How long to wait before try number `tries` (from 1): doubled by each, `random` from 0 to 65535 makes
 * it half to all of that. */
int64_t pace_backoff(unsigned tries, unsigned random);
