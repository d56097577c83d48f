#include "recipes/target.h"

#include "core/base/vec.h"
#include "core/farm_protocol/check.h"
#include "core/io/file.h"
#include "core/io/yaml.h"
#include "recipes/data.h"
#include "recipes/tree.h"

#include <stdio.h>

/* As the file has it. */
struct target_file {
	int schema;
	char *name;
	char *short_name;
	char *python_full_version;
	char *compiler_triple;
	char *extension_suffix;
	char *host_platform;
	struct build_entry {
		char *mode;
		char *toolchain;
		char *version;
		char *builder;
	} * builds;
	unsigned builds_count;
	char *tester;
	char *executor;
	struct marker_entry {
		char *name;
		char *value;
	} * markers;
	unsigned markers_count;
};

static const cyaml_schema_field_t marker_fields[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct marker_entry, name, 1, 64),
	CYAML_FIELD_STRING_PTR("value", CYAML_FLAG_POINTER, struct marker_entry, value, 0, 63),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t marker_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct marker_entry, marker_fields)};

#define TEXT(key, member) \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, struct build_entry, member, 1, 128)
static const cyaml_schema_field_t build_fields[] = {
	TEXT("mode", mode),
	TEXT("toolchain", toolchain),
	TEXT("version", version),
	TEXT("builder", builder),
	CYAML_FIELD_END,
};
#undef TEXT
static const cyaml_schema_value_t build_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct build_entry, build_fields)};

#define TEXT(key, member, flags) \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), struct target_file, member, 1, 128)
static const cyaml_schema_field_t file_fields[] = {
	CYAML_FIELD_INT("schema", CYAML_FLAG_DEFAULT, struct target_file, schema),
	TEXT("name", name, 0),
	TEXT("short", short_name, CYAML_FLAG_OPTIONAL),
	TEXT("python_full_version", python_full_version, 0),
	TEXT("compiler_triple", compiler_triple, 0),
	TEXT("extension_suffix", extension_suffix, 0),
	TEXT("host_platform", host_platform, 0),
	CYAML_FIELD_SEQUENCE("builds", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct target_file,
		builds, &build_schema, 0, CYAML_UNLIMITED),
	TEXT("tester", tester, CYAML_FLAG_OPTIONAL),
	TEXT("executor", executor, CYAML_FLAG_OPTIONAL),
	CYAML_FIELD_SEQUENCE("markers", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct target_file,
		markers, &marker_schema, 0, CYAML_UNLIMITED),
	CYAML_FIELD_END,
};
#undef TEXT
static const cyaml_schema_value_t file_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct target_file, file_fields)};

/* What follows from the platform by rule: rows of facts, not of files. */
struct platform_row {
	enum tag_platform platform;
	const char *family;
	const char *os;
	const char *libc;
};
static const struct platform_row platforms[] = {
	{TAG_MANYLINUX, "glibc", "linux", "glibc"},
	{TAG_MUSLLINUX, "musl", "linux", "musl"},
	{TAG_WINDOWS, "windows", "windows", "ucrt"},
};

static const char *python_text(struct arena *arena, const struct pep_target *t)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%d.%d", t->python_major, t->python_minor);
	return arena_copy(arena, text, (size_t)n);
}

/* Modes are those we know, no toolchain comes twice; tester and executor belong together. */
static int check_ways(const struct target_file *f, struct str text, const char *path, struct err *e)
{
	static const char *const executors[] = {"native", "qemu"};
	for (unsigned i = 0; i < f->builds_count; i++) {
		const struct build_entry *b = &f->builds[i];
		if (check_mode("mode", b->mode, NULL) != 0) {
			return data_error(e, path, data_line(text, "mode", b->mode),
				"mode is cross, emulated or native, not \"%s\"", b->mode);
		}
		for (unsigned k = 0; k < i; k++) {
			if (strcmp(f->builds[k].mode, b->mode) == 0 &&
				strcmp(f->builds[k].toolchain, b->toolchain) == 0) {
				return data_error(e, path, data_line(text, "toolchain", b->toolchain),
					"%s by %s comes twice", b->mode, b->toolchain);
			}
		}
	}
	if ((f->tester == NULL) != (f->executor == NULL)) {
		const char *key = f->tester != NULL ? "tester" : "executor";
		return data_error(e, path, data_line(text, key, NULL), "tester and executor go together");
	}
	bool known = f->executor == NULL;
	for (size_t i = 0; i < sizeof(executors) / sizeof(*executors); i++) {
		known = known || strcmp(f->executor, executors[i]) == 0;
	}
	if (!known) {
		return data_error(e, path, data_line(text, "executor", NULL),
			"executor is native or qemu, not \"%s\"", f->executor);
	}
	return 0;
}

/* Sets the engine's target: name, full version, marker overrides. */
static int fill_pep(const struct target_file *f, struct str text, const char *path,
	const char *stem, struct pep_target *out, struct err *e)
{
	struct err why = {0};
	if (f->schema != 1) {
		return data_error(
			e, path, data_line(text, "schema", NULL), "schema %d is not known here", f->schema);
	}
	if (strcmp(f->name, stem) != 0) {
		return data_error(e, path, data_line(text, "name", NULL),
			"name is \"%s\", but the file is %s.yaml", f->name, stem);
	}
	if (pep_target_parse(str_from(f->name), out, &why) != 0) {
		return data_error(e, path, data_line(text, "name", NULL), "%s", why.text);
	}
	if (pep_target_set_full_version(out, str_from(f->python_full_version), &why) != 0) {
		return data_error(e, path, data_line(text, "python_full_version", NULL), "%s", why.text);
	}
	for (unsigned i = 0; i < f->markers_count; i++) {
		const struct marker_entry *m = &f->markers[i];
		if (pep_target_set_marker(out, str_from(m->name), str_from(m->value), &why) != 0) {
			return data_error(e, path, data_line(text, "name", m->name), "%s", why.text);
		}
	}
	return 0;
}

static void fill_builds(struct arena *arena, const struct target_file *f, struct recipe_target *t)
{
	struct recipe_build *builds = arena_new(arena, (f->builds_count + 1) * sizeof(*builds));
	for (unsigned i = 0; i < f->builds_count; i++) {
		const struct build_entry *b = &f->builds[i];
		char *version = str_format("%s %s", b->toolchain, b->version);
		builds[i] = (struct recipe_build){
			.mode = data_text(arena, b->mode),
			.toolchain = data_text(arena, b->toolchain),
			.version = data_text(arena, version),
			.builder = data_text(arena, b->builder),
		};
		free(version);
	}
	t->builds = builds;
	t->build_count = f->builds_count;
}

static void fill_job(struct arena *arena, const struct target_file *f, struct recipe_target *t)
{
	const struct pep_target *pep = &t->pep;
	const struct platform_row *row = platforms;
	for (size_t i = 0; i < sizeof(platforms) / sizeof(*platforms); i++) {
		if (platforms[i].platform == pep->platform) {
			row = &platforms[i];
		}
	}
	char abi[16];
	pep_target_abi(pep, abi);
	struct str platform = pep_target_platform(pep);
	t->family = row->family;
	t->job = (struct job_target){
		.name = data_text(arena, f->name),
		.python = python_text(arena, pep),
		.python_full = data_text(arena, f->python_full_version),
		.abi = data_text(arena, abi),
		.platform = arena_copy(arena, platform.p, platform.n),
		.os = row->os,
		.arch = data_text(arena, pep->arch),
		.libc = row->libc,
		.glibc_minor = pep->platform == TAG_MANYLINUX ? pep->libc_minor : 0,
		.compiler_triple = data_text(arena, f->compiler_triple),
		.extension_suffix = data_text(arena, f->extension_suffix),
		.host_platform = data_text(arena, f->host_platform),
	};
	t->short_name = data_text(arena, f->short_name);
	fill_builds(arena, f, t);
	t->tester = data_text(arena, f->tester);
	t->executor = f->executor != NULL ? data_text(arena, f->executor) : "";
}

static int load_one(
	void *item, struct arena *arena, const char *path, const char *stem, struct err *e)
{
	struct recipe_target *out = item;
	struct target_file *f = NULL;
	struct buf text = {0};
	int code = data_read(path, &text, e);
	if (code == 0) {
		code = yaml_parse(buf_view(&text), path, &file_schema, (void **)&f, e);
	}
	if (code == 0) {
		code = fill_pep(f, buf_view(&text), path, stem, &out->pep, e);
	}
	if (code == 0) {
		code = check_ways(f, buf_view(&text), path, e);
	}
	if (code == 0) {
		fill_job(arena, f, out);
		out->file = data_text(arena, path);
		tree_object_of(buf_view(&text), out->object);
	}
	yaml_free(&file_schema, f);
	buf_finish(&text);
	return code;
}

int target_set_load(const char *folder, struct target_set *out, struct err *e)
{
	void *items = NULL;
	*out = (struct target_set){0};
	int code =
		data_load(folder, "targets", sizeof(*out->v), load_one, &out->arena, &items, &out->n, e);
	out->v = items;
	if (code == 0 && out->n == 0) {
		code = err_set(e, ERR_NOT_FOUND, "%s/targets: has no target files", folder);
	}
	return code;
}

void target_set_finish(struct target_set *s)
{
	arena_finish(&s->arena);
	*s = (struct target_set){0};
}

const struct recipe_target *target_set_find(const struct target_set *s, struct str name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (str_is(name, s->v[i].pep.name)) {
			return &s->v[i];
		}
	}
	return NULL;
}

const struct recipe_build *recipe_target_build(const struct recipe_target *t, const char *word)
{
	const struct recipe_build *of_mode = NULL;
	for (size_t i = 0; i < t->build_count; i++) {
		const struct recipe_build *b = &t->builds[i];
		if (word == NULL || strcmp(b->toolchain, word) == 0) {
			return b;
		}
		if (of_mode == NULL && strcmp(b->mode, word) == 0) {
			of_mode = b;
		}
	}
	return of_mode;
}

const struct recipe_build *target_set_build(
	const struct target_set *s, const struct recipe_target *t, const char *word)
{
	const struct recipe_target *with = t;
	for (size_t i = 0; with->build_count == 0 && i < s->n; i++) {
		const struct recipe_target *other = &s->v[i];
		if (other->build_count != 0 && strcmp(other->job.platform, t->job.platform) == 0) {
			with = other;
		}
	}
	return recipe_target_build(with, word);
}

const struct recipe_target *target_set_resolve(
	const struct target_set *s, struct str text, const char *python, struct err *e)
{
	const struct recipe_target *exact = target_set_find(s, text);
	if (exact != NULL) {
		return exact;
	}
	struct str abi = str_from(python), platform = text;
	ptrdiff_t dash = str_find(text, '-');
	if (dash >= 0) {
		abi = str_slice(text, 0, (size_t)dash);
		platform = str_slice(text, (size_t)dash + 1, text.n);
	}
	/* a short name is written in one file, and stands for its platform in all of them */
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].short_name != NULL && str_is(platform, s->v[i].short_name)) {
			platform = pep_target_platform(&s->v[i].pep);
			break;
		}
	}
	for (size_t i = 0; i < s->n; i++) {
		const struct recipe_target *t = &s->v[i];
		if (str_is(abi, t->job.abi) && str_equal(platform, pep_target_platform(&t->pep))) {
			return t;
		}
	}
	err_set(e, ERR_NOT_FOUND, "no target \"%.*s\"; such as cp313-win_arm64, win_arm64, aarch64",
		(int)(text.n < 80 ? text.n : 80), text.n != 0 ? text.p : "");
	return NULL;
}
