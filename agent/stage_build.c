/* build: the backend's build_wheel hook (PEP 517), offline. */
#include "agent/stages.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

static int plan_build(struct job_run *run, struct step *s, struct err *e)
{
	if (job_is_wheel(run->job)) {
		s->kind = STEP_NOT_RUN;
		return 0;
	}
	step_in_image(run, s, run->builder_root);
	step_toolchain(run, s);
	step_part(run, s, WORKSPACE_SRC, true);
	step_part(run, s, WORKSPACE_ENV, false);
	step_part(run, s, WORKSPACE_NOTES, true);
	step_part(run, s, WORKSPACE_DIST, true);
	step_probe(run, s, INSIDE_ENV "/bin/python", "backend_hook.py");
	step_arg(run, s, "wheel");
	step_arg(run, s, run->source_dir);
	step_arg(run, s, INSIDE_NOTES "/wheel.json");
	step_arg(run, s, INSIDE_TOOLCHAIN "/settings.json");
	step_arg(run, s, INSIDE_DIST);
	return 0;
}

/* The one wheel of dist/, whatever the backend says it made; NULL for none or several. */
static const char *find_wheel(struct job_run *run, size_t *count)
{
	const char *found = NULL;
	*count = 0;
	DIR *folder = opendir(run->workspace.parts[WORKSPACE_DIST]);
	if (folder == NULL) {
		return NULL;
	}
	for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		if (entry->d_name[0] != '.' && str_ends(str_from(entry->d_name), ".whl")) {
			found = arena_copy(&run->arena, entry->d_name, strlen(entry->d_name));
			(*count)++;
		}
	}
	closedir(folder);
	return *count == 1 ? found : NULL;
}

static enum step_next judge_build(struct job_run *run, const struct step_end *end)
{
	if (!step_is_clean(run, end)) {
		return STEP_ON;
	}
	size_t count = 0;
	run->wheel = find_wheel(run, &count);
	if (run->wheel == NULL) {
		job_run_fail(
			run, REASON_CODE_NO_WHEEL, "the backend ended well and left %zu wheels", count);
		return STEP_ON;
	}
	/* a link, a fifo or a folder is no wheel; nobody waits for one to speak */
	struct err e = {0};
	int fd = workspace_file(&run->workspace, WORKSPACE_DIST, run->wheel, NULL, &e);
	if (fd < 0) {
		job_run_fail(run, REASON_CODE_WRONG_WHEEL, "%s", e.text);
	} else {
		close(fd);
	}
	return STEP_ON;
}

static const struct stage_step steps[] = {
	{plan_build, judge_build},
};
const struct stage_row stage_build_row = {STAGE_BUILD, steps, sizeof(steps) / sizeof(*steps)};
