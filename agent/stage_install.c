/* install: the wheel and its run-time requirements into a folder, from outside the target: pip of the
 * builder image, told which target it installs for, since pip inside an emulated one takes seconds. */
#include "agent/stages.h"

#include <string.h>

static bool nothing_to_run(struct job_run *run, struct step *s)
{
	if (run->tester_root == NULL) {
		s->kind = STEP_NOT_RUN;
		return true;
	}
	return false;
}

/* The image whose pip installs: the builder's, else (a published wheel) the tester's own. */
static const char *pip_root(const struct job_run *run)
{
	return run->builder_root != NULL ? run->builder_root : run->tester_root;
}

static void pip(struct job_run *run, struct step *s, const char *const *arguments, size_t n)
{
	step_in_image(run, s, pip_root(run));
	step_arg(run, s, ANY_PYTHON);
	static const char *const head[] = {"-m", "pip", "--disable-pip-version-check", "--no-input"};
	text_list_add_all(&s->sandbox.argv, &run->step_arena, head, sizeof(head) / sizeof(*head));
	text_list_add_all(&s->sandbox.argv, &run->step_arena, arguments, n);
}

/* What pip takes there, as options: it knows tags by name only, so every older floor is named. */
static void for_target(struct job_run *run, struct step *s)
{
	const struct job_target *t = &run->job->target;
	step_argf(run, s, "--python-version=%s", t->python_full);
	step_arg(run, s, "--implementation=cp");
	step_argf(run, s, "--abi=%s", t->abi);
	step_arg(run, s, "--abi=abi3");
	step_arg(run, s, "--abi=none");
	step_argf(run, s, "--platform=%s", t->platform);
	if (strcmp(t->libc, "glibc") == 0) {
		enum { GLIBC_FIRST = 17 };
		for (int64_t minor = t->glibc_minor - 1; minor >= GLIBC_FIRST; minor--) {
			step_argf(run, s, "--platform=manylinux_2_%lld_%s", (long long)minor, t->arch);
		}
		step_argf(run, s, "--platform=manylinux2014_%s", t->arch);
		step_argf(run, s, "--platform=linux_%s", t->arch);
	}
	step_arg(run, s, "--only-binary=:all:");
}

static int plan_fetch(struct job_run *run, struct step *s, struct err *e)
{
	const struct json_texts *tests = &run->job->recipe.test_requires;
	if (nothing_to_run(run, s) || run->runtime_requires.n + tests->n == 0) {
		return 0;
	}
	if (!step_can_ask(run, &run->runtime_requires)) {
		return 0;
	}
	static const char *const arguments[] = {
		"download", "--quiet", "--dest", INSIDE_RUNTIME, "--find-links", INSIDE_RUNTIME};
	pip(run, s, arguments, sizeof(arguments) / sizeof(*arguments));
	step_network(run, s);
	step_pip_cache(run, s);
	step_part(run, s, WORKSPACE_RUNTIME, true);
	for_target(run, s);
	step_arg(run, s, "--");
	text_list_add_all(
		&s->sandbox.argv, &run->step_arena, run->runtime_requires.v, run->runtime_requires.n);
	text_list_add_all(&s->sandbox.argv, &run->step_arena, tests->v, tests->n);
	return 0;
}

static enum step_next judge_fetch(struct job_run *run, const struct step_end *end)
{
	if (!step_blames_network(run, end)) {
		step_is_clean(run, end);
	}
	return STEP_ON;
}

static int plan_install(struct job_run *run, struct step *s, struct err *e)
{
	if (nothing_to_run(run, s)) {
		return 0;
	}
	static const char *const arguments[] = {"install", "--quiet", "--no-index", "--find-links",
		INSIDE_RUNTIME, "--target", INSIDE_SITE};
	pip(run, s, arguments, sizeof(arguments) / sizeof(*arguments));
	step_part(run, s, job_wheel_part(run->job), false);
	step_part(run, s, WORKSPACE_RUNTIME, false);
	step_part(run, s, WORKSPACE_SITE, true);
	for_target(run, s);
	if (run->runtime_requires.n + run->job->recipe.test_requires.n == 0) {
		step_arg(run, s, "--no-deps");
	}
	step_arg(run, s, "--");
	step_argf(run, s, "%s/%s", workspace_inside(job_wheel_part(run->job)), run->wheel);
	text_list_add_all(&s->sandbox.argv, &run->step_arena, run->job->recipe.test_requires.v,
		run->job->recipe.test_requires.n);
	return 0;
}

static const struct stage_step steps[] = {
	{plan_fetch, judge_fetch},
	{plan_install, NULL},
};
const struct stage_row stage_install_row = {STAGE_INSTALL, steps, sizeof(steps) / sizeof(*steps)};
