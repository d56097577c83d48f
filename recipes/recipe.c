#include "recipes/recipe.h"

#include "core/base/vec.h"
#include "core/io/file.h"
#include "core/pep/specifier.h"
#include "recipes/data.h"
#include "recipes/recipe_file.h"

bool recipe_target_matches(const char *pattern, struct str target)
{
	struct str p = str_from(pattern);
	if (p.n != 0 && p.p[p.n - 1] == '*') {
		struct str head = str_slice(p, 0, p.n - 1);
		return target.n >= head.n && str_equal(str_slice(target, 0, head.n), head);
	}
	if (p.n != 0 && p.p[0] == '*') {
		return str_ends(target, pattern + 1);
	}
	return str_equal(p, target);
}

static const char *text_or(struct arena *arena, const char *text, const char *fallback)
{
	return text != NULL ? data_text(arena, text) : fallback;
}

static struct recipe_env *fill_env(
	const struct recipe_file_env *env, unsigned count, struct arena *arena)
{
	struct recipe_env *out = arena_new(arena, (count + 1) * sizeof(*out));
	for (unsigned i = 0; i < count; i++) {
		out[i].name = data_text(arena, env[i].name);
		out[i].value = data_text(arena, env[i].value);
		out[i].target = text_or(arena, env[i].target, "*");
	}
	return out;
}

static void fill_tests(const struct recipe_file *f, struct arena *arena, struct recipe *out)
{
	out->test_requires = data_texts(arena, f->test.requires, f->test.requires_count);
	out->test_command = data_texts(arena, f->test.command, f->test.command_count);
	out->test_sources = data_texts(arena, f->test.sources, f->test.sources_count);
	out->test_env = fill_env(f->test.env, f->test.env_count, arena);
	out->test_env_count = f->test.env_count;
	out->deselects = arena_new(arena, (f->test.deselect_count + 1) * sizeof(*out->deselects));
	out->deselect_count = f->test.deselect_count;
	for (size_t i = 0; i < out->deselect_count; i++) {
		out->deselects[i].id = data_text(arena, f->test.deselect[i].id);
		out->deselects[i].target = text_or(arena, f->test.deselect[i].target, "*");
		out->deselects[i].reason = data_text(arena, f->test.deselect[i].reason);
	}
	out->min_tests = f->test.min_tests;
	if (out->test_command.n != 0 && out->min_tests == 0) {
		out->min_tests = 1; /* a run of no tests is never a pass */
	}
}

static void fill_skips(const struct recipe_file *f, struct arena *arena, struct recipe *out)
{
	out->skips = arena_new(arena, (f->skip_count + 1) * sizeof(*out->skips));
	out->skip_count = f->skip_count;
	for (size_t i = 0; i < out->skip_count; i++) {
		out->skips[i].target = data_text(arena, f->skip[i].target);
		(void)reason_find(str_from(f->skip[i].code), &out->skips[i].code); /* NONE: a check */
		out->skips[i].reason = data_text(arena, f->skip[i].reason);
		out->skips[i].link = data_text(arena, f->skip[i].link);
		out->skips[i].review_by = data_text(arena, f->skip[i].review_by);
	}
}

/* Copies what libcyaml owns into the arena. */
static void fill(const struct recipe_file *f, struct arena *arena, struct recipe *out)
{
	out->name = data_text(arena, f->name);
	out->versions = text_or(arena, f->versions, "");
	out->revision = f->revision;
	out->env = fill_env(f->env, f->env_count, arena);
	out->env_count = f->env_count;
	out->tools = data_texts(arena, f->tools, f->tools_count);
	out->libraries = arena_new(arena, (f->libraries_count + 1) * sizeof(*out->libraries));
	out->library_count = f->libraries_count;
	for (size_t i = 0; i < out->library_count; i++) {
		out->libraries[i].name = data_text(arena, f->libraries[i].name);
		out->libraries[i].target = text_or(arena, f->libraries[i].target, "*");
	}
	out->as_target = data_texts(arena, f->as_target, f->as_target_count);
	out->requires_add = data_texts(arena, f->requires_add, f->requires_add_count);
	out->requires_remove = data_texts(arena, f->requires_remove, f->requires_remove_count);
	out->config_settings = data_texts(arena, f->config_settings, f->config_settings_count);
	out->patches = arena_new(arena, (f->patches_count + 1) * sizeof(*out->patches));
	out->patch_count = f->patches_count;
	for (size_t i = 0; i < out->patch_count; i++) {
		out->patches[i].file = data_text(arena, f->patches[i].file);
		out->patches[i].sha256 = data_text(arena, f->patches[i].sha256);
		out->patches[i].target = text_or(arena, f->patches[i].target, "*");
		out->patches[i].upstream = data_text(arena, f->patches[i].upstream);
		out->patches[i].strip = f->patches[i].strip;
	}
	out->imports = data_texts(arena, f->imports, f->imports_count);
	fill_tests(f, arena, out);
	out->limits = f->limits;
	fill_skips(f, arena, out);
}

int recipe_load(
	const char *folder, const char *file, struct arena *arena, struct recipe *out, struct err *e)
{
	*out = (struct recipe){0};
	struct recipe_file *f = NULL;
	struct buf text = {0};
	int code = data_read(file, &text, e);
	if (code != 0) {
		goto out;
	}
	code = recipe_file_parse(buf_view(&text), file, &f, e);
	if (code == 0) {
		fill(f, arena, out);
		out->file = data_text(arena, file);
		tree_object_of(buf_view(&text), out->object);
		code = recipe_check(out, folder, buf_view(&text), arena, e);
	}
	recipe_file_free(f);
out:
	buf_finish(&text);
	return code;
}

int recipe_set_load(const char *folder, struct recipe_set *out, struct err *e)
{
	*out = (struct recipe_set){0};
	char *packages = file_join(folder, "packages");
	struct json_texts names;
	struct err why = {0};
	int code = data_list(packages, &out->arena, &names, &why);
	if (code == ERR_NOT_FOUND) {
		code = 0;
		goto out;
	}
	if (code != 0) {
		err_set(e, code, "%s", why.text);
		goto out;
	}
	out->v = arena_new(&out->arena, (names.n + 1) * sizeof(*out->v));
	out->problems = arena_new(&out->arena, (names.n + 1) * sizeof(*out->problems));
	for (size_t i = 0; i < names.n; i++) {
		char *path = str_format("%s/%s.yaml", packages, names.v[i]);
		if (recipe_load(folder, path, &out->arena, &out->v[out->n], &why) == 0) {
			out->n++;
		} else {
			struct recipe_problem *p = &out->problems[out->problem_count++];
			p->name = names.v[i];
			p->text = data_text(&out->arena, why.text);
		}
		free(path);
	}
out:
	free(packages);
	return code;
}

void recipe_set_finish(struct recipe_set *s)
{
	arena_finish(&s->arena);
	*s = (struct recipe_set){0};
}

const struct recipe *recipe_set_find(
	const struct recipe_set *s, struct str name, const char **problem)
{
	*problem = NULL;
	for (size_t i = 0; i < s->problem_count; i++) {
		if (str_is(name, s->problems[i].name)) {
			*problem = s->problems[i].text;
		}
	}
	for (size_t i = 0; i < s->n; i++) {
		if (str_is(name, s->v[i].name)) {
			return &s->v[i];
		}
	}
	return NULL;
}

bool recipe_admits(const struct recipe *r, struct str version)
{
	struct specifier_set set;
	struct version v;
	return specifier_set_parse(str_from(r->versions), &set, NULL) == 0 &&
		version_parse(version, &v, NULL) == 0 && specifier_set_contains(&set, &v);
}

bool recipe_as_target(const struct recipe *r, struct str target)
{
	for (size_t i = 0; i < r->as_target.n; i++) {
		if (recipe_target_matches(r->as_target.v[i], target)) {
			return true;
		}
	}
	return false;
}

bool recipe_skip_expired(const struct recipe_skip *skip, const char *today)
{
	return strcmp(skip->review_by, today) < 0; /* ISO dates sort as texts */
}

const struct recipe_skip *recipe_skip_find(
	const struct recipe *r, struct str target, const char *today)
{
	for (size_t i = 0; i < r->skip_count; i++) {
		if (recipe_target_matches(r->skips[i].target, target) &&
			!recipe_skip_expired(&r->skips[i], today)) {
			return &r->skips[i];
		}
	}
	return NULL;
}
