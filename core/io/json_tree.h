/* A small JSON document as a tree (messages, jobs, results), and structs filled from it by a table
 * of fields. For big pages use the streaming reader of json.h. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"

struct json_writer;

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_node {
	enum json_kind kind;
	bool boolean;
	struct str text; /* of a string, zero-terminated; or a number as written, which is not */
	struct str key; /* where the parent is an object */
	struct json_node *first; /* children of arrays and objects */
	struct json_node *next;
	size_t count;
};

/* Parses `text`; nodes and strings live in `arena`. Duplicate keys are an error. `what` names the
 * document in errors. */
int json_tree_parse(
	struct str text, const char *what, struct arena *arena, struct json_node **out, struct err *e);
const struct json_node *json_tree_get(
	const struct json_node *object, const char *key); /* or NULL */

#define JSON_EACH(item, node)                                                                \
	for (const struct json_node *item = (node) != NULL ? (node)->first : NULL; item != NULL; \
		 item = item->next)

/* One field of a struct that is also a member of a JSON object. */
enum json_field_type {
	JSON_FIELD_TEXT, /* const char * */
	JSON_FIELD_INT, /* int64_t */
	JSON_FIELD_DOUBLE, /* double */
	JSON_FIELD_BOOL, /* bool */
	JSON_FIELD_TEXTS, /* struct json_texts */
	JSON_FIELD_OBJECT, /* an embedded struct, table in `fields` */
	JSON_FIELD_OBJECTS, /* struct json_objects of structs of `size` bytes, table in `fields` */
};
struct json_texts {
	const char **v;
	size_t n;
};
struct json_objects {
	void *v;
	size_t n;
};
struct json_field {
	const char *name; /* NULL ends a table */
	size_t length; /* of the name */
	enum json_field_type type;
	size_t offset;
	bool required;
	const struct json_field *fields;
	size_t size;
};
#define JSON_NAME(text) .name = (text), .length = sizeof(text) - 1
#define JSON_FIELD(struct_type, member, field_type, is_required)                           \
	{                                                                                      \
		JSON_NAME(#member), .type = (field_type), .offset = offsetof(struct_type, member), \
							.required = (is_required)                                      \
	}

/* Fills *out (zeroed by the caller) from an object: unknown members are ignored, a missing required
 * one or a wrong type is an error that names the path ("job.source.sha256: …"); null is as absent.
 * Lists stay NULL-able: an absent one has n = 0. Memory in arena. */
int json_struct_read(const struct json_node *object, const struct json_field *fields, void *out,
	const char *path, struct arena *arena, struct err *e);
/* Writes the object (begin and end included). NULL texts are written as null, and so is an object
 * that is not required and has nothing set in it. */
void json_struct_write(struct json_writer *w, const struct json_field *fields, const void *in);
