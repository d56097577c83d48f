/* import: each module in a fresh process of the target's Python, in the tester image, natively or
 * emulated; native modules must come from the wheel's own files. */
#include "agent/executor.h"
#include "agent/stages.h"
#include "core/io/json_tree.h"

#include <string.h>

enum { MODULES_MAX = 64, MODULE_BYTES = 256, ERROR_BYTES = 1024 };
#define ANSWER "import.json"

static bool can_run(const struct job_run *run)
{
	return run->tester_root != NULL && executor_find(run->job->executor) != NULL;
}

static void with_site(
	struct job_run *run, struct step *s, const char *root, const char *python, const char *probe)
{
	step_in_image(run, s, root);
	step_part(run, s, WORKSPACE_SITE, false);
	step_part(run, s, WORKSPACE_NOTES, true);
	step_arg(run, s, python);
	step_arg(run, s, "-IB");
	step_part(run, s, WORKSPACE_TOOLCHAIN, false);
	step_argf(run, s, INSIDE_TOOLCHAIN "/probe/%s", probe);
}

/* Which modules: the recipe's, else those the installed wheel has. */
static int plan_list(struct job_run *run, struct step *s, struct err *e)
{
	if (!can_run(run)) {
		s->kind = STEP_NOT_RUN;
		return 0;
	}
	const struct json_texts *imports = &run->job->recipe.imports;
	if (imports->n != 0) {
		text_list_add_all(&run->modules, &run->arena, imports->v, imports->n);
		return 0;
	}
	/* nothing is imported by it, so the builder's quicker Python may do it */
	const char *root = run->builder_root != NULL ? run->builder_root : run->tester_root;
	const char *python = run->builder_root != NULL ? ANY_PYTHON : step_tester_python(run);
	with_site(run, s, root, python, "list_modules.py");
	step_arg(run, s, INSIDE_SITE);
	step_arg(run, s, run->job->package);
	step_arg(run, s, INSIDE_NOTES "/modules.json");
	return 0;
}

static enum step_next judge_list(struct job_run *run, const struct step_end *end)
{
	if (!step_is_clean(run, end)) {
		return STEP_ON;
	}
	const struct json_node *answer = step_note(run, "modules.json");
	JSON_EACH (item, json_tree_get(answer, "modules")) {
		if (item->kind == JSON_STRING && item->text.n != 0 && item->text.n <= MODULE_BYTES &&
			run->modules.n < MODULES_MAX) {
			text_list_addf(&run->modules, &run->arena, "%.*s", STR_ARG(item->text));
		}
	}
	return STEP_ON;
}

static int plan_import(struct job_run *run, struct step *s, struct err *e)
{
	if (run->module == run->modules.n) {
		return 0;
	}
	run->executor = run->job->executor;
	with_site(run, s, run->tester_root, step_tester_python(run), "import_module.py");
	step_foreign(run, s);
	step_arg(run, s, INSIDE_SITE);
	step_arg(run, s, run->modules.v[run->module]);
	step_arg(run, s, INSIDE_NOTES "/" ANSWER);
	return 0;
}

static bool truth(const struct json_node *answer, const char *key)
{
	const struct json_node *node = json_tree_get(answer, key);
	return node != NULL && node->kind == JSON_BOOL && node->boolean;
}

/* Did the executor stop and not the module? Then it says nothing of the wheel: what was built stays built
 * and is not proven; a job that only tests has no answer. */
static bool gave_up(struct job_run *run, const struct step_end *end, struct result_import *import)
{
	struct buf output = {0};
	struct buf why = {0};
	job_run_step_output(run, &output);
	bool is_limit = executor_gave_up(executor_find(run->executor), buf_view(&output),
		end->signaled ? -end->signal : end->exit_code, 1, &why);
	if (is_limit) {
		import->error =
			arena_printf(&run->arena, "%s: %s", reason_code(REASON_CODE_EXECUTOR_LIMIT), why.p);
		run->executor_limit = true;
		if (job_is_wheel(run->job)) {
			job_run_fail(run, REASON_CODE_EXECUTOR_LIMIT, "import %s: %s", import->module, why.p);
		}
	}
	buf_finish(&output);
	buf_finish(&why);
	return is_limit;
}

static enum step_next judge_import(struct job_run *run, const struct step_end *end)
{
	const char *module = run->modules.v[run->module++];
	struct result_import *import = vec_add(&run->imports);
	*import = (struct result_import){.module = module};
	if (gave_up(run, end, import)) {
		run->module = run->modules.n; /* the next one might hang as long */
		return STEP_AGAIN;
	}
	if (end->signaled) {
		import->error =
			arena_printf(&run->arena, "signal %d (%s)", end->signal, strsignal(end->signal));
		job_run_fail(run, REASON_CODE_CRASH, "import %s: ended by signal %d (%s)", module,
			end->signal, strsignal(end->signal));
		return STEP_AGAIN;
	}
	const struct json_node *answer = end->exit_code <= 1 ? step_note(run, ANSWER) : NULL;
	if (answer == NULL) {
		job_run_fail(
			run, REASON_CODE_IMPORT_ERROR, "import %s: exit code %d", module, end->exit_code);
		return STEP_AGAIN;
	}
	import->ok = end->exit_code == 0 && truth(answer, "ok");
	import->native = truth(answer, "native");
	const struct json_node *error = json_tree_get(answer, "error");
	if (error != NULL && error->kind == JSON_STRING) {
		/* the module may have written it, as long as it likes */
		struct buf text = {0};
		buf_add_utf8(&text, str_slice(error->text, 0, ERROR_BYTES));
		import->error = arena_copy(&run->arena, text.n != 0 ? text.p : "", text.n);
		buf_finish(&text);
	}
	if (!import->ok) {
		/* which kind of failure a traceback is, the rules say; who only left has none */
		enum reason reason = end->exit_code == 0 ? REASON_CODE_IMPORT_ERROR : REASON_NONE;
		job_run_fail(
			run, reason, "import %s: %s", module, import->error != NULL ? import->error : "failed");
	}
	return STEP_AGAIN;
}

/* A compiled wheel of which nothing compiled was loaded proves nothing. */
static int plan_verdict(struct job_run *run, struct step *s, struct err *e)
{
	bool native = false;
	if (run->executor_limit) {
		s->kind = STEP_NOT_RUN;
		return 0;
	}
	VEC_EACH (const struct result_import, import, &run->imports) {
		native = native || import->native;
	}
	if (run->job->expect_native && !native && run->job->recipe.imports.n == 0) {
		job_run_fail(run, REASON_CODE_IMPORT_ERROR,
			"no compiled module of the wheel was loaded by %zu imports", run->imports.n);
	}
	return 0;
}

static const struct stage_step steps[] = {
	{plan_list, judge_list},
	{plan_import, judge_import},
	{plan_verdict, NULL},
};
const struct stage_row stage_import_row = {STAGE_IMPORT, steps, sizeof(steps) / sizeof(*steps)};
