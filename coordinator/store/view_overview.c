#include "coordinator/store/headline.h"
#include "coordinator/store/job.h"
#include "coordinator/store/store_parts.h"
#include "coordinator/store/view_build.h"
#include "coordinator/store/view_target.h"

static int read_totals(
	struct store *s, struct overview_view *out, int64_t *downloads, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_VIEW_TOTALS, e);
	if (sql_row(&q)) {
		out->packages = sql_int(&q, 0);
		*downloads = sql_int(&q, 1);
		out->scanned = sql_int(&q, 2);
	}
	return sql_end(&q);
}

static void start_summary(const struct store_target *t, const struct overview_view *v,
	int64_t downloads, struct target_summary *out)
{
	*out = (struct target_summary){
		.target = t->name,
		.family = t->family,
		.packages = v->packages,
		.downloads = downloads,
	};
	for (int i = 0; i < HEADLINE_COUNT; i++) {
		out->counts[i].headline = headline_word((enum headline)i);
	}
	/* Those without a row yet; read_counts takes the others off. */
	out->counts[HEADLINE_UNKNOWN].packages = v->packages;
	out->counts[HEADLINE_UNKNOWN].downloads = downloads;
}

static int read_counts(
	struct store *s, struct overview_view *out, const int64_t *ids, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_VIEW_SUMMARY, e);
	while (sql_row(&q)) {
		int64_t target = sql_int(&q, 0);
		enum headline h = HEADLINE_UNKNOWN;
		(void)headline_find(sql_str(&q, 1), &h);
		for (size_t i = 0; i < out->summary_count; i++) {
			struct headline_count *counts = out->summaries[i].counts;
			if (ids[i] == target && h != HEADLINE_UNKNOWN) {
				counts[h].packages = sql_int(&q, 2);
				counts[h].downloads = sql_int(&q, 3);
				counts[HEADLINE_UNKNOWN].packages -= sql_int(&q, 2);
				counts[HEADLINE_UNKNOWN].downloads -= sql_int(&q, 3);
			}
		}
	}
	return sql_end(&q);
}

static int read_summaries(struct store *s, struct overview_view *out, struct err *e)
{
	struct store_target *targets = NULL;
	size_t count = 0;
	int64_t downloads = 0;
	int code = view_targets_ordered(s, &out->arena, &targets, &count, e);
	if (code == 0) {
		code = read_totals(s, out, &downloads, e);
	}
	if (code != 0) {
		return code;
	}
	out->summaries = arena_new(&out->arena, (count + 1) * sizeof(*out->summaries));
	int64_t *ids = arena_new(&out->arena, (count + 1) * sizeof(*ids));
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < count; i++) {
			if (view_target_is_default(s, &targets[i], targets, count) == (pass == 0)) {
				ids[out->summary_count] = targets[i].id;
				start_summary(&targets[i], out, downloads, &out->summaries[out->summary_count++]);
			}
		}
		if (pass == 0) {
			out->default_count = out->summary_count;
		}
	}
	return read_counts(s, out, ids, e);
}

static int read_changes(struct store *s, struct overview_view *out, struct err *e)
{
	VEC(struct change_view) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_VIEW_CHANGES, e);
	while (sql_row(&q)) {
		*vec_add(&list) = (struct change_view){
			.at = sql_int(&q, 0),
			.package = sql_text(&q, 1, &out->arena),
			.version = sql_text(&q, 2, &out->arena),
			.target = sql_text(&q, 3, &out->arena),
			.was = sql_text(&q, 4, &out->arena),
			.became = sql_text(&q, 5, &out->arena),
		};
	}
	out->changes = store_list_copy(&out->arena, list.v, list.n, sizeof(*list.v));
	out->change_count = list.n;
	vec_finish(&list);
	return sql_end(&q);
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
		code = read_changes(s, out, e);
	}
	if (code == 0) {
		code = read_jobs(s, out, e);
	}
	store_rollback(s);
	return code;
}

void overview_view_finish(struct overview_view *v)
{
	arena_finish(&v->arena);
	*v = (struct overview_view){0};
}
