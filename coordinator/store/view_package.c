#include "coordinator/store/dependency.h"
#include "coordinator/store/headline.h"
#include "coordinator/store/package.h"
#include "coordinator/store/published.h"
#include "coordinator/store/standing.h"
#include "coordinator/store/store_parts.h"
#include "coordinator/store/target.h"
#include "coordinator/store/view_build.h"
#include "coordinator/store/view_recipe.h"
#include "coordinator/store/view_release.h"
#include "coordinator/store/view_wheel.h"
#include "coordinator/store/with_built.h"

#include "core/base/vec.h"

#include <string.h>

enum { MOST_RELEASES = 40, MOST_CHANGES = 12 };

static void add_published(const struct store_published *p, struct published_view *out)
{
	*out = (struct published_view){
		.state = p->state,
		.version = p->version,
		.file = p->file,
		.first_version = p->first_version,
		.first_date = p->first_date,
		.lost_accelerator = p->lost_accelerator,
		.emulated_alternative = p->emulated_alternative,
		.vanished = p->vanished,
		.newest_version = p->newest_version,
		.newest_date = p->newest_date,
		.behind = p->behind,
	};
}

static struct target_view start_target(
	const struct store_target *t, const struct store_pair *pair, struct str with_built)
{
	uint64_t place = (uint64_t)t->id - 1;
	bool asked = place < with_built.n && with_built.p[place] != WITH_BUILT_SAME;
	return (struct target_view){
		.target = t->name,
		.python = t->python,
		.free_threaded = t->free_threaded,
		.platform = t->platform,
		.family = t->family,
		.headline = headline_word(headline_of_letter(pair->word)),
		.since = pair->since,
		.dependencies = store_dependency_word(pair->dependencies),
		.with_built = store_dependency_word(asked ? with_built.p[place] : pair->dependencies),
		.published = {.behind = -1},
	};
}

/* To each target that the row is of. */
static void add_blocker(const struct store_blocker *row, const struct store_waiting *waiting,
	const int64_t *ids, struct package_view *out)
{
	for (size_t t = 0; t < out->target_count; t++) {
		struct target_view *view = &out->targets[t];
		if (store_targets_has(row->targets, ids[t])) {
			view->blockers[view->blocker_count++] = (struct blocker_view){
				.name = row->root,
				.version = row->version,
				.headline = headline_word(headline_of_letter(row->words[ids[t] - 1])),
				.reason = row->reason,
				.path = row->path,
				.waits = waiting->v[ids[t] - 1].packages,
			};
		}
	}
}

/* What blocks it, target by target; each root with how many packages wait for it there. */
static int read_blockers(
	struct store *s, int64_t package, struct package_view *out, const int64_t *ids, struct err *e)
{
	struct store_blocker *rows = NULL;
	size_t count = 0;
	int code = store_blocker_list(s, package, &out->arena, &rows, &count, e);
	for (size_t t = 0; code == 0 && count != 0 && t < out->target_count; t++) {
		out->targets[t].blockers =
			arena_new(&out->arena, count * sizeof(*out->targets[t].blockers));
	}
	for (size_t i = 0; code == 0 && i < count; i++) {
		struct store_waiting waiting;
		code = store_waiting_get(s, str_from(rows[i].root), &waiting, e);
		if (code == 0) {
			add_blocker(&rows[i], &waiting, ids, out);
		}
	}
	return code;
}

static int read_targets(
	struct store *s, int64_t package, struct package_view *out, int64_t **ids, struct err *e)
{
	struct arena *arena = &out->arena;
	struct store_target *targets = NULL;
	struct store_published *facts = NULL;
	struct wheel_view *wheels = NULL;
	struct store_standing standing;
	struct str with_built = {0};
	size_t count = 0, fact_count = 0, fact = 0, wheel_count = 0;
	int code = store_target_list(s, arena, &targets, &count, e);
	if (code == 0) {
		code = store_published_list(s, package, arena, &facts, &fact_count, e);
	}
	if (code == 0) {
		code = store_standing_words(s, package, &standing, e);
	}
	if (code == 0) {
		code = store_with_built_letters(s, package, arena, &with_built, e);
	}
	if (code == 0) {
		code = view_wheels_read(s, package, arena, &wheels, &wheel_count, e);
	}
	if (code != 0) {
		return code;
	}
	out->target_count = count;
	out->targets = arena_new(arena, (count + 1) * sizeof(*out->targets));
	*ids = arena_new(arena, (count + 1) * sizeof(**ids));
	for (size_t i = 0; i < count; i++) {
		out->targets[i] = start_target(&targets[i], &standing.v[targets[i].id - 1], with_built);
		(*ids)[i] = targets[i].id;
		if (fact < fact_count && facts[fact].target == targets[i].id) { /* both by name */
			out->targets[i].wheel = view_wheel_find(wheels, wheel_count, facts[fact].file_sha256);
			add_published(&facts[fact++], &out->targets[i].published);
		}
	}
	return read_blockers(s, package, out, *ids, e);
}

/* The release that a headline speaks of: the one that was built, the published one, else the newest. */
static void choose_versions(struct package_view *v)
{
	for (size_t i = 0; i < v->target_count; i++) {
		struct target_view *t = &v->targets[i];
		if (strcmp(t->headline, headline_word(HEADLINE_NOT_APPLICABLE)) == 0) {
			t->version = NULL;
		} else if (strcmp(t->headline, headline_word(HEADLINE_BUILDS)) == 0 && t->has_build) {
			t->version = t->build.version;
		} else {
			t->version = t->published.version != NULL ? t->published.version : v->newest;
		}
	}
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

/* The newest test of a build's wheel. */
static const struct build_view *test_of(const struct package_view *v, int64_t build)
{
	for (size_t i = 0; i < v->build_count; i++) {
		const struct build_view *run = &v->builds[i];
		if (run->after == build && strcmp(run->kind, "test_built") == 0 &&
			strcmp(run->job_state, "superseded") != 0) {
			return run;
		}
	}
	return NULL;
}

static void join_builds(struct package_view *v, const int64_t *ids, const int64_t *build_targets)
{
	for (size_t t = 0; t < v->target_count; t++) {
		const struct build_view *best = NULL, *tested = NULL;
		for (size_t b = 0; b < v->build_count; b++) {
			const struct build_view *run = &v->builds[b];
			if (build_targets[b] != ids[t]) {
				continue;
			}
			if (strcmp(run->kind, "test_published") == 0) {
				tested = tested == NULL && run->state != NULL ? run : tested;
			} else if (strcmp(run->kind, "test_built") != 0 && better(run, best)) {
				best = run;
			}
		}
		v->targets[t].tested = tested;
		if (best != NULL) {
			v->targets[t].has_build = true;
			v->targets[t].build = *best;
			v->targets[t].proven = best->proven;
			v->targets[t].test = test_of(v, best->job);
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
	struct sql_query q;
	int code = 0;
	sql_start(&q, store_sql(s), SQL_FILE_PACK_GET, e);
	sql_bind_int(&q, package);
	if (sql_row(&q)) {
		code = view_releases(
			sql_blob(&q, 0), MOST_RELEASES, &out->arena, &out->releases, &out->release_count, e);
	}
	int ended = sql_end(&q);
	return code != 0 ? code : ended;
}

/* What it needs, and who needs it and cannot have it. */
static int read_neighbours(struct store *s, int64_t id, struct package_view *out, struct err *e)
{
	VEC(struct need_view) needs = {0};
	VEC(const char *) waiting = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_DEPENDENCY_NEEDS, e);
	sql_bind_int(&q, id);
	while (sql_row(&q)) {
		*vec_add(&needs) = (struct need_view){sql_text(&q, 0, &out->arena), sql_int(&q, 1) != 0};
	}
	int code = sql_end(&q);
	if (code == 0) {
		sql_start(&q, store_sql(s), SQL_DEPENDENCY_HELD, e);
		sql_bind_text(&q, out->name);
		while (sql_row(&q)) {
			*vec_add(&waiting) = sql_text(&q, 0, &out->arena);
			out->waits = sql_int(&q, 1);
		}
		code = sql_end(&q);
	}
	out->needs = store_list_copy(&out->arena, needs.v, needs.n, sizeof(*needs.v));
	out->need_count = needs.n;
	out->waiting = store_list_copy(&out->arena, waiting.v, waiting.n, sizeof(*waiting.v));
	out->waiting_count = waiting.n;
	vec_finish(&needs);
	vec_finish(&waiting);
	return code;
}

/* What stands on each target; *id is the package's. */
static int read_standing(
	struct store *s, struct str name, struct package_view *out, int64_t *id, struct err *e)
{
	struct store_package p;
	int64_t *ids = NULL;
	int64_t *build_targets = NULL;
	int code = store_package_get(s, name, &out->arena, &p, e);
	if (code != 0) {
		return code;
	}
	*id = p.id;
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
		choose_versions(out);
	}
	return code;
}

static int read_more(struct store *s, int64_t id, struct package_view *out, struct err *e)
{
	int code = 0;
	if (out->build_count != 0) {
		code = view_recipe_read(s, out->builds[0].job, &out->arena, &out->recipe, e);
	}
	if (code == 0) {
		code = read_releases(s, id, out, e);
	}
	if (code == 0) {
		code = read_neighbours(s, id, out, e);
	}
	if (code == 0) {
		code = store_change_newest(s, &(struct store_change_filter){.package = id}, MOST_CHANGES,
			&out->arena, &out->changes, &out->change_count, e);
	}
	return code;
}

static int read_view(
	struct store *s, struct str name, bool whole, struct package_view *out, struct err *e)
{
	int64_t id = 0;
	*out = (struct package_view){0};
	int code = store_begin(s, e);
	if (code == 0) {
		code = read_standing(s, name, out, &id, e);
		code = code == 0 && whole ? read_more(s, id, out, e) : code;
		store_rollback(s); /* nothing was written: this only lets go of what was seen */
	}
	return code;
}

int store_package_view(struct store *s, struct str name, struct package_view *out, struct err *e)
{
	return read_view(s, name, true, out, e);
}

int store_package_standing(
	struct store *s, struct str name, struct package_view *out, struct err *e)
{
	return read_view(s, name, false, out, e);
}

void package_view_finish(struct package_view *v)
{
	arena_finish(&v->arena);
	*v = (struct package_view){0};
}
