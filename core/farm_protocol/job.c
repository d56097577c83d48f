#include "core/farm_protocol/job.h"

#include "core/farm_protocol/check.h"
#include "core/io/json.h"
#include "core/pep/name.h"
#include "core/pep/version.h"

#include <string.h>

/* A member that is a struct of its own, and one that is a list of them. */
#define OBJECT(struct_type, member, is_required, table)                                         \
	{                                                                                           \
		JSON_NAME(#member), .type = JSON_FIELD_OBJECT, .offset = offsetof(struct_type, member), \
							.required = (is_required), .fields = (table)                        \
	}
#define OBJECTS(struct_type, member, item_type, table)                                           \
	{                                                                                            \
		JSON_NAME(#member), .type = JSON_FIELD_OBJECTS, .offset = offsetof(struct_type, member), \
							.fields = (table), .size = sizeof(item_type)                         \
	}

static const struct json_field file_fields[] = {
	JSON_FIELD(struct job_file, filename, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_file, url, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct job_file, sha256, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_file, size, JSON_FIELD_INT, false),
	{0},
};

static const struct json_field target_fields[] = {
	JSON_FIELD(struct job_target, name, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_target, python, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_target, python_full, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_target, abi, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_target, platform, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_target, os, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_target, arch, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_target, libc, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_target, glibc_minor, JSON_FIELD_INT, false),
	JSON_FIELD(struct job_target, compiler_triple, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_target, extension_suffix, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_target, host_platform, JSON_FIELD_TEXT, true),
	{0},
};

static const struct json_field image_fields[] = {
	JSON_FIELD(struct job_image, name, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_image, revision, JSON_FIELD_INT, true),
	{0},
};

static const struct json_field limits_fields[] = {
	JSON_FIELD(struct job_limits, wall_s, JSON_FIELD_INT, true),
	JSON_FIELD(struct job_limits, idle_s, JSON_FIELD_INT, true),
	JSON_FIELD(struct job_limits, memory_mb, JSON_FIELD_INT, true),
	JSON_FIELD(struct job_limits, pids, JSON_FIELD_INT, true),
	JSON_FIELD(struct job_limits, disk_mb, JSON_FIELD_INT, true),
	JSON_FIELD(struct job_limits, log_mb, JSON_FIELD_INT, true),
	{0},
};

static const struct json_field env_fields[] = {
	JSON_FIELD(struct job_env, name, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_env, value, JSON_FIELD_TEXT, true),
	{0},
};

static const struct json_field patch_fields[] = {
	JSON_FIELD(struct job_patch, name, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_patch, sha256, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job_patch, strip, JSON_FIELD_INT, false),
	{0},
};

static const struct json_field recipe_fields[] = {
	JSON_FIELD(struct job_recipe, commit, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct job_recipe, dirty, JSON_FIELD_BOOL, false),
	JSON_FIELD(struct job_recipe, object, JSON_FIELD_TEXT, false),
	OBJECTS(struct job_recipe, env, struct job_env, env_fields),
	JSON_FIELD(struct job_recipe, tools, JSON_FIELD_TEXTS, false),
	JSON_FIELD(struct job_recipe, libraries, JSON_FIELD_TEXTS, false),
	JSON_FIELD(struct job_recipe, as_target, JSON_FIELD_BOOL, false),
	JSON_FIELD(struct job_recipe, requires_add, JSON_FIELD_TEXTS, false),
	JSON_FIELD(struct job_recipe, requires_remove, JSON_FIELD_TEXTS, false),
	JSON_FIELD(struct job_recipe, config_settings, JSON_FIELD_TEXTS, false),
	OBJECTS(struct job_recipe, patches, struct job_patch, patch_fields),
	JSON_FIELD(struct job_recipe, imports, JSON_FIELD_TEXTS, false),
	JSON_FIELD(struct job_recipe, test_requires, JSON_FIELD_TEXTS, false),
	JSON_FIELD(struct job_recipe, test_command, JSON_FIELD_TEXTS, false),
	JSON_FIELD(struct job_recipe, test_sources, JSON_FIELD_TEXTS, false),
	OBJECTS(struct job_recipe, test_env, struct job_env, env_fields),
	JSON_FIELD(struct job_recipe, min_tests, JSON_FIELD_INT, false),
	{0},
};

const struct json_field job_fields[] = {
	JSON_FIELD(struct job, id, JSON_FIELD_INT, true),
	JSON_FIELD(struct job, kind, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job, package, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job, version, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job, mode, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job, toolchain, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct job, expect_native, JSON_FIELD_BOOL, true),
	OBJECT(struct job, target, true, target_fields),
	OBJECT(struct job, builder, true, image_fields),
	OBJECT(struct job, tester, true, image_fields),
	JSON_FIELD(struct job, executor, JSON_FIELD_TEXT, true),
	OBJECT(struct job, source, true, file_fields),
	OBJECTS(struct job, tests, struct job_file, file_fields),
	OBJECT(struct job, limits, true, limits_fields),
	OBJECT(struct job, recipe, true, recipe_fields),
	{0},
};

static int check_package(const struct job *job, struct err *e)
{
	char normalised[CHECK_TEXT];
	int code = check_text("job.package", job->package, e);
	if (code != 0) {
		return code;
	}
	if (!name_is_valid(str_from(job->package)) ||
		!name_normalise_to(str_from(job->package), normalised, sizeof(normalised)) ||
		strcmp(normalised, job->package) != 0) {
		return err_set(e, ERR_INVALID, "job.package: is no normalised name (PEP 503)");
	}
	code = check_text("job.version", job->version, e);
	if (code != 0) {
		return code;
	}
	if (!version_is_valid(str_from(job->version))) {
		return err_set(e, ERR_INVALID, "job.version: is no version (PEP 440)");
	}
	return 0;
}

static int check_target(const struct job_target *t, struct err *e)
{
	const struct {
		const char *path;
		const char *value;
	} texts[] = {
		{"job.target.name", t->name},
		{"job.target.python", t->python},
		{"job.target.python_full", t->python_full},
		{"job.target.abi", t->abi},
		{"job.target.platform", t->platform},
		{"job.target.os", t->os},
		{"job.target.arch", t->arch},
		{"job.target.libc", t->libc},
		{"job.target.compiler_triple", t->compiler_triple},
		{"job.target.extension_suffix", t->extension_suffix},
		{"job.target.host_platform", t->host_platform},
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		/* these become parts of paths and of command lines */
		int code = check_filename(texts[i].path,
			texts[i].value != NULL && texts[i].value[0] == '.' ? texts[i].value + 1
															   : texts[i].value,
			e);
		if (code != 0) {
			return code;
		}
	}
	return check_range("job.target.glibc_minor", t->glibc_minor, 0, 999, e);
}

static int check_limits(const struct job_limits *l, struct err *e)
{
	const struct {
		const char *path;
		int64_t value;
	} limits[] = {
		{"job.limits.wall_s", l->wall_s},
		{"job.limits.idle_s", l->idle_s},
		{"job.limits.memory_mb", l->memory_mb},
		{"job.limits.pids", l->pids},
		{"job.limits.disk_mb", l->disk_mb},
		{"job.limits.log_mb", l->log_mb},
	};
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		int code = check_range(limits[i].path, limits[i].value, 1, 1 << 24, e);
		if (code != 0) {
			return code;
		}
	}
	return 0;
}

static int check_env(const char *path, const struct json_objects *list, struct err *e)
{
	const struct job_env *env = list->v;
	for (size_t i = 0; i < list->n; i++) {
		if (env[i].name[0] == '\0' || strpbrk(env[i].name, "= \t\r\n") != NULL) {
			return err_set(e, ERR_INVALID, "%s: a name is empty or has a '=' or blank", path);
		}
	}
	return 0;
}

static int check_test_sources(const struct json_texts *sources, struct err *e)
{
	for (size_t i = 0; i < sources->n; i++) {
		const char *path = sources->v[i];
		if (path[0] == '\0' || path[0] == '/' || path[0] == '-' || strstr(path, "..") != NULL) {
			return err_set(e, ERR_INVALID, "job.recipe.test_sources: a path leads out");
		}
	}
	return 0;
}

static int check_recipe(const struct job_recipe *r, struct err *e)
{
	int bad = check_env("job.recipe.env", &r->env, e);
	if (bad == 0) {
		bad = check_env("job.recipe.test_env", &r->test_env, e);
	}
	if (bad == 0) {
		bad = check_test_sources(&r->test_sources, e);
	}
	if (bad != 0) {
		return bad;
	}
	for (size_t i = 0; i < r->libraries.n; i++) {
		int code = check_filename("job.recipe.libraries", r->libraries.v[i], e);
		if (code != 0) {
			return code;
		}
	}
	const struct job_patch *patches = r->patches.v;
	for (size_t i = 0; i < r->patches.n; i++) {
		int code = check_filename("job.recipe.patches.name", patches[i].name, e);
		if (code == 0) {
			code = check_sha256("job.recipe.patches.sha256", patches[i].sha256, e);
		}
		if (code == 0) {
			code = check_range("job.recipe.patches.strip", patches[i].strip, 0, 9, e);
		}
		if (code != 0) {
			return code;
		}
	}
	return check_range("job.recipe.min_tests", r->min_tests, 0, 1 << 24, e);
}

static int check_images(const struct job *job, struct err *e)
{
	int code = check_filename("job.builder.name", job->builder.name, e);
	if (code == 0) {
		code = check_range("job.builder.revision", job->builder.revision, 0, 1 << 24, e);
	}
	if (code == 0 && job->tester.name[0] != '\0') { /* without a name there is no tester */
		code = check_filename("job.tester.name", job->tester.name, e);
	}
	if (code == 0) {
		code = check_range("job.tester.revision", job->tester.revision, 0, 1 << 24, e);
	}
	return code;
}

static int check_file(const struct job_file *file, struct err *e)
{
	int code = check_filename("job.source.filename", file->filename, e);
	if (code == 0) {
		code = check_sha256("job.source.sha256", file->sha256, e);
	}
	return code == 0 ? check_range("job.source.size", file->size, 0, INT64_MAX, e) : code;
}

bool job_is_wheel(const struct job *job)
{
	return str_ends(str_from(job->source.filename), ".whl");
}

int job_check(const struct job *job, struct err *e)
{
	static const char *const kinds[] = {
		"build", "test_published", "test_built", "control", "rebuild", NULL};
	static const char *const executors[] = {"", "native", "qemu", "wine", NULL};
	int code = check_range("job.id", job->id, 0, INT64_MAX, e);
	if (code == 0) {
		code = check_word("job.kind", job->kind, kinds, e);
	}
	if (code == 0) {
		code = check_package(job, e);
	}
	if (code == 0) {
		code = check_mode("job.mode", job->mode, e);
	}
	if (code == 0) {
		code = check_filename("job.toolchain", job->toolchain, e);
	}
	if (code == 0) {
		code = check_word("job.executor", job->executor, executors, e);
	}
	if (code == 0) {
		code = check_target(&job->target, e);
	}
	if (code == 0) {
		code = check_images(job, e);
	}
	if (code == 0) {
		code = check_file(&job->source, e);
	}
	for (size_t i = 0; code == 0 && i < job->tests.n; i++) {
		code = check_file((const struct job_file *)job->tests.v + i, e);
	}
	if (code == 0) {
		code = check_limits(&job->limits, e);
	}
	if (code == 0) {
		code = check_recipe(&job->recipe, e);
	}
	return code;
}

int job_read(struct str json, struct arena *arena, struct job *out, struct err *e)
{
	memset(out, 0, sizeof(*out));
	struct json_node *root;
	int code = json_tree_parse(json, "job", arena, &root, e);
	if (code == 0) {
		code = json_struct_read(root, job_fields, out, "job", arena, e);
	}
	if (code == 0) {
		code = job_check(out, e);
	}
	return code;
}

void job_write(struct json_writer *w, const struct job *job)
{
	json_struct_write(w, job_fields, job);
}
