#include "cli/agent.h"

#include "cli/admin_link.h"
#include "cli/main.h"
#include "cli/options.h"
#include "coordinator/config.h"
#include "coordinator/store/agent.h"
#include "coordinator/store/audit.h"
#include "coordinator/store/lock.h"
#include "core/base/clock.h"
#include "core/io/json.h"
#include "core/io/json_tree.h"
#include "reports/agents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct asked {
	const char *config_file;
	bool trusted;
	bool json;
	const char *action;
	const char *name; /* NULL for list */
	struct config config;
};

static int world_failed(const struct err *e)
{
	fprintf(stderr, "wheelfarm agent: %s\n", e->text);
	return EXIT_WORLD;
}

static void print_token(const struct asked *a, const char *token)
{
	if (a->json) {
		struct buf out = {0};
		struct json_writer w;
		json_writer_init(&w, &out, true);
		json_object_begin(&w);
		json_kv_text(&w, "name", a->name);
		json_kv_text(&w, "token", token);
		json_object_end(&w);
		json_writer_finish(&w);
		fputs(out.p, stdout);
		buf_finish(&out);
		return;
	}
	printf("%s\n", token);
	fprintf(stderr, "The token of %s, told this once: put it into the token_file of its config.\n",
		a->name);
}

static void print_done(const struct asked *a)
{
	if (a->json) {
		printf("{\"name\": \"%s\", \"done\": \"agent_%s\"}\n", a->name, a->action);
	} else {
		printf("%s: %s\n", a->name, a->action);
	}
}

/* --- through the coordinator that has the database --- */

/* {"name"} of an agent: a plain name needs no escapes, anything else is refused there. */
static char *order_of(const struct asked *a)
{
	struct buf out = {0};
	struct json_writer w;
	json_writer_init(&w, &out, false);
	json_object_begin(&w);
	json_kv_text(&w, "name", a->name);
	json_kv_bool(&w, "trusted", a->trusted);
	json_object_end(&w);
	json_writer_finish(&w);
	return buf_take(&out);
}

static const char *text_of(const struct json_node *root, const char *key, struct arena *arena)
{
	const struct json_node *node = json_tree_get(root, key);
	return node != NULL && node->kind == JSON_STRING ? arena_copy(arena, node->text.p, node->text.n)
													 : "";
}

static int print_answer(const struct asked *a, long status, struct str body)
{
	struct arena arena = {0};
	struct json_node *root = NULL;
	struct err e = {0};
	int exit = EXIT_FINE;
	if (json_tree_parse(body, "the coordinator's answer", &arena, &root, &e) != 0) {
		exit = world_failed(&e);
	} else if (status == 200) {
		print_done(a);
	} else if (status == 201) {
		print_token(a, text_of(root, "token", &arena));
	} else {
		fprintf(stderr, "wheelfarm agent: %s\n", text_of(root, "text", &arena));
		exit = status == 400 || status == 404 || status == 409 ? EXIT_NOT_FINE : EXIT_WORLD;
	}
	arena_finish(&arena);
	return exit;
}

static int change_there(const struct asked *a)
{
	struct buf answer = {0};
	struct err e = {0};
	long status = 0;
	bool add = strcmp(a->action, "add") == 0;
	char *body = add ? order_of(a) : str_dup(STR(""));
	char *path = add ? str_dup(STR("/api/v1/admin/agents"))
					 : str_format("/api/v1/admin/agent/%s/%s", a->name, a->action);
	int code = admin_link_call(a->config.state, path, body, &status, &answer, &e);
	int exit = code != 0 ? world_failed(&e) : print_answer(a, status, buf_view(&answer));
	buf_finish(&answer);
	free(body);
	free(path);
	return exit;
}

/* --- without one: the database is ours --- */

static int act(
	const struct asked *a, struct store *s, char token[static STORE_TOKEN], struct err *e)
{
	static const struct {
		const char *action;
		enum store_agent_state state;
	} states[] = {
		{"drain", STORE_AGENT_DRAINING},
		{"release", STORE_AGENT_ACTIVE},
		{"revoke", STORE_AGENT_REVOKED},
	};
	int64_t now = clock_wall_ms();
	int64_t id = 0;
	int code = 0;
	if (strcmp(a->action, "add") == 0) {
		code = store_agent_add(s, a->name, a->trusted, false, now, token, &id, e);
	}
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (strcmp(a->action, states[i].action) == 0) {
			code = store_agent_change(s, a->name, states[i].state, &id, e);
		}
	}
	if (code == 0) {
		char *word = str_format("agent_%s", a->action);
		const struct store_audit line = {
			.at = now, .who = "local", .action = word, .subject = a->name};
		code = store_audit_begin(s, &line, &id, e);
		free(word);
	}
	return code == 0 ? store_audit_end(s, id, "ok", e) : code;
}

static int change_here(const struct asked *a, struct store *s)
{
	struct err e = {0};
	char token[STORE_TOKEN] = "";
	int code = store_begin(s, &e);
	if (code == 0) {
		code = act(a, s, token, &e);
	}
	if (code == 0) {
		code = store_commit(s, &e);
	} else {
		store_rollback(s);
	}
	if (code == ERR_NOT_FOUND || code == ERR_CONFLICT || code == ERR_INVALID) {
		fprintf(stderr, "wheelfarm agent: %s\n", e.text);
		return EXIT_NOT_FINE;
	}
	if (code != 0) {
		return world_failed(&e);
	}
	if (token[0] != '\0') {
		print_token(a, token);
	} else {
		print_done(a);
	}
	return EXIT_FINE;
}

static int change(const struct asked *a)
{
	struct err e = {0};
	struct store_lock *lock = NULL;
	struct store *s = NULL;
	int exit;
	int code = store_lock(a->config.database, &lock, &e);
	if (code == ERR_BUSY) {
		return change_there(a);
	}
	if (code == 0) {
		code = store_open(a->config.database, STORE_WRITE, &s, &e);
	}
	exit = code == 0 ? change_here(a, s) : world_failed(&e);
	store_close(s);
	store_unlock(lock);
	return exit;
}

/* --- list: anybody who can read the database --- */

static void print_agents(const struct asked *a, const struct store_agent *agents, size_t count)
{
	struct buf out = {0};
	if (a->json) {
		struct json_writer w;
		json_writer_init(&w, &out, true);
		json_array_begin(&w);
		for (size_t i = 0; i < count; i++) {
			report_agent_json(&agents[i], &w);
		}
		json_array_end(&w);
		json_writer_finish(&w);
	} else {
		report_agents_terminal(agents, count, clock_wall_ms(), &out);
	}
	fputs(out.p, stdout);
	buf_finish(&out);
}

static int list(const struct asked *a)
{
	struct err e = {0};
	struct store *s = NULL;
	struct arena arena = {0};
	struct store_agent *agents = NULL;
	size_t count = 0;
	int code = store_open(a->config.database, STORE_READ, &s, &e);
	if (code == 0) {
		code = store_agent_list(s, &arena, &agents, &count, &e);
	}
	if (code == 0 || code == ERR_NOT_FOUND) { /* no database: no agents yet */
		print_agents(a, agents, count);
		code = 0;
	}
	store_close(s);
	arena_finish(&arena);
	return code == 0 ? EXIT_FINE : world_failed(&e);
}

static int check(struct asked *a, const struct option_list *words)
{
	static const char *const actions[] = {"add", "drain", "release", "revoke"};
	struct err e = {0};
	a->action = words->v[0];
	a->name = words->n > 1 ? words->v[1] : NULL;
	bool known = strcmp(a->action, "list") == 0;
	bool needs_name = false;
	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		needs_name = needs_name || strcmp(a->action, actions[i]) == 0;
	}
	if (!known && !needs_name) {
		return options_wrong(
			"agent", "'%s' is none of add, list, drain, release, revoke", a->action);
	}
	if (needs_name != (a->name != NULL)) {
		return options_wrong(
			"agent", needs_name ? "%s takes one agent's name" : "%s takes no name", a->action);
	}
	if (a->config_file == NULL) {
		return options_wrong("agent", "--config FILE is needed: the farm's own");
	}
	if (a->name != NULL && !store_agent_name_is_plain(a->name)) {
		return options_wrong(
			"agent", "an agent's name is of letters, digits, '.', '_' and '-', at most 64 of them");
	}
	if (config_load(a->config_file, &a->config, &e) != 0) {
		fprintf(stderr, "wheelfarm agent: %s\n", e.text);
		return EXIT_USAGE;
	}
	return OPTIONS_GO;
}

int command_agent(int argc, char **argv)
{
	struct asked a = {0};
	struct option_list words;
	const struct option table[] = {
		{"config", 'c', OPTION_TEXT, &a.config_file, "FILE", "the farm's config"},
		{"trusted", 0, OPTION_FLAG, &a.trusted, NULL,
			"of add: its wheels may enter the index of built wheels"},
		{"json", 0, OPTION_FLAG, &a.json, NULL, "one JSON document on stdout"},
		{0},
	};
	const struct options about = {
		.command = "agent",
		.usage = "add NAME | list | drain NAME | release NAME | revoke NAME   --config FILE",
		.about =
			"Who may build. While the farm runs, it is asked; else the database is changed.\n\n"
			"  add      admit an agent: prints its token, once\n"
			"  list     all, with state and when they were seen\n"
			"  drain    takes no more jobs, ends those it has\n"
			"  release  drained or quarantined: active again\n"
			"  revoke   its token is worth nothing from now on; its jobs go to others",
		.example = "wheelfarm agent add winbox --trusted --config farm.yaml > winbox.token",
		.table = table,
		.words_min = 1,
		.words_max = 2,
	};
	int exit = options_parse(&about, argc, argv, &words);
	if (exit == OPTIONS_GO) {
		exit = check(&a, &words);
	}
	if (exit == OPTIONS_GO) {
		exit = strcmp(a.action, "list") == 0 ? list(&a) : change(&a);
	}
	config_finish(&a.config);
	options_list_finish(&words);
	return exit;
}
