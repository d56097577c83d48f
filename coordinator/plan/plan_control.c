#include "coordinator/plan/plan_control.h"

#include "coordinator/store/writer.h"
#include "core/pep/target.h"

#include <string.h>

/* The job's target as the control's own machine is one. */
static int fill_target(
	const struct recipe_image *image, struct arena *arena, struct job_target *t, struct err *e)
{
	struct pep_target pep;
	char abi[16];
	int code = pep_target_parse(str_from(image->target), &pep, e);
	if (code != 0) {
		return code;
	}
	pep_target_abi(&pep, abi);
	if (strcmp(t->os, "linux") != 0) {
		/* not even one way: what the recipe does for Windows alone is in the job */
		return err_set(e, ERR_UNSUPPORTED,
			"%s is no control for %s: what passes or fails on Linux says nothing of Windows",
			image->name, t->name);
	}
	if (strcmp(t->abi, abi) != 0) {
		return err_set(e, ERR_UNSUPPORTED, "%s is no control for %s: it has another Python",
			image->name, t->name);
	}
	struct str platform = pep_target_platform(&pep);
	t->name = image->target;
	t->platform = arena_copy(arena, platform.p, platform.n);
	t->arch = arena_copy(arena, pep.arch, strlen(pep.arch));
	t->libc = "glibc";
	t->glibc_minor = pep.libc_minor;
	t->compiler_triple =
		arena_printf(arena, "%s-linux-gnu.%d.%d", pep.arch, pep.libc_major, pep.libc_minor);
	t->extension_suffix =
		arena_printf(arena, ".cpython-%s-%s-linux-gnu.so", abi + strlen("cp"), pep.arch);
	t->host_platform = arena_printf(arena, "linux-%s", pep.arch);
	return 0;
}

/* What the recipe says of our own libraries means nothing where the image has its own. */
static void leave_out_ours(struct job_recipe *r)
{
	struct job_env *env = (struct job_env *)r->env.v;
	size_t n = 0;
	for (size_t i = 0; i < r->env.n; i++) {
		if (!str_starts(str_from(env[i].value), "/wheelfarm/")) {
			env[n++] = env[i];
		}
	}
	r->env.n = n;
	r->libraries.n = 0;
	r->as_target = false;
}

int plan_control_make(const struct plan_recipes *recipes, const char *name,
	const struct store_controlled *build, struct arena *arena, struct plan_job *out, struct err *e)
{
	const struct recipe_image *image = image_set_find(&recipes->images, str_from(name));
	*out = (struct plan_job){0};
	struct job *job = &out->job;
	if (image == NULL || image->target == NULL) {
		return err_set(e, ERR_NOT_FOUND, "no image %s that is a control", name);
	}
	int code = job_read(str_from(build->spec), arena, job, e);
	if (code == 0) {
		code = fill_target(image, arena, &job->target, e);
	}
	if (code != 0) {
		return code;
	}
	leave_out_ours(&job->recipe);
	job->id = 0;
	job->kind = "control";
	job->mode = "native";
	job->toolchain = "image";
	job->executor = "native";
	job->builder = job->tester =
		(struct job_image){.name = image->name, .revision = image->revision};
	const struct plan_key key = {
		.kind = job->kind,
		.package = job->package,
		.release = job->version,
		.target = job->target.name,
		.mode = job->mode,
		.recipe_object = build->key, /* all that made the build what it is */
		.target_object = "",
		.image = image->name,
		.image_revision = image->revision,
		.tester = image->name,
		.tester_revision = image->revision,
		.toolchain = job->toolchain,
	};
	plan_key_hash(&key, out->key);
	const char *needed = arena_printf(arena, "%s-%lld", image->name, (long long)image->revision);
	out->needs = (struct store_needs){
		.arch = job->target.arch,
		.os = job->target.os,
		.modes = plan_one_text(arena, job->mode),
		.toolchains = plan_one_text(arena, job->toolchain),
		.images = plan_one_text(arena, needed),
	};
	return 0;
}

struct adding {
	const struct plan_options *options;
	const struct store_controlled *build;
	struct plan_job *plan;
	enum store_job_add added;
};

static int add(struct store *s, void *user, struct err *e)
{
	struct adding *a = user;
	const struct store_job_new new_job = {
		.key = a->plan->key,
		.job = &a->plan->job,
		.needs = &a->plan->needs,
		.for_target = a->build->target,
		.priority = a->build->priority,
		.now = a->options->now,
	};
	int code = store_job_add(s, &new_job, &a->added, e);
	return code == 0 ? store_job_add_after(s, a->plan->job.id, a->build->job, e) : code;
}

int plan_controls(const struct plan_options *options, struct plan_counts *out, struct err *e)
{
	struct arena arena = {0};
	struct store_controlled *builds = NULL;
	size_t count = 0;
	*out = (struct plan_counts){0};
	if (options->config->control == NULL) {
		return 0;
	}
	int code = store_control_wanted(options->store, &arena, &builds, &count, e);
	for (size_t i = 0; code == 0 && i < count; i++) {
		struct plan_job plan;
		struct err why = {0};
		struct adding one = {.options = options, .build = &builds[i], .plan = &plan};
		int made = plan_control_make(
			options->recipes, options->config->control, &builds[i], &arena, &plan, &why);
		if (made == ERR_UNSUPPORTED) {
			continue;
		}
		out->wanted++;
		if (made != 0) {
			out->failed++;
			if (options->on_report != NULL) {
				options->on_report(options->user, why.text);
			}
			continue;
		}
		code = store_write_wait(options->writer, add, &one, e);
		if (code == 0) {
			*(one.added == STORE_JOB_ADDED ? &out->added : &out->known) += 1;
		}
	}
	arena_finish(&arena);
	return code;
}
