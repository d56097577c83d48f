/* inspect: the wheel judged by its bytes (core/inspect), in a child; the report is kept. The same
 * look tells which run-time requirements hold on the target. */
#include "agent/executor.h"
#include "agent/inspect_reason.h"
#include "agent/stage_child.h"
#include "agent/stages.h"
#include "agent/tree.h"
#include "core/inspect/wheel.h"
#include "core/io/json.h"
#include "core/pep/metadata.h"
#include "core/pep/requirement.h"
#include "core/pep/target.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REPORT "inspect.json"
#define REQUIRES "requires: "

/* --- the child --- */

static int on_header(
	void *user, enum metadata_field field, struct str name, struct str value, struct err *e)
{
	const struct marker_environment *environment = user;
	struct requirement requirement;
	bool applies = false;
	if (field == METADATA_REQUIRES_DIST && requirement_parse(value, &requirement, NULL) == 0 &&
		requirement_applies(&requirement, environment, &applies, NULL) == 0 && applies) {
		/* without its marker: it holds, and whoever fetches it runs elsewhere */
		struct str text = value;
		ptrdiff_t marker = requirement.marker.n != 0 ? str_find(value, ';') : -1;
		if (marker >= 0) {
			text = str_trim(str_slice(value, 0, (size_t)marker));
		}
		printf(REQUIRES "%.*s\n", STR_ARG(text));
	}
	return 0;
}

static int print_requires(
	const struct wheel_report *report, const char *target, const char *python, struct err *e)
{
	struct pep_target t;
	int code = pep_target_parse(str_from(target), &t, e);
	if (code == 0) {
		code = pep_target_set_full_version(&t, str_from(python), e);
	}
	if (code != 0) {
		return stage_child_fail(REASON_CODE_AGENT_FAULT, "%s", e->text);
	}
	struct marker_environment environment = pep_target_environment(&t);
	const struct metadata_handler handler = {.on_field = on_header};
	metadata_read(report->metadata, &handler, &environment, NULL);
	return 0;
}

static int print_problems(const struct wheel_report *report, bool expect_native)
{
	const struct wheel_problem *worst = NULL;
	VEC_EACH (const struct wheel_problem, problem, &report->problems) {
		printf("%s: %s: %.*s%s%.*s\n", wheel_severity_name(problem->severity),
			wheel_problem_name(problem->code), STR_ARG(problem->path),
			problem->path.n != 0 ? ": " : "", STR_ARG(problem->detail));
		if (worst == NULL && problem->severity == WHEEL_ERROR) {
			worst = problem;
		}
	}
	if (worst == NULL) {
		return 0;
	}
	/* tagged for the platform and nothing compiled in it: the build went on without its compiler */
	bool silent = expect_native && worst->code == WHEEL_PROBLEM_NO_BINARY_IN_PLATFORM_WHEEL;
	return stage_child_fail(silent ? REASON_CODE_SILENT_PURE : inspect_reason(worst->code),
		"%s: %.*s%s%.*s", wheel_problem_name(worst->code), STR_ARG(worst->path),
		worst->path.n != 0 ? ": " : "", STR_ARG(worst->detail));
}

int stage_child_inspect(int argc, char **argv)
{
	struct wheel_expectation expect = {
		.name = str_from(argv[1]),
		.version = str_from(argv[2]),
		.target = str_from(argv[3]),
	};
	struct wheel_report report = {0};
	struct buf json = {0};
	struct err e = {0};
	int code = wheel_check_file(argv[0], &expect, &report, &e);
	if (code != 0) {
		code = stage_child_fail(REASON_CODE_WRONG_WHEEL, "%s", e.text);
		goto out;
	}
	struct json_writer w;
	json_writer_init(&w, &json, false);
	wheel_report_json(&report, &w);
	json_writer_finish(&w);
	code = tree_write(argv[5], buf_view(&json), 0644, &e);
	if (code != 0) {
		code = stage_child_fail(REASON_CODE_AGENT_FAULT, "%s", e.text);
		goto out;
	}
	code = print_requires(&report, argv[3], argv[4], &e);
	if (code == 0) {
		code = print_problems(&report, strcmp(argv[6], "native") == 0);
	}
out:
	buf_finish(&json);
	wheel_report_finish(&report);
	return code;
}

/* --- the step --- */

static int plan_inspect(struct job_run *run, struct step *s, struct err *e)
{
	const struct job *job = run->job;
	step_of_ours(run, s, "inspect");
	step_part(run, s, job_wheel_part(job), job_wheel_part(job) == WORKSPACE_OUT);
	if (job_wheel_part(job) != WORKSPACE_OUT) {
		step_part(run, s, WORKSPACE_OUT, true);
	}
	step_argf(run, s, "%s/%s", workspace_inside(job_wheel_part(job)), run->wheel);
	step_arg(run, s, job->package);
	step_arg(run, s, job->version);
	step_arg(run, s, job->target.name);
	step_arg(run, s, job->target.python_full);
	step_arg(run, s, INSIDE_OUT "/" REPORT);
	step_arg(run, s, job->expect_native && !job_is_wheel(job) ? "native" : "any");
	return 0;
}

static void take_requires(struct job_run *run)
{
	struct buf output = {0};
	job_run_step_output(run, &output);
	struct str rest = buf_view(&output);
	struct str line;
	while (str_split(&rest, '\n', &line)) {
		if (str_starts(line, REQUIRES)) {
			line = str_slice(line, sizeof(REQUIRES) - 1, line.n);
			text_list_addf(&run->runtime_requires, &run->arena, "%.*s", STR_ARG(line));
		}
	}
	buf_finish(&output);
}

/* The bytes of a wheel that a stand-in would run are wrong: what it says of it is asked too. The bytes count, but where it imports
 * what they condemn, somebody should look at both. */
static bool asks_stand_in(const struct job_run *run)
{
	const struct executor *x = executor_find(run->job->executor);
	bool by_bytes = run->reason != REASON_CODE_AGENT_FAULT &&
		run->reason != REASON_CODE_HOST_DISK && run->reason != REASON_CODE_SILENT_PURE;
	return x != NULL && x->is_stand_in && run->tester_root != NULL && by_bytes;
}

static enum step_next judge_inspect(struct job_run *run, const struct step_end *end)
{
	step_judge_ours(run, end);
	/* the report is kept whatever it says */
	int fd = workspace_file(&run->workspace, WORKSPACE_OUT, REPORT, NULL, NULL);
	if (fd >= 0) {
		close(fd);
		*vec_add(&run->files) = (struct result_file){.filename = REPORT, .kind = "inspect"};
		run->goes_on = run->stage_failed && asks_stand_in(run);
		take_requires(run);
	}
	return STEP_ON;
}

static const struct stage_step steps[] = {
	{plan_inspect, judge_inspect},
};
const struct stage_row stage_inspect_row = {STAGE_INSPECT, steps, sizeof(steps) / sizeof(*steps)};
