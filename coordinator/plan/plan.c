#include "coordinator/plan/plan.h"

#include "coordinator/plan/plan_test.h"
#include "coordinator/store/published.h"
#include "coordinator/store/target.h"
#include "coordinator/store/writer.h"
#include "coordinator/verdict/published.h"
#include "core/base/clock.h"

#include <stdlib.h>
#include <string.h>

/* Jobs that go into one transaction. */
enum {
	BATCH = 256,
	JOBS_MOST = 4, /* of a pair: three modes, a test */
	PRIORITY_UNRANKED = 1000000,
};

int plan_recipes_load(const char *folder, struct plan_recipes *out, struct err *e)
{
	*out = (struct plan_recipes){0};
	int code = recipe_tree_open(folder, &out->tree, e);
	if (code == 0) {
		code = target_set_load(folder, &out->targets, e);
	}
	if (code == 0) {
		code = image_set_load(folder, &out->images, e);
	}
	if (code == 0) {
		code = recipe_set_load(folder, &out->recipes, e);
	}
	if (code == 0) {
		code = scope_load(folder, &out->scope, e);
	}
	return code;
}

void plan_recipes_finish(struct plan_recipes *r)
{
	recipe_tree_finish(&r->tree);
	target_set_finish(&r->targets);
	image_set_finish(&r->images);
	recipe_set_finish(&r->recipes);
	scope_finish(&r->scope);
}

struct batch_job {
	struct plan_job *plan;
	int64_t priority;
	enum store_job_add added;
};

struct planning {
	const struct plan_options *options;
	struct plan_counts *counts;
	struct arena arena; /* of the jobs of the batch */
	struct batch_job jobs[BATCH];
	size_t job_count;
};

/* One package, read once for all its targets. */
struct package_facts {
	struct arena arena;
	struct store_package package;
	struct store_file *files;
	size_t file_count;
	struct published *published;
	struct published_file *published_files;
	const struct recipe *recipe;
	const char *recipe_problem;
};

static void report(const struct planning *p, const char *package, const char *what)
{
	if (p->options->on_report != NULL) {
		char *line = str_format("%s: %s", package, what);
		p->options->on_report(p->options->user, line);
		free(line);
	}
}

static int write_batch(struct store *s, void *user, struct err *e)
{
	struct planning *p = user;
	for (size_t i = 0; i < p->job_count; i++) {
		struct batch_job *b = &p->jobs[i];
		const struct store_job_new new_job = {
			.key = b->plan->key,
			.job = &b->plan->job,
			.needs = &b->plan->needs,
			.priority = b->priority,
			.now = p->options->now,
		};
		int code = store_job_add(s, &new_job, &b->added, e);
		if (code != 0) {
			return code;
		}
	}
	return 0;
}

static int flush(struct planning *p, struct err *e)
{
	int code = 0;
	if (p->job_count != 0) {
		code = store_write_wait(p->options->writer, write_batch, p, e);
	}
	for (size_t i = 0; code == 0 && i < p->job_count; i++) {
		bool added = p->jobs[i].added == STORE_JOB_ADDED;
		if (strcmp(p->jobs[i].plan->job.kind, "build") != 0) {
			p->counts->tests += added ? 1 : 0;
		} else {
			*(added ? &p->counts->added : &p->counts->known) += 1;
		}
	}
	p->job_count = 0;
	arena_finish(&p->arena);
	p->arena = (struct arena){0};
	return code;
}

static void facts_finish(struct package_facts *f)
{
	published_destroy(f->published);
	free(f->published_files);
	arena_finish(&f->arena);
}

/* ERR_NOT_FOUND: never scanned. */
static int facts_read(
	const struct planning *p, const char *name, struct package_facts *f, struct err *e)
{
	struct store *s = p->options->store;
	*f = (struct package_facts){0};
	int code = store_package_get(s, str_from(name), &f->arena, &f->package, e);
	if (code == 0) {
		code = store_package_files(s, f->package.id, &f->arena, &f->files, &f->file_count, e);
	}
	if (code != 0) {
		return code;
	}
	f->published_files = mem_new(f->file_count + 1, sizeof(*f->published_files));
	for (size_t i = 0; i < f->file_count; i++) {
		f->published_files[i] = (struct published_file){
			.filename = f->files[i].filename,
			.requires_python = f->files[i].requires_python,
			.yanked = f->files[i].yanked,
		};
	}
	f->published = published_create(str_from(f->package.name), f->published_files, f->file_count);
	f->recipe = recipe_set_find(
		&p->options->recipes->recipes, str_from(f->package.name), &f->recipe_problem);
	return 0;
}

/* Is there something to build that the config asks for? */
static bool is_wanted(const struct config *config, const struct published_fact *fact)
{
	if (fact->state == PUBLISHED_NOT_APPLICABLE || fact->state == PUBLISHED_PYTHON_EXCLUDED) {
		return false;
	}
	bool has_wheel = fact->state == PUBLISHED_WHEEL ||
		(fact->state == PUBLISHED_PURE && !fact->lost_accelerator);
	return config->build == CONFIG_BUILD_ALL || !has_wheel;
}

static void plan_build(struct planning *p, const struct plan_pair *pair, int64_t priority)
{
	struct plan_job *job = arena_new(&p->arena, sizeof(*job));
	struct err why = {0};
	if (plan_job_make(pair, &p->arena, job, &why) != 0) {
		p->counts->failed++;
		report(p, pair->package, why.text);
		return;
	}
	p->jobs[p->job_count++] = (struct batch_job){.plan = job, .priority = priority};
}

/* The file that pip would take there, with the tests of its release's sdist. */
static void plan_published(struct planning *p, const struct package_facts *f, struct plan_pair pair,
	const struct published_fact *fact, int64_t priority)
{
	struct plan_job build, *test = arena_new(&p->arena, sizeof(*test));
	struct job_file sdist = {0};
	struct err why = {0};
	pair.version = arena_copy(&p->arena, fact->version.p, fact->version.n);
	pair.recipe = f->recipe != NULL && recipe_admits(f->recipe, fact->version) ? f->recipe : NULL;
	bool has_tests = pair.recipe != NULL && pair.recipe->test_command.n != 0 &&
		fact->sdist_file != NULL && str_equal(fact->sdist_version, fact->version);
	if (has_tests) {
		pair.sdist = &f->files[fact->sdist_file - f->published_files];
		has_tests = plan_job_make(&pair, &p->arena, &build, &why) == 0;
		sdist = build.job.source;
	}
	pair.sdist = &f->files[fact->file - f->published_files];
	int code = plan_job_make(&pair, &p->arena, &build, &why);
	const struct plan_test asked = {
		.kind = "test_published",
		.from = &build.job,
		.wheel = &build.job.source,
		.sdist = has_tests ? &sdist : NULL,
		.expect_native = fact->state == PUBLISHED_WHEEL &&
			str_find_text(fact->file->filename, STR("-none-")) < 0,
	};
	if (code == 0) {
		code =
			plan_test_make(p->options->config, p->options->recipes, &asked, &p->arena, test, &why);
	}
	if (code == 0) {
		p->jobs[p->job_count++] = (struct batch_job){.plan = test, .priority = priority};
	} else if (code != ERR_UNSUPPORTED) {
		p->counts->failed++;
		report(p, pair.package, why.text);
	}
}

static int plan_pair(struct planning *p, struct package_facts *f, const struct recipe_target *t,
	int64_t priority, struct err *e)
{
	const struct plan_options *o = p->options;
	struct str target = str_from(t->pep.name);
	struct published_fact fact;
	p->counts->wanted++;
	const struct pep_target *asked = &t->pep;
	published_facts(f->published, &asked, 1, &fact);
	if (scope_find(&o->recipes->scope, str_from(f->package.name), target) != NULL) {
		fact.state = PUBLISHED_NOT_APPLICABLE;
	}
	char today[CLOCK_TEXT];
	clock_text(o->now, today);
	today[strlen("YYYY-MM-DD")] = '\0';
	bool skip = f->recipe != NULL && recipe_skip_find(f->recipe, target, today) != NULL;
	const struct recipe_build *way = target_set_build(&o->recipes->targets, t, NULL);
	bool build = t->build_count != 0 && is_wanted(o->config, &fact);
	bool test = o->config->test_published &&
		(fact.state == PUBLISHED_WHEEL || fact.state == PUBLISHED_PURE);
	if (skip || way == NULL || (!build && !test)) {
		p->counts->skipped++;
		return 0;
	}
	if (f->recipe_problem != NULL) {
		p->counts->failed++;
		report(p, f->package.name, f->recipe_problem);
		return 0;
	}
	struct plan_pair pair = {
		.config = o->config,
		.recipes = o->recipes,
		.blobs = o->blobs,
		.package = arena_copy(&p->arena, f->package.name, strlen(f->package.name)),
		.target = t,
		.build = way,
	};
	if (test) {
		plan_published(p, f, pair, &fact, priority);
	}
	if (!build || fact.sdist_file == NULL) {
		*(build ? &p->counts->no_sdist : &p->counts->skipped) += 1;
		return p->job_count + JOBS_MOST > BATCH ? flush(p, e) : 0;
	}
	pair.version = arena_copy(&p->arena, fact.sdist_version.p, fact.sdist_version.n);
	pair.sdist = &f->files[fact.sdist_file - f->published_files];
	pair.recipe =
		f->recipe != NULL && recipe_admits(f->recipe, fact.sdist_version) ? f->recipe : NULL;
	pair.expect_native = published_compiled(f->published, fact.sdist_version);
	size_t ways = o->config->modes.n != 0 ? o->config->modes.n : 1;
	for (size_t i = 0; i < ways; i++) {
		pair.build = recipe_target_build(t, o->config->modes.n != 0 ? o->config->modes.v[i] : NULL);
		if (pair.build != NULL) {
			plan_build(p, &pair, priority);
		}
	}
	return p->job_count + JOBS_MOST > BATCH ? flush(p, e) : 0;
}

static int plan_package(
	struct planning *p, const struct package_item *item, size_t place, struct err *e)
{
	const struct config *config = p->options->config;
	struct package_facts facts;
	struct err why = {0};
	int code = facts_read(p, item->name, &facts, &why);
	if (code == ERR_NOT_FOUND) {
		code = 0;
		p->counts->wanted += config->targets.n;
		p->counts->skipped += config->targets.n;
		report(p, item->name, "not scanned yet");
		goto out;
	}
	if (code != 0) {
		err_set(e, code, "%s", why.text);
		goto out;
	}
	int64_t priority =
		facts.package.rank != 0 ? facts.package.rank : PRIORITY_UNRANKED + (int64_t)place;
	for (size_t i = 0; code == 0 && i < config->targets.n; i++) {
		const struct recipe_target *t =
			target_set_find(&p->options->recipes->targets, str_from(config->targets.v[i]));
		if (t != NULL) { /* config_load refused those that are not there */
			code = plan_pair(p, &facts, t, priority, e);
		}
	}
out:
	facts_finish(&facts);
	return code;
}

/* Targets that nothing can build here are said once, not once a package. */
static void report_targets(const struct planning *p)
{
	const struct config *config = p->options->config;
	for (size_t i = 0; i < config->targets.n; i++) {
		const struct recipe_target *t =
			target_set_find(&p->options->recipes->targets, str_from(config->targets.v[i]));
		if (t != NULL && t->build_count == 0) {
			report(p, t->pep.name, "no image and toolchain build this target; scanned only");
		}
	}
}

int plan_run(const struct plan_options *options, struct plan_counts *out, struct err *e)
{
	struct planning *p = MEM_NEW(struct planning);
	*out = (struct plan_counts){0};
	p->options = options;
	p->counts = out;
	report_targets(p);
	int code = 0;
	for (size_t i = 0; code == 0 && i < options->config->packages.n; i++) {
		if (options->stop != NULL && atomic_load(options->stop)) {
			code = err_set(e, ERR_CANCELLED, "planning was stopped");
			break;
		}
		code = plan_package(p, &options->config->packages.v[i], i, e);
	}
	int flushed = flush(p, code == 0 ? e : NULL);
	code = code != 0 ? code : flushed;
	free(p);
	return code;
}
