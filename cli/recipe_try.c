#include "cli/recipe_try.h"

#include "cli/agent_program.h"
#include "cli/main.h"
#include "coordinator/classify/classify.h"
#include "core/base/clock.h"
#include "core/farm_protocol/result.h"
#include "core/io/file.h"
#include "core/io/json.h"
#include "core/io/loop.h"
#include "reports/visible.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	UID_FIRST = 62000, /* slots of farms begin at 60001 */
	UID_COUNT = 3000,
	JOB_FIRST = 1000000000, /* no job of a farm on this machine has such a number */
	RESULT_BYTES = 16 << 20,
	LOG_BYTES = 64 << 20,
	COLUMNS = 300,
	PATH_MOST = 120,
};

struct trying {
	const struct try_options *options;
	struct try_plan plan;
	struct arena arena;
	char *folder;
	char *work; /* of the agent; the job's own is below */
	char *workspace;
	uv_loop_t loop;
	uv_process_t process;
	uv_pipe_t out;
	uv_pipe_t err;
	struct buf said; /* the result, as JSON */
	struct buf line; /* of stderr, so far */
	int64_t stage_ms; /* when the stage on the screen began, 0: none */
	int64_t exit_status;
	int signal;
	struct result result;
	struct classify_answer found; /* the reason */
};

/* --- the run --- */

static void end_stage_line(struct trying *t)
{
	if (t->stage_ms != 0) {
		fprintf(stderr, " %6.1f s\n", (double)(clock_steady_ms() - t->stage_ms) / 1e3);
		t->stage_ms = 0;
	}
}

/* The log's "== build" is a stage that begins. */
static void show_line(struct trying *t, struct str line)
{
	enum stage stage;
	if (t->options->verbose) {
		fprintf(stderr, "%.*s\n", STR_ARG(line));
		return;
	}
	if (str_starts(line, "wheelfarm-agent: ")) {
		end_stage_line(t);
		fprintf(stderr, "%.*s\n", STR_ARG(line));
	}
	if (!str_starts(line, "== ") || !stage_find(str_slice(line, 3, line.n), &stage)) {
		return;
	}
	end_stage_line(t);
	fprintf(stderr, "  %-8s", stage_name(stage));
	fflush(stderr);
	t->stage_ms = clock_steady_ms();
}

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
	*out = uv_buf_init(mem_new(wanted, 1), (unsigned)wanted);
}

static void on_result(uv_stream_t *stream, ssize_t n, const uv_buf_t *piece)
{
	struct trying *t = mem_container_of((uv_pipe_t *)stream, struct trying, out);
	if (n > 0 && t->said.n < RESULT_BYTES) {
		buf_add_str(&t->said, (struct str){piece->base, (size_t)n});
	} else if (n < 0) {
		uv_close((uv_handle_t *)stream, NULL);
	}
	free(piece->base);
}

static void on_log(uv_stream_t *stream, ssize_t n, const uv_buf_t *piece)
{
	struct trying *t = mem_container_of((uv_pipe_t *)stream, struct trying, err);
	for (ssize_t i = 0; i < n; i++) {
		if (piece->base[i] != '\n') {
			buf_add_char(&t->line, piece->base[i]);
			continue;
		}
		show_line(t, buf_view(&t->line));
		buf_clear(&t->line);
	}
	if (n < 0) {
		uv_close((uv_handle_t *)stream, NULL);
	}
	free(piece->base);
}

static void on_exit_of_agent(uv_process_t *process, int64_t status, int signal_number)
{
	struct trying *t = mem_container_of(process, struct trying, process);
	t->exit_status = status;
	t->signal = signal_number;
	uv_close((uv_handle_t *)process, NULL);
}

static int spawn(struct trying *t, const char *config, const char *job, struct err *e)
{
	char *program = agent_program();
	const char *arguments[] = {program, "--config", config, "--job", job, NULL};
	uv_pipe_init(&t->loop, &t->out, 0);
	uv_pipe_init(&t->loop, &t->err, 0);
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_IGNORE},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&t->out},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&t->err},
	};
	const uv_process_options_t options = {
		.file = program,
		.args = (char **)arguments,
		.exit_cb = on_exit_of_agent,
		.stdio = stdio,
		.stdio_count = 3,
	};
	int code = uv_spawn(&t->loop, &t->process, &options);
	if (code == 0) {
		uv_read_start((uv_stream_t *)&t->out, on_alloc, on_result);
		uv_read_start((uv_stream_t *)&t->err, on_alloc, on_log);
	} else {
		err_set(e, code, "%s: %s", program, uv_strerror(code));
		uv_close((uv_handle_t *)&t->out, NULL);
		uv_close((uv_handle_t *)&t->err, NULL);
		uv_close((uv_handle_t *)&t->process, NULL);
	}
	free(program);
	return code;
}

static int write_json(const char *path, const struct buf *text, struct err *e)
{
	return file_write_atomic(path, buf_view(text), e);
}

/* A user of its own for each package and target: several may be tried at once. */
static int64_t uid_of(const struct job *job)
{
	uint32_t hash = 2166136261u;
	const char *const texts[] = {job->package, job->target.name};
	for (size_t i = 0; i < 2; i++) {
		for (const char *c = texts[i]; *c != '\0'; c++) {
			hash = (hash ^ (unsigned char)*c) * 16777619u;
		}
	}
	return UID_FIRST + (int64_t)(hash % UID_COUNT);
}

static int write_config(struct trying *t, const char *path, struct err *e)
{
	char *cache = agent_cache_folder();
	struct buf text = {0};
	struct json_writer w;
	json_writer_init(&w, &text, true);
	json_object_begin(&w);
	json_kv_text(&w, "name", "try");
	json_kv_text(&w, "workspace", t->work);
	json_kv_text(&w, "cache", cache);
	json_kv_text(&w, "blobs", t->plan.blobs.folder);
	json_kv_int(&w, "uid_base", uid_of(&t->plan.job.job));
	json_kv_bool(&w, "die_with_parent", true);
	json_object_end(&w);
	json_writer_finish(&w);
	int code = write_json(path, &text, e);
	buf_finish(&text);
	free(cache);
	return code;
}

static int write_job(struct trying *t, const char *path, struct err *e)
{
	struct buf text = {0};
	struct json_writer w;
	json_writer_init(&w, &text, true);
	job_write(&w, &t->plan.job.job);
	json_writer_finish(&w);
	int code = write_json(path, &text, e);
	buf_finish(&text);
	return code;
}

static int run(struct trying *t, struct err *e)
{
	char *config = file_join(t->folder, "agent.json");
	char *job = file_join(t->folder, "job.json");
	(void)file_remove_tree(t->work, NULL);
	int code = file_make_folders(t->work, e);
	if (code == 0) {
		code = write_config(t, config, e);
	}
	if (code == 0) {
		code = write_job(t, job, e);
	}
	if (code == 0) {
		/* Ctrl-C reaches the agent too, which ends what it started; we wait for that */
		signal(SIGINT, SIG_IGN);
		code = spawn(t, config, job, e);
	}
	uv_run(&t->loop, UV_RUN_DEFAULT);
	end_stage_line(t);
	if (code == 0) {
		code = result_read(buf_view(&t->said), &t->arena, &t->result, e);
		if (code != 0 && t->said.n == 0) {
			code = err_set(
				e, ERR_CORRUPT, "the agent ended with %d and said no result", (int)t->exit_status);
		}
	}
	free(config);
	free(job);
	return code;
}

/* --- the verdict --- */

static const struct result_stage *failed_stage(const struct trying *t)
{
	const struct result_stage *stages = t->result.stages.v;
	for (size_t i = 0; i < t->result.stages.n; i++) {
		if (t->result.stage != NULL && strcmp(stages[i].stage, t->result.stage) == 0) {
			return &stages[i];
		}
	}
	return NULL;
}

/* As the coordinator does it: the agent's own word, else what the rules find in the stage's log. */
static void find_reason(struct trying *t)
{
	const struct result_stage *stage = failed_stage(t);
	enum stage which;
	struct buf log = {0};
	struct err e = {0};
	char *path = file_join(t->workspace, "log");
	t->found = (struct classify_answer){.reason = REASON_CODE_UNKNOWN};
	if (t->result.reason != NULL) {
		(void)reason_find(str_from(t->result.reason), &t->found.reason);
	} else if (stage != NULL && stage_find(str_from(stage->stage), &which) &&
		file_read(path, LOG_BYTES, &log, &e) == 0) {
		struct reason_rules *rules = reason_rules_load(t->options->asked.recipes, &e);
		struct str part = str_slice(buf_view(&log), (size_t)stage->log_from, (size_t)stage->log_to);
		if (rules != NULL) {
			classify_log(rules, which, part, &t->found);
		}
		reason_rules_destroy(rules);
	}
	if (t->result.line != NULL && t->result.line[0] != '\0') {
		snprintf(t->found.line, sizeof(t->found.line), "%s", t->result.line);
	}
	buf_finish(&log);
	free(path);
}

static void print_seen(const char *head, const char *text)
{
	struct buf seen = {0};
	visible_add_cut(&seen, str_from(text), VISIBLE_LINE, COLUMNS);
	printf("%s%s\n", head, seen.p != NULL ? seen.p : "");
	buf_finish(&seen);
}

static void print_parts(const struct trying *t)
{
	const struct result *r = &t->result;
	const struct result_file *files = r->files.v;
	const struct result_import *imports = r->imports.v;
	for (size_t i = 0; i < r->files.n; i++) {
		if (strcmp(files[i].kind, "wheel") == 0) {
			printf("  wheel      %s\n", files[i].filename);
		}
	}
	if (r->imports.n != 0) {
		printf("  imported  ");
		for (size_t i = 0; i < r->imports.n; i++) {
			printf(" %s%s%s", imports[i].module, imports[i].native ? " (compiled)" : "",
				imports[i].ok ? "" : " (failed)");
		}
		printf(", run %s\n", strcmp(r->executor, "native") == 0 ? "natively" : r->executor);
	} else if (r->executor[0] == '\0' && r->stage == NULL) {
		printf("  imported   not run: no image here runs this target\n");
	}
	if (r->tests_passed + r->tests_failed + r->tests_skipped != 0) {
		printf("  tests      %lld passed, %lld failed, %lld skipped\n", (long long)r->tests_passed,
			(long long)r->tests_failed, (long long)r->tests_skipped);
	} else if (r->stage == NULL) {
		printf("  tests      none: %s\n",
			t->options->asked.published ? "they are in the sdist"
										: "the recipe has no test command");
	}
}

static void print_workspace(const struct trying *t)
{
	printf("  log        %s/log\n", t->workspace);
	printf("  enter it   bash %s/enter.sh\n", t->workspace);
	printf("  again      mv %s %s.old && bash %s.old/commands.sh\n", t->workspace, t->workspace,
		t->workspace);
}

static int print_verdict(const struct trying *t)
{
	const struct job *job = &t->plan.job.job;
	const struct result *r = &t->result;
	bool pass = r->stage == NULL;
	enum reason_owner owner = reason_owner_of(t->found.reason);
	printf("%s %s on %s, %s: %s", job->package, job->version, job->target.name, job->mode,
		pass ? "passes" : "fails");
	if (pass) {
		printf(" (%.1f s)\n", (double)(r->finished - r->started) / 1e3);
	} else {
		printf(" at %s: %s (%s): %s\n", r->stage, reason_code(t->found.reason),
			reason_owner_name(owner), reason_text(t->found.reason));
		print_seen("  ", t->found.line[0] != '\0' ? t->found.line : "no line says why");
	}
	print_parts(t);
	if (pass && t->plan.skip != NULL) {
		printf("  unexpected: the recipe skips this target until %s; take the entry out\n",
			t->plan.skip->review_by);
	}
	if (!pass || t->options->keep) {
		print_workspace(t);
	}
	if (pass) {
		return EXIT_FINE;
	}
	return owner == REASON_FARM ? EXIT_WORLD : EXIT_NOT_FINE;
}

/* Of a pass the wheel stays, beside the folder that goes. */
static void keep_wheels(const struct trying *t)
{
	const struct result_file *files = t->result.files.v;
	for (size_t i = 0; i < t->result.files.n; i++) {
		if (strcmp(files[i].kind, "wheel") != 0) {
			continue;
		}
		struct err e = {0};
		char *from = str_format("%s/out/%s", t->workspace, files[i].filename);
		char *to = file_join(t->folder, files[i].filename);
		if (file_copy(from, to, 0644, &e) == 0) {
			printf("  kept       %s\n", to);
		}
		free(from);
		free(to);
	}
}

/* --- the command --- */

static char *default_folder(const struct try_asked *asked)
{
	char *cache = agent_cache_folder();
	char *folder = str_format(
		"%s/try/%s-%s", cache, asked->name, asked->target != NULL ? asked->target : "aarch64");
	free(cache);
	return folder;
}

int recipe_exit_code(int code)
{
	switch (code) {
	case ERR_USAGE:
	case ERR_INVALID:
	case ERR_NOT_FOUND:
	case ERR_HASH_MISMATCH:
		return EXIT_USAGE;
	default:
		return EXIT_WORLD;
	}
}

/* They become names of folders before anything else looks at them. */
static bool is_plain(const char *text)
{
	return text == NULL ||
		(text[0] != '.' && strchr(text, '/') == NULL && strlen(text) < PATH_MOST);
}

static int try_it(struct trying *t)
{
	struct err e = {0};
	const struct try_asked *asked = &t->options->asked;
	int code = is_plain(asked->name) && is_plain(asked->target)
		? file_make_folders(t->folder, &e)
		: err_set(&e, ERR_USAGE, "no package or target is called that");
	if (code == 0) {
		code = try_plan(asked, t->folder, &t->plan, &e);
	}
	if (code == 0) {
		struct job *job = &t->plan.job.job;
		job->id = JOB_FIRST + getpid();
		t->work = file_join(t->folder, "work");
		t->workspace = str_format("%s/slot0-job%lld", t->work, (long long)job->id);
		fprintf(stderr, "%s %s on %s, %s recipe\n", job->package, job->version, job->target.name,
			t->plan.recipe != NULL ? "with its" : "without a");
		code = run(t, &e);
	}
	if (code != 0) {
		fprintf(stderr, "wheelfarm recipe: %s\n", e.text);
		return t->signal == SIGINT ? EXIT_INTERRUPT : recipe_exit_code(code);
	}
	if (t->exit_status == EXIT_INTERRUPT) {
		return EXIT_INTERRUPT;
	}
	if (t->result.stage != NULL) {
		find_reason(t);
	}
	if (t->options->json) {
		printf("%.*s\n", STR_ARG(str_trim(buf_view(&t->said))));
		return t->result.stage == NULL                        ? EXIT_FINE
			: reason_owner_of(t->found.reason) == REASON_FARM ? EXIT_WORLD
															  : EXIT_NOT_FINE;
	}
	int exit_code = print_verdict(t);
	if (exit_code == EXIT_FINE && !t->options->keep) {
		keep_wheels(t);
		(void)file_remove_tree(t->work, NULL);
	}
	return exit_code;
}

int recipe_try(const struct try_options *options)
{
	struct trying t = {.options = options};
	uv_loop_init(&t.loop);
	t.folder =
		options->dir != NULL ? str_dup(str_from(options->dir)) : default_folder(&options->asked);
	int exit_code = try_it(&t);
	uv_loop_close(&t.loop);
	try_plan_finish(&t.plan);
	arena_finish(&t.arena);
	buf_finish(&t.said);
	buf_finish(&t.line);
	free(t.folder);
	free(t.work);
	free(t.workspace);
	return exit_code;
}
