#include "recipes/scope.h"

#include "core/io/file.h"
#include "core/io/yaml.h"
#include "core/pep/name.h"
#include "recipes/data.h"
#include "recipes/recipe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* As the file has it. */
struct scope_entry {
	char *package;
	char *target;
	char *reason;
	char *link;
};
struct scope_file {
	int schema;
	struct scope_entry *rules;
	unsigned rules_count;
};

static const cyaml_schema_field_t entry_fields[] = {
	CYAML_FIELD_STRING_PTR("package", CYAML_FLAG_POINTER, struct scope_entry, package, 1, 128),
	CYAML_FIELD_STRING_PTR("target", CYAML_FLAG_POINTER, struct scope_entry, target, 1, 64),
	CYAML_FIELD_STRING_PTR("reason", CYAML_FLAG_POINTER, struct scope_entry, reason, 1, 400),
	CYAML_FIELD_STRING_PTR("link", CYAML_FLAG_POINTER, struct scope_entry, link, 1, 400),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t entry_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scope_entry, entry_fields)};
static const cyaml_schema_field_t file_fields[] = {
	CYAML_FIELD_INT("schema", CYAML_FLAG_DEFAULT, struct scope_file, schema),
	CYAML_FIELD_SEQUENCE(
		"rules", CYAML_FLAG_POINTER, struct scope_file, rules, &entry_schema, 0, CYAML_UNLIMITED),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct scope_file, file_fields)};

static int check(const struct scope_file *f, struct str text, const char *path, struct err *e)
{
	if (f->schema != 1) {
		return data_error(
			e, path, data_line(text, "schema", NULL), "schema %d is not known here", f->schema);
	}
	for (unsigned i = 0; i < f->rules_count; i++) {
		const struct scope_entry *r = &f->rules[i];
		int line = data_line(text, "package", r->package);
		char normalised[130];
		if (!name_is_valid(str_from(r->package)) ||
			!name_normalise_to(str_from(r->package), normalised, sizeof(normalised)) ||
			strcmp(normalised, r->package) != 0) {
			return data_error(
				e, path, line, "\"%s\" is no normalised package name (PEP 503)", r->package);
		}
		if (!str_starts(str_from(r->link), "https://")) {
			return data_error(e, path, line, "the link of %s is no https address", r->package);
		}
	}
	return 0;
}

int scope_load(const char *folder, struct scope *out, struct err *e)
{
	*out = (struct scope){0};
	struct scope_file *f = NULL;
	struct buf text = {0};
	struct err why = {0};
	char *path = file_join(folder, "scope.yaml");
	int code = data_read(path, &text, &why);
	if (code == -ENOENT || code == ERR_NOT_FOUND) {
		code = 0;
		goto out;
	}
	if (code != 0) {
		err_set(e, code, "%s", why.text);
		goto out;
	}
	code = yaml_parse(buf_view(&text), path, &file_schema, (void **)&f, e);
	if (code == 0) {
		code = check(f, buf_view(&text), path, e);
	}
	if (code == 0 && f->rules_count != 0) {
		out->v = arena_new(&out->arena, f->rules_count * sizeof(*out->v));
		out->n = f->rules_count;
		for (size_t i = 0; i < out->n; i++) {
			out->v[i] = (struct scope_rule){
				.package = data_text(&out->arena, f->rules[i].package),
				.target = data_text(&out->arena, f->rules[i].target),
				.reason = data_text(&out->arena, f->rules[i].reason),
				.link = data_text(&out->arena, f->rules[i].link),
			};
		}
	}
	yaml_free(&file_schema, f);
out:
	buf_finish(&text);
	free(path);
	return code;
}

void scope_finish(struct scope *s)
{
	arena_finish(&s->arena);
	*s = (struct scope){0};
}

const struct scope_rule *scope_find(const struct scope *s, struct str package, struct str target)
{
	for (size_t i = 0; i < s->n; i++) {
		if (str_is(package, s->v[i].package) && recipe_target_matches(s->v[i].target, target)) {
			return &s->v[i];
		}
	}
	return NULL;
}
