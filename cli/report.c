#include "cli/report.h"

#include "cli/main.h"
#include "cli/options.h"
#include "core/base/clock.h"
#include "core/io/file.h"
#include "web/static_site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct asked {
	const char *out;
	const char *db;
	const char *site;
	const char *python;
	int64_t threads;
	bool only_html;
};

/* Logs lie beside the database, as a farm's state has them; without that folder there are none. */
static bool open_blobs(const char *db, struct blob_store *blobs)
{
	const char *slash = strrchr(db, '/');
	struct str folder = slash != NULL ? str_slice(str_from(db), 0, (size_t)(slash - db)) : STR(".");
	char *text = str_dup(folder);
	char *path = file_join(text, "store");
	struct stat there;
	bool open = stat(path, &there) == 0 && S_ISDIR(there.st_mode) &&
		blob_store_open(blobs, path, NULL) == 0;
	free(text);
	free(path);
	return open;
}

static int write_site(const struct asked *a)
{
	struct err e = {0};
	struct blob_store blobs = {0};
	struct static_site_counts counts;
	char *db = a->db != NULL ? str_dup(str_from(a->db)) : options_default_db(false);
	bool have_blobs = open_blobs(db, &blobs);
	size_t n = a->site != NULL ? strlen(a->site) : 0;
	char *site = n != 0 ? str_dup((struct str){a->site, n - (a->site[n - 1] == '/')}) : NULL;
	const struct static_site_options options = {
		.database = db,
		.blobs = have_blobs ? &blobs : NULL,
		.folder = a->out,
		.site = site,
		.python = a->python,
		.only_html = a->only_html,
		.threads = (int)a->threads,
	};
	int64_t began = clock_steady_ms();
	int code = static_site_write(&options, &counts, &e);
	if (code == 0) {
		printf("%s: %zu packages, %zu jobs, %zu files, %zu of them written, in %.1f s\n", a->out,
			counts.packages, counts.jobs, counts.files, counts.written,
			(double)(clock_steady_ms() - began) / 1000);
	} else {
		fprintf(stderr, "wheelfarm report: %s\n", e.text);
	}
	if (have_blobs) {
		blob_store_finish(&blobs);
	}
	free(site);
	free(db);
	return code == 0 ? EXIT_FINE : code == ERR_NOT_FOUND ? EXIT_USAGE : EXIT_WORLD;
}

int command_report(int argc, char **argv)
{
	struct asked a = {.python = "cp313"};
	struct option_list words;
	const struct option table[] = {
		{"out", 'o', OPTION_TEXT, &a.out, "DIR", "where the files go; made if it is not there"},
		{"db", 0, OPTION_TEXT, &a.db, "FILE",
			"the facts; default $XDG_STATE_HOME/wheelfarm/facts.db"},
		{"site", 0, OPTION_TEXT, &a.site, "URL",
			"its public address: for badges, feeds and the site map"},
		{"python", 0, OPTION_TEXT, &a.python, "TAG", "of the default targets; default cp313"},
		{"only-html", 0, OPTION_FLAG, &a.only_html, NULL, "no JSON and no badges of packages"},
		{"threads", 0, OPTION_COUNT, &a.threads, "N", "default: one a processor"},
		{0},
	};
	const struct options about = {
		.command = "report",
		.usage = "--out DIR [--db FILE] [--site URL]",
		.about =
			"The dashboard as files, for any web server or for a browser alone. What is there and\n"
			"has not changed is left alone; a file is replaced whole.",
		.example = "wheelfarm report --out /var/www/arm --site https://arm.example",
		.table = table,
	};
	int code = options_parse(&about, argc, argv, &words);
	if (code == OPTIONS_GO && a.out == NULL) {
		code = options_wrong("report", "--out DIR says where the files go");
	}
	if (code == OPTIONS_GO) {
		code = write_site(&a);
	}
	options_list_finish(&words);
	return code;
}
