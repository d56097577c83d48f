#include "recipes/recipe_file.h"

#include "core/io/yaml.h"
#include "recipes/data.h"

static const cyaml_schema_value_t text_schema = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 1000)};

#define TEXT(key, type, member, flags) \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), type, member, 1, 1000)
#define TEXTS(key, type, member)                                                      \
	CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, \
		&text_schema, 0, CYAML_UNLIMITED)
#define NUMBER(key, type, member) CYAML_FIELD_INT(key, CYAML_FLAG_OPTIONAL, type, member)

static const cyaml_schema_field_t env_fields[] = {
	TEXT("target", struct recipe_file_env, target, CYAML_FLAG_OPTIONAL),
	TEXT("name", struct recipe_file_env, name, 0),
	CYAML_FIELD_STRING_PTR("value", CYAML_FLAG_POINTER, struct recipe_file_env, value, 0, 4000),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t env_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct recipe_file_env, env_fields)};

static const cyaml_schema_field_t library_fields[] = {
	TEXT("target", struct recipe_file_library, target, CYAML_FLAG_OPTIONAL),
	TEXT("name", struct recipe_file_library, name, 0),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t library_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct recipe_file_library, library_fields)};

static const cyaml_schema_field_t patch_fields[] = {
	TEXT("file", struct recipe_file_patch, file, 0),
	TEXT("sha256", struct recipe_file_patch, sha256, 0),
	TEXT("target", struct recipe_file_patch, target, CYAML_FLAG_OPTIONAL),
	TEXT("upstream", struct recipe_file_patch, upstream, 0),
	NUMBER("strip", struct recipe_file_patch, strip),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t patch_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct recipe_file_patch, patch_fields)};

static const cyaml_schema_field_t deselect_fields[] = {
	TEXT("id", struct recipe_file_deselect, id, 0),
	TEXT("target", struct recipe_file_deselect, target, CYAML_FLAG_OPTIONAL),
	TEXT("reason", struct recipe_file_deselect, reason, 0),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t deselect_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct recipe_file_deselect, deselect_fields)};

static const cyaml_schema_field_t test_fields[] = {
	TEXTS("requires", struct recipe_file, test.requires),
	TEXTS("command", struct recipe_file, test.command),
	TEXTS("sources", struct recipe_file, test.sources),
	CYAML_FIELD_SEQUENCE("env", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct recipe_file,
		test.env, &env_schema, 0, CYAML_UNLIMITED),
	CYAML_FIELD_SEQUENCE("deselect", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct recipe_file,
		test.deselect, &deselect_schema, 0, CYAML_UNLIMITED),
	NUMBER("min_tests", struct recipe_file, test.min_tests),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t limits_fields[] = {
	NUMBER("wall_s", struct job_limits, wall_s),
	NUMBER("idle_s", struct job_limits, idle_s),
	NUMBER("memory_mb", struct job_limits, memory_mb),
	NUMBER("pids", struct job_limits, pids),
	NUMBER("disk_mb", struct job_limits, disk_mb),
	NUMBER("log_mb", struct job_limits, log_mb),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t skip_fields[] = {
	TEXT("target", struct recipe_file_skip, target, 0),
	TEXT("code", struct recipe_file_skip, code, 0),
	TEXT("reason", struct recipe_file_skip, reason, 0),
	TEXT("link", struct recipe_file_skip, link, 0),
	TEXT("review_by", struct recipe_file_skip, review_by, 0),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t skip_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct recipe_file_skip, skip_fields)};

static const cyaml_schema_field_t file_fields[] = {
	CYAML_FIELD_INT("schema", CYAML_FLAG_DEFAULT, struct recipe_file, schema),
	TEXT("name", struct recipe_file, name, 0),
	TEXT("versions", struct recipe_file, versions, CYAML_FLAG_OPTIONAL),
	CYAML_FIELD_INT("revision", CYAML_FLAG_DEFAULT, struct recipe_file, revision),
	CYAML_FIELD_SEQUENCE("env", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct recipe_file, env,
		&env_schema, 0, CYAML_UNLIMITED),
	TEXTS("tools", struct recipe_file, tools),
	CYAML_FIELD_SEQUENCE("libraries", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct recipe_file,
		libraries, &library_schema, 0, CYAML_UNLIMITED),
	TEXTS("as_target", struct recipe_file, as_target),
	TEXTS("requires_add", struct recipe_file, requires_add),
	TEXTS("requires_remove", struct recipe_file, requires_remove),
	TEXTS("config_settings", struct recipe_file, config_settings),
	CYAML_FIELD_SEQUENCE("patches", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct recipe_file,
		patches, &patch_schema, 0, CYAML_UNLIMITED),
	TEXTS("imports", struct recipe_file, imports),
	{.key = "test",
		.value = {.type = CYAML_MAPPING,
			.flags = CYAML_FLAG_OPTIONAL,
			.mapping = {.fields = test_fields}}},
	CYAML_FIELD_MAPPING("limits", CYAML_FLAG_OPTIONAL, struct recipe_file, limits, limits_fields),
	CYAML_FIELD_SEQUENCE("skip", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct recipe_file, skip,
		&skip_schema, 0, CYAML_UNLIMITED),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct recipe_file, file_fields)};

const struct cyaml_schema_value *recipe_file_schema(void)
{
	return &file_schema;
}

int recipe_file_parse(struct str text, const char *file, struct recipe_file **out, struct err *e)
{
	void *data = NULL;
	int code = yaml_parse(text, file, &file_schema, &data, e);
	*out = data;
	if (code == 0 && (*out)->schema != 1) {
		code = data_error(e, file, data_line(text, "schema", NULL), "schema %d is not known here",
			(*out)->schema);
	}
	return code;
}

void recipe_file_free(struct recipe_file *f)
{
	yaml_free(&file_schema, f);
}
