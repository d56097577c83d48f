#include "cli/check.h"

#include "cli/check_output.h"
#include "cli/main.h"
#include "cli/options.h"
#include "coordinator/check/check_files.h"
#include "coordinator/store/lock.h"
#include "coordinator/store/writer.h"
#include "core/io/heap.h"
#include "core/io/loop.h"
#include "core/pep/requirement.h"
#include "recipes/tree.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FRESH_S = 3600, LIMIT_S = 300, HEAP = 32 << 20 };

struct asked {
	struct option_list words, targets, requirements, constraints;
	const char *fail_on;
	const char *index;
	const char *db;
	const char *rules;
	const char *contact;
	const char *recipes;
	int64_t fresh_s;
	int64_t limit_s;
	bool json, markdown, github, explain, offline, allow_built, only_binary;
};

struct checking {
	struct asked asked;
	struct target_set set;
	struct scope scope;
	const struct pep_target *targets[UNIVERSE_TARGETS];
	size_t target_count;
	size_t target; /* the one under way */
	struct check_list list;
	struct check_output output;
	uv_loop_t loop;
	struct loop_signals signals;
	char *db;
	struct store *store;
	struct store_writer *writer;
	struct store_lock *lock;
	struct gather *gather;
	bool interrupted;
	bool bar;
};

static int wrong_input(const struct err *e)
{
	fprintf(stderr, "wheelfarm check: %s\n", e->text);
	return EXIT_USAGE;
}

/* --- what is asked --- */

static int read_word(struct checking *c, const char *word)
{
	struct err e = {0};
	struct requirement r;
	struct str text = str_from(word);
	ptrdiff_t scheme = str_find_text(text, STR("://")), at = str_find(text, '@');
	if (scheme > 0 && (at < 0 || at > scheme)) {
		*vec_add(&c->list.not_checked) =
			(struct check_not_checked){.source = "argument", .why = "an address"};
		return EXIT_FINE;
	}
	if (check_is_file(text)) {
		return check_file_read(word, &c->list, &e) == 0 ? EXIT_FINE : wrong_input(&e);
	}
	if (requirement_parse(text, &r, &e) != 0) {
		return wrong_input(&e);
	}
	if (r.url.n != 0) {
		*vec_add(&c->list.not_checked) =
			(struct check_not_checked){.source = "argument", .why = "an address"};
	} else {
		*vec_add(&c->list.lines) = (struct check_line){.source = "argument", .requirement = text};
	}
	return EXIT_FINE;
}

static int read_words(struct checking *c)
{
	struct asked *a = &c->asked;
	struct err e = {0};
	for (size_t i = 0; i < a->words.n; i++) {
		int code = read_word(c, a->words.v[i]);
		if (code != EXIT_FINE) {
			return code;
		}
	}
	for (size_t i = 0; i < a->requirements.n; i++) {
		if (check_file_read(a->requirements.v[i], &c->list, &e) != 0) {
			return wrong_input(&e);
		}
	}
	for (size_t i = 0; i < a->constraints.n; i++) {
		if (check_constraints_read(a->constraints.v[i], &c->list, &e) != 0) {
			return wrong_input(&e);
		}
	}
	return a->words.n + a->requirements.n != 0 ? EXIT_FINE
											   : options_wrong("check", "nothing to check");
}

static int read_fail_on(struct checking *c)
{
	const char *given = c->asked.fail_on;
	struct str rest =
		str_from(given != NULL ? given : "broken,vanished,blocked,missing,unknown,builds");
	struct str word;
	while (str_split(&rest, ',', &word)) {
		enum headline h;
		if (word.n != 0 && !headline_find(word, &h)) {
			return options_wrong("check", "--fail-on: '%.*s' is no headline", STR_ARG(word));
		}
		if (word.n != 0) {
			c->output.fail_on[h] = true;
		}
	}
	if (c->asked.allow_built) {
		c->output.fail_on[HEADLINE_BUILDS] = false;
	}
	return EXIT_FINE;
}

static int find_targets(struct checking *c)
{
	static const char *const usual[] = {"aarch64", "win_arm64"};
	struct option_list *given = &c->asked.targets;
	size_t count = given->n != 0 ? given->n : sizeof(usual) / sizeof(*usual);
	struct err e = {0};
	if (count > UNIVERSE_TARGETS) {
		return options_wrong("check", "more than %d targets", UNIVERSE_TARGETS);
	}
	for (size_t i = 0; i < count; i++) {
		struct str text = str_from(given->n != 0 ? given->v[i] : usual[i]);
		const struct recipe_target *t = target_set_resolve(&c->set, text, "cp313", &e);
		if (t == NULL) {
			return options_wrong("check", "%s", e.text);
		}
		c->targets[c->target_count++] = &t->pep;
	}
	c->list.targets = c->targets;
	c->list.target_count = c->target_count;
	return EXIT_FINE;
}

static int load(struct checking *c)
{
	struct err e = {0};
	char *folder =
		c->asked.recipes != NULL ? str_dup(str_from(c->asked.recipes)) : recipe_tree_default();
	int code = target_set_load(folder, &c->set, &e);
	if (code == 0) {
		code = scope_load(folder, &c->scope, &e);
	}
	free(folder);
	if (code != 0) {
		return wrong_input(&e);
	}
	code = find_targets(c);
	if (code == EXIT_FINE) {
		code = read_fail_on(c);
	}
	return code == EXIT_FINE ? read_words(c) : code;
}

/* --- where the answers come from --- */

/* Without a database to write nothing is stored, which costs another look next time and no answer. */
static struct store_writer *begin_writing(void *user)
{
	struct checking *c = user;
	struct store *writing = NULL;
	if (store_lock(c->db, &c->lock, NULL) == 0 &&
		store_open(c->db, STORE_WRITE, &writing, NULL) == 0 &&
		store_writer_start(&c->loop, writing, &c->writer, NULL) != 0) {
		store_close(writing);
		c->writer = NULL;
	}
	return c->writer;
}

static int open_database(struct checking *c)
{
	struct err e = {0};
	c->db = c->asked.db != NULL ? str_dup(str_from(c->asked.db))
								: options_default_db(!c->asked.offline);
	int code = store_open(c->db, STORE_READ, &c->store, &e);
	if (code != 0 && c->asked.offline) {
		fprintf(stderr, "wheelfarm check: %s\n", e.text);
		return code == ERR_NOT_FOUND ? EXIT_USAGE : EXIT_WORLD;
	}
	return EXIT_FINE;
}

static void on_progress(void *user, size_t done, size_t wanted)
{
	struct checking *c = user;
	if (c->bar) {
		fprintf(stderr, "\r%s: reading the index: %zu of %zu\033[K", c->targets[c->target]->name,
			done, wanted);
	}
}

static void on_target(void *user, size_t target)
{
	struct checking *c = user;
	c->target = target;
	if (c->bar) {
		fprintf(stderr, "\r%s: target %zu of %zu\033[K", c->targets[target]->name, target + 1,
			c->target_count);
	}
}

static void on_stop(struct loop_signals *signals, int signal_number)
{
	struct checking *c = signals->user;
	c->interrupted = true;
	gather_cancel(c->gather);
}

/* A graph can be made so that no solver comes to an end with it, and libsolv cannot be interrupted. What
 * was stored is stored: the database bears a kill at any line. */
static char limit_text[64];

static void on_limit(int signal_number)
{
	ssize_t written = write(STDERR_FILENO, limit_text, strlen(limit_text));
	(void)written; /* nobody is left to tell */
	_exit(EXIT_WORLD);
}

static void set_limit(int64_t seconds)
{
	snprintf(limit_text, sizeof(limit_text), "wheelfarm check: no answer within %lld s\n",
		(long long)seconds);
	signal(SIGALRM, on_limit);
	alarm((unsigned)seconds);
}

static int run(struct checking *c)
{
	struct err e = {0};
	struct check_answer answer = {0};
	const struct gather_options gather = {
		.loop = &c->loop,
		.store = c->store,
		.begin_writing = begin_writing,
		.index = c->asked.index,
		.offline = c->asked.offline,
		.built = c->asked.allow_built,
		.fresh_ms = c->asked.fresh_s * 1000,
		.contact = c->asked.contact,
		.targets = &c->set,
		.scope = &c->scope,
		.on_progress = on_progress,
		.user = c,
	};
	int exit = EXIT_FINE;
	if (gather_create(&gather, &c->gather, &e) != 0) {
		return wrong_input(&e);
	}
	const struct check_options options = {
		.gather = c->gather,
		.targets = c->targets,
		.target_count = c->target_count,
		.rules = strcmp(c->asked.rules, "uv") == 0 ? UNIVERSE_UV : UNIVERSE_PIP,
		.scope = &c->scope,
		.sources = c->asked.explain,
		.on_target = on_target,
		.user = c,
	};
	c->bar = isatty(STDERR_FILENO) != 0;
	loop_signals_start(&c->loop, &c->signals, on_stop, c, NULL);
	int code = check_run(&options, &c->list, &answer, &e);
	loop_signals_stop(&c->signals);
	if (c->bar) {
		fprintf(stderr, "\r\033[K");
	}
	if (c->interrupted) {
		exit = EXIT_INTERRUPT;
	} else if (code != 0) {
		fprintf(stderr, "wheelfarm check: %s\n", e.text);
		exit = code == ERR_INVALID || code == ERR_USAGE ? EXIT_USAGE : EXIT_WORLD;
	} else {
		struct buf out = {0};
		c->output.list = &c->list;
		c->output.answer = &answer;
		c->output.explain = c->asked.explain;
		c->output.colour = isatty(STDOUT_FILENO) != 0 && getenv("NO_COLOR") == NULL;
		(c->asked.json              ? check_output_json
				: c->asked.markdown ? check_output_markdown
				: c->asked.github   ? check_output_github
									: check_output_text)(&c->output, &out);
		fwrite(out.n != 0 ? out.p : "", 1, out.n, stdout);
		buf_finish(&out);
		exit = check_output_ok(&c->output) ? EXIT_FINE : EXIT_NOT_FINE;
	}
	check_answer_finish(&answer);
	return exit;
}

static int check_all(struct checking *c)
{
	set_limit(c->asked.limit_s); /* files too may never end: a pipe that nobody writes */
	int code = load(c);
	if (code == EXIT_FINE) {
		code = open_database(c);
	}
	if (code == EXIT_FINE) {
		code = run(c);
	}
	if (c->gather != NULL) {
		gather_end_reading(c->gather);
	}
	store_close(c->store);
	if (c->writer != NULL) {
		store_writer_stop(c->writer, NULL, NULL);
	}
	uv_run(&c->loop, UV_RUN_DEFAULT);
	gather_destroy(c->gather);
	uv_run(&c->loop, UV_RUN_DEFAULT);
	store_unlock(c->lock);
	free(c->db);
	return code;
}

int command_check(int argc, char **argv)
{
	struct checking c = {.asked = {.rules = "pip", .fresh_s = FRESH_S, .limit_s = LIMIT_S}};
	struct asked *a = &c.asked;
	const struct option table[] = {
		{"target", 't', OPTION_LIST, &a->targets, "T",
			"cp313-win_arm64, win_arm64, aarch64; more than once for several"},
		{"requirement", 'r', OPTION_LIST, &a->requirements, "FILE", "a file, as the words are"},
		{"constraint", 'c', OPTION_LIST, &a->constraints, "FILE", "a constraint file"},
		{"json", 0, OPTION_FLAG, &a->json, NULL, "one JSON document on stdout"},
		{"markdown", 0, OPTION_FLAG, &a->markdown, NULL, "a table for a CI job's summary"},
		{"github", 0, OPTION_FLAG, &a->github, NULL, "annotations, one a line that fails"},
		{"explain", 0, OPTION_FLAG, &a->explain, NULL,
			"why, root first; of what has no wheel, what it would need if built"},
		{"fail-on", 0, OPTION_TEXT, &a->fail_on, "H,…",
			"default broken,vanished,blocked,missing,unknown,builds"},
		{"allow-built", 0, OPTION_FLAG, &a->allow_built, NULL,
			"wheels that this farm made count; builds is fine"},
		{"only-binary", 0, OPTION_FLAG, &a->only_binary, NULL, "wheels alone count: the default"},
		{"rules", 0, OPTION_TEXT, &a->rules, "pip|uv",
			"whose reading of requires-python; uv minds lower bounds alone"},
		{"index", 0, OPTION_TEXT, &a->index, "URL|DIR", "without: the index pip uses here"},
		{"db", 0, OPTION_TEXT, &a->db, "FILE", "facts that are known, and where new ones go"},
		{"fresh", 0, OPTION_NUMBER, &a->fresh_s, "S",
			"a page read in the last S seconds is not asked for; default 3600"},
		{"limit", 0, OPTION_COUNT, &a->limit_s, "S", "give up after S seconds, default 300"},
		{"offline", 0, OPTION_FLAG, &a->offline, NULL, "the database is all there is"},
		{"contact", 0, OPTION_TEXT, &a->contact, "TEXT", "who asks, for the User-Agent"},
		{"recipes", 0, OPTION_TEXT, &a->recipes, "DIR", "another recipe tree"},
		{0},
	};
	const struct options about = {
		.command = "check",
		.usage = "(NAME[SPEC] | FILE)… [--target T]… [--json | --markdown | --github]",
		.about =
			"Would these install on ARM, dependencies included, and what blocks them. FILE is a\n"
			"requirement file, pyproject.toml, or a lock (pylock.toml, uv.lock, poetry.lock), "
			"whose\n"
			"versions and files are judged as they stand. Ends with 1 if a line's headline is in\n"
			"--fail-on, 3 if something could not be asked.",
		.example = "wheelfarm check -r requirements.txt --target win_arm64 --explain",
		.table = table,
		.words_max = SIZE_MAX,
	};
	int code = options_parse(&about, argc, argv, &a->words);
	if (code == OPTIONS_GO && strcmp(a->rules, "pip") != 0 && strcmp(a->rules, "uv") != 0) {
		code = options_wrong("check", "--rules is pip or uv, not '%s'", a->rules);
	}
	if (code == OPTIONS_GO && a->json + a->markdown + a->github > 1) {
		code = options_wrong("check", "one of --json, --markdown and --github");
	}
	if (code == OPTIONS_GO) {
		heap_expect(HEAP);
		uv_loop_init(&c.loop);
		code = check_all(&c);
		uv_loop_close(&c.loop);
	}
	check_list_finish(&c.list);
	scope_finish(&c.scope);
	target_set_finish(&c.set);
	options_list_finish(&a->words);
	options_finish(&about);
	return code;
}
