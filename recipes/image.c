#include "recipes/image.h"

#include "core/io/file.h"
#include "core/io/yaml.h"
#include "core/pep/target.h"
#include "recipes/data.h"

#include <stdlib.h>
#include <string.h>

/* As the file has it. */
struct image_file {
	int schema;
	char *name;
	int64_t revision;
	char *suite;
	char *architecture;
	char *variant;
	char *role;
	char *target;
	char *kind;
	char **packages;
	unsigned packages_count;
	char **pythons;
	unsigned pythons_count;
};

static const cyaml_schema_value_t word_schema = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 128)};

#define TEXT(key, member) \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, struct image_file, member, 1, 64)
static const cyaml_schema_field_t file_fields[] = {
	CYAML_FIELD_INT("schema", CYAML_FLAG_DEFAULT, struct image_file, schema),
	TEXT("name", name),
	CYAML_FIELD_INT("revision", CYAML_FLAG_DEFAULT, struct image_file, revision),
	TEXT("suite", suite),
	TEXT("architecture", architecture),
	TEXT("variant", variant),
	TEXT("role", role),
	CYAML_FIELD_STRING_PTR(
		"target", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct image_file, target, 1, 64),
	CYAML_FIELD_STRING_PTR(
		"kind", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct image_file, kind, 1, 64),
	CYAML_FIELD_SEQUENCE("packages", CYAML_FLAG_POINTER, struct image_file, packages, &word_schema,
		0, CYAML_UNLIMITED),
	CYAML_FIELD_SEQUENCE("pythons", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct image_file,
		pythons, &word_schema, 0, CYAML_UNLIMITED),
	CYAML_FIELD_END,
};
#undef TEXT
static const cyaml_schema_value_t file_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct image_file, file_fields)};

/* These words become parts of paths and command lines of the scripts that make the root. */
static bool is_plain(const char *text)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+:-";
	return text[0] != '-' && text[0] != '.' && text[strspn(text, allowed)] == '\0';
}

#define KIND_PLAIN "debian"
#define KIND_WINE "wine-arm64"
#define KIND_WINDOWS "windows"
#define ROLE_CONTROL "control"

static int check(
	const struct image_file *f, struct str text, const char *path, const char *stem, struct err *e)
{
	if (f->schema != 1) {
		return data_error(
			e, path, data_line(text, "schema", NULL), "schema %d is not known here", f->schema);
	}
	if (strcmp(f->name, stem) != 0) {
		return data_error(e, path, data_line(text, "name", NULL),
			"name is \"%s\", but the file is %s.yaml", f->name, stem);
	}
	if (f->revision < 1) {
		return data_error(
			e, path, data_line(text, "revision", NULL), "revision is a whole number from 1 on");
	}
	bool control = strcmp(f->role, ROLE_CONTROL) == 0;
	if (!control && strcmp(f->role, "builder") != 0 && strcmp(f->role, "tester") != 0) {
		return data_error(e, path, data_line(text, "role", NULL),
			"role is builder, tester or " ROLE_CONTROL ", not \"%s\"", f->role);
	}
	if (control != (f->target != NULL)) {
		return data_error(e, path, data_line(text, control ? "role" : "target", NULL),
			"a target is what an image of the role " ROLE_CONTROL " has, and no other");
	}
	struct pep_target target;
	struct err why = {0};
	if (control && pep_target_parse(str_from(f->target), &target, &why) != 0) {
		return data_error(e, path, data_line(text, "target", NULL), "%s", why.text);
	}
	bool plain = f->kind == NULL || strcmp(f->kind, KIND_PLAIN) == 0;
	if (!plain && strcmp(f->kind, KIND_WINE) != 0 && strcmp(f->kind, KIND_WINDOWS) != 0) {
		return data_error(e, path, data_line(text, "kind", NULL),
			"kind is " KIND_PLAIN ", " KIND_WINE " or " KIND_WINDOWS ", not \"%s\"", f->kind);
	}
	if (plain == (f->pythons_count != 0)) {
		return data_error(e, path, data_line(text, plain ? "pythons" : "kind", NULL),
			"pythons are what images of the kinds " KIND_WINE " and " KIND_WINDOWS
			" have, and no other");
	}
	const char *const words[][2] = {{"name", f->name}, {"suite", f->suite},
		{"architecture", f->architecture}, {"variant", f->variant}};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!is_plain(words[i][1])) {
			return data_error(e, path, data_line(text, words[i][0], NULL),
				"%s has a character that is not allowed there", words[i][0]);
		}
	}
	for (unsigned i = 0; i < f->packages_count; i++) {
		if (!is_plain(f->packages[i])) {
			return data_error(e, path, data_line(text, "packages", f->packages[i]),
				"\"%s\" is no package name", f->packages[i]);
		}
	}
	for (unsigned i = 0; i < f->pythons_count; i++) {
		if (!is_plain(f->pythons[i])) {
			return data_error(e, path, data_line(text, "pythons", f->pythons[i]),
				"\"%s\" is no version of Python", f->pythons[i]);
		}
	}
	return 0;
}

static int load_one(
	void *item, struct arena *arena, const char *path, const char *stem, struct err *e)
{
	struct recipe_image *out = item;
	struct image_file *f = NULL;
	struct buf text = {0};
	int code = data_read(path, &text, e);
	if (code == 0) {
		code = yaml_parse(buf_view(&text), path, &file_schema, (void **)&f, e);
	}
	if (code == 0) {
		code = check(f, buf_view(&text), path, stem, e);
	}
	if (code == 0) {
		*out = (struct recipe_image){
			.name = data_text(arena, f->name),
			.revision = f->revision,
			.suite = data_text(arena, f->suite),
			.architecture = data_text(arena, f->architecture),
			.variant = data_text(arena, f->variant),
			.role = data_text(arena, f->role),
			.target = data_text(arena, f->target),
			.kind = f->kind != NULL ? data_text(arena, f->kind) : KIND_PLAIN,
			.packages = data_texts(arena, f->packages, f->packages_count),
			.pythons = data_texts(arena, f->pythons, f->pythons_count),
			.file = data_text(arena, path),
		};
	}
	yaml_free(&file_schema, f);
	buf_finish(&text);
	return code;
}

int image_set_load(const char *folder, struct image_set *out, struct err *e)
{
	void *items = NULL;
	*out = (struct image_set){0};
	int code =
		data_load(folder, "images", sizeof(*out->v), load_one, &out->arena, &items, &out->n, e);
	out->v = items;
	return code;
}

void image_set_finish(struct image_set *s)
{
	arena_finish(&s->arena);
	*s = (struct image_set){0};
}

const struct recipe_image *image_set_find(const struct image_set *s, struct str name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (str_is(name, s->v[i].name)) {
			return &s->v[i];
		}
	}
	return NULL;
}

bool recipe_image_is_plain(const struct recipe_image *image)
{
	return strcmp(image->kind, KIND_PLAIN) == 0 && image->target == NULL;
}

bool recipe_image_is_made(const struct recipe_image *image)
{
	return strcmp(image->kind, KIND_WINDOWS) != 0;
}

const char *recipe_image_os(const struct recipe_image *image)
{
	return strcmp(image->kind, KIND_WINDOWS) == 0 ? "windows" : "linux";
}

const char *recipe_image_executor(const struct recipe_image *image, const struct job_target *target)
{
	bool wine = strcmp(image->kind, KIND_WINE) == 0;
	bool windows =
		strcmp(image->kind, KIND_WINDOWS) == 0 && strcmp(image->architecture, "arm64") == 0;
	bool is_kind = (wine || windows) && strcmp(target->platform, "win_arm64") == 0 &&
		!str_ends(str_from(target->abi), "t");
	for (size_t i = 0; is_kind && i < image->pythons.n; i++) {
		if (strcmp(image->pythons.v[i], target->python) == 0) {
			return wine ? "wine" : "native";
		}
	}
	return NULL;
}
