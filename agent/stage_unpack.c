/* unpack: the sdist's bytes by our own careful unpacker, in a child; then the recipe's patches. */
#include "agent/stage_child.h"
#include "agent/stages.h"
#include "core/io/archive.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

int stage_child_unpack(int argc, char **argv)
{
	setlocale(LC_ALL, "C.UTF-8"); /* names in archives are UTF-8, whatever the host speaks */
	char *top = NULL;
	struct err e = {0};
	int code = archive_unpack(argv[0], argv[1], NULL, &top, &e);
	if (code == 0) {
		printf("top: %s\n", top);
	} else if (code == -ENOSPC) {
		code = stage_child_fail(REASON_CODE_HOST_DISK, "%s", e.text);
	} else {
		code = stage_child_fail(REASON_CODE_BAD_ARCHIVE, "%s", e.text);
	}
	free(top);
	return code;
}

static int plan_unpack(struct job_run *run, struct step *s, struct err *e)
{
	const struct job_file *sdist = job_sdist(run->job);
	if (sdist == NULL) {
		s->kind = STEP_NOT_RUN;
		return 0;
	}
	step_of_ours(run, s, "unpack");
	step_part(run, s, WORKSPACE_IN, false);
	step_part(run, s, WORKSPACE_SRC, true);
	step_argf(run, s, INSIDE_IN "/%s", sdist->filename);
	step_arg(run, s, INSIDE_SRC);
	return 0;
}

static enum step_next judge_unpack(struct job_run *run, const struct step_end *end)
{
	step_judge_ours(run, end);
	if (run->stage_failed) {
		return STEP_ON;
	}
	const char *top = step_said(run, "top: ");
	run->source_dir = top == NULL || top[0] == '\0'
		? INSIDE_SRC
		: arena_printf(&run->arena, INSIDE_SRC "/%s", top);
	return STEP_ON;
}

static int plan_patch(struct job_run *run, struct step *s, struct err *e)
{
	if (run->patch == run->job->recipe.patches.n) {
		return 0;
	}
	const struct job_patch *patch =
		(const struct job_patch *)run->job->recipe.patches.v + run->patch;
	step_of_ours(run, s, "patch");
	step_part(run, s, WORKSPACE_IN, false);
	step_part(run, s, WORKSPACE_SRC, true);
	step_argf(run, s, INSIDE_IN "/patch-%zu", run->patch);
	step_arg(run, s, run->source_dir);
	step_argf(run, s, "%lld", (long long)patch->strip);
	step_arg(run, s, patch->name);
	return 0;
}

static enum step_next judge_patch(struct job_run *run, const struct step_end *end)
{
	step_judge_ours(run, end);
	run->patch++;
	return STEP_AGAIN;
}

static const struct stage_step steps[] = {
	{plan_unpack, judge_unpack},
	{plan_patch, judge_patch},
};
const struct stage_row stage_unpack_row = {STAGE_UNPACK, steps, sizeof(steps) / sizeof(*steps)};
