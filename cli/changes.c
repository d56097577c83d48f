#include "cli/changes.h"

#include "cli/main.h"
#include "cli/options.h"
#include "coordinator/store/view_changes.h"
#include "core/base/clock.h"
#include "recipes/target.h"
#include "recipes/tree.h"
#include "reports/json_page.h"
#include "reports/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct asked {
	const char *since;
	const char *until;
	const char *target;
	const char *db;
	bool all;
	bool json;
	const char *recipes;
};

/* Worked before and does not now. */
static bool is_fine(const struct changes_view *v)
{
	return v->packages[CHANGE_VANISHED] == 0 && v->packages[CHANGE_BROKE] == 0;
}

static void print_view(const struct asked *a, const struct changes_view *v)
{
	struct buf out = {0};
	if (a->json) {
		struct json_writer w;
		json_writer_init(&w, &out, true);
		json_page_changes(v, &w);
		json_writer_finish(&w);
	} else {
		struct terminal t = {
			.out = &out,
			.colour = isatty(STDOUT_FILENO) != 0 && getenv("NO_COLOR") == NULL,
			.now = clock_wall_ms(),
		};
		report_changes_terminal(&t, v);
	}
	fwrite(out.n != 0 ? out.p : "", 1, out.n, stdout);
	buf_finish(&out);
}

static int show(const struct asked *a, struct store *store, const char *target)
{
	struct err e = {0};
	struct changes_view v;
	const struct changes_query q = {
		.since = str_from(a->since),
		.until = str_from(a->until),
		.target = target,
		.all = a->all,
	};
	int exit;
	int code = store_changes_view(store, &q, &v, &e);
	if (code == 0) {
		print_view(a, &v);
		exit = is_fine(&v) ? EXIT_FINE : EXIT_NOT_FINE;
	} else {
		fprintf(stderr, "wheelfarm changes: %s\n", e.text);
		exit = code == ERR_INVALID || code == ERR_NOT_FOUND ? EXIT_USAGE : EXIT_WORLD;
	}
	changes_view_finish(&v);
	return exit;
}

static int open_and_show(const struct asked *a)
{
	struct err e = {0};
	struct target_set set = {0};
	struct store *store = NULL;
	const struct recipe_target *target = NULL;
	char *folder = a->recipes != NULL ? str_dup(str_from(a->recipes)) : recipe_tree_default();
	char *db = a->db != NULL ? str_dup(str_from(a->db)) : options_default_db(false);
	int exit = EXIT_USAGE;
	int code = a->target != NULL ? target_set_load(folder, &set, &e) : 0;
	if (code == 0 && a->target != NULL) {
		target = target_set_resolve(&set, str_from(a->target), "cp313", &e);
		code = target == NULL ? ERR_NOT_FOUND : 0;
	}
	if (code != 0) {
		fprintf(stderr, "wheelfarm changes: %s\n", e.text);
		goto out;
	}
	code = store_open(db, STORE_READ, &store, &e);
	if (code != 0) {
		fprintf(stderr, "wheelfarm changes: %s\n", e.text);
		exit = code == ERR_NOT_FOUND ? EXIT_USAGE : EXIT_WORLD;
	} else {
		exit = show(a, store, target != NULL ? target->pep.name : NULL);
	}
out:
	store_close(store);
	target_set_finish(&set);
	free(folder);
	free(db);
	return exit;
}

int command_changes(int argc, char **argv)
{
	struct asked a = {0};
	struct option_list words;
	const struct option table[] = {
		{"since", 0, OPTION_TEXT, &a.since, "NIGHT",
			"from its end on; default the scan before the last one"},
		{"until", 0, OPTION_TEXT, &a.until, "NIGHT", "to its end; default now"},
		{"target", 't', OPTION_TEXT, &a.target, "T",
			"only this one: cp313-win_arm64, win_arm64, aarch64"},
		{"all", 0, OPTION_FLAG, &a.all, NULL, "also changes that are none of the four kinds"},
		{"db", 0, OPTION_TEXT, &a.db, "FILE",
			"the facts; default $XDG_STATE_HOME/wheelfarm/facts.db"},
		{"json", 0, OPTION_FLAG, &a.json, NULL, "one JSON document on stdout"},
		{"recipes", 0, OPTION_TEXT, &a.recipes, "DIR", "another recipe tree"},
		{0},
	};
	const struct options about = {
		.command = "changes",
		.usage = "[--since NIGHT] [--until NIGHT] [--target T] [--db FILE] [--json]",
		.about =
			"What appeared, vanished, broke or was fixed between two scans: the net change.\n"
			"NIGHT is the number of a scan, a date as 2026-11-22 (the last scan that ended by\n"
			"then, UTC), or last. Ends with 0 if nothing vanished or broke, 1 if something did,\n"
			"2 if there is no such night.",
		.example = "wheelfarm changes --since 2026-11-01 --target win_arm64",
		.table = table,
	};
	int code = options_parse(&about, argc, argv, &words);
	if (code == OPTIONS_GO) {
		code = open_and_show(&a);
	}
	options_list_finish(&words);
	return code;
}
