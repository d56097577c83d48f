#include "coordinator/check/poetry_project.h"

#include "coordinator/check/check_files.h"
#include "coordinator/check/poetry_constraint.h"
#include "core/pep/name.h"
#include "core/pep/specifier.h"

const char *poetry_project_elsewhere(const struct toml_node *dependency)
{
	return toml_get(dependency, "git") != NULL ? "a repository"
		: toml_get(dependency, "url") != NULL  ? "an address"
		: toml_get(dependency, "path") != NULL ? "a path"
		: toml_get(dependency, "file") != NULL ? "a path"
											   : NULL;
}

static int fail(struct lock *l, const struct toml_node *at, const struct err *e)
{
	return err_set(l->e, ERR_INVALID, "%s:%zu: %s", l->path, at->line, e->text);
}

/* --- a dependency as PEP 508 has it --- */

static void write_extras(const struct toml_node *dependency, struct buf *out)
{
	size_t count = 0;
	TOML_EACH(extra, toml_get_kind(dependency, "extras", TOML_ARRAY))
	{
		buf_add_char(out, count++ == 0 ? '[' : ',');
		buf_add_str(out, extra->text);
	}
	buf_add_text(out, count != 0 ? "]" : "");
}

/* One set of specifiers of Python as a marker. */
static void write_python_set(struct str set, struct buf *out)
{
	struct str rest = set;
	struct specifier s;
	size_t count = 0;
	while (specifier_set_next(&rest, &s)) {
		struct str operator= str_slice(set, 0, (size_t)(s.version_text.p - set.p));
		size_t from = operator.n;
		while (from > 0 && operator.p[from - 1] != ',') {
			from--;
		}
		buf_printf(out, "%spython_full_version %.*s '%.*s'", count++ != 0 ? " and " : "",
			STR_ARG(str_slice(operator, from, operator.n)), STR_ARG(s.version_text));
	}
}

static int write_python(struct lock *l, const struct toml_node *python, struct buf *out)
{
	struct buf alternatives = {0};
	struct err e = {0};
	struct str one;
	size_t count = 0;
	int code = poetry_constraint_write(python->text, &alternatives, &e);
	struct str rest = buf_view(&alternatives);
	bool any = alternatives.n == 0;
	while (code == 0 && !any && str_split(&rest, '|', &one)) {
		buf_add_text(out, count++ == 0 ? "(" : " or ");
		write_python_set(one, out);
		any = one.n == 0;
	}
	if (count != 0) {
		buf_add_text(out, any ? "python_version > '0')" : ")");
	}
	buf_finish(&alternatives);
	return code == 0 ? 0 : fail(l, python, &e);
}

/* What it says of where it applies: `markers`, `python`, `platform`; all of them. */
static int write_marker(struct lock *l, const struct toml_node *dependency, struct buf *out)
{
	const struct toml_node *python = toml_get_kind(dependency, "python", TOML_TEXT);
	struct str markers = toml_get_text(dependency, "markers");
	struct str platform = toml_get_text(dependency, "platform");
	struct buf one = {0};
	int code = python != NULL ? write_python(l, python, &one) : 0;
	if (one.n != 0) {
		buf_printf(out, "%.*s", STR_ARG(buf_view(&one)));
	}
	if (markers.n != 0) {
		buf_printf(out, "%s(%.*s)", out->n != 0 ? " and " : "", STR_ARG(markers));
	}
	if (platform.n != 0) {
		buf_printf(out, "%ssys_platform == '%.*s'", out->n != 0 ? " and " : "", STR_ARG(platform));
	}
	buf_finish(&one);
	return code;
}

static int add(struct lock *l, struct str name, const struct toml_node *dependency)
{
	bool plain = dependency->kind == TOML_TEXT;
	struct str constraint = plain ? dependency->text : toml_get_text(dependency, "version");
	struct buf text = {0}, versions = {0}, marker = {0};
	struct err e = {0};
	int code = 0;
	if (!plain && poetry_project_elsewhere(dependency) != NULL) {
		lock_skip(l, dependency, poetry_project_elsewhere(dependency), name);
		return 0;
	}
	code = poetry_constraint_write(constraint, &versions, &e);
	if (code != 0) {
		code = fail(l, dependency, &e);
	} else if (str_find(buf_view(&versions), '|') >= 0) {
		lock_skip(l, dependency, "alternatives of versions", name);
	} else {
		buf_add_str(&text, name);
		write_extras(dependency, &text);
		buf_add_str(&text, buf_view(&versions));
		code = write_marker(l, dependency, &marker);
		if (marker.n != 0) {
			buf_printf(&text, "; %.*s", STR_ARG(buf_view(&marker)));
		}
		if (code == 0) {
			code = check_list_add(
				l->list, l->path, dependency->line, l->about, buf_view(&text), false, l->e);
		}
	}
	buf_finish(&text);
	buf_finish(&versions);
	buf_finish(&marker);
	return code;
}

/* --- tables of them --- */

static int read_python(struct lock *l, const struct toml_node *python)
{
	struct buf text = {0};
	struct err e = {0};
	int code = poetry_constraint_write(python->text, &text, &e);
	if (code == 0 && l->about->python.n == 0) {
		lock_python(l, buf_view(&text));
	}
	buf_finish(&text);
	return code == 0 ? 0 : fail(l, python, &e);
}

static int read_table(struct lock *l, const struct toml_node *table, bool *any)
{
	int code = 0;
	*any |= table != NULL;
	TOML_EACH(dependency, table)
	{
		if (code != 0) {
			return code;
		}
		if (str_is(dependency->key, "python")) {
			code = read_python(l, dependency);
		} else if (dependency->kind == TOML_ARRAY) {
			TOML_EACH(one, dependency)
			{
				code = code == 0 ? add(l, dependency->key, one) : code;
			}
		} else {
			code = add(l, dependency->key, dependency);
		}
	}
	return code;
}

int poetry_project_read(struct lock *l, const struct toml_node *poetry, bool main, bool *any)
{
	int code = 0;
	if (main) {
		code = read_table(l, toml_get_kind(poetry, "dependencies", TOML_TABLE), any);
	}
	if (code == 0) {
		code = read_table(l, toml_get_kind(poetry, "dev-dependencies", TOML_TABLE), any);
	}
	TOML_EACH(group, toml_get_kind(poetry, "group", TOML_TABLE))
	{
		if (code == 0) {
			code = read_table(l, toml_get_kind(group, "dependencies", TOML_TABLE), any);
		}
	}
	return code;
}
