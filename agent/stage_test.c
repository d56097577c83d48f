/* test: the recipe's command, in the tester image, with the wheel installed and the source beside. */
#include "agent/stages.h"

#include <string.h>

static int plan_test(struct job_run *run, struct step *s, struct err *e)
{
	const struct json_texts *command = &run->job->recipe.test_command;
	if (command->n == 0 || run->executor[0] == '\0') {
		s->kind = STEP_NOT_RUN;
		return 0;
	}
	step_in_image(run, s, run->tester_root);
	step_foreign(run, s);
	step_part(run, s, WORKSPACE_SITE, false);
	step_part(run, s, WORKSPACE_SRC, true);
	s->sandbox.cwd = run->source_dir != NULL ? run->source_dir : "/tmp";
	step_env(run, s, "PYTHONPATH=" INSIDE_SITE);
	step_env(run, s, "PYTHONSAFEPATH=1"); /* not the package beside its tests, but the wheel's */
	step_env(run, s, "PATH=" INSIDE_SITE "/bin:/usr/local/bin:/usr/bin:/bin");
	for (size_t i = 0; i < command->n; i++) {
		/* "python" is the target's, whatever the image calls it */
		bool python = i == 0 && strcmp(command->v[i], "python") == 0;
		step_arg(run, s, python ? step_python(run) : command->v[i]);
	}
	return 0;
}

/* The number before `word` in a line such as "== 68 passed, 2 skipped in 0.3s ==", or 0. */
static int64_t count_before(struct str line, const char *word)
{
	ptrdiff_t at = str_find_text(line, str_from(word));
	if (at <= 0) {
		return 0;
	}
	struct str before = str_trim(str_slice(line, 0, (size_t)at));
	size_t from = before.n;
	while (from > 0 && before.p[from - 1] >= '0' && before.p[from - 1] <= '9') {
		from--;
	}
	int64_t number = 0;
	str_to_i64(str_slice(before, from, before.n), &number);
	return number;
}

/* pytest's last line, and unittest's "Ran 12 tests in 0.1s" with "FAILED (failures=1)". */
static void count_tests(struct job_run *run)
{
	struct buf output = {0};
	job_run_step_output(run, &output);
	struct str rest = buf_view(&output);
	struct str line;
	while (str_split(&rest, '\n', &line)) {
		int64_t passed = count_before(line, " passed");
		int64_t failed = count_before(line, " failed");
		if (passed + failed != 0) {
			run->tests_passed = passed;
			run->tests_failed = failed + count_before(line, " error");
		} else if (str_starts(line, "Ran ")) {
			int64_t ran = count_before(line, " test");
			run->tests_passed = ran;
			run->tests_failed = 0;
		} else if (str_starts(line, "FAILED (") && run->tests_failed == 0) {
			struct str numbers = str_slice(line, sizeof("FAILED (") - 1, line.n);
			struct str part;
			while (str_split(&numbers, ',', &part)) {
				ptrdiff_t equals = str_find(part, '=');
				uint64_t n = 0;
				struct str number = str_slice(part, (size_t)(equals + 1), part.n);
				number = str_ends(number, ")") ? str_slice(number, 0, number.n - 1) : number;
				if (equals > 0 && !str_starts(str_trim(part), "skipped") &&
					str_to_u64(number, &n) && (int64_t)n <= run->tests_passed) {
					run->tests_failed += (int64_t)n;
					run->tests_passed -= (int64_t)n;
				}
			}
		}
	}
	buf_finish(&output);
}

static enum step_next judge_test(struct job_run *run, const struct step_end *end)
{
	count_tests(run);
	int64_t ran = run->tests_passed + run->tests_failed;
	enum { PYTEST_NO_TESTS = 5 };
	if (end->signaled) {
		job_run_fail(run, REASON_CODE_CRASH, "the tests ended by signal %d (%s)", end->signal,
			strsignal(end->signal));
	} else if (end->exit_code == PYTEST_NO_TESTS && ran == 0) {
		job_run_fail(run, REASON_CODE_NO_TESTS, "no tests were found");
	} else if (end->exit_code != 0) {
		job_run_fail(run, run->tests_failed != 0 ? REASON_CODE_TEST_FAILED : REASON_NONE, "%s", "");
	} else if (run->tests_passed <
		(run->job->recipe.min_tests > 1 ? run->job->recipe.min_tests : 1)) {
		job_run_fail(run, REASON_CODE_NO_TESTS, "%lld tests passed, the recipe asks for %lld",
			(long long)run->tests_passed, (long long)run->job->recipe.min_tests);
	}
	return STEP_ON;
}

static const struct stage_step steps[] = {
	{plan_test, judge_test},
};
const struct stage_row stage_test_row = {STAGE_TEST, steps, sizeof(steps) / sizeof(*steps)};
