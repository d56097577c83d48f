#include "recipes/recipe_schema.h"

#include "core/base/mem.h"
#include "core/io/json.h"
#include "core/io/yaml.h"
#include "recipes/recipe_file.h"

#include <stdint.h>

static void write_value(struct json_writer *w, const cyaml_schema_value_t *v);

static void write_mapping(struct json_writer *w, const cyaml_schema_field_t *fields)
{
	json_kv_text(w, "type", "object");
	json_kv_bool(w, "additionalProperties", false);
	json_key(w, "required");
	json_array_begin(w);
	for (const cyaml_schema_field_t *f = fields; f->key != NULL; f++) {
		if ((f->value.flags & CYAML_FLAG_OPTIONAL) == 0) {
			json_text(w, f->key);
		}
	}
	json_array_end(w);
	json_key(w, "properties");
	json_object_begin(w);
	for (const cyaml_schema_field_t *f = fields; f->key != NULL; f++) {
		json_key(w, f->key);
		json_object_begin(w);
		write_value(w, &f->value);
		json_object_end(w);
	}
	json_object_end(w);
}

static void write_value(struct json_writer *w, const cyaml_schema_value_t *v)
{
	switch (v->type) {
	case CYAML_INT:
	case CYAML_UINT:
		json_kv_text(w, "type", "integer");
		return;
	case CYAML_BOOL:
		json_kv_text(w, "type", "boolean");
		return;
	case CYAML_STRING:
		json_kv_text(w, "type", "string");
		json_kv_int(w, "minLength", (int64_t)v->string.min);
		json_kv_int(w, "maxLength", (int64_t)v->string.max);
		return;
	case CYAML_SEQUENCE:
		json_kv_text(w, "type", "array");
		json_key(w, "items");
		json_object_begin(w);
		write_value(w, v->sequence.entry);
		json_object_end(w);
		return;
	case CYAML_MAPPING:
		write_mapping(w, v->mapping.fields);
		return;
	default:
		mem_bug("recipe_schema: a recipe has a value of type %d", (int)v->type);
	}
}

void recipe_schema_write(struct buf *out)
{
	struct json_writer w;
	json_writer_init(&w, out, true);
	json_object_begin(&w);
	json_kv_text(&w, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_kv_text(&w, "title", "A recipe of wheelfarm: recipes/packages/NAME.yaml");
	write_value(&w, recipe_file_schema());
	json_object_end(&w);
	json_writer_finish(&w);
}
