/* poetry.lock. Since version 2.1 a package says itself where it is installed (`groups`, `markers`). Before,
 * only what requires it does: there it is installed where one of those that name it has it so, and
 * everywhere if nobody names it, for then the project does. A project that asks for more of a package than
 * the others do is not seen then. */
#include "coordinator/check/lock.h"

#include "coordinator/check/poetry_constraint.h"
#include "core/pep/name.h"

struct naming {
	uint64_t targets;
};

struct reading {
	struct lock *l;
	bool told; /* the packages say themselves where they are installed */
	struct map named; /* else, by normalised name, to struct naming */
	struct map files; /* before version 2, by normalised name: arrays of them */
};

static int write_python(struct lock *l, const struct toml_node *python, struct str *out)
{
	struct buf text = {0};
	struct err e = {0};
	int code = python != NULL ? poetry_constraint_write(python->text, &text, &e) : 0;
	if (code == 0) {
		out->p = arena_copy(&l->list->arena, text.n != 0 ? text.p : "", text.n);
		out->n = text.n;
	} else {
		code = err_set(l->e, code, "%s:%zu: %s", l->path, python->line, e.text);
	}
	buf_finish(&text);
	return code;
}

/* --- where it is installed --- */

/* `markers` is one for all groups, or one for each that has some. */
static int told_targets(struct lock *l, const struct toml_node *package, uint64_t *out)
{
	const struct toml_node *markers = toml_get(package, "markers");
	int code = 0;
	if (markers == NULL || markers->kind != TOML_TABLE) {
		return lock_applies(l, markers, out);
	}
	*out = 0;
	TOML_EACH(group, toml_get_kind(package, "groups", TOML_ARRAY))
	{
		uint64_t targets = check_list_all(l->list);
		TOML_EACH(marker, markers)
		{
			if (code == 0 && group->kind == TOML_TEXT && str_equal(marker->key, group->text)) {
				code = lock_applies(l, marker, &targets);
			}
		}
		*out |= targets;
	}
	return code;
}

/* NAME = "CONSTRAINT", or a table with `markers`, or several of those. */
static int name_one(struct reading *r, struct str name, const struct toml_node *dependency)
{
	uint64_t targets;
	struct buf text = {0};
	int code = lock_applies(r->l, toml_get(dependency, "markers"), &targets);
	name_normalise(name, &text);
	struct naming *known = map_get(&r->named, buf_view(&text));
	if (known == NULL) {
		known = arena_new(&r->l->arena, sizeof(*known));
		map_put(&r->named, buf_view(&text), known);
	}
	known->targets |= targets;
	buf_finish(&text);
	return code;
}

static int name_all(struct reading *r)
{
	int code = 0;
	TOML_EACH(package, toml_get_kind(r->l->root, "package", TOML_ARRAY))
	{
		TOML_EACH(dependency, toml_get_kind(package, "dependencies", TOML_TABLE))
		{
			if (code == 0 && dependency->kind != TOML_ARRAY) {
				code = name_one(r, dependency->key, dependency);
			} else if (code == 0) {
				TOML_EACH(one, dependency)
				{
					code = code == 0 ? name_one(r, dependency->key, one) : code;
				}
			}
		}
	}
	return code;
}

/* --- what is installed --- */

/* Why the package is none of an index; NULL: it is one. */
static const char *elsewhere(const struct toml_node *package)
{
	static const struct {
		const char *type, *what;
	} known[] = {{"git", "a repository"}, {"url", "an address"}, {"file", "a path"},
		{"directory", "a folder"}};
	struct str type = toml_get_text(toml_get(package, "source"), "type");
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (str_is(type, known[i].type)) {
			return known[i].what;
		}
	}
	return NULL;
}

static int add_package(struct reading *r, const struct toml_node *package, struct lock_pin *pin)
{
	struct lock *l = r->l;
	int code = 0;
	const struct naming *named = map_get(&r->named, pin->name);
	if (r->told) {
		code = told_targets(l, package, &pin->applies);
	} else if (named != NULL) {
		pin->applies = named->targets;
	}
	if (code != 0 || pin->applies == 0) {
		return code;
	}
	if (elsewhere(package) != NULL) {
		lock_skip(l, package, elsewhere(package), pin->name);
		return 0;
	}
	TOML_EACH(file, toml_get_kind(package, "files", TOML_ARRAY))
	{
		lock_pin_file(l, pin, file);
	}
	TOML_EACH(file, (const struct toml_node *)map_get(&r->files, pin->name))
	{
		lock_pin_file(l, pin, file);
	}
	code = write_python(l, toml_get_kind(package, "python-versions", TOML_TEXT), &pin->python);
	return code == 0 ? lock_pin_add(l, pin) : code;
}

static int read_package(struct reading *r, const struct toml_node *package)
{
	struct lock_pin pin;
	int code = lock_pin_init(r->l, package, &pin);
	if (code == 0) {
		code = add_package(r, package, &pin);
	}
	lock_pin_finish(&pin);
	return code;
}

int poetry_lock_read(struct lock *l)
{
	const struct toml_node *metadata = toml_get_kind(l->root, "metadata", TOML_TABLE);
	const struct toml_node *version = toml_get(metadata, "lock-version");
	struct reading r = {.l = l};
	int code = 0;
	if (version == NULL || version->kind != TOML_TEXT ||
		(!str_starts(version->text, "1.") && !str_starts(version->text, "2."))) {
		return lock_fail(l, version != NULL ? version : l->root,
			"lock-version: only 1 and 2 are known of poetry.lock");
	}
	TOML_EACH(files, toml_get_kind(metadata, "files", TOML_TABLE))
	{
		struct buf name = {0};
		name_normalise(files->key, &name);
		map_put(&r.files, buf_view(&name), (void *)(uintptr_t)files);
		buf_finish(&name);
	}
	r.told = str_starts(version->text, "2.") && !str_is(version->text, "2.0");
	code =
		write_python(l, toml_get_kind(metadata, "python-versions", TOML_TEXT), &l->about->python);
	if (code == 0 && !r.told) {
		code = name_all(&r);
	}
	TOML_EACH(package, toml_get_kind(l->root, "package", TOML_ARRAY))
	{
		if (code == 0) {
			code = read_package(&r, package);
		}
	}
	map_finish(&r.named);
	map_finish(&r.files);
	return code;
}
