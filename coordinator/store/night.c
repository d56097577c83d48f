#include "coordinator/store/night.h"

#include "coordinator/store/store_parts.h"
#include "coordinator/store/trend.h"
#include "core/base/clock.h"
#include "sql/db.h"

#include <string.h>

static int give_up_others(struct store *s, int64_t night, int64_t now, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_NIGHT_GIVE_UP, e);
	sql_bind_int(&q, now);
	sql_bind_int(&q, night);
	return sql_run(&q);
}

static int find_open(
	struct store *s, const char *list, int64_t now, int64_t *night, int64_t *started, struct err *e)
{
	struct sql_query q;
	*night = 0;
	sql_start(&q, store_sql(s), SQL_NIGHT_OPEN, e);
	sql_bind_text(&q, list);
	sql_bind_int(&q, now - STORE_NIGHT_CONTINUE_MS);
	if (sql_row(&q)) {
		*night = sql_int(&q, 0);
		*started = sql_int(&q, 1);
	}
	return sql_end(&q);
}

int store_night_begin(struct store *s, const char *list, int64_t asked, int64_t now, int64_t *night,
	int64_t *started, struct err *e)
{
	int code = find_open(s, list, now, night, started, e);
	if (code == 0) {
		code = give_up_others(s, *night, now, e);
	}
	if (code == 0 && *night == 0) {
		struct sql_query q;
		*started = now;
		sql_start(&q, store_sql(s), SQL_NIGHT_BEGIN, e);
		sql_bind_int(&q, now);
		sql_bind_text(&q, list);
		sql_bind_int(&q, asked);
		if (sql_row(&q)) {
			*night = sql_int(&q, 0);
		}
		code = sql_run(&q);
	}
	return code;
}

int store_night_end(struct store *s, int64_t night, int64_t received, int64_t now, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_NIGHT_END, e);
	sql_bind_int(&q, night);
	sql_bind_int(&q, now);
	sql_bind_int(&q, received);
	int code = sql_run(&q);
	return code == 0 ? store_trend_add(s, night, e) : code;
}

static void read_row(struct sql_query *q, struct arena *arena, struct store_night *out)
{
	*out = (struct store_night){
		.id = sql_int(q, 0),
		.started = sql_int(q, 1),
		.ended = sql_int(q, 2),
		.whole = sql_int(q, 3) != 0,
		.list = sql_text(q, 4, arena),
		.asked = sql_int(q, 5),
		.read = sql_int(q, 6),
		.unchanged = sql_int(q, 7),
		.absent = sql_int(q, 8),
		.bad = sql_int(q, 9),
		.failed = sql_int(q, 10),
		.received = sql_int(q, 11),
	};
}

int store_night_list(struct store *s, size_t most, struct arena *arena, struct store_night **out,
	size_t *count, struct err *e)
{
	VEC(struct store_night) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_NIGHT_LIST, e);
	sql_bind_int(&q, (int64_t)most);
	while (sql_row(&q)) {
		read_row(&q, arena, vec_add(&list));
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

/* One row of a started query, which it ends. */
static int read_one(
	struct sql_query *q, struct str word, struct arena *arena, struct store_night *out)
{
	bool found = sql_row(q);
	if (found) {
		read_row(q, arena, out);
	}
	int code = sql_end(q);
	return code == 0 && !found
		? err_set(q->e, ERR_NOT_FOUND, "%.*s: no scan ended then", STR_ARG(word))
		: code;
}

/* The end of a day that is written "2026-11-22", in wall ms. */
static bool read_day(struct str word, int64_t *end)
{
	char text[CLOCK_TEXT];
	if (word.n != 10) {
		return false;
	}
	memcpy(text, word.p, 10);
	memcpy(text + 10, "T23:59:59Z", 11);
	bool fine = clock_parse(str_from(text), end);
	*end += 999;
	return fine;
}

int store_night_find(
	struct store *s, struct str word, struct arena *arena, struct store_night *out, struct err *e)
{
	struct sql_query q;
	uint64_t id = 0;
	int64_t end = INT64_MAX;
	bool number = str_to_u64(word, &id) && id <= INT64_MAX;
	if (number) {
		sql_start(&q, store_sql(s), SQL_NIGHT_BY_ID, e);
		sql_bind_int(&q, (int64_t)id);
	} else if (str_is(word, "last") || read_day(word, &end)) {
		sql_start(&q, store_sql(s), SQL_NIGHT_BY_TIME, e);
		sql_bind_int(&q, end);
	} else {
		return err_set(e, ERR_INVALID,
			"'%.*s' is no night: a number, a date as 2026-11-22, or last", STR_ARG(word));
	}
	return read_one(&q, word, arena, out);
}

int store_night_missed(struct store *s, int64_t most, struct arena *arena,
	struct store_missed **out, size_t *count, struct err *e)
{
	VEC(struct store_missed) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_NIGHT_WAITING, e);
	sql_bind_int(&q, most);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct store_missed){
			.package = sql_text(&q, 0, arena),
			.version = sql_text(&q, 1, arena),
			.target = sql_text(&q, 2, arena),
		};
	}
	int code = sql_end(&q);
	if (code == 0) {
		sql_start(&q, store_sql(s), SQL_NIGHT_UNREAD, e);
		sql_bind_int(&q, most);
		while (sql_row(&q)) {
			*vec_add(&list) = (struct store_missed){
				.package = sql_text(&q, 0, arena),
				.problem = sql_text(&q, 1, arena),
			};
		}
		code = sql_end(&q);
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return code;
}
