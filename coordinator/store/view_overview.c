#include "coordinator/store/dependency.h"
#include "coordinator/store/headline.h"
#include "coordinator/store/job.h"
#include "coordinator/store/store_parts.h"
#include "coordinator/store/view_build.h"
#include "coordinator/store/view_packages.h"
#include "coordinator/store/view_target.h"

#include <string.h>

enum { NEWEST_CHANGES = 20, MISSING_ROWS = 8, TREND_NIGHTS = 90 };

/* One summary a target, and the place of its letter in `words`. */
struct counting {
	struct overview_view *out;
	const struct store_target **order; /* beside out->summaries */
};

static void start_summary(const struct store_target *t, struct target_summary *out)
{
	*out = (struct target_summary){.id = t->id, .target = t->name, .family = t->family};
	for (int i = 0; i < HEADLINE_COUNT; i++) {
		out->counts[i].headline = headline_word((enum headline)i);
	}
}

static void count_packages(struct counting *c, const unsigned char *headlines, int64_t packages,
	int64_t downloads, struct str words)
{
	for (size_t i = 0; i < c->out->summary_count; i++) {
		size_t place = (size_t)c->order[i]->id - 1;
		unsigned char letter = place < words.n ? (unsigned char)words.p[place] : STANDING_NEVER;
		struct headline_count *count = &c->out->summaries[i].counts[headlines[letter]];
		count->packages += packages;
		count->downloads += downloads;
	}
}

static int count_all(struct store *s, struct counting *c, struct err *e)
{
	unsigned char headlines[256];
	int64_t downloads = 0;
	struct sql_query q;
	for (int i = 0; i < 256; i++) {
		headlines[i] = (unsigned char)headline_of_letter((char)i);
	}
	sql_start(&q, store_sql(s), SQL_VIEW_TOTALS, e);
	while (sql_row(&q)) {
		c->out->packages += sql_int(&q, 1);
		downloads += sql_int(&q, 2);
		count_packages(c, headlines, sql_int(&q, 1), sql_int(&q, 2), sql_str(&q, 0));
	}
	for (size_t i = 0; i < c->out->summary_count; i++) {
		c->out->summaries[i].packages = c->out->packages;
		c->out->summaries[i].downloads = downloads;
	}
	return sql_end(&q);
}

static int read_last_scan(struct store *s, struct overview_view *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_VIEW_LAST_SCAN, e);
	if (sql_row(&q)) {
		out->scanned = sql_int(&q, 0);
	}
	return sql_end(&q);
}

/* The default targets' points, of now and of the nights before. */
static int read_trends(
	struct store *s, const struct counting *c, struct overview_view *out, struct err *e)
{
	struct trend_point now[STORE_TARGETS];
	int code = 0;
	for (size_t k = 0; code == 0 && k < TREND_TOPS; k++) {
		memset(now, 0, sizeof(now));
		code = trend_tops[k] != 0 ? store_trend_now(s, trend_tops[k], now, STORE_TARGETS, e) : 0;
		for (size_t i = 0; i < out->summary_count; i++) {
			struct target_summary *t = &out->summaries[i];
			t->tops[k] = now[c->order[i]->id - 1];
			if (trend_tops[k] == 0) {
				t->tops[k] = (struct trend_point){
					.packages = t->packages,
					.downloads = t->downloads,
					.ready = t->counts[HEADLINE_READY].packages,
					.ready_downloads = t->counts[HEADLINE_READY].downloads,
				};
			}
		}
	}
	for (size_t i = 0; code == 0 && i < out->default_count; i++) {
		struct target_summary *t = &out->summaries[i];
		code = store_trend_list(
			s, c->order[i]->id, 0, TREND_NIGHTS, &out->arena, &t->trend, &t->trend_count, e);
	}
	return code;
}

static int read_summaries(struct store *s, struct overview_view *out, struct err *e)
{
	struct store_target *targets = NULL;
	size_t count = 0;
	int code = view_targets_ordered(s, &out->arena, &targets, &count, e);
	if (code != 0) {
		return code;
	}
	out->summaries = arena_new(&out->arena, (count + 1) * sizeof(*out->summaries));
	struct counting c = {
		.out = out,
		.order = arena_new(&out->arena, (count + 1) * sizeof(*c.order)),
	};
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count; i++) {
			if (view_target_is_default(s, &targets[i], targets, count) == (pass == 0)) {
				c.order[out->summary_count] = &targets[i];
				start_summary(&targets[i], &out->summaries[out->summary_count++]);
			}
		}
		if (pass == 0) {
			out->default_count = out->summary_count;
		}
	}
	code = count_all(s, &c, e);
	return code == 0 ? read_trends(s, &c, out, e) : code;
}

static int read_missing(struct store *s, struct overview_view *out, struct err *e)
{
	int code = 0;
	out->missing = arena_new(&out->arena, (out->default_count + 1) * sizeof(*out->missing));
	for (size_t i = 0; code == 0 && i < out->default_count; i++) {
		const struct package_query q = {
			.target = out->summaries[i].target,
			.headline = "not-ready",
			.limit = MISSING_ROWS,
		};
		code = view_packages_read(s, &q, &out->missing[i], e);
		for (size_t k = 0; code == 0 && k < out->missing[i].row_count; k++) {
			struct package_row *row = &out->missing[i].rows[k];
			struct store_waiting waiting;
			code = store_waiting_get(s, str_from(row->name), &waiting, e);
			row->waits = waiting.v[out->summaries[i].id - 1].packages;
			row->waiting_downloads = waiting.v[out->summaries[i].id - 1].downloads;
		}
	}
	return code;
}

static int read_jobs(struct store *s, struct overview_view *out, struct err *e)
{
	struct store_job_counts counts;
	int code = store_job_count(s, &counts, e);
	if (code != 0) {
		return code;
	}
	out->jobs_queued = counts.queued;
	out->jobs_leased = counts.leased;
	out->jobs_passed = counts.passed;
	out->jobs_failed = counts.failed;
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_VIEW_BUILDS_LATEST, e);
	return view_build_list(&q, &out->arena, &out->builds, &out->build_count, NULL);
}

int store_overview_view(struct store *s, struct overview_view *out, struct err *e)
{
	*out = (struct overview_view){0};
	int code = store_begin(s, e);
	if (code != 0) {
		return code;
	}
	code = read_summaries(s, out, e);
	if (code == 0) {
		code = read_last_scan(s, out, e);
	}
	if (code == 0) {
		code = store_change_newest(s, &(struct store_change_filter){0}, NEWEST_CHANGES, &out->arena,
			&out->changes, &out->change_count, e);
	}
	if (code == 0) {
		code = read_missing(s, out, e);
	}
	if (code == 0) {
		code = read_jobs(s, out, e);
	}
	store_rollback(s);
	return code;
}

void overview_view_finish(struct overview_view *v)
{
	for (size_t i = 0; v->missing != NULL && i < v->default_count; i++) {
		packages_view_finish(&v->missing[i]);
	}
	arena_finish(&v->arena);
	*v = (struct overview_view){0};
}
