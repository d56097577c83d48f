#include "coordinator/plan/plan_test.h"

#include "coordinator/plan/plan_tester.h"
#include "coordinator/store/tested.h"
#include "coordinator/store/writer.h"

#include <string.h>

/* An emulated target is installed by the builder's pip; a machine of the target's kind has its own. */
static void fill_needs(const struct plan_tester *tester, struct arena *arena, struct plan_job *out)
{
	const struct job *job = &out->job;
	bool native = strcmp(tester->executor, "native") == 0;
	const struct job_image *const images[] = {&job->tester, native ? NULL : &job->builder};
	out->needs = (struct store_needs){
		/* whoever says that it emulates does, whatever its own machine */
		.arch = native ? "aarch64" : NULL,
		.os = recipe_image_os(tester->image),
		.modes = plan_one_text(arena, job->mode),
		.targets = plan_one_text(arena, job->target.name),
	};
	out->needs.images.v = arena_new(arena, 2 * sizeof(*out->needs.images.v));
	for (size_t i = 0; i < 2; i++) {
		if (images[i] != NULL) {
			out->needs.images.v[out->needs.images.n++] =
				arena_printf(arena, "%s-%lld", images[i]->name, (long long)images[i]->revision);
		}
	}
}

/* What only a build wants. */
static void leave_out_build(struct job *job, const struct job_file *sdist, struct arena *arena)
{
	struct job_recipe *r = &job->recipe;
	struct job_file *tests = arena_new(arena, sizeof(*tests));
	bool has_tests = r->test_command.n != 0 && sdist != NULL;
	r->env.n = r->tools.n = r->libraries.n = 0;
	r->requires_add.n = r->requires_remove.n = r->config_settings.n = 0;
	r->as_target = false;
	job->tests = (struct json_objects){.v = tests};
	if (has_tests) {
		*tests = *sdist;
		job->tests.n = 1;
	} else {
		r->test_command.n = r->test_requires.n = r->patches.n = 0;
	}
}

int plan_test_make(const struct config *config, const struct plan_recipes *recipes,
	const struct plan_test *test, struct arena *arena, struct plan_job *out, struct err *e)
{
	const struct recipe_target *t =
		target_set_find(&recipes->targets, str_from(test->from->target.name));
	struct plan_tester tester = {0};
	*out = (struct plan_job){.job = *test->from};
	struct job *job = &out->job;
	int code = t != NULL
		? plan_tester_find(config, recipes, t, test->from->mode, &tester, e)
		: err_set(e, ERR_UNSUPPORTED, "there is no target %s any more", test->from->target.name);
	if (code == 0 && tester.image == NULL) {
		code = err_set(e, ERR_UNSUPPORTED, "nothing runs %s", t->pep.name);
	}
	if (code != 0) {
		return code;
	}
	leave_out_build(job, test->sdist, arena);
	job->id = 0;
	job->kind = test->kind;
	job->mode = strcmp(tester.executor, "native") == 0 ? "native" : "emulated";
	job->expect_native = test->expect_native;
	job->executor = tester.executor;
	job->tester =
		(struct job_image){.name = tester.image->name, .revision = tester.image->revision};
	job->source = *test->wheel;
	const struct plan_key key = {
		.kind = job->kind,
		.package = job->package,
		.release = job->version,
		.target = job->target.name,
		.mode = job->mode,
		/* the wheel, and what the recipe says of its tests */
		.recipe_object = arena_printf(arena, "%s %s", job->source.sha256, job->recipe.object),
		.target_object = t->object,
		.image = "",
		.tester = tester.image->name,
		.tester_revision = tester.image->revision,
		.toolchain = "",
	};
	fill_needs(&tester, arena, out);
	plan_key_hash(&key, out->key);
	return 0;
}

static int add(struct store *s, const struct store_tested *build, int64_t now,
	struct plan_job *plan, enum store_job_add *added, struct err *e)
{
	const struct store_job_new new_job = {
		.key = plan->key,
		.job = &plan->job,
		.needs = &plan->needs,
		.priority = build->priority,
		.now = now,
	};
	int code = store_job_add(s, &new_job, added, e);
	return code == 0 ? store_job_add_after(s, plan->job.id, build->job, e) : code;
}

/* ERR_UNSUPPORTED: it was to be tested in its own job, or nothing runs it. */
static int make_after(const struct config *config, const struct plan_recipes *recipes,
	const struct store_tested *build, struct arena *arena, struct plan_job *out, struct err *e)
{
	struct job from;
	const struct job_file wheel = {
		.filename = build->filename, .sha256 = build->sha256, .size = build->size};
	int code = job_read(str_from(build->spec), arena, &from, e);
	if (code == 0 && from.tester.name[0] != '\0') {
		code = err_set(e, ERR_UNSUPPORTED, "its own job was to test it");
	}
	if (code != 0) {
		return code;
	}
	const struct plan_test test = {
		.kind = "test_built",
		.from = &from,
		.wheel = &wheel,
		.sdist = &from.source,
		.expect_native = from.expect_native,
	};
	return plan_test_make(config, recipes, &test, arena, out, e);
}

int plan_test_after(const struct config *config, const struct plan_recipes *recipes,
	struct store *s, int64_t build, int64_t now, int64_t *out, struct err *e)
{
	struct arena arena = {0};
	struct store_tested wanted;
	struct plan_job plan;
	enum store_job_add added = STORE_JOB_KNOWN;
	struct err why = {0};
	struct store_job row;
	*out = 0;
	int code = store_tested_get(s, build, &arena, &wanted, &why);
	code = code == 0 ? make_after(config, recipes, &wanted, &arena, &plan, &why) : code;
	if (code == 0) {
		code = add(s, &wanted, now, &plan, &added, e);
		code = code == 0 ? store_job_get(s, plan.job.id, &arena, &row, e) : code;
		*out = code == 0 && strcmp(row.state, "queued") == 0 ? plan.job.id : 0;
	} else if (code == ERR_DATABASE) {
		err_set(e, code, "%s", why.text);
	} else {
		code = 0; /* nothing to test, or nobody who could */
	}
	arena_finish(&arena);
	return code;
}

/* --- of all builds --- */

enum { BATCH = 64 };

struct batch {
	const struct plan_options *options;
	struct plan_counts *counts;
	const int64_t *builds;
	size_t n;
	size_t added;
};

static int write_batch(struct store *s, void *user, struct err *e)
{
	struct batch *b = user;
	int code = 0;
	b->added = 0;
	for (size_t i = 0; code == 0 && i < b->n; i++) {
		int64_t job = 0;
		code = plan_test_after(
			b->options->config, b->options->recipes, s, b->builds[i], b->options->now, &job, e);
		b->added += job != 0 ? 1 : 0;
	}
	return code;
}

/* Is there a target that something runs? */
static bool has_tester(const struct plan_options *o)
{
	struct plan_tester tester = {0};
	bool found = false;
	for (size_t i = 0; !found && i < o->config->targets.n; i++) {
		const struct recipe_target *t =
			target_set_find(&o->recipes->targets, str_from(o->config->targets.v[i]));
		found = t != NULL && plan_tester_find(o->config, o->recipes, t, "", &tester, NULL) == 0 &&
			tester.image != NULL;
	}
	return found;
}

int plan_tests(const struct plan_options *options, struct plan_counts *out, struct err *e)
{
	struct arena arena = {0};
	int64_t *builds = NULL;
	size_t count = 0;
	*out = (struct plan_counts){0};
	int code =
		has_tester(options) ? store_tested_builds(options->store, &arena, &builds, &count, e) : 0;
	out->wanted = count;
	for (size_t i = 0; code == 0 && i < count; i += BATCH) {
		struct batch batch = {
			.options = options,
			.builds = builds + i,
			.n = count - i < BATCH ? count - i : BATCH,
		};
		code = store_write_wait(options->writer, write_batch, &batch, e);
		out->added += batch.added;
	}
	arena_finish(&arena);
	return code;
}
