#include "cli/scan.h"

#include "cli/dependencies.h"
#include "cli/main.h"
#include "cli/options.h"
#include "cli/scan_inspect.h"
#include "coordinator/scan/scan.h"
#include "coordinator/store/lock.h"
#include "coordinator/store/package.h"
#include "coordinator/store/writer.h"
#include "core/base/clock.h"
#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/io/loop.h"
#include "core/pep/name.h"
#include "recipes/tree.h"
#include "reports/visible.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BAR_MS = 100, REPORT_COLUMNS = 400 };

/* What was asked for on the command line. */
struct asked {
	struct option_list names;
	const char *packages;
	int64_t top;
	const char *index;
	const char *db;
	const char *contact;
	const char *recipes;
	int64_t rate;
	int64_t page_s;
	bool serials;
	bool dependencies;
	const char *inspect; /* NULL: no */
	enum wheel_depth depth;
};

/* All that one run of the command owns. */
struct scanning {
	struct asked asked;
	struct arena arena;
	VEC(struct package_item) packages;
	struct scan_index index;
	struct target_set targets;
	struct scope scope;
	char *db; /* its path */
	struct store_lock *lock;
	struct store *store;
	struct store_writer *writer;
	uv_loop_t loop;
	struct loop_signals signals;
	struct scan *scan;
	struct scan_counts counts;
	struct dependencies dependencies;
	bool interrupted;
	bool bar; /* a progress line on the terminal */
	int64_t bar_ms; /* when it was drawn last */
};

static int world_failed(const struct err *e)
{
	fprintf(stderr, "wheelfarm scan: %s\n", e->text);
	return EXIT_WORLD;
}

static int add_names(struct scanning *s)
{
	struct map seen = {0};
	int code = EXIT_FINE;
	for (size_t i = 0; i < s->asked.names.n && code == EXIT_FINE; i++) {
		struct str name = str_from(s->asked.names.v[i]);
		char normalised[256];
		if (!name_is_valid(name) || !name_normalise_to(name, normalised, sizeof(normalised))) {
			code = options_wrong("scan", "'%s' is no package name", s->asked.names.v[i]);
		} else if (map_put(&seen, str_from(normalised), s) == NULL) {
			*vec_add(&s->packages) = (struct package_item){
				.name = arena_copy(&s->arena, normalised, strlen(normalised)), .downloads = -1};
		}
	}
	map_finish(&seen);
	return code;
}

static int add_file(struct scanning *s)
{
	struct package_list list;
	struct err e = {0};
	if (package_list_load(s->asked.packages, &s->arena, &list, &e) != 0) {
		fprintf(stderr, "wheelfarm scan: %s\n", e.text);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < list.n; i++) {
		*vec_add(&s->packages) = list.v[i];
	}
	return EXIT_FINE;
}

/* Without names: what the database knows, the most downloaded first. */
static int add_known(struct scanning *s)
{
	struct store_package *known;
	size_t count;
	struct err e = {0};
	if (store_package_list(s->store, &s->arena, &known, &count, &e) != 0) {
		return world_failed(&e);
	}
	for (size_t i = 0; i < count; i++) {
		*vec_add(&s->packages) = (struct package_item){
			.name = known[i].name, .rank = known[i].rank, .downloads = known[i].downloads};
	}
	return EXIT_FINE;
}

static int find_packages(struct scanning *s)
{
	int code;
	if (s->asked.names.n != 0) {
		code = add_names(s);
	} else if (s->asked.packages != NULL) {
		code = add_file(s);
	} else {
		code = add_known(s);
	}
	if (code == EXIT_FINE && s->asked.top != 0 && (size_t)s->asked.top < s->packages.n) {
		s->packages.n = (size_t)s->asked.top;
	}
	if (code == EXIT_FINE && s->packages.n == 0) {
		code = options_wrong("scan", "nothing to scan: give names or --packages FILE");
	}
	return code;
}

/* What needs no network and no database: wrong input is said before anything is touched. */
static int load_recipes(struct scanning *s)
{
	struct err e = {0};
	char *folder =
		s->asked.recipes != NULL ? str_dup(str_from(s->asked.recipes)) : recipe_tree_default();
	int code = target_set_load(folder, &s->targets, &e);
	if (code == 0) {
		code = scope_load(folder, &s->scope, &e);
	}
	free(folder);
	if (code != 0) {
		fprintf(stderr, "wheelfarm scan: %s\n", e.text);
		return EXIT_USAGE;
	}
	code = scan_index_find(s->asked.index, &s->index, &e);
	if (code != 0) {
		fprintf(stderr, "wheelfarm scan: %s\n", e.text);
		return EXIT_USAGE;
	}
	return EXIT_FINE;
}

static int open_database(struct scanning *s)
{
	struct err e = {0};
	struct store *writing = NULL;
	s->db = s->asked.db != NULL ? str_dup(str_from(s->asked.db)) : options_default_db(true);
	int code = store_lock(s->db, &s->lock, &e);
	if (code == 0) {
		code = store_open(s->db, STORE_WRITE, &writing, &e);
	}
	if (code == 0) {
		code = store_open(s->db, STORE_READ, &s->store, &e);
		if (code != 0) {
			store_close(writing);
		}
	}
	if (code == 0) {
		code = store_writer_start(&s->loop, writing, &s->writer, &e);
	}
	return code == 0 ? EXIT_FINE : world_failed(&e);
}

static void clear_bar(struct scanning *s)
{
	if (s->bar) {
		fprintf(stderr, "\r\033[K");
	}
}

/* What the index sent may be in the line: a terminal sees it escaped. */
static void on_report(void *user, const char *line)
{
	struct scanning *s = user;
	struct buf seen = {0};
	visible_add_cut(&seen, str_from(line), VISIBLE_LINE, REPORT_COLUMNS);
	clear_bar(s);
	fprintf(stderr, "%s\n", seen.p != NULL ? seen.p : "");
	buf_finish(&seen);
}

static void on_progress(void *user, const struct scan_counts *c)
{
	struct scanning *s = user;
	size_t done = scan_done(c);
	int64_t now = clock_steady_ms();
	if (s->bar && (now - s->bar_ms >= BAR_MS || done == c->asked)) {
		char bar[33];
		size_t filled = done * (sizeof(bar) - 1) / s->packages.n;
		memset(bar, '.', sizeof(bar) - 1);
		memset(bar, '#', filled < sizeof(bar) ? filled : sizeof(bar) - 1);
		bar[sizeof(bar) - 1] = '\0';
		fprintf(stderr, "\r[%s] %zu of %zu pages, %.1f MB\033[K", bar, done, s->packages.n,
			(double)c->received / 1e6);
		s->bar_ms = now;
	}
}

static void on_end(void *user, const struct scan_counts *counts)
{
	struct scanning *s = user;
	s->counts = *counts;
	s->scan = NULL;
	clear_bar(s);
	loop_signals_stop(&s->signals);
}

static void on_stop(struct loop_signals *signals, int signal_number)
{
	struct scanning *s = signals->user;
	s->interrupted = true;
	atomic_store(&s->dependencies.stop, true);
	if (s->scan != NULL) {
		scan_cancel(s->scan);
	}
}

static void run_scan(struct scanning *s)
{
	const struct scan_options options = {
		.loop = &s->loop,
		.index = &s->index,
		.contact = s->asked.contact,
		.rate = s->asked.rate,
		.page_s = s->asked.page_s,
		.serials = s->asked.serials,
		.store = s->store,
		.writer = s->writer,
		.targets = &s->targets,
		.scope = &s->scope,
		.packages = s->packages.v,
		.package_count = s->packages.n,
		.on_report = on_report,
		.on_progress = on_progress,
		.on_end = on_end,
		.user = s,
	};
	s->bar = isatty(STDERR_FILENO) != 0;
	loop_signals_start(&s->loop, &s->signals, on_stop, s, NULL);
	s->scan = scan_start(&options);
	uv_run(&s->loop, UV_RUN_DEFAULT);
}

static void print_counts(const struct scan_counts *c)
{
	const struct {
		size_t n;
		const char *word;
	} parts[] = {{c->changed, "read"}, {c->unchanged, "unchanged"}, {c->absent, "absent"},
		{c->bad, "bad"}, {c->failed, "unreachable"}};
	const char *comma = "";
	printf("%zu %s: ", c->asked, c->asked == 1 ? "package" : "packages");
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (parts[i].n != 0) {
			printf("%s%zu %s", comma, parts[i].n, parts[i].word);
			comma = ", ";
		}
	}
	printf("%s\n", c->asked == 0 ? "none" : "");
}

static void on_dependencies(void *user)
{
	struct scanning *s = user;
	loop_signals_stop(&s->signals);
}

/* Kept up to date once they were asked for; what is missing is only read if it is asked for now. */
static int judge_dependencies(struct scanning *s, int code)
{
	const struct dependencies_options options = {
		.db = s->db,
		.writer = s->writer,
		.index = s->asked.index,
		.contact = s->asked.contact,
		.rate = s->asked.rate,
		.targets = &s->targets,
		.scope = &s->scope,
		.fetch = s->asked.dependencies,
		.bar = s->bar,
	};
	struct buf line = {0};
	dependencies_start(&s->loop, &s->dependencies, &options, on_dependencies, s);
	loop_signals_start(&s->loop, &s->signals, on_stop, s, NULL);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	dependencies_tell(&s->dependencies, &line);
	if (line.n != 0) {
		printf("%s\n", line.p);
	}
	buf_finish(&line);
	if (s->dependencies.code != 0 && !s->interrupted) {
		return world_failed(&s->dependencies.err);
	}
	return s->dependencies.failed != 0 && code < EXIT_WORLD ? EXIT_WORLD : code;
}

/* The worse of two: what failed of the world goes before what is wrong with some package. */
static int inspect_wheels(struct scanning *s, int code)
{
	const struct scan_inspect_options options = {
		.loop = &s->loop,
		.store = s->store,
		.writer = s->writer,
		.index = &s->index,
		.contact = s->asked.contact,
		.rate = s->asked.rate,
		.depth = s->asked.depth,
		.packages = s->packages.v,
		.package_count = s->packages.n,
	};
	int wheels = scan_inspect(&options);
	return wheels > code ? wheels : code;
}

static int scan_all(struct scanning *s)
{
	int code = load_recipes(s);
	if (code == EXIT_FINE) {
		code = open_database(s);
	}
	if (code == EXIT_FINE) {
		code = find_packages(s);
	}
	if (code == EXIT_FINE) {
		run_scan(s);
		print_counts(&s->counts);
		code = s->interrupted ? EXIT_INTERRUPT : scan_exit_code(&s->counts);
		if (!s->interrupted) {
			code = judge_dependencies(s, code);
			code = s->interrupted ? EXIT_INTERRUPT : code;
		}
		if (s->asked.inspect != NULL && !s->interrupted) {
			code = inspect_wheels(s, code);
		}
	}
	/* The writing connection goes last: SQLite then leaves all in one file. */
	store_close(s->store);
	if (s->writer != NULL) {
		store_writer_stop(s->writer, NULL, NULL);
	}
	uv_run(&s->loop, UV_RUN_DEFAULT);
	store_unlock(s->lock);
	free(s->db);
	return code;
}

int command_scan(int argc, char **argv)
{
	struct scanning s = {.asked.rate = CONFIG_SCAN_RATE};
	struct asked *a = &s.asked;
	const struct option table[] = {
		{"packages", 0, OPTION_TEXT, &a->packages, "FILE",
			"names, one a line; or a top list as JSON"},
		{"top", 0, OPTION_COUNT, &a->top, "N", "only the first N of them"},
		{"index", 0, OPTION_TEXT, &a->index, "URL|DIR",
			"where pages are; without: the index pip uses here"},
		{"db", 0, OPTION_TEXT, &a->db, "FILE",
			"the facts; default $XDG_STATE_HOME/wheelfarm/facts.db"},
		{"rate", 0, OPTION_NUMBER, &a->rate, "N",
			"requests a second at most, default 50; 0: no cap"},
		{"page-time", 0, OPTION_COUNT, &a->page_s, "S", "seconds a page may take, default 120"},
		{"serials", 0, OPTION_FLAG, &a->serials, NULL, "ask for the index's list of changes first"},
		{"dependencies", 0, OPTION_FLAG, &a->dependencies, NULL,
			"then read what they need, and say what is blocked"},
		{"contact", 0, OPTION_TEXT, &a->contact, "TEXT", "who asks, for the User-Agent"},
		{"inspect", 0, OPTION_WORD, &a->inspect, "full",
			"then judge the newest ARM wheels by their headers, or in full"},
		{"recipes", 0, OPTION_TEXT, &a->recipes, "DIR", "another recipe tree"},
		{0},
	};
	const struct options about = {
		.command = "scan",
		.usage = "[NAME… | --packages FILE] [--top N] [--index URL|DIR] [--db FILE]",
		.about =
			"Reads the index pages of packages and stores what is published for every target.\n"
			"Asked again, only what changed is read: by ETag, by serial, and from 1,000 known\n"
			"packages on by the index's own list of serials. Without names: all packages of the\n"
			"database, the most downloaded first.\n"
			"Ends with 0 if every page was read, 1 if some are absent or bad, 3 if some are\n"
			"unreachable.",
		.example = "wheelfarm scan markupsafe cryptography",
		.table = table,
		.words_max = SIZE_MAX,
	};
	int code = options_parse(&about, argc, argv, &a->names);
	if (code == OPTIONS_GO && a->names.n != 0 && a->packages != NULL) {
		code = options_wrong("scan", "give names or --packages, not both");
	}
	if (code == OPTIONS_GO && a->inspect != NULL && !scan_inspect_depth(a->inspect, &a->depth)) {
		code = options_wrong("scan", "--inspect is headers or full, not '%s'", a->inspect);
	}
	if (code == OPTIONS_GO) {
		uv_loop_init(&s.loop);
		code = scan_all(&s);
		uv_loop_close(&s.loop);
	}
	vec_finish(&s.packages);
	scan_index_finish(&s.index);
	target_set_finish(&s.targets);
	scope_finish(&s.scope);
	arena_finish(&s.arena);
	options_list_finish(&a->names);
	return code;
}
