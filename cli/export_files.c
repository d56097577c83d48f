#include "cli/export_files.h"

#include "coordinator/store/view.h"
#include "core/base/clock.h"
#include "core/base/vec.h"
#include "core/io/file.h"
#include "reports/json_page.h"
#include "sql/export.h"

#include <dirent.h>
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

int export_files(const char *db, const char *folder, size_t *packages, struct err *e)
{
	int code = file_make_folders(folder, e);
	if (code == 0) {
		code = write_database(db, folder, e);
	}
	return code == 0 ? write_lines(db, folder, packages, e) : code;
}

/* --- by date --- */

static const struct {
	const char *name, *stem, *ending;
} kinds[] = {{"facts.sqlite", "facts-", ".sqlite"}, {"packages.jsonl", "packages-", ".jsonl"}};
enum { KINDS = sizeof(kinds) / sizeof(*kinds), DATE = 10, DAY_MS = 24 * 3600 * 1000 };

/* The moment at which the day of the file's name began; false: it is none of ours. */
static bool read_date(struct str name, int64_t *ms)
{
	bool read = false;
	for (size_t i = 0; i < KINDS && !read; i++) {
		size_t stem = strlen(kinds[i].stem);
		if (str_starts(name, kinds[i].stem) && str_ends(name, kinds[i].ending) &&
			name.n == stem + DATE + strlen(kinds[i].ending)) {
			char text[CLOCK_TEXT];
			snprintf(text, sizeof(text), "%.*sT00:00:00Z", DATE, name.p + stem);
			read = clock_parse(str_from(text), ms);
		}
	}
	return read;
}

static void drop_old(const char *folder, int64_t before)
{
	DIR *dir = opendir(folder);
	for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
		int64_t ms;
		if (read_date(str_from(entry->d_name), &ms) && ms < before) {
			unlinkat(dirfd(dir), entry->d_name, 0);
		}
	}
	if (dir != NULL) {
		closedir(dir);
	}
}

/* The same file under the day's name; one of the same day before it goes. */
static int add_dated(const char *folder, int64_t now, struct err *e)
{
	char date[CLOCK_TEXT];
	int code = 0;
	clock_text(now, date);
	for (size_t i = 0; i < KINDS && code == 0; i++) {
		char *from = file_join(folder, kinds[i].name);
		char *to = str_format("%s/%s%.*s%s", folder, kinds[i].stem, DATE, date, kinds[i].ending);
		if ((unlink(to) != 0 && errno != ENOENT) || link(from, to) != 0) {
			code = err_set(e, -errno, "%s: %s", to, err_text(-errno));
		}
		free(from);
		free(to);
	}
	return code;
}

int export_night(const char *db, const char *folder, int64_t now, int64_t keep_days,
	size_t *packages, struct err *e)
{
	int code = export_files(db, folder, packages, e);
	if (code == 0) {
		code = add_dated(folder, now, e);
	}
	if (code == 0) {
		drop_old(folder, now - now % DAY_MS - (keep_days - 1) * DAY_MS);
		code = file_sync_folder(folder, e);
	}
	return code;
}
