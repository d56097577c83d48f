#include "coordinator/config_file.h"

#include "core/io/yaml.h"

static const cyaml_schema_value_t text_schema = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 400)};

#define TEXT(key, member)   \
	CYAML_FIELD_STRING_PTR( \
		key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct config_file, member, 1, 2000)
#define TEXTS(key, member)                                                                  \
	CYAML_FIELD_SEQUENCE(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct config_file, \
		member, &text_schema, 0, CYAML_UNLIMITED)
#define NUMBER(key, type, member) CYAML_FIELD_INT(key, CYAML_FLAG_OPTIONAL, type, member)
#define MAPPING(key_name, fields_table)           \
	{                                             \
		.key = (key_name), .value = {             \
			.type = CYAML_MAPPING,                \
			.flags = CYAML_FLAG_OPTIONAL,         \
			.mapping = {.fields = (fields_table)} \
		}                                         \
	}

/* The offsets of nested mappings are from the whole struct. */
static const cyaml_schema_field_t agents_fields[] = {
	CYAML_FIELD_INT_PTR("local", CYAML_FLAG_OPTIONAL, struct config_file, agents.local),
	NUMBER("slots", struct config_file, agents.slots),
	NUMBER("retry_s", struct config_file, agents.retry_s),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t tls_fields[] = {
	TEXT("certificate", tls.certificate),
	TEXT("key", tls.key),
	TEXT("ca", tls.ca),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t limits_fields[] = {
	NUMBER("wall_s", struct config_file, limits.wall_s),
	NUMBER("idle_s", struct config_file, limits.idle_s),
	NUMBER("memory_mb", struct config_file, limits.memory_mb),
	NUMBER("pids", struct config_file, limits.pids),
	NUMBER("disk_mb", struct config_file, limits.disk_mb),
	NUMBER("log_mb", struct config_file, limits.log_mb),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t night_fields[] = {
	TEXT("at", night.at),
	NUMBER("budget_minutes", struct config_file, night.budget_minutes),
	CYAML_FIELD_SEQUENCE_COUNT("mail", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct config_file,
		night.mail, night.mail_count, &text_schema, 0, CYAML_UNLIMITED),
	TEXT("sendmail", night.sendmail),
	TEXT("webhook", night.webhook),
	TEXT("webhook_secret", night.webhook_secret),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t keep_fields[] = {
	NUMBER("log_pass_days", struct config_file, keep.log_pass_days),
	NUMBER("log_fail_days", struct config_file, keep.log_fail_days),
	NUMBER("wheel_days", struct config_file, keep.wheel_days),
	NUMBER("attempt_days", struct config_file, keep.attempt_days),
	NUMBER("audit_days", struct config_file, keep.audit_days),
	NUMBER("orphan_hours", struct config_file, keep.orphan_hours),
	NUMBER("export_days", struct config_file, keep.export_days),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t scan_fields[] = {
	NUMBER("connections", struct config_file, scan.connections),
	NUMBER("refresh_hours", struct config_file, scan.refresh_hours),
	CYAML_FIELD_INT_PTR("rate", CYAML_FLAG_OPTIONAL, struct config_file, scan.rate),
	CYAML_FIELD_BOOL("dependencies", CYAML_FLAG_OPTIONAL, struct config_file, scan.dependencies),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t file_fields[] = {
	CYAML_FIELD_INT("schema", CYAML_FLAG_DEFAULT, struct config_file, schema),
	TEXT("state", state),
	TEXT("database", database),
	TEXT("listen", listen),
	TEXT("public_url", public_url),
	TEXT("admin_token_sha256", admin_token_sha256),
	MAPPING("tls", tls_fields),
	TEXT("index", index),
	TEXT("contact", contact),
	TEXT("export", export),
	TEXT("recipes", recipes),
	TEXT("recipes_from", recipes_from),
	TEXTS("packages", packages),
	TEXT("packages_file", packages_file),
	NUMBER("top", struct config_file, top),
	TEXTS("targets", targets),
	TEXTS("testers", testers),
	TEXTS("tests", tests),
	TEXT("control", control),
	NUMBER("min_free_mb", struct config_file, min_free_mb),
	TEXT("python", python),
	TEXT("build", build),
	TEXTS("modes", modes),
	MAPPING("agents", agents_fields),
	MAPPING("limits", limits_fields),
	MAPPING("night", night_fields),
	MAPPING("keep", keep_fields),
	MAPPING("scan", scan_fields),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config_file, file_fields)};

int config_file_parse(struct str text, const char *file, struct config_file **out, struct err *e)
{
	void *data = NULL;
	int code = yaml_parse(text, file, &file_schema, &data, e);
	*out = data;
	return code;
}

void config_file_free(struct config_file *f)
{
	yaml_free(&file_schema, f);
}
