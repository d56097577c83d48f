#include "recipes/recipe_file.h"

#include "core/io/file.h"
#include "core/io/sha256.h"
#include "core/pep/name.h"
#include "core/pep/requirement.h"
#include "recipes/data.h"

#include <stdlib.h>
#include <string.h>

/* What every check needs to say where something is. */
struct place {
	const char *file;
	struct str text;
	struct err *e;
};

#define WRONG(place, key, value, ...) \
	data_error((place)->e, (place)->file, data_line((place)->text, (key), (value)), __VA_ARGS__)

static bool is_made_of(const char *text, const char *allowed)
{
	return text[0] != '\0' && text[strspn(text, allowed)] == '\0';
}

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static int check_identity(const struct recipe *r, const struct place *p)
{
	char normalised[256];
	ptrdiff_t slash = str_find_last(str_from(r->file), '/');
	struct str stem = str_from(r->file + slash + 1);
	stem.n -= strlen(".yaml");
	if (!name_is_valid(str_from(r->name)) ||
		!name_normalise_to(str_from(r->name), normalised, sizeof(normalised)) ||
		strcmp(normalised, r->name) != 0) {
		return WRONG(p, "name", NULL, "\"%s\" is no normalised name (PEP 503)", r->name);
	}
	if (!str_is(stem, r->name)) {
		return WRONG(
			p, "name", NULL, "name is \"%s\", but the file is %.*s.yaml", r->name, STR_ARG(stem));
	}
	struct specifier_set set;
	struct err why = {0};
	if (specifier_set_parse(str_from(r->versions), &set, &why) != 0) {
		return WRONG(p, "versions", NULL, "%s", why.text);
	}
	if (r->revision < 1) {
		return WRONG(p, "revision", NULL, "revision is a whole number from 1 on");
	}
	return 0;
}

/* One '*', at the start or at the end; and a target is never empty. */
static int check_pattern(const char *key, const char *target, const struct place *p)
{
	const char *star = strchr(target, '*');
	bool one = star == NULL || strchr(star + 1, '*') == NULL;
	bool at_end = star == NULL || star == target || star[1] == '\0';
	if (!is_made_of(target, LETTERS DIGITS "_-*") || !one || !at_end) {
		return WRONG(
			p, key, target, "\"%s\" is no target: a name, \"*-PLATFORM\" or \"cpXY-*\"", target);
	}
	return 0;
}

static int check_target(const char *target, const struct place *p)
{
	return check_pattern("target", target, p);
}

static int check_env(const struct recipe_env *v, size_t n, const struct place *p)
{
	/* what the sandbox sets itself, and what would change the tools around the build */
	static const char *const reserved[] = {"PATH", "HOME", "TMPDIR", "LD_PRELOAD",
		"LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", NULL};
	for (size_t i = 0; i < n; i++) {
		const struct recipe_env *env = &v[i];
		if (!is_made_of(env->name, LETTERS DIGITS "_") || strchr(DIGITS, env->name[0]) != NULL) {
			return WRONG(p, "name", env->name, "\"%s\" is no name of a variable", env->name);
		}
		for (size_t k = 0; reserved[k] != NULL; k++) {
			if (strcmp(env->name, reserved[k]) == 0) {
				return WRONG(p, "name", env->name, "%s is set by the sandbox alone", env->name);
			}
		}
		int code = check_target(env->target, p);
		if (code != 0) {
			return code;
		}
	}
	return 0;
}

/* What tools/prepare makes on demand; these words become names of files. */
static int check_tools(const struct recipe *r, const struct place *p)
{
	static const char *const known[] = {"rust"};
	for (size_t i = 0; i < r->tools.n; i++) {
		if (strcmp(r->tools.v[i], known[0]) != 0) {
			return WRONG(p, "tools", r->tools.v[i], "\"%s\" is no tool; there is: %s",
				r->tools.v[i], known[0]);
		}
	}
	for (size_t i = 0; i < r->library_count; i++) {
		const char *name = r->libraries[i].name;
		if (!is_made_of(name, LETTERS DIGITS "-.+") || strchr("-.+", name[0]) != NULL) {
			return WRONG(p, "name", name, "\"%s\" is no name of a library", name);
		}
		int code = check_target(r->libraries[i].target, p);
		if (code != 0) {
			return code;
		}
	}
	for (size_t i = 0; i < r->as_target.n; i++) {
		int code = check_pattern("as_target", r->as_target.v[i], p);
		if (code != 0) {
			return code;
		}
	}
	return 0;
}

static int check_requirements(
	const struct json_texts *texts, const char *key, const struct place *p)
{
	for (size_t i = 0; i < texts->n; i++) {
		struct requirement requirement;
		struct err why = {0};
		if (requirement_parse(str_from(texts->v[i]), &requirement, &why) != 0) {
			return WRONG(p, key, texts->v[i], "%s", why.text);
		}
		if (requirement.url.n != 0) {
			return WRONG(p, key, texts->v[i], "\"%s\": an address has no hash here; name a version",
				texts->v[i]);
		}
	}
	return 0;
}

static int check_build(const struct recipe *r, const struct place *p)
{
	int code = check_requirements(&r->requires_add, "requires_add", p);
	for (size_t i = 0; code == 0 && i < r->requires_remove.n; i++) {
		if (!name_is_valid(str_from(r->requires_remove.v[i]))) {
			code = WRONG(p, "requires_remove", r->requires_remove.v[i], "\"%s\" is no package name",
				r->requires_remove.v[i]);
		}
	}
	for (size_t i = 0; code == 0 && i < r->config_settings.n; i++) {
		const char *setting = r->config_settings.v[i];
		const char *equal = strchr(setting, '=');
		if (equal == NULL || equal == setting) {
			code = WRONG(p, "config_settings", setting, "\"%s\" is not key=value", setting);
		}
	}
	return code;
}

static int check_patches(
	struct recipe *r, const char *folder, struct arena *arena, const struct place *p)
{
	for (size_t i = 0; i < r->patch_count; i++) {
		struct recipe_patch *patch = &r->patches[i];
		if (!is_made_of(patch->file, LETTERS DIGITS "._+-") || patch->file[0] == '.') {
			return WRONG(p, "file", patch->file, "\"%s\" is no plain file name", patch->file);
		}
		if (patch->strip < 0 || patch->strip > 9) {
			return WRONG(p, "strip", NULL, "strip is 0 to 9");
		}
		int code = check_target(patch->target, p);
		if (code != 0) {
			return code;
		}
		char *path = str_format("%s/patches/%s/%s", folder, r->name, patch->file);
		patch->path = data_text(arena, path);
		free(path);
		char hex[SHA256_HEX];
		uint64_t size;
		struct err why = {0};
		if (sha256_of_file(patch->path, hex, &size, &why) != 0 ||
			tree_object_of_file(patch->path, patch->object, &why) != 0) {
			return WRONG(p, "file", patch->file, "%s", why.text);
		}
		if (strcmp(hex, patch->sha256) != 0) {
			return WRONG(p, "sha256", patch->sha256, "the sha256 of %s is %s", patch->file, hex);
		}
	}
	return 0;
}

/* A path inside of the source: it is a word of a command line, and may not lead out. */
static bool is_inner_path(const char *path)
{
	struct str rest = str_from(path), part;
	while (str_split(&rest, '/', &part)) {
		if (part.n == 0 || str_is(part, "..") || str_is(part, ".")) {
			return false;
		}
	}
	return path[0] != '-' && is_made_of(path, LETTERS DIGITS "._+-/");
}

/* What lies beside the tests, and which of them are left out. */
static int check_selection(const struct recipe *r, const struct place *p)
{
	bool pytest = false;
	for (size_t i = 0; i < r->test_command.n; i++) {
		pytest = pytest || strcmp(r->test_command.v[i], "pytest") == 0;
	}
	for (size_t i = 0; i < r->test_sources.n; i++) {
		if (!is_inner_path(r->test_sources.v[i])) {
			return WRONG(p, "sources", r->test_sources.v[i], "\"%s\" is no path inside the source",
				r->test_sources.v[i]);
		}
	}
	for (size_t i = 0; i < r->deselect_count; i++) {
		int code = check_target(r->deselects[i].target, p);
		if (code != 0) {
			return code;
		}
		if (!pytest) {
			return WRONG(p, "deselect", NULL, "only pytest can leave tests out by name");
		}
	}
	return check_env(r->test_env, r->test_env_count, p);
}

static int check_tests(const struct recipe *r, const struct place *p)
{
	for (size_t i = 0; i < r->imports.n; i++) {
		const char *module = r->imports.v[i];
		size_t n = strlen(module);
		if (!is_made_of(module, LETTERS DIGITS "_.") || strchr(DIGITS ".", module[0]) != NULL ||
			module[n - 1] == '.' || strstr(module, "..") != NULL) {
			return WRONG(p, "imports", module, "\"%s\" is no module name", module);
		}
	}
	if (r->min_tests < 0) {
		return WRONG(p, "min_tests", NULL, "min_tests is a whole number");
	}
	if (r->test_command.n == 0 &&
		(r->min_tests != 0 || r->test_requires.n != 0 || r->test_sources.n != 0 ||
			r->test_env_count != 0 || r->deselect_count != 0)) {
		return WRONG(p, "test", NULL, "test has no command");
	}
	int code = check_selection(r, p);
	return code != 0 ? code : check_requirements(&r->test_requires, "requires", p);
}

static int check_limits(const struct job_limits *l, const struct place *p)
{
	const struct {
		const char *key;
		int64_t value;
	} limits[] = {{"wall_s", l->wall_s}, {"idle_s", l->idle_s}, {"memory_mb", l->memory_mb},
		{"pids", l->pids}, {"disk_mb", l->disk_mb}, {"log_mb", l->log_mb}};
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		if (limits[i].value < 0 || limits[i].value > 1 << 24) {
			return WRONG(p, limits[i].key, NULL, "%s is out of range", limits[i].key);
		}
	}
	return 0;
}

static bool is_date(const char *text)
{
	static const char form[] = "dddd-dd-dd";
	if (strlen(text) != sizeof(form) - 1) {
		return false;
	}
	for (size_t i = 0; form[i] != '\0'; i++) {
		if (form[i] == 'd' ? strchr(DIGITS, text[i]) == NULL : text[i] != form[i]) {
			return false;
		}
	}
	int month = atoi(text + 5);
	int day = atoi(text + 8);
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static int check_skips(const struct recipe *r, const struct place *p)
{
	for (size_t i = 0; i < r->skip_count; i++) {
		int code = check_target(r->skips[i].target, p);
		if (code != 0) {
			return code;
		}
		if (!str_starts(str_from(r->skips[i].link), "https://")) {
			return WRONG(p, "link", r->skips[i].link, "a skip needs an https link to the evidence");
		}
		if (r->skips[i].code == REASON_NONE) {
			return WRONG(
				p, "code", NULL, "a skip's code is a reason code, such as missing_c_library");
		}
		if (!is_date(r->skips[i].review_by)) {
			return WRONG(p, "review_by", r->skips[i].review_by, "\"%s\" is no date (YYYY-MM-DD)",
				r->skips[i].review_by);
		}
	}
	return 0;
}

int recipe_check(
	struct recipe *r, const char *folder, struct str text, struct arena *arena, struct err *e)
{
	const struct place p = {.file = r->file, .text = text, .e = e};
	int code = check_identity(r, &p);
	if (code == 0) {
		code = check_env(r->env, r->env_count, &p);
	}
	if (code == 0) {
		code = check_tools(r, &p);
	}
	if (code == 0) {
		code = check_build(r, &p);
	}
	if (code == 0) {
		code = check_patches(r, folder, arena, &p);
	}
	if (code == 0) {
		code = check_tests(r, &p);
	}
	if (code == 0) {
		code = check_limits(&r->limits, &p);
	}
	if (code == 0) {
		code = check_skips(r, &p);
	}
	return code;
}
