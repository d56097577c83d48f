#include "web/static_site.h"

#include "core/base/clock.h"
#include "core/io/file.h"
#include "coordinator/store/log.h"
#include "reports/badge.h"
#include "reports/static_links.h"
#include "web/assets.h"
#include "web/static_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_BYTES = 16 << 20, THREADS_MOST = 32 };

/* --- files --- */

static bool is_as_wanted(const char *path, struct str bytes, struct buf *held)
{
	struct stat there;
	if (stat(path, &there) != 0 || (uint64_t)there.st_size != bytes.n) {
		return false;
	}
	buf_clear(held);
	return file_read(path, bytes.n + 1, held, NULL) == 0 && str_equal(buf_view(held), bytes);
}

/* Without a sync: after a loss of power the next run sees what is missing and writes it again. */
static int replace(const char *path, struct str bytes, struct err *e)
{
	char *temporary = NULL;
	int fd = file_create_beside(path, &temporary, e);
	if (fd < 0) {
		return fd;
	}
	int code = file_write_all(fd, bytes);
	code = code == 0 && fchmod(fd, 0644) != 0 ? -errno : code;
	code = close(fd) != 0 && code == 0 ? -errno : code;
	code = code == 0 && rename(temporary, path) != 0 ? -errno : code;
	if (code != 0) {
		err_set(e, code, "%s: cannot be written: %s", path, err_text(code));
		unlink(temporary);
	}
	free(temporary);
	return code;
}

int static_put(struct hand *hand, const char *name, struct str bytes, struct err *e)
{
	struct site *s = hand->site;
	buf_clear(&hand->path);
	buf_printf(&hand->path, "%s/%s", s->o->folder, name);
	s->files++;
	if (!s->is_new && is_as_wanted(hand->path.p, bytes, &hand->held)) {
		return 0;
	}
	s->written++;
	return replace(hand->path.p, bytes, e);
}

/* hand->page under the file of `address`, which may have a query. */
int static_put_html(struct hand *hand, const char *address, struct err *e)
{
	struct buf name = {0};
	size_t depth = 0;
	static_file(&name, str_from(address));
	for (size_t i = 0; i < name.n; i++) {
		depth += name.p[i] == '/';
	}
	buf_clear(&hand->fixed);
	static_links(&hand->fixed, buf_view(&hand->page), depth);
	int code = static_put(hand, name.p, buf_view(&hand->fixed), e);
	buf_finish(&name);
	return code;
}

struct html static_begin_html(struct hand *hand)
{
	buf_clear(&hand->page);
	return (struct html){.out = &hand->page};
}

void static_begin_json(struct hand *hand, struct json_writer *w)
{
	buf_clear(&hand->page);
	json_writer_init(w, &hand->page, false);
}

int static_put_json(struct hand *hand, struct json_writer *w, const char *name, struct err *e)
{
	json_writer_finish(w);
	return static_put(hand, name, buf_view(&hand->page), e);
}

/* --- packages and jobs --- */

/* "KIND/NAME" as an address has it: whatever a name is, its file lies in that folder. */
static void add_place(struct buf *out, const char *kind, const char *name)
{
	buf_add_text(out, kind);
	buf_add_char(out, '/');
	html_url_add(out, str_from(name));
}

static int write_badges(struct hand *hand, const struct package_view *v, struct err *e)
{
	static const char *const names[] = {"linux", "musl", "windows"};
	struct buf name = {0};
	int code = 0;
	buf_printf(&name, "%s/", hand->site->o->folder);
	add_place(&name, "badge", v->name);
	if (mkdir(name.p, 0755) != 0 && errno != EEXIST) {
		code = err_set(e, -errno, "%s: %s", name.p, strerror(errno));
	}
	for (size_t i = 0; code == 0 && i < sizeof(names) / sizeof(*names); i++) {
		const struct target_view *t = badge_target(v, str_from(names[i]), hand->site->page.python);
		if (t != NULL) {
			buf_clear(&name);
			add_place(&name, "badge", v->name);
			buf_printf(&name, "/%s.svg", names[i]);
			buf_clear(&hand->page);
			badge_svg(&hand->page, t);
			code = static_put(hand, name.p, buf_view(&hand->page), e);
		}
	}
	buf_finish(&name);
	return code;
}

static int write_package(struct hand *hand, const char *name, struct err *e)
{
	struct package_view v = {0};
	struct buf file = {0};
	int code = store_package_view(hand->store, str_from(name), &v, e);
	if (code == 0) {
		struct html h = static_begin_html(hand);
		html_page_package(&h, &hand->site->page, &v);
		code = html_end(&h, e);
	}
	add_place(&file, "/package", name);
	code = code == 0 ? static_put_html(hand, file.p, e) : code;
	if (code == 0 && !hand->site->o->only_html) {
		struct json_writer w;
		static_begin_json(hand, &w);
		report_package_json(&v, NULL, &w);
		buf_add_text(&file, ".json");
		code = static_put_json(hand, &w, file.p + 1, e);
		code = code == 0 ? write_badges(hand, &v, e) : code;
	}
	buf_finish(&file);
	package_view_finish(&v);
	return code;
}

static void read_log(const struct site *s, const struct job_view *v, struct buf *text)
{
	struct err ignored; /* no log, or none any more: the page says so */
	int64_t size = s->o->blobs != NULL ? store_log_size(s->o->blobs, &v->log) : 0;
	int64_t end = size < LOG_BYTES ? size : LOG_BYTES;
	while ((int64_t)text->n < end) {
		size_t before = text->n;
		if (store_log_read(s->o->blobs, &v->log, (int64_t)before, end, text, &ignored) != 0 ||
			text->n == before) {
			break;
		}
	}
}

static int write_job_files(
	struct hand *hand, const struct job_view *v, struct str log, struct err *e)
{
	struct json_writer w;
	char name[64];
	snprintf(name, sizeof(name), "job/%" PRId64 ".log.txt", v->build.job);
	int code = static_put(hand, name, log, e);
	snprintf(name, sizeof(name), "job/%" PRId64 ".spec.json", v->build.job);
	code = code == 0 ? static_put(hand, name, str_from(v->spec), e) : code;
	if (code == 0) {
		static_begin_json(hand, &w);
		json_page_job(v, &w);
		snprintf(name, sizeof(name), "job/%" PRId64 ".json", v->build.job);
		code = static_put_json(hand, &w, name, e);
	}
	return code;
}

static int write_job(struct hand *hand, int64_t job, struct err *e)
{
	struct job_view v = {0};
	struct buf text = {0};
	char address[64];
	int code = store_job_view(hand->store, job, &v, e);
	if (code == 0) {
		struct html h = static_begin_html(hand);
		read_log(hand->site, &v, &text);
		const struct job_log log = {
			.text = buf_view(&text),
			.size = (int64_t)text.n,
			.problem = text.n == 0 ? "There is no log here." : NULL,
		};
		html_page_job(&h, &hand->site->page, &v, &log);
		code = html_end(&h, e);
	}
	snprintf(address, sizeof(address), "/job/%" PRId64, job);
	code = code == 0 ? static_put_html(hand, address, e) : code;
	code = code == 0 ? write_job_files(hand, &v, buf_view(&text), e) : code;
	buf_finish(&text);
	job_view_finish(&v);
	return code;
}

/* --- on many threads --- */

static bool take(size_t *i, size_t count)
{
	if (*i < count) {
		return true;
	}
	*i -= count;
	return false;
}

/* The i-th piece of work; false: there are no more. */
static bool do_piece(struct hand *hand, size_t i, int *code, struct err *e)
{
	const struct site *s = hand->site;
	if (take(&i, static_step_count)) {
		*code = static_steps[i](hand, e);
	} else if (take(&i, s->lists.n)) {
		*code = static_list(hand, &s->lists.v[i], e);
	} else if (take(&i, s->names.count)) {
		*code = write_package(hand, s->names.names[i].name, e);
	} else if (take(&i, s->job_count)) {
		*code = write_job(hand, s->jobs[i], e);
	} else {
		return false;
	}
	return true;
}

static void work(void *user)
{
	struct hand *hand = user;
	struct site *s = hand->site;
	struct err e = {0};
	int code = readers_take(&s->readers, &hand->store, &e);
	while (code == 0 && !s->failed && do_piece(hand, s->next++, &code, &e)) {
		/* until there is no more, or somebody failed */
	}
	if (code != 0) {
		uv_mutex_lock(&s->lock);
		s->problem = s->failed ? s->problem : e;
		s->failed = true;
		uv_mutex_unlock(&s->lock);
	}
	if (hand->store != NULL) {
		readers_give(&s->readers, hand->store);
	}
}

static void hand_finish(struct hand *hand)
{
	buf_finish(&hand->page);
	buf_finish(&hand->fixed);
	buf_finish(&hand->held);
	buf_finish(&hand->path);
}

static int write_many(struct site *s, struct err *e)
{
	struct hand hands[THREADS_MOST] = {0};
	int wanted = s->o->threads > 0 ? s->o->threads : (int)uv_available_parallelism();
	int n = wanted < THREADS_MOST ? wanted : THREADS_MOST;
	int started = 0;
	for (; started < n; started++) {
		hands[started].site = s;
		if (uv_thread_create(&hands[started].thread, work, &hands[started]) != 0) {
			break;
		}
	}
	if (started == 0) {
		work(&hands[0]);
	}
	for (int i = 0; i < started; i++) {
		uv_thread_join(&hands[i].thread);
	}
	for (int i = 0; i < THREADS_MOST; i++) {
		hand_finish(&hands[i]);
	}
	if (s->failed) {
		*e = s->problem;
		return e->code;
	}
	return 0;
}

static int make_folders(const struct static_site_options *o, struct err *e)
{
	static const char *const names[] = {"assets", "package", "job", "badge", "feed"};
	int code = 0;
	for (size_t i = 0; code == 0 && i < sizeof(names) / sizeof(*names); i++) {
		char *path = file_join(o->folder, names[i]);
		code = file_make_folders(path, e);
		free(path);
	}
	return code;
}

static int read_all(struct site *s, struct store *store, struct err *e)
{
	int code = store_names_view(store, &s->names, e);
	code = code == 0 ? store_overview_view(store, &s->overview, e) : code;
	return code == 0 ? store_job_numbers(store, &s->jobs, &s->job_count, e) : code;
}

int static_site_write(
	const struct static_site_options *o, struct static_site_counts *out, struct err *e)
{
	struct site s = {
		.o = o,
		.page = {.assets = &asset_addresses,
			.now = clock_wall_ms(),
			.fixed = true,
			.base = o->site,
			.python = o->python},
	};
	struct store *store = NULL;
	*out = (struct static_site_counts){0};
	int code = readers_init(&s.readers, o->database, o->python, e);
	if (code != 0) {
		return code;
	}
	if (uv_mutex_init(&s.lock) != 0) {
		mem_bug("web: no mutex to be had");
	}
	s.is_new = access(o->folder, F_OK) != 0;
	code = make_folders(o, e);
	code = code == 0 ? readers_take(&s.readers, &store, e) : code;
	code = code == 0 ? read_all(&s, store, e) : code;
	static_lists_plan(&s);
	if (store != NULL) {
		readers_give(&s.readers, store);
	}
	code = code == 0 ? write_many(&s, e) : code;
	*out = (struct static_site_counts){
		.files = s.files,
		.written = s.written,
		.packages = s.names.count,
		.jobs = s.job_count,
	};
	free(s.jobs);
	vec_finish(&s.lists);
	overview_view_finish(&s.overview);
	names_view_finish(&s.names);
	uv_mutex_destroy(&s.lock);
	readers_finish(&s.readers);
	return code;
}
