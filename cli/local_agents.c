#include "cli/local_agents.h"

#include "cli/agent_program.h"
#include "core/base/clock.h"
#include "core/io/file.h"
#include "core/io/json.h"
#include "core/io/loop.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	GRACE_MS = 3000,
	RESTART_MS = 1000,
	QUICK_MS = 5000, /* who dies sooner cannot work here */
	QUICK_DEATHS = 5, /* in a row: it is not started again */
	UID_BASE = 60001,
	UIDS_EACH = 16,
};

struct local_agent {
	struct local_agents *all;
	int64_t number;
	char name[32];
	char *folder;
	uv_process_t process;
	int64_t started; /* steady ms */
	int quick_deaths; /* in a row; a start that failed is one */
	bool running;
	bool over; /* is not started again */
};

struct local_agents {
	struct local_agents_options options;
	struct local_agent *v;
	char *program;
	uv_timer_t grace;
	bool stopping;
	size_t busy; /* admissions, revocations, restarts and processes under way */
};

static void report(struct local_agents *a, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void report(struct local_agents *a, const char *format, ...)
{
	char line[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	a->options.on_report(a->options.user, line);
}

static void on_grace_closed(uv_handle_t *handle)
{
	struct local_agents *a = mem_container_of((uv_timer_t *)handle, struct local_agents, grace);
	for (int64_t i = 0; i < a->options.count; i++) {
		free(a->v[i].folder);
	}
	free(a->v);
	free(a->program);
	a->options.on_gone(a->options.user);
	free(a);
}

/* One thing less is under way; the last one after stop ends it all. */
static void settle(struct local_agents *a)
{
	a->busy--;
	if (a->stopping && a->busy == 0 && !uv_is_closing((uv_handle_t *)&a->grace)) {
		uv_close((uv_handle_t *)&a->grace, on_grace_closed);
	}
}

static void admit(struct local_agent *agent);

static void restart(void *user)
{
	struct local_agent *agent = user;
	if (!agent->all->stopping) {
		admit(agent);
	}
	settle(agent->all);
}

static void on_revoked(void *user, int code, const struct err *e)
{
	struct local_agent *agent = user;
	loop_after(agent->all->options.loop, RESTART_MS, restart, agent);
}

static void on_process_closed(uv_handle_t *handle)
{
	struct local_agent *agent =
		mem_container_of((uv_process_t *)handle, struct local_agent, process);
	settle(agent->all);
}

/* What it held goes back to the queue, and it gets a new life with a new token. */
static void start_again(struct local_agent *agent)
{
	agent->all->busy++;
	queue_revoke_agent(agent->all->options.queue, agent->name, on_revoked, agent);
}

static void give_up(struct local_agent *agent)
{
	struct local_agents *a = agent->all;
	size_t left = 0;
	agent->over = true;
	for (int64_t i = 0; i < a->options.count; i++) {
		left += a->v[i].over ? 0 : 1;
	}
	if (left == 0) {
		a->options.on_lost(a->options.user);
	}
}

static void on_bad_end(struct local_agent *agent, int64_t status, int signal_number)
{
	struct local_agents *a = agent->all;
	bool quick = clock_steady_ms() - agent->started < QUICK_MS;
	agent->quick_deaths = quick ? agent->quick_deaths + 1 : 0;
	if (agent->quick_deaths >= QUICK_DEATHS) {
		report(a, "%s ends as soon as it is started, %d times in a row: given up (%s/agent.log)",
			agent->name, QUICK_DEATHS, agent->folder);
		queue_revoke_agent(a->options.queue, agent->name, NULL, NULL);
		give_up(agent);
		return;
	}
	if (signal_number != 0) {
		report(a, "%s was ended by signal %d: started again", agent->name, signal_number);
	} else {
		report(a, "%s ended with %d: started again (%s/agent.log)", agent->name, (int)status,
			agent->folder);
	}
	start_again(agent);
}

/* An agent that ends by itself with 0 was told that the farm is done, or to end. */
static void on_ended(uv_process_t *process, int64_t status, int signal_number)
{
	struct local_agent *agent = mem_container_of(process, struct local_agent, process);
	struct local_agents *a = agent->all;
	agent->running = false;
	if (!a->stopping && status == 0 && signal_number == 0) {
		give_up(agent);
	} else if (!a->stopping) {
		on_bad_end(agent, status, signal_number);
	}
	uv_close((uv_handle_t *)process, on_process_closed);
}

static int write_private(const char *path, const char *text, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t n = strlen(text);
	int code = 0;
	if (fd < 0 || write(fd, text, n) != (ssize_t)n) {
		code = err_set(e, ERR_INVALID, "%s cannot be written", path);
	}
	if (fd >= 0) {
		close(fd);
	}
	return code;
}

static int write_config(struct local_agent *agent, const char *token, char **config, struct err *e)
{
	const struct local_agents_options *o = &agent->all->options;
	char *token_file = file_join(agent->folder, "token");
	char *workspace = file_join(agent->folder, "work");
	char *cache = agent_cache_folder();
	struct buf text = {0};
	struct json_writer w;
	json_writer_init(&w, &text, true);
	json_object_begin(&w);
	json_kv_text(&w, "coordinator", o->coordinator);
	json_kv_text(&w, "token_file", token_file);
	json_kv_text(&w, "ca_file", o->ca_file);
	json_kv_text(&w, "name", agent->name);
	json_kv_int(&w, "slots", o->slots);
	json_kv_text(&w, "workspace", workspace);
	json_kv_text(&w, "cache", cache);
	json_kv_int(&w, "uid_base", UID_BASE + agent->number * UIDS_EACH);
	json_kv_bool(&w, "drain", false);
	json_object_end(&w);
	json_writer_finish(&w);
	*config = file_join(agent->folder, "agent.json");
	int code = file_make_folders(workspace, e);
	if (code == 0) {
		code = write_private(token_file, token, e);
	}
	if (code == 0) {
		code = file_write_atomic(*config, buf_view(&text), e);
	}
	buf_finish(&text);
	free(token_file);
	free(workspace);
	free(cache);
	return code;
}

static int spawn(struct local_agent *agent, const char *config, struct err *e)
{
	struct local_agents *a = agent->all;
	char *log_file = file_join(agent->folder, "agent.log");
	int log = open(log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	free(log_file);
	const char *arguments[] = {a->program, "--config", config, NULL};
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_IGNORE},
		{.flags = log >= 0 ? UV_INHERIT_FD : UV_IGNORE, .data.fd = log},
		{.flags = log >= 0 ? UV_INHERIT_FD : UV_IGNORE, .data.fd = log},
	};
	uv_process_options_t options = {
		.file = a->program,
		.args = (char **)arguments,
		.exit_cb = on_ended,
		.stdio = stdio,
		.stdio_count = 3,
	};
	int code = uv_spawn(a->options.loop, &agent->process, &options);
	if (log >= 0) {
		close(log);
	}
	a->busy++; /* the handle, until it is closed */
	if (code < 0) {
		uv_close((uv_handle_t *)&agent->process, on_process_closed);
		return err_set(e, code, "%s: %s", a->program, uv_strerror(code));
	}
	agent->running = true;
	agent->started = clock_steady_ms();
	return 0;
}

/* A database that is busy or full may be well again in a second; the rest stays as it is. */
static void on_no_start(struct local_agent *agent, int code, const struct err *e)
{
	bool passing = code == ERR_DATABASE || code == ERR_BUSY;
	report(agent->all, "%s cannot start: %s", agent->name, e->text);
	if (passing && ++agent->quick_deaths < QUICK_DEATHS) {
		start_again(agent);
	} else {
		give_up(agent);
	}
}

static void on_admitted(void *user, int code, const char *token, const struct err *problem)
{
	struct local_agent *agent = user;
	struct local_agents *a = agent->all;
	struct err e = {0};
	char *config = NULL;
	if (code < 0) {
		e = *problem;
	} else if (!a->stopping) {
		code = write_config(agent, token, &config, &e);
		if (code == 0) {
			code = spawn(agent, config, &e);
		}
	}
	if (code < 0 && !a->stopping) {
		on_no_start(agent, code, &e);
	}
	free(config);
	settle(a);
}

static void admit(struct local_agent *agent)
{
	agent->all->busy++;
	queue_agent_add(agent->all->options.queue, agent->name, true, true, on_admitted, agent);
}

struct local_agents *local_agents_start(const struct local_agents_options *options)
{
	struct local_agents *a = MEM_NEW(struct local_agents);
	a->options = *options;
	a->program = agent_program();
	a->v = mem_new((size_t)options->count, sizeof(*a->v));
	uv_timer_init(options->loop, &a->grace);
	for (int64_t i = 0; i < options->count; i++) {
		struct local_agent *agent = &a->v[i];
		agent->all = a;
		agent->number = i;
		snprintf(agent->name, sizeof(agent->name), "local-%d", (int)i + 1);
		agent->folder = str_format("%s/agents/%s", options->state, agent->name);
		admit(agent);
	}
	return a;
}

static void signal_all(struct local_agents *a, int signal_number)
{
	for (int64_t i = 0; i < a->options.count; i++) {
		if (a->v[i].running) {
			uv_process_kill(&a->v[i].process, signal_number);
		}
	}
}

static void on_grace(uv_timer_t *timer)
{
	signal_all(mem_container_of(timer, struct local_agents, grace), SIGKILL);
}

void local_agents_stop(struct local_agents *a)
{
	a->stopping = true;
	a->busy++; /* this call */
	signal_all(a, SIGTERM);
	uv_timer_start(&a->grace, on_grace, GRACE_MS, 0);
	settle(a);
}
