#include "coordinator/store/headline.h"
#include "coordinator/store/package.h"
#include "coordinator/store/view_build.h"
#include "coordinator/store/view_release.h"

#include "core/base/vec.h"

#include <string.h>

enum { MOST_RELEASES = 40 };

static void read_target(struct sql_query *q, struct arena *arena, struct target_view *out)
{
	*out = (struct target_view){
		.target = sql_text(q, 1, arena),
		.python = sql_text(q, 2, arena),
		.free_threaded = sql_int(q, 3) != 0,
		.platform = sql_text(q, 4, arena),
		.family = sql_text(q, 5, arena),
		.headline = sql_is_null(q, 6) ? headline_word(HEADLINE_UNKNOWN) : sql_text(q, 6, arena),
		.version = sql_text(q, 7, arena),
		.since = sql_int(q, 8),
		.dependencies = "unknown",
		.published =
			{
				.state = sql_text(q, 9, arena),
				.version = sql_text(q, 10, arena),
				.file = sql_text(q, 11, arena),
				.first_version = sql_text(q, 12, arena),
				.first_date = sql_int(q, 13),
				.lost_accelerator = sql_int(q, 14) != 0,
				.emulated_alternative = sql_int(q, 15) != 0,
				.vanished = sql_text(q, 16, arena),
			},
	};
}

static int read_targets(
	struct store *s, int64_t package, struct package_view *out, int64_t **ids, struct err *e)
{
	VEC(struct target_view) list = {0};
	VEC(int64_t) id_list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_VIEW_TARGETS, e);
	sql_bind_int(&q, package);
	while (sql_row(&q)) {
		read_target(&q, &out->arena, vec_add(&list));
		*vec_add(&id_list) = sql_int(&q, 0);
	}
	out->target_count = list.n;
	out->targets = arena_new(&out->arena, (list.n + 1) * sizeof(*list.v));
	*ids = arena_new(&out->arena, (list.n + 1) * sizeof(**ids));
	for (size_t i = 0; i < list.n; i++) {
		out->targets[i] = list.v[i];
		(*ids)[i] = id_list.v[i];
	}
	vec_finish(&list);
	vec_finish(&id_list);
	return sql_end(&q);
}

/* The build to show beside a headline: the newest that is not superseded; one with a result is
 * better than one without. */
static bool better(const struct build_view *b, const struct build_view *held)
{
	if (strcmp(b->job_state, "superseded") == 0) {
		return false;
	}
	return held == NULL || (held->state == NULL && b->state != NULL);
}

static void join_builds(struct package_view *v, const int64_t *ids, const int64_t *build_targets)
{
	for (size_t t = 0; t < v->target_count; t++) {
		const struct build_view *best = NULL;
		for (size_t b = 0; b < v->build_count; b++) {
			if (build_targets[b] == ids[t] && better(&v->builds[b], best)) {
				best = &v->builds[b];
			}
		}
		if (best != NULL) {
			v->targets[t].has_build = true;
			v->targets[t].build = *best;
			v->targets[t].proven = best->proven;
		}
	}
}

static int read_builds(struct store *s, int64_t package, struct package_view *out,
	int64_t **build_targets, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_VIEW_BUILDS_OF_PACKAGE, e);
	sql_bind_int(&q, package);
	return view_build_list(&q, &out->arena, &out->builds, &out->build_count, build_targets);
}

static int read_releases(struct store *s, int64_t package, struct package_view *out, struct err *e)
{
	struct arena files_arena = {0};
	struct store_file *files = NULL;
	size_t count = 0;
	int code = store_package_files(s, package, &files_arena, &files, &count, e);
	if (code == 0) {
		view_releases(
			files, count, MOST_RELEASES, &out->arena, &out->releases, &out->release_count);
	}
	arena_finish(&files_arena);
	return code;
}

static int read_all(struct store *s, struct str name, struct package_view *out, struct err *e)
{
	struct store_package p;
	int64_t *ids = NULL;
	int64_t *build_targets = NULL;
	int code = store_package_get(s, name, &out->arena, &p, e);
	if (code != 0) {
		return code;
	}
	out->name = p.name;
	out->display = p.display != NULL ? p.display : p.name;
	out->rank = p.rank;
	out->downloads = p.downloads;
	out->scanned = p.scanned;
	out->status = p.status;
	out->newest = p.newest;
	out->newest_date = p.newest_date;
	out->problem = p.absent ? "the index has no such project" : p.problem;
	code = read_targets(s, p.id, out, &ids, e);
	if (code == 0) {
		code = read_builds(s, p.id, out, &build_targets, e);
	}
	if (code == 0) {
		join_builds(out, ids, build_targets);
		code = read_releases(s, p.id, out, e);
	}
	return code;
}

int store_package_view(struct store *s, struct str name, struct package_view *out, struct err *e)
{
	*out = (struct package_view){0};
	int code = store_begin(s, e);
	if (code == 0) {
		code = read_all(s, name, out, e);
		store_rollback(s); /* nothing was written: this only lets go of what was seen */
	}
	return code;
}

void package_view_finish(struct package_view *v)
{
	arena_finish(&v->arena);
	*v = (struct package_view){0};
}
