/* How fast a scan may ask, on a clock that the test moves. */
#include "coordinator/scan/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { START = 1000000 };

/* How many may be asked in `ms` by somebody who always wants to. */
static int asked_in(struct pace *p, int64_t *now, int64_t ms)
{
	int count = 0;
	for (int64_t end = *now + ms; *now < end; ++*now) {
		while (pace_wait(p, *now) == 0 && count < 100000) {
			pace_take(p);
			count++;
		}
	}
	return count;
}

static void no_more_than_the_rate(void **state)
{
	struct pace p;
	int64_t now = START;
	pace_init(&p, 50, now);
	assert_in_range(asked_in(&p, &now, 10000), 495, 506);
	now += 3600 * 1000; /* an idle hour is not made up for */
	assert_in_range(asked_in(&p, &now, 1000), 49, 56);
	pace_init(&p, 1, now);
	assert_int_equal(pace_wait(&p, now), 0);
	pace_take(&p);
	int64_t wait = pace_wait(&p, now);
	assert_in_range(wait, 900, 1001);
	assert_int_equal(pace_wait(&p, now + wait), 0); /* the wait that was told is enough */
}

static void without_a_cap_there_is_no_wait(void **state)
{
	struct pace p;
	pace_init(&p, 0, START);
	for (int i = 0; i < 100000; i++) {
		assert_int_equal(pace_wait(&p, START), 0);
		pace_take(&p);
	}
}

static void told_to_wait_all_wait(void **state)
{
	struct pace p;
	pace_init(&p, 0, START);
	pace_take(&p);
	pace_bad(&p, START, 7000, true, false);
	assert_int_equal(pace_wait(&p, START), 7000);
	pace_good(&p); /* of a request that was under way: the pause stays */
	pace_bad(&p, START + 100, 1000, true, false);
	assert_int_equal(pace_wait(&p, START + 3000), 4000);
	assert_null(p.gave_up);
	pace_bad(&p, START, INT64_C(86400000), true, false);
	assert_non_null(p.gave_up);
}

static void busy_halves_the_rate_once_a_second(void **state)
{
	struct pace p;
	int64_t now = START;
	pace_init(&p, 100, now);
	for (int i = 0; i < 5; i++) {
		pace_bad(&p, now, PACE_NO_WAIT, true, false);
	}
	assert_in_range(asked_in(&p, &now, 2000), 95, 106);
	for (int i = 0; i < 200; i++) {
		pace_good(&p);
	}
	assert_in_range(asked_in(&p, &now, 1000), 95, 111); /* and comes back to what it was */
}

static void where_there_was_no_cap_busy_makes_one(void **state)
{
	struct pace p;
	int64_t now = START;
	pace_init(&p, 0, now);
	for (int i = 0; i < 4000; i++) {
		pace_take(&p);
	}
	now += 4000;
	pace_bad(&p, now, PACE_NO_WAIT, true, false); /* 1,000 a second were asked */
	assert_in_range(asked_in(&p, &now, 1000), 450, 560);
}

static void nobody_answers(void **state)
{
	struct pace p;
	pace_init(&p, 0, START);
	for (int i = 0; i < 7; i++) {
		pace_bad(&p, START, PACE_NO_WAIT, false, false);
	}
	assert_false(p.probing);
	pace_bad(&p, START, PACE_NO_WAIT, false, false);
	assert_true(p.probing);
	for (int i = 0; i < 100; i++) { /* more of those that were under way */
		pace_bad(&p, START, PACE_NO_WAIT, false, false);
	}
	int64_t now = START;
	for (int i = 0; i < 3; i++) {
		assert_null(p.gave_up);
		now += pace_wait(&p, now);
		pace_bad(&p, now, PACE_NO_WAIT, false, true);
		assert_true(pace_wait(&p, now) > 0);
	}
	pace_good(&p);
	assert_false(p.probing); /* one answer, and all is as before */
	for (int i = 0; i < 8 + 4; i++) {
		now += pace_wait(&p, now);
		pace_bad(&p, now, PACE_NO_WAIT, false, p.probing);
	}
	assert_non_null(p.gave_up);
	assert_true(now - START < 20000);
}

static void waits_double_and_differ(void **state)
{
	assert_int_equal(pace_backoff(1, 0), 250);
	assert_int_equal(pace_backoff(1, UINT16_MAX), 500);
	assert_int_equal(pace_backoff(2, UINT16_MAX), 1000);
	assert_int_equal(pace_backoff(3, 0), 1000);
	assert_int_equal(pace_backoff(1000, UINT16_MAX), 16000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_more_than_the_rate),
		cmocka_unit_test(without_a_cap_there_is_no_wait),
		cmocka_unit_test(told_to_wait_all_wait),
		cmocka_unit_test(busy_halves_the_rate_once_a_second),
		cmocka_unit_test(where_there_was_no_cap_busy_makes_one),
		cmocka_unit_test(nobody_answers),
		cmocka_unit_test(waits_double_and_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
