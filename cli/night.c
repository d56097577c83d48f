#include "cli/night.h"

#include "core/base/clock.h"
#include "core/io/loop.h"

#include <stdlib.h>

enum { WATCH_MS = 1000, MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

static void arm(struct night *n);

static void on_begin(uv_timer_t *timer)
{
	struct night *n = mem_container_of(timer, struct night, begin);
	arm(n);
	n->o.on_begin(n->o.user);
}

/* The wall clock may be set while the timer runs, so it sleeps an hour at most. */
static void on_look(uv_timer_t *timer)
{
	arm(mem_container_of(timer, struct night, begin));
}

static void arm(struct night *n)
{
	const struct config_night *c = &n->o.config->night;
	if (c->at_minute < 0) {
		uint64_t every = (uint64_t)n->o.config->refresh_hours * HOUR_MS;
		uv_timer_start(&n->begin, on_begin, every, 0);
		return;
	}
	int64_t now = clock_wall_ms();
	int64_t wait = clock_next_minute(now, c->at_minute) - now;
	uv_timer_start(&n->begin, wait > HOUR_MS ? on_look : on_begin,
		(uint64_t)(wait > HOUR_MS ? HOUR_MS : wait), 0);
}

/* --- the report --- */

struct reporting {
	struct night *night;
	struct night_report report;
};

static void make_report(void *user)
{
	struct reporting *r = user;
	night_report_send(&r->report);
}

static void on_reported(void *user)
{
	struct reporting *r = user;
	struct night *n = r->night;
	if (r->report.line.n != 0 && !n->stopped) {
		n->o.on_line(n->o.user, r->report.line.p);
	}
	n->reporting = false;
	night_report_finish(&r->report);
	free(r);
}

static void report(struct night *n)
{
	struct queue_counts counts;
	queue_counts(n->o.queue, &counts);
	struct reporting *r = MEM_NEW(struct reporting);
	r->night = n;
	r->report = (struct night_report){
		.config = n->o.config,
		.after = n->reported,
		.now = clock_wall_ms(),
		.not_reached = (int64_t)(counts.queued + counts.leased),
	};
	n->open = n->working = false;
	n->reported = r->report.now;
	n->reporting = true;
	loop_work(n->o.loop, make_report, on_reported, r);
}

/* --- the course of a night --- */

static void on_watch(uv_timer_t *timer)
{
	struct night *n = mem_container_of(timer, struct night, watch);
	if (!n->over && n->budget_end != 0 && clock_steady_ms() >= n->budget_end) {
		n->over = true;
		n->o.on_budget(n->o.user, true);
	}
	if (n->open && n->working && !n->reporting && (n->over || queue_is_empty(n->o.queue))) {
		report(n);
	}
}

void night_start(struct night *n, const struct night_options *o)
{
	*n = (struct night){.o = *o};
	uv_timer_init(o->loop, &n->begin);
	uv_timer_init(o->loop, &n->watch);
	arm(n);
	uv_timer_start(&n->watch, on_watch, WATCH_MS, WATCH_MS);
	uv_unref((uv_handle_t *)&n->begin);
	uv_unref((uv_handle_t *)&n->watch);
}

/* A night that a restart cut has only the rest of its time: the budget counts from the moment that the
 * config names, if that is less ago than the budget is long. */
static int64_t left_of_night(const struct config_night *c)
{
	int64_t budget = c->budget_minutes * MINUTE_MS;
	if (c->at_minute < 0) {
		return budget;
	}
	int64_t now = clock_wall_ms();
	int64_t began = clock_next_minute(now - 24 * HOUR_MS, c->at_minute);
	return now - began < budget ? budget - (now - began) : budget;
}

void night_opened(struct night *n)
{
	int64_t minutes = n->o.config->night.budget_minutes;
	n->open = true;
	n->working = false;
	n->budget_end = minutes != 0 ? clock_steady_ms() + left_of_night(&n->o.config->night) : 0;
	if (n->over) {
		n->over = false;
		n->o.on_budget(n->o.user, false);
	}
}

void night_planned(struct night *n)
{
	n->working = true;
}

void night_stop(struct night *n)
{
	n->stopped = true;
	uv_close((uv_handle_t *)&n->begin, NULL);
	uv_close((uv_handle_t *)&n->watch, NULL);
}
