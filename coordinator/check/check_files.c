#include "coordinator/check/check_files.h"

#include "coordinator/check/project_file.h"
#include "core/io/file.h"
#include "core/pep/requirement.h"
#include "core/pep/requirements_file.h"

#include <stdlib.h>

bool check_is_file(struct str word)
{
	static const char *const ends[] = {".txt", ".in", ".toml", ".lock"};
	bool is_file = str_find(word, '/') >= 0 && str_find(word, '@') < 0;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		is_file |= str_ends(word, ends[i]);
	}
	return is_file;
}

static const char *source(struct check_list *list, const char *path, size_t line)
{
	return arena_printf(&list->arena, "%s:%zu", path, line);
}

static int check_room(const struct check_list *list, const char *path, size_t line, struct err *e)
{
	return list->lines.n + list->not_checked.n < CHECK_LINES_MOST
		? 0
		: err_set(e, ERR_TOO_LARGE, "%s:%zu: more than %d lines to check", path, line,
			  CHECK_LINES_MOST);
}

int check_list_add(struct check_list *list, const char *path, size_t line,
	const struct check_project *project, struct str requirement, bool constraint, struct err *e)
{
	struct requirement r;
	for (size_t i = 0; i < requirement.n; i++) {
		if ((unsigned char)requirement.p[i] < ' ' && requirement.p[i] != '\t') {
			return err_set(
				e, ERR_INVALID, "%s:%zu: a control character in a requirement", path, line);
		}
	}
	int code = requirement_parse(requirement, &r, e);
	if (code != 0) {
		return err_prefix(e, code, "%s:%zu", path, line);
	}
	code = check_room(list, path, line, e);
	if (code != 0) {
		return code;
	}
	if (r.url.n != 0) {
		check_list_skip(list, path, line, "an address", r.name);
		return 0;
	}
	char *text = arena_copy(&list->arena, requirement.p, requirement.n);
	for (size_t i = 0; i < requirement.n; i++) {
		text[i] = text[i] == '\t' ? ' ' : text[i]; /* it means the same, and stands in tables */
	}
	*vec_add(&list->lines) = (struct check_line){
		.source = source(list, path, line),
		.requirement = {text, requirement.n},
		.constraint = constraint,
		.project = project,
	};
	return 0;
}

int check_list_add_locked(struct check_list *list, const char *path, size_t line,
	const struct check_project *project, const struct check_locked *locked, struct err *e)
{
	struct buf text = {0};
	int code = check_room(list, path, line, e);
	if (code == 0) {
		buf_printf(&text, "%.*s==%.*s", STR_ARG(locked->name), STR_ARG(locked->version));
		*vec_add(&list->lines) = (struct check_line){.source = source(list, path, line),
			.requirement = {arena_copy(&list->arena, text.p, text.n), text.n},
			.project = project,
			.locked = locked};
	}
	buf_finish(&text);
	return code;
}

void check_list_skip(
	struct check_list *list, const char *path, size_t line, const char *what, struct str text)
{
	*vec_add(&list->not_checked) = (struct check_not_checked){.source = source(list, path, line),
		.why =
			arena_printf(&list->arena, "%s%s%.*s", what, text.n != 0 ? ": " : "", STR_ARG(text))};
}

/* A requirement file and those it includes. */
struct reading {
	struct check_list *list;
	struct err *e;
	const struct reading *outer; /* that includes this one */
	const char *real; /* path without links, to see a loop */
	size_t depth;
	bool constraints;
};

static const char *environment(void *user, struct str name)
{
	char *text = str_dup(name);
	const char *value = getenv(text);
	free(text);
	return value;
}

static int read_requirements(const struct reading *outer, const char *path, bool constraints,
	struct check_list *list, struct err *e);

/* FILE of `-r FILE` is seen from the file it stands in. */
static int include(struct reading *r, const char *path, const struct requirements_line *line)
{
	if (str_find_text(line->text, STR("://")) >= 0) {
		check_list_skip(r->list, path, line->line, "a file at an address", (struct str){0});
		return 0;
	}
	const char *slash = strrchr(path, '/');
	bool absolute = line->text.n != 0 && line->text.p[0] == '/';
	char *inner = str_format("%.*s%.*s", absolute || slash == NULL ? 0 : (int)(slash - path + 1),
		path, STR_ARG(line->text));
	bool constraints = r->constraints || line->kind == REQUIREMENTS_CONSTRAINTS;
	int code = read_requirements(r, inner, constraints, r->list, r->e);
	free(inner);
	return code;
}

/* Addresses may hold passwords: they are not repeated. */
static int take_line(struct reading *r, const char *path, const struct requirements_line *line)
{
	switch (line->kind) {
	case REQUIREMENTS_REQUIREMENT:
		return check_list_add(r->list, path, line->line, NULL, line->text, r->constraints, r->e);
	case REQUIREMENTS_INCLUDE:
	case REQUIREMENTS_CONSTRAINTS:
		return include(r, path, line);
	case REQUIREMENTS_EDITABLE:
		check_list_skip(r->list, path, line->line, "an editable project", (struct str){0});
		return 0;
	case REQUIREMENTS_ADDRESS:
		check_list_skip(r->list, path, line->line, "an address or a path", (struct str){0});
		return 0;
	case REQUIREMENTS_OPTION: {
		struct str rest = line->text, name;
		str_split(&rest, ' ', &name);
		rest = name;
		str_split(&rest, '=', &name);
		check_list_skip(r->list, path, line->line, "an option", name);
		return 0;
	}
	}
	return 0;
}

static int read_lines(struct reading *r, const char *path, struct str text)
{
	struct requirements_file file = {.rest = text, .variable = environment};
	struct requirements_line line;
	int code = 0, next = 0;
	while (code == 0 && (next = requirements_file_next(&file, &line, r->e)) == 1) {
		code = take_line(r, path, &line);
		if (code == 0) {
			code = check_room(r->list, path, line.line, r->e);
		}
	}
	if (next < 0) {
		code = err_prefix(r->e, next, "%s:%zu", path, file.line);
	}
	requirements_file_finish(&file);
	return code;
}

static int read_requirements(const struct reading *outer, const char *path, bool constraints,
	struct check_list *list, struct err *e)
{
	char *real = realpath(path, NULL);
	struct reading r = {.list = list,
		.e = e,
		.outer = outer,
		.real = real != NULL ? real : path,
		.depth = outer != NULL ? outer->depth + 1 : 0,
		.constraints = constraints};
	struct buf text = {0};
	int code = 0;
	for (const struct reading *o = outer; o != NULL && code == 0; o = o->outer) {
		if (strcmp(o->real, r.real) == 0) {
			code = err_set(e, ERR_INVALID, "%s: includes itself", path);
		}
	}
	if (code == 0 && r.depth > CHECK_DEPTH) {
		code = err_set(e, ERR_TOO_LARGE, "%s: files include files %d deep", path, CHECK_DEPTH);
	}
	if (code == 0) {
		code = file_read(path, CHECK_FILE_MOST, &text, e);
	}
	if (code == 0) {
		code = read_lines(&r, path, buf_view(&text));
	}
	buf_finish(&text);
	free(real);
	return code;
}

int check_file_read(const char *path, struct check_list *list, struct err *e)
{
	struct str name = str_from(path);
	name = str_slice(name, (size_t)(str_find_last(name, '/') + 1), name.n);
	bool is_project =
		str_ends(name, ".toml") || (str_ends(name, ".lock") && !str_starts(name, "requirements"));
	return is_project ? project_file_read(path, list, e)
					  : read_requirements(NULL, path, false, list, e);
}

int check_constraints_read(const char *path, struct check_list *list, struct err *e)
{
	return read_requirements(NULL, path, true, list, e);
}
