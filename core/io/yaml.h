/* YAML files straight into structs, by libcyaml's schemas; unknown keys are errors that read
 * "FILE:LINE: what". */
#pragma once

#include "core/base/str.h"

#include <cyaml/cyaml.h>

/* Reads `path` (at most 1 MiB). *out is libcyaml's, freed by yaml_free with the same schema. */
int yaml_load(const char *path, const cyaml_schema_value_t *schema, void **out, struct err *e);
/* As yaml_load, from memory; `name` stands for the file in errors. */
int yaml_parse(struct str text, const char *name, const cyaml_schema_value_t *schema, void **out,
	struct err *e);
void yaml_free(const cyaml_schema_value_t *schema, void *data);
