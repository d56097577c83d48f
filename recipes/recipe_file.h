/* A recipe as its YAML has it, and the checks that a schema cannot make; for recipe.c alone. */
#pragma once

#include "recipes/recipe.h"
#include "recipes/tree.h"

struct cyaml_schema_value;

struct recipe_file {
	int schema;
	char *name;
	char *versions;
	int64_t revision;
	struct recipe_file_env {
		char *target;
		char *name;
		char *value;
	} * env;
	unsigned env_count;
	char **tools;
	unsigned tools_count;
	struct recipe_file_library {
		char *target;
		char *name;
	} * libraries;
	unsigned libraries_count;
	char **as_target;
	unsigned as_target_count;
	char **requires_add;
	unsigned requires_add_count;
	char **requires_remove;
	unsigned requires_remove_count;
	char **config_settings;
	unsigned config_settings_count;
	struct recipe_file_patch {
		char *file;
		char *sha256;
		char *target;
		char *upstream;
		int64_t strip;
	} * patches;
	unsigned patches_count;
	char **imports;
	unsigned imports_count;
	struct {
		char **requires;
		unsigned requires_count;
		char **command;
		unsigned command_count;
		char **sources;
		unsigned sources_count;
		struct recipe_file_env *env;
		unsigned env_count;
		struct recipe_file_deselect {
			char *id;
			char *target;
			char *reason;
		} * deselect;
		unsigned deselect_count;
		int64_t min_tests;
	} test;
	struct job_limits limits;
	struct recipe_file_skip {
		char *target;
		char *code;
		char *reason;
		char *link;
		char *review_by;
	} * skip;
	unsigned skip_count;
};

/* Types and known keys. *out is freed by recipe_file_free (NULL is fine). */
int recipe_file_parse(struct str text, const char *file, struct recipe_file **out, struct err *e);
void recipe_file_free(struct recipe_file *f);
/* The table that recipe_file_parse reads by, for recipe_schema.c. */
const struct cyaml_schema_value *recipe_file_schema(void);

/* What the values may be; also finds the patches (path, object) and checks their hashes. `text` is
 * the file's, for line numbers. */
int recipe_check(
	struct recipe *r, const char *folder, struct str text, struct arena *arena, struct err *e);
