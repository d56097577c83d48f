/* test: the recipe's command, in the tester image, with the wheel installed and the source beside. */
#include "agent/executor.h"
#include "agent/stages.h"
#include "agent/test_count.h"

#include <string.h>

static bool has_tests(const struct job_run *run)
{
	/* of a wheel whose bytes are wrong an import says enough */
	return run->job->recipe.test_command.n != 0 && run->executor[0] != '\0' &&
		!run->executor_limit && !run->failed;
}

/* With `test.sources` the tests lie alone, so that nothing but the installed wheel can be imported. */
static int plan_sources(struct job_run *run, struct step *s, struct err *e)
{
	const struct json_texts *sources = &run->job->recipe.test_sources;
	if (!has_tests(run) || sources->n == 0 || run->source_dir == NULL) {
		return 0;
	}
	step_of_ours(run, s, "tests");
	step_part(run, s, WORKSPACE_SRC, false);
	step_part(run, s, WORKSPACE_TESTS, true);
	step_arg(run, s, run->source_dir);
	step_arg(run, s, workspace_inside(WORKSPACE_TESTS));
	text_list_add_all(&s->sandbox.argv, &run->step_arena, sources->v, sources->n);
	return 0;
}

static int plan_test(struct job_run *run, struct step *s, struct err *e)
{
	const struct json_texts *command = &run->job->recipe.test_command;
	const struct json_objects *env = &run->job->recipe.test_env;
	bool alone = run->job->recipe.test_sources.n != 0 && run->source_dir != NULL;
	step_in_image(run, s, run->tester_root);
	step_foreign(run, s);
	step_part(run, s, WORKSPACE_SITE, false);
	step_part(run, s, alone ? WORKSPACE_TESTS : WORKSPACE_SRC, true);
	s->sandbox.cwd = alone        ? workspace_inside(WORKSPACE_TESTS)
		: run->source_dir != NULL ? run->source_dir
								  : "/tmp";
	step_env(run, s, "PYTHONPATH=" INSIDE_SITE);
	step_env(run, s, "PYTHONSAFEPATH=1"); /* not the package beside its tests, but the wheel's */
	step_env(run, s, "PATH=" INSIDE_SITE "/bin:/usr/local/bin:/usr/bin:/bin");
	for (size_t i = 0; i < env->n; i++) {
		const struct job_env *one = (const struct job_env *)env->v + i;
		step_env(run, s, "%s=%s", one->name, one->value);
	}
	for (size_t i = 0; i < command->n; i++) {
		/* "python" is the target's, whatever the image calls it */
		bool python = i == 0 && strcmp(command->v[i], "python") == 0;
		step_arg(run, s, python ? step_tester_python(run) : command->v[i]);
	}
	return 0;
}

/* As in the stage import: a stand-in that stops says nothing of the wheel. */
static bool gave_up(struct job_run *run, const struct step_end *end, struct str output)
{
	struct buf why = {0};
	/* pytest's own are 0 to 5, and it ends with 5 only after these words */
	int own = str_find_text(output, STR("no tests ran")) >= 0 ? 5 : 4;
	bool is_limit = executor_gave_up(executor_find(run->executor), output,
		end->signaled ? -end->signal : end->exit_code, own, &why);
	run->executor_limit = run->executor_limit || is_limit;
	if (is_limit && job_is_wheel(run->job)) {
		job_run_fail(run, REASON_CODE_EXECUTOR_LIMIT, "the tests: %s", why.p);
	}
	buf_finish(&why);
	return is_limit;
}

static enum step_next judge_test(struct job_run *run, const struct step_end *end)
{
	struct buf output = {0};
	struct test_count count;
	job_run_step_output(run, &output);
	test_count_read(buf_view(&output), &count);
	run->tests_passed = count.passed;
	run->tests_failed = count.failed;
	run->tests_skipped = count.skipped;
	int64_t ran = count.passed + count.failed;
	enum { PYTEST_FAILED = 1, PYTEST_NO_TESTS = 5 };
	if (gave_up(run, end, buf_view(&output))) {
		buf_finish(&output);
		return STEP_ON;
	}
	if (end->signaled) {
		job_run_fail(run, REASON_CODE_CRASH, "the tests ended by signal %d (%s)", end->signal,
			strsignal(end->signal));
	} else if (end->exit_code == PYTEST_NO_TESTS && ran == 0) {
		job_run_fail(run, REASON_CODE_NO_TESTS, "no tests were found");
	} else if (end->exit_code != 0 && count.failed != 0 &&
		(count.passed != 0 || end->exit_code == PYTEST_FAILED)) {
		job_run_fail(run, REASON_CODE_TEST_FAILED, "%.*s", STR_ARG(count.first));
	} else if (end->exit_code != 0) {
		/* no test was reached: whether they or the recipe's command are to blame, the rules say */
		job_run_fail(run, REASON_NONE, "%s", "");
	} else if (run->tests_passed <
		(run->job->recipe.min_tests > 1 ? run->job->recipe.min_tests : 1)) {
		job_run_fail(run, REASON_CODE_NO_TESTS, "%lld tests passed, the recipe asks for %lld",
			(long long)run->tests_passed, (long long)run->job->recipe.min_tests);
	}
	buf_finish(&output);
	return STEP_ON;
}

static int plan_begin(struct job_run *run, struct step *s, struct err *e)
{
	if (!has_tests(run)) {
		s->kind = STEP_NOT_RUN;
	}
	return 0;
}

static const struct stage_step steps[] = {
	{plan_begin, NULL},
	{plan_sources, step_judge_ours},
	{plan_test, judge_test},
	{plan_begin, NULL},
};
const struct stage_row stage_test_row = {STAGE_TEST, steps, sizeof(steps) / sizeof(*steps)};
