#include "cli/export.h"

#include "cli/export_files.h"
#include "cli/main.h"
#include "cli/options.h"
#include "core/base/str.h"

#include <stdio.h>
#include <stdlib.h>

static int write_all(const char *asked_db, const char *folder)
{
	struct err e = {0};
	size_t count = 0;
	char *db = asked_db != NULL ? str_dup(str_from(asked_db)) : options_default_db(false);
	int code = export_files(db, folder, &count, &e);
	if (code == 0) {
		printf("%s: facts.sqlite and packages.jsonl, %zu packages\n", folder, count);
	} else {
		fprintf(stderr, "wheelfarm export: %s\n", e.text);
	}
	free(db);
	return code == 0 ? EXIT_FINE : code == ERR_NOT_FOUND ? EXIT_USAGE : EXIT_WORLD;
}

int command_export(int argc, char **argv)
{
	const char *out = NULL, *db = NULL;
	struct option_list words;
	const struct option table[] = {
		{"out", 'o', OPTION_TEXT, &out, "DIR", "where the files go; made if it is not there"},
		{"db", 0, OPTION_TEXT, &db, "FILE",
			"the facts; default $XDG_STATE_HOME/wheelfarm/facts.db"},
		{0},
	};
	const struct options about = {
		.command = "export",
		.usage = "--out DIR [--db FILE]",
		.about =
			"The facts for other programs: facts.sqlite, a database with few plain tables, and\n"
			"packages.jsonl, a line a package as `show --json` tells it. docs/export.md says what\n"
			"each column means. A file is replaced whole; a farm may run meanwhile.",
		.example = "wheelfarm export --out /var/www/arm/data",
		.table = table,
	};
	int code = options_parse(&about, argc, argv, &words);
	if (code == OPTIONS_GO && out == NULL) {
		code = options_wrong("export", "--out DIR says where the files go");
	}
	if (code == OPTIONS_GO) {
		code = write_all(db, out);
	}
	options_list_finish(&words);
	return code;
}
