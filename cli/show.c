#include "cli/show.h"

#include "cli/main.h"
#include "cli/options.h"
#include "cli/show_release.h"
#include "coordinator/store/package.h"
#include "core/base/clock.h"
#include "core/pep/name.h"
#include "core/pep/version.h"
#include "recipes/target.h"
#include "recipes/tree.h"
#include "reports/json_page.h"
#include "reports/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct asked {
	const char *target;
	const char *db;
	bool json;
	const char *recipes;
};

/* "NAME" or "NAME==VERSION"; the texts are the caller's to free. */
static int parse_word(const char *word, char name[static 256], char **version)
{
	const char *equal = strstr(word, "==");
	struct str text = str_from(word);
	*version = NULL;
	if (equal != NULL) {
		text.n = (size_t)(equal - word);
		struct version v;
		if (version_parse(str_from(equal + 2), &v, NULL) != 0) {
			return options_wrong("show", "'%s' is no version", equal + 2);
		}
		struct buf normalised = {0};
		version_write(&v, &normalised);
		*version = buf_take(&normalised);
	}
	text = str_trim(text);
	if (!name_is_valid(text) || !name_normalise_to(text, name, 256)) {
		return options_wrong("show", "'%s' is no package name", word);
	}
	return OPTIONS_GO;
}

/* The whole name of --target; a short one means the default Python. */
static int resolve_target(const struct asked *a, const struct target_set *set, const char **out)
{
	struct err e = {0};
	*out = NULL;
	if (a->target == NULL) {
		return OPTIONS_GO;
	}
	const struct recipe_target *t = target_set_resolve(set, str_from(a->target), "cp313", &e);
	if (t == NULL) {
		return options_wrong("show", "%s", e.text);
	}
	*out = t->pep.name;
	return OPTIONS_GO;
}

static void print_view(const struct asked *a, const struct package_view *view, const char *target)
{
	struct buf out = {0};
	if (a->json) {
		struct json_writer w;
		json_writer_init(&w, &out, true);
		report_package_json(view, target, &w);
		json_writer_finish(&w);
	} else {
		struct terminal t = {
			.out = &out,
			.colour = isatty(STDOUT_FILENO) != 0 && getenv("NO_COLOR") == NULL,
			.now = clock_wall_ms(),
		};
		report_package_terminal(&t, view, target);
	}
	fwrite(out.n != 0 ? out.p : "", 1, out.n, stdout);
	buf_finish(&out);
}

/* Nothing is known: one sentence, and with --json still one document. */
static int not_known(const struct asked *a, const char *name, const char *why)
{
	if (a->json) {
		struct buf out = {0};
		struct json_writer w;
		json_writer_init(&w, &out, true);
		json_object_begin(&w);
		json_kv_text(&w, "name", name);
		json_kv_bool(&w, "known", false);
		json_key(&w, "targets");
		json_array_begin(&w);
		json_array_end(&w);
		json_object_end(&w);
		json_writer_finish(&w);
		fwrite(out.p, 1, out.n, stdout);
		buf_finish(&out);
	}
	fprintf(stderr, "%s: %s\n", name, why);
	return EXIT_NOT_FINE;
}

static int show(const struct asked *a, struct store *store, const struct target_set *set,
	const char *name, const char *version)
{
	struct err e = {0};
	struct package_view view = {0};
	struct arena arena = {0};
	struct store_package package;
	const char *target;
	int exit = resolve_target(a, set, &target);
	if (exit != OPTIONS_GO) {
		return exit;
	}
	int code = store_package_get(store, str_from(name), &arena, &package, &e);
	if (code == 0 && package.absent) {
		exit = not_known(a, name, "the index has no such project");
		goto out;
	}
	if (code == 0) {
		code = store_package_view(store, str_from(name), &view, &e);
	}
	if (code == 0 && version != NULL) {
		code = show_only_release(store, package.id, set, version, &view, &e);
	}
	if (code == ERR_NOT_FOUND) {
		exit = not_known(a, name, version != NULL ? e.text : "not in the database; scan it first");
	} else if (code != 0) {
		fprintf(stderr, "wheelfarm show: %s\n", e.text);
		exit = EXIT_WORLD;
	} else {
		print_view(a, &view, target);
		exit = EXIT_FINE;
	}
	package_view_finish(&view);
out:
	arena_finish(&arena);
	return exit;
}

static int open_and_show(const struct asked *a, const char *name, const char *version)
{
	struct err e = {0};
	struct target_set set = {0};
	struct store *store = NULL;
	char *folder = a->recipes != NULL ? str_dup(str_from(a->recipes)) : recipe_tree_default();
	char *db = a->db != NULL ? str_dup(str_from(a->db)) : options_default_db(false);
	int exit;
	/* Most questions need none of the targets' files. */
	bool targets = a->target != NULL || version != NULL;
	int code = targets ? target_set_load(folder, &set, &e) : 0;
	if (code != 0) {
		fprintf(stderr, "wheelfarm show: %s\n", e.text);
		exit = EXIT_USAGE;
		goto out;
	}
	code = store_open(db, STORE_READ, &store, &e);
	if (code == ERR_NOT_FOUND && a->db == NULL) {
		exit = not_known(a, name, "nothing was scanned yet");
	} else if (code != 0) {
		fprintf(stderr, "wheelfarm show: %s\n", e.text);
		exit = code == ERR_NOT_FOUND ? EXIT_USAGE : EXIT_WORLD;
	} else {
		exit = show(a, store, &set, name, version);
	}
out:
	store_close(store);
	target_set_finish(&set);
	free(folder);
	free(db);
	return exit;
}

int command_show(int argc, char **argv)
{
	struct asked a = {0};
	struct option_list words;
	const struct option table[] = {
		{"target", 't', OPTION_TEXT, &a.target, "T",
			"only this one: cp313-win_arm64, win_arm64, aarch64"},
		{"db", 0, OPTION_TEXT, &a.db, "FILE",
			"the facts; default $XDG_STATE_HOME/wheelfarm/facts.db"},
		{"json", 0, OPTION_FLAG, &a.json, NULL, "one JSON document on stdout"},
		{"recipes", 0, OPTION_TEXT, &a.recipes, "DIR", "another recipe tree"},
		{0},
	};
	const struct options about = {
		.command = "show",
		.usage = "NAME[==VERSION] [--target T] [--db FILE] [--json]",
		.about = "Everything known of one package: what is published, what builds, what passes, on "
				 "each\n"
				 "target. Ends with 0 if it is known, 1 if it is not in the database.",
		.example = "wheelfarm show cryptography --target win_arm64",
		.table = table,
		.words_min = 1,
		.words_max = 1,
	};
	char name[256];
	char *version = NULL;
	int code = options_parse(&about, argc, argv, &words);
	if (code == OPTIONS_GO) {
		code = parse_word(words.v[0], name, &version);
	}
	if (code == OPTIONS_GO) {
		code = open_and_show(&a, name, version);
	}
	free(version);
	options_list_finish(&words);
	return code;
}
