#include "core/base/clock.h"

#include <string.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_wall_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_steady_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t clock_steady_ms(void)
{
	return clock_steady_us() / 1000;
}

static int64_t real_now(void *user)
{
	(void)user;
	return clock_wall_ms();
}

struct clock clock_real(void)
{
	return (struct clock){.now_ms = real_now};
}

/* Days since 1970-01-01 of a proleptic Gregorian date (Hinnant, "chrono-compatible low-level date
 * algorithms"), and back. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted = (5 * day_of_year + 2) / 153;
	*day = day_of_year - (153 * shifted + 2) / 5 + 1;
	*month = shifted < 10 ? shifted + 3 : shifted - 9;
	*year = year_of_era + era * 400 + (*month <= 2);
}

static void put_two(char *out, int64_t value)
{
	out[0] = (char)('0' + value / 10);
	out[1] = (char)('0' + value % 10);
}

/* By hand: pages and answers are full of dates, and printf takes ten times as long. */
void clock_text(int64_t wall_ms, char out[static CLOCK_TEXT])
{
	int64_t seconds = wall_ms / 1000 - (wall_ms % 1000 < 0);
	int64_t days = seconds / 86400 - (seconds % 86400 < 0);
	int64_t rest = seconds - days * 86400;
	int64_t year, month, day;
	date_from_days(days, &year, &month, &day);
	memcpy(out, "0000-00-00T00:00:00Z", sizeof("0000-00-00T00:00:00Z"));
	if (year < 0 || year > 9999) {
		return;
	}
	put_two(out, year / 100);
	put_two(out + 2, year % 100);
	put_two(out + 5, month);
	put_two(out + 8, day);
	put_two(out + 11, rest / 3600);
	put_two(out + 14, rest / 60 % 60);
	put_two(out + 17, rest % 60);
}

/* The number of two digits; *wrong gets bits where one is none. */
static int64_t two(const char *p, unsigned *wrong)
{
	unsigned tens = (unsigned)p[0] - '0', ones = (unsigned)p[1] - '0';
	*wrong |= (tens > 9) | (ones > 9);
	return (int64_t)tens * 10 + ones;
}

static void expect(char c, char wanted, unsigned *wrong)
{
	*wrong |= c != wanted;
}

/* Takes one byte, either of two. */
static bool literal(struct str *s, char a, char b)
{
	if (s->n == 0 || (s->p[0] != a && s->p[0] != b)) {
		return false;
	}
	s->p++;
	s->n--;
	return true;
}

static bool fraction(struct str *s, int64_t *ms)
{
	static const int64_t units[] = {100, 10, 1};
	*ms = 0;
	if (!literal(s, '.', '.')) {
		return true;
	}
	size_t n = 0;
	for (; n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++) {
		*ms += n < 3 ? (s->p[n] - '0') * units[n] : 0;
	}
	s->p += n;
	s->n -= n;
	return n != 0;
}

static bool offset(struct str *s, int64_t *minutes)
{
	*minutes = 0;
	if (literal(s, 'Z', 'z')) {
		return true;
	}
	unsigned wrong = 0;
	bool west = s->n != 0 && s->p[0] == '-';
	if (!literal(s, '+', '-') || s->n < 5) {
		return false;
	}
	int64_t hour = two(s->p, &wrong), minute = two(s->p + 3, &wrong);
	expect(s->p[2], ':', &wrong);
	if (wrong != 0 || hour > 23 || minute > 59) {
		return false;
	}
	s->p += 5;
	s->n -= 5;
	*minutes = (west ? -1 : 1) * (hour * 60 + minute);
	return true;
}

/* Date and time stand at fixed places, and a scan reads millions of them. */
bool clock_parse(struct str text, int64_t *wall_ms)
{
	enum { FIXED = sizeof("2026-11-22T10:00:00") - 1 };
	unsigned wrong = 0;
	int64_t ms, zone;
	if (text.n < FIXED) {
		return false;
	}
	const char *p = text.p;
	int64_t year = two(p, &wrong) * 100 + two(p + 2, &wrong);
	int64_t month = two(p + 5, &wrong), day = two(p + 8, &wrong);
	int64_t hour = two(p + 11, &wrong), minute = two(p + 14, &wrong), second = two(p + 17, &wrong);
	expect(p[4], '-', &wrong);
	expect(p[7], '-', &wrong);
	expect(p[13], ':', &wrong);
	expect(p[16], ':', &wrong);
	wrong |= p[10] != 'T' && p[10] != 't' && p[10] != ' ';
	wrong |= month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59;
	struct str rest = {p + FIXED, text.n - FIXED};
	if (wrong != 0 || second > 60 || !fraction(&rest, &ms) || !offset(&rest, &zone) ||
		rest.n != 0) {
		return false;
	}
	int64_t seconds = days_from_date(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	*wall_ms = (seconds - zone * 60) * 1000 + ms;
	return true;
}

int64_t clock_next_minute(int64_t wall_ms, int64_t minute_of_day)
{
	int64_t day = INT64_C(24) * 60 * 60 * 1000;
	int64_t at = wall_ms - wall_ms % day + minute_of_day * 60 * 1000;
	return at > wall_ms ? at : at + day;
}
