/* pyproject.toml: what the project and all of its extras and groups require, as requirements to solve:
 * "Declaring project metadata" (PEP 621), dependency groups (PEP 735), and the tables of uv and Poetry where
 * they say more or other things. */
#include "coordinator/check/lock.h"

#include "coordinator/check/check_files.h"
#include "coordinator/check/poetry_project.h"
#include "core/pep/name.h"
#include "core/pep/requirement.h"

struct project {
	struct lock *l;
	const struct toml_node *project, *groups, *uv, *poetry;
	struct str name; /* empty: not told */
	struct map elsewhere; /* names of packages that come from elsewhere than an index */
	struct map group_names; /* to the groups */
	bool any; /* it names requirements, if only an empty list of them */
};

/* Does a package of uv's sources come from elsewhere than an index? */
static bool is_elsewhere(const struct toml_node *source)
{
	bool found = false;
	TOML_EACH(one, source->kind == TOML_ARRAY ? source : NULL)
	{
		found |= toml_get(one, "index") == NULL;
	}
	return found || (source->kind == TOML_TABLE && toml_get(source, "index") == NULL);
}

static void put(struct map *m, struct str name, const struct toml_node *value)
{
	struct buf normal = {0};
	name_normalise(name, &normal);
	map_put(m, buf_view(&normal), (void *)(uintptr_t)value);
	buf_finish(&normal);
}

static const struct toml_node *get(const struct map *m, struct str name)
{
	struct buf normal = {0};
	name_normalise(name, &normal);
	const struct toml_node *found = map_get(m, buf_view(&normal));
	buf_finish(&normal);
	return found;
}

static int add(struct project *p, const struct toml_node *text, bool constraint)
{
	struct lock *l = p->l;
	struct requirement r;
	if (text->kind != TOML_TEXT) {
		return lock_fail(l, text, "a requirement is a text (PEP 508)");
	}
	if (requirement_parse(text->text, &r, NULL) == 0) {
		if (p->name.n != 0 && name_equal(r.name, p->name)) {
			return 0; /* extras of its own, which are all asked for */
		}
		if (get(&p->elsewhere, r.name) != NULL) {
			lock_skip(l, text, "it comes from elsewhere", r.name);
			return 0;
		}
	}
	return check_list_add(l->list, l->path, text->line, l->about, text->text, constraint, l->e);
}

static int add_all(struct project *p, const struct toml_node *texts, bool constraint)
{
	int code = 0;
	if (texts == NULL) {
		return 0;
	}
	p->any = true;
	if (texts->kind != TOML_ARRAY) {
		return lock_fail(p->l, texts, "requirements are an array");
	}
	TOML_EACH(text, texts)
	{
		if (code == 0) {
			code = add(p, text, constraint);
		}
	}
	return code;
}

static bool is_dynamic(const struct project *p, const char *what)
{
	TOML_EACH(one, toml_get_kind(p->project, "dynamic", TOML_ARRAY))
	{
		if (str_is(one->text, what)) {
			return true;
		}
	}
	return false;
}

static int read_project(struct project *p)
{
	static const char *const dynamic[] = {"dependencies", "optional-dependencies"};
	int code = add_all(p, toml_get(p->project, "dependencies"), false);
	TOML_EACH(extra, toml_get_kind(p->project, "optional-dependencies", TOML_TABLE))
	{
		if (code == 0) {
			code = add_all(p, extra, false);
		}
	}
	for (size_t i = 0; i < sizeof(dynamic) / sizeof(*dynamic) && code == 0; i++) {
		if (is_dynamic(p, dynamic[i]) && p->poetry == NULL) {
			lock_skip(p->l, toml_get(p->project, "dynamic"), "only a build tells them",
				str_from(dynamic[i]));
			p->any = true;
		}
	}
	return code;
}

/* --- groups: as all of them are read, what one includes is there; that it may is checked --- */

/* The groups that `group` includes, for `depth` steps at most; `steps` bounds what many ways cost. */
static int follow_group(
	struct project *p, const struct toml_node *group, size_t depth, size_t *steps)
{
	int code = 0;
	if (depth > CHECK_DEPTH || ++*steps > CHECK_LINES_MOST) {
		return lock_fail(p->l, group, "groups that include each other, or too deep (PEP 735)");
	}
	TOML_EACH(item, group->kind == TOML_ARRAY ? group : NULL)
	{
		const struct toml_node *name = toml_get_kind(item, "include-group", TOML_TEXT);
		const struct toml_node *inner = name != NULL ? get(&p->group_names, name->text) : NULL;
		if (code == 0 && name != NULL && inner == NULL) {
			code = lock_fail(p->l, name, "a group that is not there (PEP 735)");
		} else if (code == 0 && inner != NULL) {
			code = follow_group(p, inner, depth + 1, steps);
		}
	}
	return code;
}

static int read_group(struct project *p, const struct toml_node *group)
{
	int code = 0;
	p->any = true;
	if (group->kind != TOML_ARRAY) {
		return lock_fail(p->l, group, "a group is an array (PEP 735)");
	}
	TOML_EACH(item, group)
	{
		if (code != 0) {
			return code;
		}
		if (item->kind == TOML_TEXT) {
			code = add(p, item, false);
		} else if (item->count != 1 || toml_get_kind(item, "include-group", TOML_TEXT) == NULL) {
			code = lock_fail(p->l, item, "neither a requirement nor an include-group (PEP 735)");
		}
	}
	return code;
}

static int read_groups(struct project *p)
{
	size_t steps = 0;
	int code = 0;
	TOML_EACH(group, p->groups)
	{
		if (code == 0) {
			code = read_group(p, group);
		}
		if (code == 0) {
			code = follow_group(p, group, 0, &steps);
		}
	}
	return code;
}

/* --- what tools add --- */

static int read_uv(struct project *p)
{
	int code = add_all(p, toml_get(p->uv, "dev-dependencies"), false);
	if (code == 0) {
		code = add_all(p, toml_get(p->uv, "constraint-dependencies"), true);
	}
	TOML_EACH(text, toml_get_kind(p->uv, "override-dependencies", TOML_ARRAY))
	{
		lock_skip(p->l, text, "an override", (struct str){0});
	}
	return code;
}

int pyproject_read(struct lock *l)
{
	const struct toml_node *tool = toml_get_kind(l->root, "tool", TOML_TABLE);
	struct project p = {.l = l,
		.project = toml_get_kind(l->root, "project", TOML_TABLE),
		.groups = toml_get_kind(l->root, "dependency-groups", TOML_TABLE),
		.uv = toml_get_kind(tool, "uv", TOML_TABLE),
		.poetry = toml_get_kind(tool, "poetry", TOML_TABLE)};
	TOML_EACH(source, toml_get_kind(p.uv, "sources", TOML_TABLE))
	{
		if (is_elsewhere(source)) {
			put(&p.elsewhere, source->key, source);
		}
	}
	TOML_EACH(dependency, toml_get_kind(p.poetry, "dependencies", TOML_TABLE))
	{
		if (poetry_project_elsewhere(dependency) != NULL) {
			put(&p.elsewhere, dependency->key, dependency);
		}
	}
	TOML_EACH(group, p.groups)
	{
		put(&p.group_names, group->key, group);
	}
	p.name = toml_get_text(p.project, "name");
	lock_python(l, toml_get_text(p.project, "requires-python"));
	int code = read_project(&p);
	if (code == 0) {
		code = read_groups(&p);
	}
	if (code == 0) {
		code = read_uv(&p);
	}
	if (code == 0 && p.poetry != NULL) {
		bool enriched = p.project != NULL && !is_dynamic(&p, "dependencies");
		code = poetry_project_read(l, p.poetry, !enriched, &p.any);
	}
	if (code == 0 && !p.any) {
		lock_skip(l, l->root, "it names no requirements", (struct str){0});
	}
	map_finish(&p.elsewhere);
	map_finish(&p.group_names);
	return code;
}
