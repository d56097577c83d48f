#include "agent/stages.h"

#include "agent/executor.h"
#include "agent/stage_child.h"
#include "core/io/json_tree.h"
#include "core/pep/requirement.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
	NOTE_BYTES = 1 << 20,
	REQUIREMENT_BYTES =
		1024, /* times STEP_REQUIRES_MAX: below what the kernel takes as arguments */
};

#define SYSTEM_PATH "/usr/local/bin:/usr/bin:/bin"

static const char *const inside[WORKSPACE_PARTS] = {
	[WORKSPACE_IN] = INSIDE_IN,
	[WORKSPACE_SRC] = INSIDE_SRC,
	[WORKSPACE_WHEELS] = INSIDE_WHEELS,
	[WORKSPACE_ENV] = INSIDE_ENV,
	[WORKSPACE_DIST] = INSIDE_DIST,
	[WORKSPACE_OUT] = INSIDE_OUT,
	[WORKSPACE_NOTES] = INSIDE_NOTES,
	[WORKSPACE_RUNTIME] = INSIDE_RUNTIME,
	[WORKSPACE_SITE] = INSIDE_SITE,
	[WORKSPACE_TESTS] = INSIDE "/tests",
	[WORKSPACE_TMP] = "/tmp",
	[WORKSPACE_FOREIGN_TMP] = "/tmp",
	[WORKSPACE_CACHE] = INSIDE_CACHE,
	[WORKSPACE_TOOLCHAIN] = INSIDE_TOOLCHAIN,
	[WORKSPACE_KEPT] = INSIDE "/kept",
};

const char *workspace_inside(enum workspace_part part)
{
	return inside[part];
}

static void base(struct job_run *run, struct step *s, const char *path)
{
	s->kind = STEP_CHILD;
	s->sandbox.tmp = run->workspace.parts[WORKSPACE_TMP];
	step_env(run, s, "PATH=%s", path);
	static const char *const env[] = {"HOME=/tmp", "TMPDIR=/tmp", "LANG=C.UTF-8", "TZ=UTC",
		("SOURCE_DATE_EPOCH=" STEP_EPOCH), "PYTHONHASHSEED=0", "PYTHONUNBUFFERED=1"};
	text_list_add_all(&s->sandbox.env, &run->step_arena, env, sizeof(env) / sizeof(*env));
}

void step_in_image(struct job_run *run, struct step *s, const char *root)
{
	s->sandbox.image = root;
	base(run, s, SYSTEM_PATH);
}

void step_foreign(struct job_run *run, struct step *s)
{
	s->sandbox.tmp = run->workspace.parts[WORKSPACE_FOREIGN_TMP];
}

void step_of_ours(struct job_run *run, struct step *s, const char *name)
{
	base(run, s, SYSTEM_PATH);
	sandbox_bind(&s->sandbox, &run->step_arena, run->setup.program, INSIDE_PROGRAM, false);
	step_arg(run, s, INSIDE_PROGRAM);
	step_arg(run, s, "--stage");
	step_arg(run, s, name);
}

void step_arg(struct job_run *run, struct step *s, const char *argument)
{
	text_list_add(&s->sandbox.argv, &run->step_arena, argument);
}

void step_argf(struct job_run *run, struct step *s, const char *format, ...)
{
	struct buf text = {0};
	va_list arguments;
	va_start(arguments, format);
	buf_vprintf(&text, format, arguments);
	va_end(arguments);
	step_arg(run, s, text.n != 0 ? text.p : "");
	buf_finish(&text);
}

void step_env(struct job_run *run, struct step *s, const char *format, ...)
{
	struct buf text = {0};
	va_list arguments;
	va_start(arguments, format);
	buf_vprintf(&text, format, arguments);
	va_end(arguments);
	text_list_add(&s->sandbox.env, &run->step_arena, text.p);
	buf_finish(&text);
}

void step_part(struct job_run *run, struct step *s, enum workspace_part part, bool writable)
{
	sandbox_bind(&s->sandbox, &run->step_arena, run->workspace.parts[part], inside[part], writable);
}

void step_network(struct job_run *run, struct step *s)
{
	s->sandbox.network = true;
	/* whatever this host needs to reach its index, and nothing else of its environment */
	static const char *const names[] = {"http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY",
		"HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT",
		"PIP_DEFAULT_TIMEOUT", "PIP_TRUSTED_HOST", "SSL_CERT_FILE", "SSL_CERT_DIR",
		"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = getenv(names[i]);
		if (value != NULL) {
			text_list_addf(&s->sandbox.private_env, &run->step_arena, "%s=%s", names[i], value);
		}
	}
}

void step_pip_cache(struct job_run *run, struct step *s)
{
	if (run->pip_cache != NULL) {
		sandbox_bind(&s->sandbox, &run->step_arena, run->pip_cache, INSIDE_PIP_CACHE, true);
		step_env(run, s, "PIP_CACHE_DIR=" INSIDE_PIP_CACHE);
	}
}

void step_toolchain(struct job_run *run, struct step *s)
{
	step_foreign(run, s);
	struct arena *a = &run->step_arena;
	const struct toolchain_use *use = &run->use;
	struct buf path = {0};
	for (size_t i = 0; i < use->path.n; i++) {
		buf_printf(&path, "%s:", use->path.v[i]);
	}
	step_env(run, s, "PATH=" INSIDE_ENV "/bin:%s" SYSTEM_PATH, path.n != 0 ? path.p : "");
	buf_finish(&path);
	for (size_t i = 0; i < use->binds.n; i++) {
		sandbox_bind(&s->sandbox, a, use->binds.v[i].from, use->binds.v[i].to, false);
	}
	step_part(run, s, WORKSPACE_CACHE, true);
	text_list_add_all(&s->sandbox.env, a, use->env.v, use->env.n);
	const struct job_env *env = run->job->recipe.env.v;
	for (size_t i = 0; i < run->job->recipe.env.n; i++) {
		step_env(run, s, "%s=%s", env[i].name, env[i].value);
	}
}

void step_probe(struct job_run *run, struct step *s, const char *python, const char *probe)
{
	step_part(run, s, WORKSPACE_TOOLCHAIN, false);
	step_arg(run, s, python);
	step_argf(run, s, INSIDE_TOOLCHAIN "/probe/%s", probe);
}

const char *step_python(struct job_run *run)
{
	return arena_printf(&run->step_arena, "/usr/bin/python%s", run->job->target.python);
}

const char *step_tester_python(struct job_run *run)
{
	const struct executor *x = executor_find(run->job->executor);
	const char *format = x != NULL ? x->python : "";
	const char *end = strstr(format, "%s");
	return end == NULL ? format
					   : arena_printf(&run->step_arena, "%.*s%s", (int)(end - format), format,
							 run->job->target.python);
}

/* --- judging --- */

enum step_next step_judge_ours(struct job_run *run, const struct step_end *end)
{
	struct str line = job_run_last_line(run);
	if (str_starts(line, "wheelfarm: ")) {
		line = str_slice(line, sizeof("wheelfarm: ") - 1, line.n);
	}
	if (end->signaled && end->signal == SIGXFSZ) {
		job_run_fail(run, REASON_CODE_LIMIT_DISK, "a file of over %lld MB",
			(long long)run->job->limits.disk_mb);
	} else if (end->signaled) {
		job_run_fail(run, REASON_CODE_AGENT_FAULT, "our own step ended by signal %d (%s)",
			end->signal, strsignal(end->signal));
	} else if (end->exit_code > STAGE_EXIT_REASON &&
		end->exit_code < STAGE_EXIT_REASON + REASON_COUNT) {
		job_run_fail(run, (enum reason)(end->exit_code - STAGE_EXIT_REASON), "%.*s", STR_ARG(line));
	} else if (end->exit_code != 0) {
		job_run_fail(run, REASON_CODE_AGENT_FAULT, "%.*s", STR_ARG(line));
	}
	return STEP_ON;
}

bool step_is_clean(struct job_run *run, const struct step_end *end)
{
	if (end->code != 0) {
		job_run_fail(run, REASON_CODE_AGENT_FAULT, "%s", end->text);
	} else if (end->signaled) {
		job_run_fail(
			run, REASON_NONE, "ended by signal %d (%s)", end->signal, strsignal(end->signal));
	} else if (end->exit_code != 0) {
		job_run_fail(run, REASON_NONE, "%s", "");
	}
	return !run->stage_failed;
}

bool step_blames_network(struct job_run *run, const struct step_end *end)
{
	if (!end->signaled && end->exit_code == 0) {
		return false;
	}
	/* pip's last line is the same for a dead network and for an unknown name; but it warned, as cargo does.
	 * No sign is a name that a package could ask for, to be called the farm's fault. */
	static const char *const signs[] = {"connection broken by", "ReadTimeoutError(",
		"Temporary failure in name resolution", "ConnectionError(", "Max retries exceeded",
		"IncompleteRead(", "ERROR: HTTP error 5", "warning: spurious network error",
		"  curl failed\n", "There was a problem confirming the ssl certificate"};
	struct buf output = {0};
	job_run_step_output(run, &output);
	bool blames = false;
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs) && !blames; i++) {
		blames = str_find_text(buf_view(&output), str_from(signs[i])) >= 0;
	}
	buf_finish(&output);
	if (blames) {
		struct str line = job_run_last_line(run);
		job_run_fail(run, REASON_CODE_NETWORK, "%.*s", STR_ARG(line));
	}
	return blames;
}

const char *step_said(struct job_run *run, const char *prefix)
{
	struct buf output = {0};
	job_run_step_output(run, &output);
	struct str rest = buf_view(&output);
	struct str line;
	const char *said = NULL;
	while (str_split(&rest, '\n', &line)) {
		if (str_starts(line, prefix)) {
			line = str_trim(str_slice(line, strlen(prefix), line.n));
			said = arena_copy(&run->arena, line.n != 0 ? line.p : "", line.n);
		}
	}
	buf_finish(&output);
	return said;
}

static const struct json_node *parse(struct job_run *run, struct str text, const char *what)
{
	struct json_node *node = NULL;
	struct err e = {0};
	/* the texts are the arena's own, so that `text` may go */
	if (json_tree_parse(text, what, &run->step_arena, &node, &e) != 0) {
		job_run_fail(run, REASON_NONE, "%s", e.text);
		return NULL;
	}
	if (node->kind != JSON_OBJECT) {
		job_run_fail(run, REASON_NONE, "%s: not an object", what);
		return NULL;
	}
	return node;
}

const struct json_node *step_answer(struct job_run *run)
{
	return parse(run, job_run_last_line(run), "answer");
}

bool step_can_ask(struct job_run *run, const struct text_list *requires)
{
	if (requires->n > STEP_REQUIRES_MAX) {
		job_run_fail(
			run, REASON_CODE_REQUIREMENT_MISSING, "more than %d requirements", STEP_REQUIRES_MAX);
		return false;
	}
	for (size_t i = 0; i < requires->n; i++) {
		struct str text = str_from(requires->v[i]);
		struct requirement requirement;
		struct err e = {0};
		if (text.n > REQUIREMENT_BYTES) {
			err_set(&e, ERR_TOO_LARGE, "%.*s…: over %d bytes", STR_ARG(str_slice(text, 0, 60)),
				REQUIREMENT_BYTES);
		} else if (requirement_parse(text, &requirement, &e) == 0 && requirement.url.n != 0) {
			err_set(&e, ERR_INVALID, "%.*s: a URL is not accepted", STR_ARG(text));
		}
		if (e.code != 0) {
			job_run_fail(run, REASON_CODE_REQUIREMENT_MISSING, "%s", e.text);
			return false;
		}
	}
	return true;
}

const struct json_node *step_note(struct job_run *run, const char *name)
{
	struct buf bytes = {0};
	struct err e = {0};
	const struct json_node *node = NULL;
	if (workspace_read(&run->workspace, WORKSPACE_NOTES, name, NOTE_BYTES, &bytes, &e) != 0) {
		job_run_fail(run, REASON_NONE, "%s", e.text);
	} else {
		node = parse(run, buf_view(&bytes), name);
	}
	buf_finish(&bytes);
	return node;
}

const struct job_file *job_sdist(const struct job *job)
{
	return !job_is_wheel(job) ? &job->source : job->tests.n != 0 ? job->tests.v : NULL;
}

enum workspace_part job_wheel_part(const struct job *job)
{
	return job_is_wheel(job) ? WORKSPACE_IN : WORKSPACE_OUT;
}
