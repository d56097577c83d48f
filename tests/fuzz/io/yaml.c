#include "core/io/yaml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct item {
	char *name;
	bool flag;
};
struct thing {
	char *name;
	int count;
	struct item *items;
	unsigned items_count;
	char **words;
	unsigned words_count;
};
static const cyaml_schema_value_t word = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};
static const cyaml_schema_field_t item_fields[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct item, name, 0, CYAML_UNLIMITED),
	CYAML_FIELD_BOOL("flag", CYAML_FLAG_OPTIONAL, struct item, flag), CYAML_FIELD_END};
static const cyaml_schema_value_t item = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct item, item_fields)};
static const cyaml_schema_field_t fields[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct thing, name, 0, CYAML_UNLIMITED),
	CYAML_FIELD_INT("count", CYAML_FLAG_OPTIONAL, struct thing, count),
	CYAML_FIELD_SEQUENCE("items", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct thing, items,
		&item, 0, CYAML_UNLIMITED),
	CYAML_FIELD_SEQUENCE("words", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct thing, words,
		&word, 0, CYAML_UNLIMITED),
	CYAML_FIELD_END};
static const cyaml_schema_value_t schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct thing, fields)};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *out;
	struct err e;
	struct str text = {.p = (const char *)data, .n = size};
	int code = yaml_parse(text, "fuzz", &schema, &out, &e);
	if ((code == 0) != (out != NULL)) {
		abort();
	}
	yaml_free(&schema, out);
	return 0;
}
