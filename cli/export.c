#include "cli/export.h"

#include "cli/main.h"
#include "cli/options.h"
#include "coordinator/store/view.h"
#include "core/io/file.h"
#include "reports/json_page.h"
#include "sql/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 20 }; /* bytes that are written at once */

/* A file that takes its place when it is whole. */
struct whole {
	char *path, *temporary;
	int fd;
};

static int begin(const char *folder, const char *name, struct whole *w, struct err *e)
{
	*w = (struct whole){.path = file_join(folder, name)};
	w->fd = file_create_beside(w->path, &w->temporary, e);
	return w->fd < 0 ? w->fd : 0;
}

/* On an error, or after one, nothing of it stays, and what was there before does. */
static int end(struct whole *w, const char *folder, int code, struct err *e)
{
	if (code == 0 &&
		(fchmod(w->fd, 0644) != 0 || fsync(w->fd) != 0 || rename(w->temporary, w->path) != 0)) {
		code = err_set(e, -errno, "%s: %s", w->path, err_text(-errno));
	}
	if (code != 0 && w->temporary != NULL) {
		unlink(w->temporary);
	}
	if (w->fd >= 0) {
		close(w->fd);
	}
	free(w->temporary);
	free(w->path);
	return code == 0 ? file_sync_folder(folder, e) : code;
}

static int write_database(const char *db, const char *folder, struct err *e)
{
	struct whole w;
	int code = begin(folder, "facts.sqlite", &w, e);
	if (code == 0) {
		code = sql_export(db, w.temporary, e);
	}
	return end(&w, folder, code, e);
}

static int put(struct whole *w, struct buf *out, struct err *e)
{
	int code = file_write_all(w->fd, buf_view(out));
	buf_clear(out);
	return code == 0 ? 0 : err_set(e, code, "%s: %s", w->path, err_text(code));
}

static int add_package(struct store *s, const char *name, struct buf *out, struct err *e)
{
	struct package_view v;
	struct json_writer w;
	int code = store_package_view(s, str_from(name), &v, e);
	if (code == 0) {
		json_writer_init(&w, out, false);
		report_package_json(&v, NULL, &w);
		json_writer_finish(&w);
		buf_add_char(out, '\n');
	}
	package_view_finish(&v);
	return code;
}

static int write_lines(const char *db, const char *folder, size_t *count, struct err *e)
{
	struct whole w;
	struct store *s = NULL;
	struct names_view names = {0};
	struct buf out = {0};
	int code = begin(folder, "packages.jsonl", &w, e);
	if (code == 0) {
		code = store_open(db, STORE_READ, &s, e);
	}
	if (code == 0) {
		code = store_names_view(s, &names, e);
	}
	for (size_t i = 0; code == 0 && i < names.count; i++) {
		code = add_package(s, names.names[i].name, &out, e);
		if (code == 0 && out.n >= PIECE) {
			code = put(&w, &out, e);
		}
	}
	if (code == 0) {
		code = put(&w, &out, e);
	}
	*count = names.count;
	buf_finish(&out);
	names_view_finish(&names);
	store_close(s);
	return end(&w, folder, code, e);
}

static int write_all(const char *asked_db, const char *folder)
{
	struct err e = {0};
	size_t count = 0;
	char *db = asked_db != NULL ? str_dup(str_from(asked_db)) : options_default_db(false);
	int code = file_make_folders(folder, &e);
	if (code == 0) {
		code = write_database(db, folder, &e);
	}
	if (code == 0) {
		code = write_lines(db, folder, &count, &e);
	}
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
