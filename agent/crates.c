#include "agent/crates.h"

#include "agent/commands.h"
#include "agent/toolchain_rust.h"
#include "agent/tree.h"
#include "core/io/file.h"
#include "core/pep/name.h"
#include "core/pep/requirement.h"

#include <stdlib.h>
#include <string.h>

/* Where cargo looks for settings above a source in /wheelfarm/src; an sdist's own lie deeper and win. */
#define SETTINGS_FOLDER "cargo"
#define INSIDE_SETTINGS INSIDE "/.cargo"

static const char settings[] = "[source.crates-io]\n"
							   "replace-with = \"fetched\"\n"
							   "[source.fetched]\n"
							   "directory = \"" INSIDE_WHEELS "/crates\"\n"
							   "[net]\n"
							   "offline = true\n";

/* The recipe says so, or a build requirement is one that calls cargo. */
static bool wants_rust(const struct job_run *run)
{
	static const char *const callers[] = {"maturin", "setuptools-rust"};
	const struct json_texts *tools = &run->job->recipe.tools;
	for (size_t i = 0; i < tools->n; i++) {
		if (strcmp(tools->v[i], "rust") == 0) {
			return true;
		}
	}
	for (size_t i = 0; i < run->requires.n; i++) {
		struct requirement requirement;
		if (requirement_parse(str_from(run->requires.v[i]), &requirement, NULL) != 0) {
			continue;
		}
		for (size_t k = 0; k < sizeof(callers) / sizeof(*callers); k++) {
			if (name_equal(requirement.name, str_from(callers[k]))) {
				return true;
			}
		}
	}
	return false;
}

/* What the compiler cache begins with besides; on the target's own kind of machine nothing. */
static const char *rust_seed(const struct job_run *run)
{
	return run->use.on_target ? NULL : run->use.seeds.v[run->use.seeds.n - 1];
}

static int write_seed(struct job_run *run, struct err *e)
{
	const struct workspace *w = &run->workspace;
	const char *seed = rust_seed(run);
	int code = seed != NULL ? tree_copy(seed, w->parts[WORKSPACE_CACHE], w->uid, e) : 0;
	char *folder = file_join(w->parts[WORKSPACE_TOOLCHAIN], SETTINGS_FOLDER);
	char *path = file_join(folder, "config.toml");
	if (code == 0) {
		code = file_make_folders(folder, e);
	}
	if (code == 0) {
		code = tree_write(path, str_from(settings), 0644, e);
	}
	free(path);
	free(folder);
	return code;
}

int crates_plan_rust(struct job_run *run, struct step *s, struct err *e)
{
	if (!wants_rust(run)) {
		return 0;
	}
	const char *name = toolchain_rust_name(&run->job->target, run->use.on_target);
	run->rust = toolchain_rust_folder(run->setup.config->cache, name, &run->arena);
	if (run->rust == NULL) {
		job_run_fail(run, REASON_CODE_TOOLCHAIN_MISSING,
			"Rust is not on this agent: tools/prepare/rust.sh%s%s makes it, and a recipe with "
			"tools: [rust] asks ./farm to",
			name[0] != '\0' ? " " : "", name);
		return 0;
	}
	toolchain_rust_add(run->rust, &run->arena, &run->use);
	toolchain_bind(&run->use, &run->arena,
		arena_printf(&run->arena, "%s/" SETTINGS_FOLDER, run->workspace.parts[WORKSPACE_TOOLCHAIN]),
		INSIDE_SETTINGS);
	toolchain_bind(&run->use, &run->arena, run->workspace.parts[WORKSPACE_WHEELS], INSIDE_WHEELS);
	s->kind = STEP_WORK;
	s->work = write_seed;
	return 0;
}

enum step_next crates_judge_rust(struct job_run *run, const struct step_end *end)
{
	if (end->code != 0) {
		job_run_fail(run, reason_unless_full(end->code, REASON_CODE_AGENT_FAULT), "%s", end->text);
	}
	if (rust_seed(run) != NULL) {
		commands_seed(run, rust_seed(run));
	}
	return STEP_ON;
}

int crates_plan_fetch(struct job_run *run, struct step *s, struct err *e)
{
	if (run->rust == NULL) {
		return 0;
	}
	step_in_image(run, s, run->builder_root);
	step_network(run, s);
	sandbox_bind(&s->sandbox, &run->step_arena, run->rust, INSIDE_RUST, false);
	if (run->cargo_cache != NULL) {
		sandbox_bind(&s->sandbox, &run->step_arena, run->cargo_cache, INSIDE_CARGO_HOME, true);
		step_env(run, s, "CARGO_HOME=" INSIDE_CARGO_HOME);
	}
	step_part(run, s, WORKSPACE_SRC, false);
	step_part(run, s, WORKSPACE_WHEELS, true);
	step_probe(run, s, step_python(run), "fetch_crates.py");
	step_arg(run, s, INSIDE_RUST);
	step_arg(run, s, run->source_dir);
	step_arg(run, s, INSIDE_WHEELS "/crates");
	return 0;
}

enum step_next crates_judge_fetch(struct job_run *run, const struct step_end *end)
{
	if (!step_blames_network(run, end)) {
		step_is_clean(run, end);
	}
	return STEP_ON;
}
