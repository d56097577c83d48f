#include "coordinator/scan/pace.h"

enum {
	BURST_MS = 100, /* what was not used in so long may be made up for */
	STREAK = 8, /* so many failures in a row, and only one is asked at a time */
	PROBES = 4, /* so many of those, and nothing is asked any more */
	WAIT_MAX_MS = 120 * 1000, /* who asks for a longer pause gets his rest: the scan ends */
	BACKOFF_MS = 500,
	BACKOFF_MAX_MS = 16 * 1000,
	CUT_MS = 1000, /* the rate is cut once in so long: the answers of one moment say one thing */
};

static const double growth = 1.01; /* of the rate by each good answer, after a cut */

void pace_init(struct pace *p, int64_t rate, int64_t now_ms)
{
	*p = (struct pace){.rate = (double)rate,
		.cap = (double)rate,
		.tokens = 1,
		.at_ms = now_ms,
		.began_ms = now_ms,
		.cut_ms = now_ms - CUT_MS};
}

int64_t pace_wait(struct pace *p, int64_t now_ms)
{
	if (now_ms < p->hold_ms) {
		return p->hold_ms - now_ms;
	}
	if (p->rate <= 0) {
		return 0;
	}
	double burst = p->rate * BURST_MS / 1000;
	p->tokens += p->rate * (double)(now_ms - p->at_ms) / 1000;
	p->tokens = p->tokens < (burst > 1 ? burst : 1) ? p->tokens : (burst > 1 ? burst : 1);
	p->at_ms = now_ms;
	return p->tokens >= 1 ? 0 : 1 + (int64_t)((1 - p->tokens) * 1000 / p->rate);
}

void pace_take(struct pace *p)
{
	p->tokens -= p->rate > 0 ? 1 : 0;
	p->asked++;
}

void pace_good(struct pace *p)
{
	p->streak = 0;
	p->probes = 0;
	p->probing = false;
	if (p->rate > 0 && p->rate != p->cap) {
		p->rate *= growth;
		if (p->cap > 0 && p->rate > p->cap) {
			p->rate = p->cap;
		}
	}
}

/* Half of what it was, or of what was really asked where there was no cap. */
static void cut(struct pace *p, int64_t now_ms)
{
	if (now_ms - p->cut_ms < CUT_MS) {
		return;
	}
	p->cut_ms = now_ms;
	double seconds = (double)(now_ms - p->began_ms) / 1000;
	double rate = p->rate > 0 ? p->rate : (double)p->asked / (seconds > 1 ? seconds : 1);
	p->rate = rate / 2 > 1 ? rate / 2 : 1;
	p->tokens = p->tokens < 0 ? p->tokens : 0;
	p->at_ms = now_ms;
}

static void hold(struct pace *p, int64_t until_ms)
{
	p->hold_ms = p->hold_ms > until_ms ? p->hold_ms : until_ms;
}

void pace_bad(struct pace *p, int64_t now_ms, int64_t wait_ms, bool busy, bool probe)
{
	if (wait_ms > WAIT_MAX_MS) {
		p->gave_up = "the index asks for a long pause";
		return;
	}
	if (wait_ms > 0) {
		hold(p, now_ms + wait_ms);
	}
	if (busy) {
		cut(p, now_ms);
	}
	p->streak++;
	p->probing = p->probing || p->streak >= STREAK;
	if (p->probing && probe) {
		p->probes++;
		hold(p, now_ms + pace_backoff(p->probes, UINT16_MAX));
	}
	if (p->probes >= PROBES) {
		p->gave_up = "the index does not answer";
	}
}

int64_t pace_backoff(unsigned tries, unsigned random)
{
	int64_t most = BACKOFF_MS;
	for (unsigned i = 1; i < tries && most < BACKOFF_MAX_MS; i++) {
		most *= 2;
	}
	return most / 2 + most / 2 * (int64_t)(random & UINT16_MAX) / UINT16_MAX;
}
