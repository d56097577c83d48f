#include "cli/pep.h"

#include "cli/main.h"
#include "cli/options.h"
#include "core/base/vec.h"
#include "core/io/json.h"
#include "core/pep/filename.h"
#include "core/pep/name.h"
#include "core/pep/requirement.h"
#include "recipes/target.h"
#include "recipes/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the sub-commands need between the lines. */
struct pep_session {
	struct target_set targets;
	bool has_targets;
	struct buf answer;
};

static void answer(struct pep_session *s, const char *text)
{
	buf_add_text(&s->answer, text);
}

/* The two fields of a line; a line with no tab is an answer of its own: invalid. */
static bool split_pair(struct pep_session *s, struct str line, struct str *a, struct str *b)
{
	*b = line;
	if (str_split(b, '\t', a) && b->p != NULL) {
		return true;
	}
	answer(s, "invalid");
	return false;
}

static void answer_compare(struct pep_session *s, struct str line)
{
	struct str left, right;
	struct version a, b;
	if (!split_pair(s, line, &left, &right)) {
		return;
	}
	if (version_parse(left, &a, NULL) < 0 || version_parse(right, &b, NULL) < 0) {
		answer(s, "invalid");
		return;
	}
	int order = version_compare(&a, &b);
	answer(s, order < 0 ? "<" : order > 0 ? ">" : "=");
}

static void answer_match(struct pep_session *s, struct str line)
{
	struct str left, right;
	struct version version;
	struct specifier_set set;
	if (!split_pair(s, line, &left, &right)) {
		return;
	}
	if (version_parse(left, &version, NULL) < 0 || specifier_set_parse(right, &set, NULL) < 0) {
		answer(s, "invalid");
		return;
	}
	answer(s, specifier_set_contains(&set, &version) ? "true" : "false");
}

static void answer_marker(struct pep_session *s, struct str line)
{
	struct str name, marker;
	bool result = false;
	if (!split_pair(s, line, &name, &marker)) {
		return;
	}
	const struct recipe_target *target = target_set_find(&s->targets, name);
	if (target == NULL) {
		answer(s, "invalid");
		return;
	}
	struct marker_environment environment = pep_target_environment(&target->pep);
	int code = marker_evaluate(marker, &environment, &result, NULL);
	answer(s, code < 0 ? "invalid" : result ? "true" : "false");
}

/* File names */

static void add_lower(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		buf_add_char(out, c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c);
	}
}

static int by_text(const void *a, const void *b)
{
	return str_compare(buf_view(a), buf_view(b));
}

/* All tags, lower case, sorted, each once. */
static void write_tags(struct json_writer *w, const struct filename *file)
{
	VEC(struct buf) tags = {0};
	struct filename_tags walk = filename_tags(file);
	struct tag tag;
	while (filename_tags_next(&walk, &tag)) {
		struct buf text = {0};
		add_lower(&text, tag.python);
		buf_add_char(&text, '-');
		add_lower(&text, tag.abi);
		buf_add_char(&text, '-');
		add_lower(&text, tag.platform);
		*vec_add(&tags) = text;
	}
	if (tags.n != 0) {
		qsort(tags.v, tags.n, sizeof *tags.v, by_text);
	}
	json_key(w, "tags");
	json_array_begin(w);
	for (size_t i = 0; i < tags.n; i++) {
		if (i == 0 || !str_equal(buf_view(&tags.v[i]), buf_view(&tags.v[i - 1]))) {
			json_str(w, buf_view(&tags.v[i]));
		}
	}
	json_array_end(w);
	for (size_t i = 0; i < tags.n; i++) {
		buf_finish(&tags.v[i]);
	}
	vec_finish(&tags);
}

/* "12abc", the number as a number; null without a build part. */
static void write_build(struct json_writer *w, const struct filename *file)
{
	if (!file->has_build) {
		json_kv_null(w, "build");
		return;
	}
	struct str number = file->build_number;
	while (number.n > 1 && number.p[0] == '0') {
		number = str_slice(number, 1, number.n);
	}
	struct buf build = {0};
	buf_add_str(&build, number);
	buf_add_str(&build, file->build_rest);
	json_kv_str(w, "build", buf_view(&build));
	buf_finish(&build);
}

static void write_file(struct json_writer *w, const struct filename *file)
{
	struct buf text = {0};
	json_kv_text(w, "kind", file->kind == FILENAME_WHEEL ? "wheel" : "sdist");
	name_normalise(file->name, &text);
	json_kv_str(w, "name", buf_view(&text));
	buf_clear(&text);
	version_write(&file->version, &text);
	json_kv_str(w, "version", buf_view(&text));
	buf_finish(&text);
	if (file->kind == FILENAME_WHEEL) {
		write_build(w, file);
		write_tags(w, file);
	}
}

static void answer_filename(struct pep_session *s, struct str line)
{
	struct filename file;
	struct err e;
	struct json_writer w;
	int code = filename_parse(line, &file, &e);
	if (code == 0 && file.kind == FILENAME_OTHER) {
		code = err_set(
			&e, ERR_INVALID, "neither a wheel nor a source distribution: '%.*s'", STR_ARG(line));
	}
	json_writer_init(&w, &s->answer, false);
	json_object_begin(&w);
	if (code < 0) {
		json_kv_text(&w, "kind", "invalid");
		json_kv_text(&w, "why", e.text);
	} else {
		write_file(&w, &file);
	}
	json_object_end(&w);
	json_writer_finish(&w);
}

/* Requirements */

static void write_requirement(struct json_writer *w, const struct requirement *r)
{
	struct str rest = r->extras, extra;
	json_kv_str(w, "name", r->name);
	json_key(w, "extras");
	json_array_begin(w);
	while (requirement_next_extra(&rest, &extra)) {
		json_str(w, extra);
	}
	json_array_end(w);
	json_kv_str(w, "specifiers", r->specifiers.text);
	json_kv_str(w, "url", r->url);
	json_kv_str(w, "marker", r->marker);
}

static void answer_requirement(struct pep_session *s, struct str line)
{
	struct requirement requirement;
	struct json_writer w;
	if (requirement_parse(line, &requirement, NULL) < 0) {
		answer(s, "invalid");
		return;
	}
	json_writer_init(&w, &s->answer, false);
	json_object_begin(&w);
	write_requirement(&w, &requirement);
	json_object_end(&w);
	json_writer_finish(&w);
}

/* Tags of a target, best first */

static void answer_tags(struct pep_session *s, struct str line)
{
	const struct recipe_target *target = target_set_find(&s->targets, line);
	if (target == NULL) {
		answer(s, "invalid");
		return;
	}
	struct tag_target tags = pep_target_tags(&target->pep);
	for (int rank = 0; rank < tag_count(&tags); rank++) {
		if (rank != 0) {
			buf_add_char(&s->answer, ' ');
		}
		tag_at(&tags, rank, &s->answer);
	}
}

static const struct pep_command {
	const char *name;
	bool needs_targets;
	void (*answer)(struct pep_session *s, struct str line);
} commands[] = {
	{"compare", false, answer_compare},
	{"match", false, answer_match},
	{"marker", true, answer_marker},
	{"filename", false, answer_filename},
	{"requirement", false, answer_requirement},
	{"tags", true, answer_tags},
};

static const struct pep_command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(name, commands[i].name) == 0) {
			return &commands[i];
		}
	}
	return NULL;
}

static int load_targets(struct pep_session *s)
{
	struct err e;
	char *folder = recipe_tree_default();
	int code = target_set_load(folder, &s->targets, &e);
	free(folder);
	s->has_targets = true;
	if (code < 0) {
		fprintf(stderr, "wheelfarm pep: %s\n", e.text);
		return EXIT_USAGE;
	}
	return EXIT_FINE;
}

/* One answer a line, written at once, so that two programs can talk through pipes. */
static int answer_lines(struct pep_session *s, const struct pep_command *command)
{
	char *line = NULL;
	size_t capacity = 0;
	ssize_t n;
	while ((n = getline(&line, &capacity, stdin)) >= 0) {
		if (n > 0 && line[n - 1] == '\n') {
			n--;
		}
		buf_clear(&s->answer);
		command->answer(s, (struct str){.p = line, .n = (size_t)n});
		buf_add_char(&s->answer, '\n');
		if (fwrite(s->answer.p, 1, s->answer.n, stdout) != s->answer.n || fflush(stdout) != 0) {
			break;
		}
	}
	free(line);
	if (ferror(stdin) || ferror(stdout)) {
		fprintf(stderr, "wheelfarm pep: standard input or output failed\n");
		return EXIT_WORLD;
	}
	return EXIT_FINE;
}

int command_pep(int argc, char **argv)
{
	static const struct option table[] = {{.name = NULL}};
	static const struct options options = {
		.command = "pep",
		.usage = "(compare|match|marker|filename|requirement|tags) <LINES",
		.about = "Answers each line of standard input with one line; fields are parted by a tab.\n"
				 "  compare      A, B            <, =, > or invalid (PEP 440)\n"
				 "  match        VERSION, SPEC   true, false or invalid (pre-releases admitted)\n"
				 "  marker       TARGET, MARKER  true, false or invalid (PEP 508)\n"
				 "  filename     FILENAME        JSON: kind, name, version, build, tags\n"
				 "  requirement  REQUIREMENT     JSON: name, extras, specifiers, url, marker; or "
				 "invalid\n"
				 "  tags         TARGET          the wheel tags it accepts, best first; or invalid",
		.example = "printf '1.0rc1\\t1.0\\n' | wheelfarm pep compare",
		.table = table,
		.words_min = 1,
		.words_max = 1,
	};
	struct option_list words = {0};
	struct pep_session session = {0};
	int code = options_parse(&options, argc, argv, &words);
	if (code != OPTIONS_GO) {
		goto done;
	}
	const struct pep_command *command = find_command(words.v[0]);
	if (command == NULL) {
		code = options_wrong("pep", "no sub-command '%s'", words.v[0]);
		goto done;
	}
	code = command->needs_targets ? load_targets(&session) : EXIT_FINE;
	if (code == EXIT_FINE) {
		code = answer_lines(&session, command);
	}
done:
	if (session.has_targets) {
		target_set_finish(&session.targets);
	}
	buf_finish(&session.answer);
	options_list_finish(&words);
	return code;
}
