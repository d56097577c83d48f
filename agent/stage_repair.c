/* repair: the wheel named and packed as it should be (wheel_repair.h), in a child. */
#include "agent/stage_child.h"
#include "agent/stages.h"
#include "agent/wheel_repair.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INSIDE_LIBRARIES INSIDE "/libraries"

int stage_child_repair(int argc, char **argv)
{
	setlocale(LC_ALL, "C.UTF-8"); /* libarchive writes names in the locale's encoding */
	struct arena a = {0};
	struct text_list libraries = {0};
	struct str rest = str_from(argv[5]);
	struct str folder;
	while (str_split(&rest, ':', &folder)) {
		text_list_addf(&libraries, &a, "%.*s", STR_ARG(folder));
	}
	int64_t epoch = 0;
	str_to_i64(str_from(argv[4]), &epoch);
	struct wheel_repair r = {
		.from = argv[0],
		.folder = argv[1],
		.platform = argv[2],
		.expect_native = strcmp(argv[3], "native") == 0,
		.libraries = libraries.v,
		.epoch = epoch,
	};
	struct err e = {0};
	int code = wheel_repair(&r, &e);
	if (code == 0) {
		if (r.dropped != 0) {
			printf("left out %zu stray files of the linker\n", r.dropped);
		}
		if (r.bundled != 0) {
			printf("put in %zu libraries\n", r.bundled);
		}
		printf("wheel: %s\n", r.wheel);
	} else {
		code = stage_child_fail(r.reason, "%s", e.text);
	}
	arena_finish(&a);
	free(r.wheel);
	return code;
}

/* Where a Linux build had libraries from, seen from the repair's sandbox: what its recipe named, and
 * the image where that is of the target's own kind. */
static const char *bind_libraries(struct job_run *run, struct step *s)
{
	struct arena *a = &run->step_arena;
	struct buf folders = {0};
	for (size_t i = 0; i < run->use.binds.n; i++) {
		const struct sandbox_bind *b = &run->use.binds.v[i];
		if (str_starts(str_from(b->to), INSIDE_HOST "/")) {
			sandbox_bind(&s->sandbox, a, b->from, b->to, false);
			buf_printf(&folders, "%s/lib:", b->to);
		}
	}
	const char *image = run->use.on_target
		? arena_printf(a, "%s/usr/lib/%s-linux-gnu", run->builder_root, run->job->target.arch)
		: "";
	if (access(image, R_OK) == 0) {
		sandbox_bind(&s->sandbox, a, image, INSIDE_LIBRARIES, false);
		buf_add_text(&folders, INSIDE_LIBRARIES);
	}
	const char *text = arena_printf(a, "%s", folders.n != 0 ? folders.p : "");
	buf_finish(&folders);
	return text;
}

static int plan_repair(struct job_run *run, struct step *s, struct err *e)
{
	if (job_is_wheel(run->job)) {
		run->wheel = run->job->source.filename;
		s->kind = STEP_NOT_RUN;
		return 0;
	}
	step_of_ours(run, s, "repair");
	step_part(run, s, WORKSPACE_DIST, false);
	step_part(run, s, WORKSPACE_OUT, true);
	step_argf(run, s, INSIDE_DIST "/%s", run->wheel);
	step_arg(run, s, INSIDE_OUT);
	step_arg(run, s, run->job->target.platform);
	step_arg(run, s, run->job->expect_native ? "native" : "any");
	step_arg(run, s, STEP_EPOCH);
	step_arg(run, s, bind_libraries(run, s));
	return 0;
}

static enum step_next judge_repair(struct job_run *run, const struct step_end *end)
{
	step_judge_ours(run, end);
	if (!run->stage_failed) {
		run->wheel = step_said(run, "wheel: ");
		if (run->wheel == NULL) {
			job_run_fail(run, REASON_CODE_AGENT_FAULT, "repair did not name its wheel");
			return STEP_ON;
		}
		*vec_add(&run->files) = (struct result_file){.filename = run->wheel, .kind = "wheel"};
	}
	return STEP_ON;
}

static const struct stage_step steps[] = {
	{plan_repair, judge_repair},
};
const struct stage_row stage_repair_row = {STAGE_REPAIR, steps, sizeof(steps) / sizeof(*steps)};
