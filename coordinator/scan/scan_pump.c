#include "coordinator/scan/scan_parts.h"
#include "core/base/clock.h"

#include <stdlib.h>

enum {
	STREAMS = 64, /* pages at once where they share connections */
	FILES = 4 * SCAN_THREADS, /* of a folder that wait for a worker */
	OPEN_PAGES = 256, /* from the request to the commit */
};

void scan_wait(struct scan *s, struct scan_item *it)
{
	it->next_waiting = s->waiting;
	s->waiting = it;
}

/* Takes out of the waiting ones the first that is due; NULL if none is. *due_ms gets the time of the
 * next one, where it is sooner. */
static struct scan_item *take_due(struct scan *s, int64_t now_ms, int64_t *due_ms)
{
	struct scan_item **best = NULL;
	for (struct scan_item **at = &s->waiting; *at != NULL; at = &(*at)->next_waiting) {
		if (best == NULL || (*at)->due_ms < (*best)->due_ms) {
			best = at;
		}
	}
	if (best == NULL) {
		return NULL;
	}
	struct scan_item *it = *best;
	if (it->due_ms > now_ms && !s->cancelled && s->pace.gave_up == NULL) {
		*due_ms = it->due_ms < *due_ms ? it->due_ms : *due_ms;
		return NULL;
	}
	*best = it->next_waiting;
	return it;
}

static size_t pages_at_once(const struct scan *s)
{
	size_t connections = (size_t)s->options.connections;
	if (s->fetch == NULL) {
		return FILES;
	}
	if (s->pace.probing) {
		return 1;
	}
	return s->multiplexed && connections < STREAMS ? STREAMS : connections;
}

static void on_timer(uv_timer_t *timer)
{
	scan_pump(timer->data);
}

static void pump_at(struct scan *s, int64_t now_ms, int64_t at_ms)
{
	uv_update_time(s->options.loop);
	uv_timer_start(&s->timer, on_timer, (uint64_t)(at_ms > now_ms ? at_ms - now_ms : 0), 0);
}

/* Those that wait for another try will not have it. */
static void end_waiting(struct scan *s)
{
	int64_t never = INT64_MAX;
	for (struct scan_item *it; (it = take_due(s, 0, &never)) != NULL;) {
		if (s->cancelled) {
			scan_item_end(it);
		} else {
			scan_item_fail(it);
		}
	}
}

static void give_up(struct scan *s)
{
	size_t left = s->options.package_count - s->next;
	if (left != 0) {
		char *count = str_format("%zu packages were not asked for", left);
		scan_report(s, s->pace.gave_up, count, "");
		free(count);
	}
	s->counts.failed += left;
	s->next = s->options.package_count;
}

/* A package that this night settled before its process was killed. */
static void count_again(struct scan *s, const struct validator *known)
{
	*(known->outcome == 'r'         ? &s->counts.changed
			: known->outcome == 'a' ? &s->counts.absent
			: known->outcome == 'b' ? &s->counts.bad
									: &s->counts.unchanged) += 1;
}

/* Steps over what need not be asked for: it has its answer of this night, or the list of serials says
 * that it is as it is stored. */
static void skip_known(struct scan *s)
{
	for (; s->next < s->options.package_count; s->next++) {
		const struct validator *known = &s->known[s->next];
		if (known->night != 0 && known->night == s->night) {
			count_again(s, known);
		} else if (known->listed != 0 && known->listed == known->serial) {
			scan_same(s, s->next);
		} else {
			return;
		}
	}
}

/* As many requests as may begin now. */
static void begin_some(struct scan *s)
{
	int64_t now_ms = clock_steady_ms(), due_ms = INT64_MAX;
	skip_known(s);
	while (s->transfers < pages_at_once(s) && s->open < OPEN_PAGES &&
		workers_weight(s->workers) < SCAN_WEIGHT) {
		int64_t wait_ms = s->fetch != NULL ? pace_wait(&s->pace, now_ms) : 0;
		if (wait_ms > 0) {
			due_ms = now_ms + wait_ms;
			break;
		}
		struct scan_item *again = take_due(s, now_ms, &due_ms);
		if (again != NULL) {
			scan_item_request(again);
		} else if (s->next < s->options.package_count && !(s->pace.probing && s->waiting != NULL)) {
			scan_item_begin(s, s->next++);
			skip_known(s);
		} else {
			break;
		}
		pace_take(&s->pace);
	}
	if (due_ms != INT64_MAX && (s->waiting != NULL || s->next < s->options.package_count)) {
		pump_at(s, now_ms, due_ms);
	}
}

void scan_pump(struct scan *s)
{
	if (s->pumping || s->state != SCAN_PAGES) {
		return;
	}
	s->pumping = true;
	if (!s->cancelled && s->pace.gave_up == NULL) {
		begin_some(s);
	} else {
		end_waiting(s);
	}
	if (!s->cancelled && s->pace.gave_up != NULL) {
		give_up(s);
	}
	bool all = s->open == 0 && (s->cancelled || s->next == s->options.package_count);
	if (all && s->same.n != 0) {
		scan_write_same(s);
	} else if (all) {
		/* What was cut short stays open: the next scan of the same list goes on with it. */
		bool whole = !s->cancelled && s->pace.gave_up == NULL;
		scan_end(s, whole);
	}
	s->pumping = false;
}
