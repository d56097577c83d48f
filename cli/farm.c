#include "cli/farm.h"

#include "cli/main.h"
#include "cli/options.h"
#include "coordinator/config.h"
#include "coordinator/store/agent.h"
#include "coordinator/store/job.h"
#include "coordinator/store/lock.h"
#include "core/base/clock.h"
#include "core/io/blob_sweep.h"
#include "core/io/file.h"
#include "core/io/json.h"
#include "reports/agents.h"
#include "reports/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct asked {
	const char *config_file;
	const char *out;
	bool json;
	struct config config;
};

static int world_failed(const struct err *e)
{
	fprintf(stderr, "wheelfarm farm: %s\n", e->text);
	return EXIT_WORLD;
}

/* --- status --- */

struct status {
	bool runs;
	struct store_job_counts jobs;
	struct store_agent *agents;
	size_t agent_count;
	int64_t free_bytes; /* of the disk with the state, -1: unknown */
	int64_t database_bytes; /* its log of changes included */
	struct blob_usage blobs;
};

/* What lies on the disk; a farm that never ran has nothing. */
static int measure(const struct asked *a, struct status *s, struct err *e)
{
	char *folder = file_join(a->config.state, "store");
	struct blob_store blobs = {.folder = folder};
	s->free_bytes = file_free_bytes(a->config.state);
	int64_t bytes = store_file_bytes(a->config.database);
	s->database_bytes = bytes > 0 ? bytes : 0;
	int code = blob_usage(&blobs, &s->blobs, e);
	free(folder);
	return code;
}

static void status_json(const struct asked *a, const struct status *s, struct buf *out)
{
	struct json_writer w;
	json_writer_init(&w, out, true);
	json_object_begin(&w);
	json_kv_text(&w, "state", a->config.state);
	json_kv_bool(&w, "runs", s->runs);
	json_key(&w, "jobs");
	json_object_begin(&w);
	json_kv_int(&w, "queued", s->jobs.queued);
	json_kv_int(&w, "leased", s->jobs.leased);
	json_kv_int(&w, "passed", s->jobs.passed);
	json_kv_int(&w, "failed", s->jobs.failed);
	json_object_end(&w);
	json_kv_int(&w, "free_bytes", s->free_bytes);
	json_kv_int(&w, "database_bytes", s->database_bytes);
	json_key(&w, "store");
	json_object_begin(&w);
	json_kv_int(&w, "files", (int64_t)s->blobs.files);
	json_kv_int(&w, "bytes", (int64_t)s->blobs.bytes);
	json_kv_int(&w, "partial_files", (int64_t)s->blobs.partial_files);
	json_kv_int(&w, "partial_bytes", (int64_t)s->blobs.partial_bytes);
	json_object_end(&w);
	json_key(&w, "agents");
	json_array_begin(&w);
	for (size_t i = 0; i < s->agent_count; i++) {
		report_agent_json(&s->agents[i], &w);
	}
	json_array_end(&w);
	json_object_end(&w);
	json_writer_finish(&w);
}

static void status_text(const struct asked *a, const struct status *s, struct buf *out)
{
	buf_printf(out, "%s  %s", s->runs ? "runs" : "does not run", a->config.state);
	if (s->free_bytes >= 0) {
		buf_add_text(out, ", ");
		words_bytes(out, s->free_bytes);
		buf_add_text(out, " free");
	}
	buf_add_text(out, "\ndatabase ");
	words_bytes(out, s->database_bytes);
	buf_printf(out, ", logs and wheels ");
	words_bytes(out, (int64_t)s->blobs.bytes);
	buf_printf(out, " in %llu files, uploads under way ", (unsigned long long)s->blobs.files);
	words_bytes(out, (int64_t)s->blobs.partial_bytes);
	buf_printf(out, "\njobs: %lld waiting, %lld at work, %lld passed, %lld failed\n\n",
		(long long)s->jobs.queued, (long long)s->jobs.leased, (long long)s->jobs.passed,
		(long long)s->jobs.failed);
	report_agents_terminal(s->agents, s->agent_count, clock_wall_ms(), out);
}

static int status(const struct asked *a, struct store *store)
{
	struct err e = {0};
	struct arena arena = {0};
	struct status s = {0};
	struct buf out = {0};
	s.runs = store_lock_check(a->config.database, NULL) == ERR_BUSY;
	int code = store_job_count(store, &s.jobs, &e);
	if (code == 0) {
		code = measure(a, &s, &e);
	}
	if (code == 0) {
		code = store_agent_list(store, &arena, &s.agents, &s.agent_count, &e);
	}
	if (code == 0) {
		(a->json ? status_json : status_text)(a, &s, &out);
		fputs(out.p, stdout);
	}
	buf_finish(&out);
	arena_finish(&arena);
	return code == 0 ? EXIT_FINE : world_failed(&e);
}

/* --- backup --- */

static int backup(const struct asked *a, struct store *store)
{
	struct err e = {0};
	int code = store_backup(store, a->out, &e);
	if (code == ERR_CONFLICT) {
		return options_wrong("farm", "%s", e.text);
	}
	if (code != 0) {
		return world_failed(&e);
	}
	if (a->json) {
		struct buf out = {0};
		struct json_writer w;
		json_writer_init(&w, &out, true);
		json_object_begin(&w);
		json_kv_text(&w, "backup", a->out);
		json_object_end(&w);
		json_writer_finish(&w);
		fputs(out.p, stdout);
		buf_finish(&out);
	} else {
		printf("%s\n", a->out);
	}
	return EXIT_FINE;
}

static int open_and(const struct asked *a, int (*act)(const struct asked *, struct store *))
{
	struct err e = {0};
	struct store *store = NULL;
	int code = store_open(a->config.database, STORE_READ, &store, &e);
	if (code != 0) {
		return world_failed(&e);
	}
	int exit = act(a, store);
	store_close(store);
	return exit;
}

int command_farm(int argc, char **argv)
{
	struct asked a = {0};
	struct option_list words;
	const struct option table[] = {
		{"config", 'c', OPTION_TEXT, &a.config_file, "FILE", "the farm's config"},
		{"out", 'o', OPTION_TEXT, &a.out, "FILE", "of backup: a file that is not there yet"},
		{"json", 0, OPTION_FLAG, &a.json, NULL, "one JSON document on stdout"},
		{0},
	};
	const struct options about = {
		.command = "farm",
		.usage = "status | backup --out FILE   --config FILE",
		.about = "A farm from outside, while it runs or not.\n\n"
				 "  status  does it run, what waits, which agents it has\n"
				 "  backup  the whole database as of one moment, in a new file",
		.example = "wheelfarm farm backup --config farm.yaml --out facts-backup.db",
		.table = table,
		.words_min = 1,
		.words_max = 1,
	};
	struct err e = {0};
	int exit = options_parse(&about, argc, argv, &words);
	bool is_backup = exit == OPTIONS_GO && strcmp(words.v[0], "backup") == 0;
	if (exit != OPTIONS_GO) {
		goto out;
	}
	if (!is_backup && strcmp(words.v[0], "status") != 0) {
		exit = options_wrong("farm", "'%s' is none of status, backup", words.v[0]);
	} else if (a.config_file == NULL) {
		exit = options_wrong("farm", "--config FILE is needed: the farm's own");
	} else if (is_backup != (a.out != NULL)) {
		exit = options_wrong(
			"farm", is_backup ? "backup takes --out FILE" : "only backup takes --out");
	} else if (config_load(a.config_file, &a.config, &e) != 0) {
		fprintf(stderr, "wheelfarm farm: %s\n", e.text);
		exit = EXIT_USAGE;
	} else {
		exit = open_and(&a, is_backup ? backup : status);
	}
out:
	config_finish(&a.config);
	options_list_finish(&words);
	return exit;
}
