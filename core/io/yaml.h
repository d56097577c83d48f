/* YAML files straight into structs, by libcyaml's schemas; unknown keys are errors that read
 * "FILE:LINE: what". Errors too: keys given twice, aliases (so that a small text stays a small
 * tree), more than one document, an empty one, text that is not UTF-8. */
#pragma once

#include "core/base/str.h"

#include <cyaml/cyaml.h>

/* Reads `path` (at most 1 MiB). *out is libcyaml's, freed by yaml_free with the same schema. */
int yaml_load(const char *path, const cyaml_schema_value_t *schema, void **out, struct err *e);
/* As yaml_load, from memory; `name` stands for the file in errors. */
int yaml_parse(struct str text, const char *name, const cyaml_schema_value_t *schema, void **out,
	struct err *e);
/* libyaml exports a function of the same name for itself; ours has another name for the linker, so
 * that neither is ever called for the other. NULL data is fine. */
void yaml_free(const cyaml_schema_value_t *schema, void *data) __asm__("wheelfarm_yaml_free");
