#include "coordinator/store/view_farm.h"

#include "coordinator/store/store_parts.h"
#include "sql/db.h"

#include <stdlib.h>

#define DAY_MS INT64_C(86400000)

/* What each did last that was its own or the farm's fault. */
static int read_faults(struct store *s, struct farm_view *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_FARM_FAULTS, e);
	while (sql_row(&q)) {
		size_t i = 0;
		while (i < out->agent_count && out->agents[i].agent.id != sql_int(&q, 0)) {
			i++;
		}
		if (i < out->agent_count && out->agents[i].fault_at == 0) {
			out->agents[i].fault_reason = sql_text(&q, 1, &out->arena);
			out->agents[i].fault_line = sql_text(&q, 2, &out->arena);
			out->agents[i].fault_at = sql_int(&q, 3);
		}
	}
	return sql_end(&q);
}

static int read_agents(struct store *s, struct farm_view *out, struct err *e)
{
	struct store_agent *agents;
	size_t count = 0;
	int code = store_agent_list(s, &out->arena, &agents, &count, e);
	out->agents = arena_new(&out->arena, (count + 1) * sizeof(*out->agents));
	for (size_t i = 0; code == 0 && i < count; i++) {
		if (agents[i].state != STORE_AGENT_REVOKED) {
			out->agents[out->agent_count++].agent = agents[i];
		}
	}
	return code;
}

static int read_leases(struct store *s, struct farm_view *out, struct err *e)
{
	VEC(struct farm_lease) list = {0};
	struct arena *arena = &out->arena;
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_FARM_LEASES, e);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct farm_lease){
			.agent = sql_int(&q, 0),
			.job = sql_int(&q, 1),
			.package = sql_text(&q, 2, arena),
			.version = sql_text(&q, 3, arena),
			.target = sql_text(&q, 4, arena),
			.mode = sql_text(&q, 5, arena),
			.stage = sql_text(&q, 6, arena),
			.granted = sql_int(&q, 7),
			.kind = sql_text(&q, 8, arena),
		};
	}
	out->leases = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	out->lease_count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

static int read_queue(struct store *s, struct farm_view *out, struct err *e)
{
	VEC(struct farm_queue) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_FARM_QUEUE, e);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct farm_queue){
			.target = sql_text(&q, 0, &out->arena),
			.queued = sql_int(&q, 1),
			.leased = sql_int(&q, 2),
		};
	}
	out->queue = store_list_copy(&out->arena, list.v, list.n, sizeof(*list.v));
	out->queue_count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

static int owner_of(struct str word)
{
	int i = REASON_PACKAGE;
	while (i < REASON_NOBODY && !str_is(word, reason_owner_name((enum reason_owner)i))) {
		i++;
	}
	return i;
}

/* The place of a day; FARM_DAYS: there is no room for it. */
static size_t day_of(struct farm_view *out, int64_t start)
{
	size_t i = 0;
	while (i < out->day_count && out->days[i].start != start) {
		i++;
	}
	if (i == out->day_count && i < FARM_DAYS) {
		out->days[out->day_count++] = (struct farm_day){.start = start};
	}
	return i;
}

static int compare_reasons(const void *a, const void *b)
{
	const struct farm_reason *x = a, *y = b;
	if (x->total != y->total) {
		return x->total > y->total ? -1 : 1;
	}
	return (int)x->reason - (int)y->reason;
}

static void count_failure(struct sql_query *q, struct farm_view *out, size_t day)
{
	enum reason reason;
	out->days[day].failed[owner_of(sql_str(q, 1))]++;
	if (!reason_find(sql_str(q, 2), &reason)) {
		reason = REASON_CODE_UNKNOWN;
	}
	out->reasons[reason].reason = reason;
	out->reasons[reason].days[day]++;
	out->reasons[reason].total++;
}

/* Results are read from the newest on, so that days come one after the other. */
static int read_days(struct store *s, struct farm_view *out, struct err *e)
{
	struct sql_query q;
	out->reasons = arena_new(&out->arena, REASON_COUNT * sizeof(*out->reasons));
	sql_start(&q, store_sql(s), SQL_FARM_RESULTS, e);
	while (sql_row(&q)) {
		size_t day = day_of(out, sql_int(&q, 0) * DAY_MS);
		if (day == FARM_DAYS) {
			break;
		}
		if (sql_is_null(&q, 1)) {
			out->days[day].passed++;
		} else {
			count_failure(&q, out, day);
		}
	}
	qsort(out->reasons, REASON_COUNT, sizeof(*out->reasons), compare_reasons);
	while (out->reason_count < REASON_COUNT && out->reasons[out->reason_count].total != 0) {
		out->reason_count++;
	}
	return sql_end(&q);
}

int store_farm_view(struct store *s, struct farm_view *out, struct err *e)
{
	static int (*const steps[])(struct store *, struct farm_view *, struct err *) = {
		read_agents, read_faults, read_leases, read_queue, read_days};
	*out = (struct farm_view){0};
	int code = store_begin(s, e);
	if (code != 0) {
		return code;
	}
	for (size_t i = 0; code == 0 && i < sizeof(steps) / sizeof(*steps); i++) {
		code = steps[i](s, out, e);
	}
	store_rollback(s);
	return code;
}

void farm_view_finish(struct farm_view *v)
{
	arena_finish(&v->arena);
	*v = (struct farm_view){0};
}
