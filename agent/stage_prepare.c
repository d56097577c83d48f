/* prepare: the toolchain for the target, and the build requirements: what pyproject.toml declares,
 * then what the backend's hook asks for. Network and foreign code never meet in one child: wheels are
 * fetched by the image's pip (only-binary), installed offline, and the hook runs offline. */
#include "agent/commands.h"
#include "agent/crates.h"
#include "agent/probe_files.h"
#include "agent/stages.h"
#include "agent/tree.h"
#include "core/io/file.h"
#include "core/io/json.h"
#include "core/io/json_tree.h"
#include "core/pep/name.h"
#include "core/pep/requirement.h"

#include <stdlib.h>
#include <string.h>

#define SETTINGS INSIDE_TOOLCHAIN "/settings.json"
#define VENV_PYTHON INSIDE_ENV "/bin/python"

/* --- the toolchain and the images --- */

/* The root of an image of this host, or NULL; memory in run->arena. */
static const char *find_image(
	struct job_run *run, const struct job_image *image, const char **identity)
{
	if (image->name == NULL || image->name[0] == '\0') {
		return NULL;
	}
	const char *cache = run->setup.config->cache;
	const char *folder =
		arena_printf(&run->arena, "images/%s-%lld", image->name, (long long)image->revision);
	/* the identity is written last: without it the image is half made */
	const char *found =
		toolchain_line(cache, arena_printf(&run->arena, "%s/identity", folder), &run->arena);
	if (found[0] == '\0') {
		return NULL;
	}
	*identity = found;
	return arena_printf(&run->arena, "%s/%s/root", cache, folder);
}

static void add_setting(struct json_writer *w, const char *const *settings, size_t n, size_t i)
{
	/* a key that comes again makes a list: once, at its first place */
	struct str rest = str_from(settings[i]);
	struct str key;
	str_split(&rest, '=', &key);
	size_t same = 0;
	for (size_t k = 0; k < n; k++) {
		struct str other = str_from(settings[k]);
		struct str other_key;
		str_split(&other, '=', &other_key);
		if (str_equal(key, other_key)) {
			if (k < i) {
				return;
			}
			same++;
		}
	}
	char *name = str_dup(key);
	json_key(w, name);
	free(name);
	if (same == 1) {
		json_str(w, rest);
		return;
	}
	json_array_begin(w);
	for (size_t k = i; k < n; k++) {
		struct str other = str_from(settings[k]);
		struct str other_key;
		str_split(&other, '=', &other_key);
		if (str_equal(key, other_key)) {
			json_str(w, other);
		}
	}
	json_array_end(w);
}

/* The config settings of the toolchain and of the recipe, as the hooks take them. */
static char *settings_json(struct job_run *run, struct str backend)
{
	struct text_list all = {0};
	for (size_t i = 0; i < run->use.setting_count; i++) {
		const struct toolchain_setting *setting = &run->use.settings[i];
		if (str_is(backend, setting->backend)) {
			text_list_add(&all, &run->arena, setting->text);
		}
	}
	text_list_add_all(
		&all, &run->arena, run->job->recipe.config_settings.v, run->job->recipe.config_settings.n);
	struct buf out = {0};
	struct json_writer w;
	json_writer_init(&w, &out, false);
	json_object_begin(&w);
	for (size_t i = 0; i < all.n; i++) {
		add_setting(&w, all.v, all.n, i);
	}
	json_object_end(&w);
	json_writer_finish(&w);
	return buf_take(&out);
}

static int make_toolchain(struct job_run *run, struct err *e)
{
	int code = toolchain_write(&run->use, run->workspace.parts[WORKSPACE_TOOLCHAIN], e);
	for (size_t i = 0; i < run->use.seeds.n && code == 0; i++) {
		code = tree_copy(
			run->use.seeds.v[i], run->workspace.parts[WORKSPACE_CACHE], run->workspace.uid, e);
	}
	return code;
}

static int plan_toolchain(struct job_run *run, struct step *s, struct err *e)
{
	const struct agent_config *config = run->setup.config;
	run->tester_root = find_image(run, &run->job->tester, &run->tester_identity);
	run->builder_root = find_image(run, &run->job->builder, &run->builder_identity);
	probe_files(&run->use, &run->arena);
	if (job_is_wheel(run->job)) {
		/* nothing is built, but the tester's probes are needed */
		int code = make_toolchain(run, e);
		s->kind = STEP_NOT_RUN;
		return code;
	}
	if (run->builder_root == NULL) {
		job_run_fail(run, REASON_CODE_AGENT_FAULT, "image %s-%lld is not on this agent",
			run->job->builder.name, (long long)run->job->builder.revision);
		return 0;
	}
	run->toolchain = toolchain_find(str_from(run->job->toolchain));
	if (run->toolchain == NULL || !run->toolchain->present(config->cache)) {
		job_run_fail(run, REASON_CODE_TOOLCHAIN_MISSING, "toolchain %s is not on this agent",
			run->job->toolchain);
		return 0;
	}
	int code = run->toolchain->describe(run->job, config->cache, &run->arena, &run->use, e);
	if (code == ERR_UNSUPPORTED || code == ERR_NOT_FOUND) {
		job_run_fail(run, REASON_CODE_TOOLCHAIN_MISSING, "%s", e->text);
		return 0;
	}
	s->kind = STEP_WORK;
	s->work = make_toolchain;
	return code;
}

static enum step_next judge_toolchain(struct job_run *run, const struct step_end *end)
{
	if (end->code != 0) {
		job_run_fail(run, reason_unless_full(end->code, REASON_CODE_AGENT_FAULT), "%s", end->text);
	}
	for (size_t i = 0; i < run->use.seeds.n; i++) {
		commands_seed(run, run->use.seeds.v[i]);
	}
	return STEP_ON;
}

/* --- the lists --- */

static bool is_removed(const struct job_run *run, struct str text)
{
	struct requirement requirement;
	if (requirement_parse(text, &requirement, NULL) != 0) {
		return false; /* the fetch will say what is wrong with it */
	}
	const struct json_texts *removed = &run->job->recipe.requires_remove;
	for (size_t i = 0; i < removed->n; i++) {
		if (name_equal(requirement.name, str_from(removed->v[i]))) {
			return true;
		}
	}
	return false;
}

static bool is_known(const struct job_run *run, struct str text)
{
	for (size_t i = 0; i < run->requires.n; i++) {
		if (str_is(text, run->requires.v[i])) {
			return true;
		}
	}
	return false;
}

/* {"requires": […]} into run->requires, without what the recipe takes out and what is there. */
static void take_requires(struct job_run *run, const struct json_node *answer)
{
	JSON_EACH (item, json_tree_get(answer, "requires")) {
		if (run->requires.n > STEP_REQUIRES_MAX) {
			break; /* step_can_ask says so; each one more is compared with all before */
		}
		if (item->kind == JSON_STRING && !is_removed(run, item->text) &&
			!is_known(run, item->text)) {
			text_list_addf(&run->requires, &run->arena, "%.*s", STR_ARG(item->text));
		}
	}
}

/* --- round one: what is declared --- */

static int plan_declared(struct job_run *run, struct step *s, struct err *e)
{
	step_in_image(run, s, run->builder_root);
	step_part(run, s, WORKSPACE_SRC, false);
	step_probe(run, s, step_python(run), "build_requires.py");
	step_arg(run, s, run->source_dir);
	return 0;
}

static void write_settings(struct job_run *run, const struct json_node *backend)
{
	struct str name = backend != NULL && backend->kind == JSON_STRING ? backend->text : STR("");
	char *settings = settings_json(run, name);
	char *path = file_join(run->workspace.parts[WORKSPACE_TOOLCHAIN], "settings.json");
	struct err e = {0};
	if (tree_write(path, str_from(settings), 0644, &e) != 0) {
		job_run_fail(run, REASON_CODE_AGENT_FAULT, "%s", e.text);
	}
	free(path);
	free(settings);
}

static enum step_next judge_declared(struct job_run *run, const struct step_end *end)
{
	if (step_is_clean(run, end)) {
		const struct json_node *answer = step_answer(run);
		if (answer != NULL) {
			write_settings(run, json_tree_get(answer, "backend"));
			take_requires(run, answer);
			const struct json_texts *more = &run->job->recipe.requires_add;
			text_list_add_all(&run->requires, &run->arena, more->v, more->n);
		}
	}
	return STEP_ON;
}

/* Is the environment there, with all that is asked for so far? */
static bool has_all(const struct job_run *run)
{
	return run->has_environment && run->built_requires.n == run->requires.n;
}

static int plan_fetch(struct job_run *run, struct step *s, struct err *e)
{
	if (has_all(run)) {
		return 0; /* the hook asked for nothing more */
	}
	if (!step_can_ask(run, &run->requires)) {
		return 0;
	}
	step_in_image(run, s, run->builder_root);
	step_network(run, s);
	step_pip_cache(run, s);
	step_part(run, s, WORKSPACE_WHEELS, true);
	step_probe(run, s, step_python(run), "fetch_requires.py");
	step_arg(run, s, INSIDE_WHEELS);
	text_list_add_all(&s->sandbox.argv, &run->step_arena, run->requires.v, run->requires.n);
	return 0;
}

static void add_locked(struct json_writer *w, const struct json_node *wheel)
{
	/* NAME-VERSION-…: the file was made by an index, pip read it; only the two parts are shown */
	struct str rest = wheel->key;
	struct str name = {0};
	struct str version = {0};
	str_split(&rest, '-', &name);
	str_split(&rest, '-', &version);
	json_object_begin(w);
	json_kv_str(w, "name", name);
	json_kv_str(w, "version", version);
	json_kv_str(w, "file", wheel->key);
	json_kv_str(w, "sha256", wheel->text);
	json_object_end(w);
}

/* The lock, so that a rebuild is the same build. */
static int write_lock(struct job_run *run, const struct json_node *wheels, struct err *e)
{
	struct buf out = {0};
	struct json_writer w;
	json_writer_init(&w, &out, true);
	json_object_begin(&w);
	json_key(&w, "requires");
	json_array_begin(&w);
	for (size_t i = 0; i < run->requires.n; i++) {
		json_text(&w, run->requires.v[i]);
	}
	json_array_end(&w);
	json_key(&w, "wheels");
	json_array_begin(&w);
	JSON_EACH (wheel, wheels) {
		if (wheel->kind == JSON_STRING) {
			add_locked(&w, wheel);
		}
	}
	json_array_end(&w);
	json_object_end(&w);
	json_writer_finish(&w);
	char *path = file_join(run->workspace.parts[WORKSPACE_KEPT], "lock.json");
	int code = tree_write(path, buf_view(&out), 0644, e);
	free(path);
	buf_finish(&out);
	return code;
}

static enum step_next judge_fetch(struct job_run *run, const struct step_end *end)
{
	if (step_blames_network(run, end) || !step_is_clean(run, end)) {
		return STEP_ON;
	}
	const struct json_node *answer = step_answer(run);
	struct err e = {0};
	if (answer != NULL && write_lock(run, json_tree_get(answer, "wheels"), &e) != 0) {
		job_run_fail(run, REASON_CODE_AGENT_FAULT, "%s", e.text);
	}
	return STEP_ON;
}

static int plan_environment(struct job_run *run, struct step *s, struct err *e)
{
	if (has_all(run)) {
		return 0;
	}
	step_in_image(run, s, run->builder_root);
	step_part(run, s, WORKSPACE_WHEELS, false);
	step_part(run, s, WORKSPACE_ENV, true);
	step_probe(run, s, step_python(run), "make_environment.py");
	step_arg(run, s, INSIDE_ENV);
	step_arg(run, s, INSIDE_WHEELS);
	text_list_add_all(&s->sandbox.argv, &run->step_arena, run->requires.v, run->requires.n);
	return 0;
}

static enum step_next judge_environment(struct job_run *run, const struct step_end *end)
{
	if (step_is_clean(run, end)) {
		run->built_requires = run->requires;
		run->has_environment = true;
	}
	return STEP_ON;
}

/* --- round two: what the backend's hook asks for --- */

static int plan_hook(struct job_run *run, struct step *s, struct err *e)
{
	step_in_image(run, s, run->builder_root);
	step_toolchain(run, s);
	step_part(run, s, WORKSPACE_SRC, true);
	step_part(run, s, WORKSPACE_ENV, false);
	step_part(run, s, WORKSPACE_NOTES, true);
	step_probe(run, s, VENV_PYTHON, "backend_hook.py");
	step_arg(run, s, "requires");
	step_arg(run, s, run->source_dir);
	step_arg(run, s, INSIDE_NOTES "/requires.json");
	step_arg(run, s, SETTINGS);
	return 0;
}

static enum step_next judge_hook(struct job_run *run, const struct step_end *end)
{
	if (step_is_clean(run, end)) {
		const struct json_node *answer = step_note(run, "requires.json");
		if (answer != NULL) {
			take_requires(run, answer);
		}
	}
	return STEP_ON;
}

/* What the build was told: the environment, then the toolchain's own files. */
static int write_toolchain(struct job_run *run, struct err *e)
{
	const struct toolchain_use *use = &run->use;
	struct buf out = {0};
	buf_printf(&out, "== %s, %s: %s\n", run->job->toolchain, run->job->mode, use->identity);
	for (size_t i = 0; i < use->env.n; i++) {
		buf_printf(&out, "%s\n", use->env.v[i]);
	}
	buf_add_text(&out, use->description != NULL ? use->description : "");
	char *path = file_join(run->workspace.parts[WORKSPACE_KEPT], "toolchain.txt");
	int code = tree_write(path, buf_view(&out), 0644, e);
	free(path);
	buf_finish(&out);
	return code;
}

static int plan_keep(struct job_run *run, struct step *s, struct err *e)
{
	*vec_add(&run->files) = (struct result_file){.filename = "lock.json", .kind = "lock"};
	*vec_add(&run->files) = (struct result_file){.filename = "toolchain.txt", .kind = "toolchain"};
	return write_toolchain(run, e);
}

static const struct stage_step steps[] = {
	{plan_toolchain, judge_toolchain},
	{plan_declared, judge_declared},
	{plan_fetch, judge_fetch},
	{plan_environment, judge_environment},
	{crates_plan_rust, crates_judge_rust},
	{plan_hook, judge_hook},
	{plan_fetch, judge_fetch},
	{plan_environment, judge_environment},
	{crates_plan_fetch, crates_judge_fetch},
	{plan_keep, NULL},
};
const struct stage_row stage_prepare_row = {STAGE_PREPARE, steps, sizeof(steps) / sizeof(*steps)};
