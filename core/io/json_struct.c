#include "core/io/json_tree.h"

#include "core/io/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a value stands, "job.sources[2].sha256": a chain on the stack, spelled only in errors. */
struct place {
	const struct place *parent;
	const char *name; /* NULL: the index */
	size_t index;
};

static void spell(const struct place *p, struct buf *out)
{
	if (p->parent != NULL) {
		spell(p->parent, out);
	}
	if (p->name == NULL) {
		buf_printf(out, "[%zu]", p->index);
	} else {
		buf_printf(out, "%s%s", out->n != 0 ? "." : "", p->name);
	}
}

static int wrong(const struct place *p, const char *rule, struct err *e)
{
	struct buf path = {0};
	spell(p, &path);
	int code = err_set(e, ERR_INVALID, "%s: %s", path.p, rule);
	buf_finish(&path);
	return code;
}

static int read_text(
	const struct json_node *node, const char **out, const struct place *at, struct err *e)
{
	if (node->kind != JSON_STRING) {
		return wrong(at, "is not a text", e);
	}
	if (memchr(node->text.p, '\0', node->text.n) != NULL) {
		return wrong(at, "has a zero byte in it", e);
	}
	*out = node->text.p; /* the arena's copy, zero-terminated */
	return 0;
}

static int read_int(
	const struct json_node *node, int64_t *out, const struct place *at, struct err *e)
{
	if (node->kind != JSON_NUMBER || !str_to_i64(node->text, out)) {
		return wrong(at, "is not a whole number of 64 bits", e);
	}
	return 0;
}

/* A few digits and a point are a whole number over a power of ten, both exact: one division rounds as
 * strtod does (Clinger, "How to read floating point numbers accurately"), at a fiftieth of its price. */
static double to_double(struct str text)
{
	static const double tens[] = {
		1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	bool negative = text.p[0] == '-';
	bool point = false;
	uint64_t digits = 0;
	size_t after = 0;
	if (text.n >= sizeof(tens) / sizeof(*tens)) {
		return strtod(text.p, NULL);
	}
	for (size_t i = negative ? 1 : 0; i < text.n; i++) {
		if (text.p[i] == '.') {
			point = true;
		} else if (text.p[i] >= '0' && text.p[i] <= '9') {
			digits = digits * 10 + (uint64_t)(text.p[i] - '0');
			after += point ? 1 : 0;
		} else {
			return strtod(text.p, NULL);
		}
	}
	double value = (double)digits / tens[after];
	return negative ? -value : value;
}

static int read_double(
	const struct json_node *node, double *out, const struct place *at, struct err *e)
{
	if (node->kind != JSON_NUMBER) {
		return wrong(at, "is not a number", e);
	}
	double value = to_double(node->text);
	if (!isfinite(value)) {
		return wrong(at, "is too large a number", e);
	}
	*out = value;
	return 0;
}

static int read_texts(const struct json_node *node, struct json_texts *out, const struct place *at,
	struct arena *arena, struct err *e)
{
	if (node->kind != JSON_ARRAY) {
		return wrong(at, "is not a list", e);
	}
	out->v = arena_new(arena, (node->count + 1) * sizeof(*out->v));
	out->n = 0;
	JSON_EACH (child, node) {
		struct place here = {.parent = at, .index = out->n};
		int code = read_text(child, &out->v[out->n], &here, e);
		if (code < 0) {
			return code;
		}
		out->n++;
	}
	return 0;
}

static int read_object(const struct json_node *object, const struct json_field *fields, void *out,
	const struct place *at, struct arena *arena, struct err *e);

static int read_objects(const struct json_node *node, const struct json_field *field,
	struct json_objects *out, const struct place *at, struct arena *arena, struct err *e)
{
	if (node->kind != JSON_ARRAY) {
		return wrong(at, "is not a list", e);
	}
	if (node->count > (256u << 20) / field->size) {
		return wrong(at, "has too many members", e);
	}
	out->v = arena_new(arena, (node->count + 1) * field->size);
	out->n = 0;
	JSON_EACH (child, node) {
		struct place here = {.parent = at, .index = out->n};
		void *item = (char *)out->v + out->n * field->size;
		int code = read_object(child, field->fields, item, &here, arena, e);
		if (code < 0) {
			return code;
		}
		out->n++;
	}
	return 0;
}

static int read_field(const struct json_node *node, const struct json_field *field, void *out,
	const struct place *at, struct arena *arena, struct err *e)
{
	switch (field->type) {
	case JSON_FIELD_TEXT:
		return read_text(node, out, at, e);
	case JSON_FIELD_INT:
		return read_int(node, out, at, e);
	case JSON_FIELD_DOUBLE:
		return read_double(node, out, at, e);
	case JSON_FIELD_BOOL:
		if (node->kind != JSON_BOOL) {
			return wrong(at, "is not true or false", e);
		}
		*(bool *)out = node->boolean;
		return 0;
	case JSON_FIELD_TEXTS:
		return read_texts(node, out, at, arena, e);
	case JSON_FIELD_OBJECT:
		return read_object(node, field->fields, out, at, arena, e);
	case JSON_FIELD_OBJECTS:
		return read_objects(node, field, out, at, arena, e);
	}
	mem_bug("JSON field %s has no such type", field->name);
}

/* Writers follow the table's order: the member after the last one found is nearly always it. */
static const struct json_node *find_member(
	const struct json_node *object, const struct json_field *field, const struct json_node **next)
{
	const struct json_node *guess = *next;
	if (guess == NULL || guess->key.n != field->length ||
		memcmp(guess->key.p, field->name, field->length) != 0) {
		guess = json_tree_get(object, field->name);
	}
	*next = guess != NULL ? guess->next : *next;
	return guess;
}

static int read_object(const struct json_node *object, const struct json_field *fields, void *out,
	const struct place *at, struct arena *arena, struct err *e)
{
	if (object == NULL || object->kind != JSON_OBJECT) {
		return wrong(at, "is not an object", e);
	}
	const struct json_node *next = object->first;
	for (const struct json_field *field = fields; field->name != NULL; field++) {
		const struct json_node *node = find_member(object, field, &next);
		struct place here = {.parent = at, .name = field->name};
		if (node == NULL || node->kind == JSON_NULL) {
			if (field->required) {
				return wrong(&here, node == NULL ? "is missing" : "is null", e);
			}
			continue;
		}
		int code = read_field(node, field, (char *)out + field->offset, &here, arena, e);
		if (code < 0) {
			return code;
		}
	}
	return 0;
}

int json_struct_read(const struct json_node *object, const struct json_field *fields, void *out,
	const char *path, struct arena *arena, struct err *e)
{
	struct place top = {.name = path};
	return read_object(object, fields, out, &top, arena, e);
}

/* True if nothing in the struct is set: an optional object that is not there. */
static bool is_empty(const struct json_field *fields, const void *in)
{
	for (const struct json_field *field = fields; field->name != NULL; field++) {
		const void *at = (const char *)in + field->offset;
		bool set = false;
		switch (field->type) {
		case JSON_FIELD_TEXT:
			set = *(const char *const *)at != NULL;
			break;
		case JSON_FIELD_INT:
			set = *(const int64_t *)at != 0;
			break;
		case JSON_FIELD_DOUBLE:
			set = *(const double *)at != 0;
			break;
		case JSON_FIELD_BOOL:
			set = *(const bool *)at;
			break;
		case JSON_FIELD_TEXTS:
			set = ((const struct json_texts *)at)->n != 0;
			break;
		case JSON_FIELD_OBJECT:
			set = !is_empty(field->fields, at);
			break;
		case JSON_FIELD_OBJECTS:
			set = ((const struct json_objects *)at)->n != 0;
			break;
		}
		if (set) {
			return false;
		}
	}
	return true;
}

static void write_field(struct json_writer *w, const struct json_field *field, const void *at)
{
	switch (field->type) {
	case JSON_FIELD_TEXT:
		json_text(w, *(const char *const *)at);
		return;
	case JSON_FIELD_INT:
		json_int(w, *(const int64_t *)at);
		return;
	case JSON_FIELD_DOUBLE:
		json_double(w, *(const double *)at);
		return;
	case JSON_FIELD_BOOL:
		json_bool(w, *(const bool *)at);
		return;
	case JSON_FIELD_TEXTS: {
		const struct json_texts *texts = at;
		json_array_begin(w);
		for (size_t i = 0; i < texts->n; i++) {
			json_text(w, texts->v[i]);
		}
		json_array_end(w);
		return;
	}
	case JSON_FIELD_OBJECT:
		if (!field->required && is_empty(field->fields, at)) {
			json_null(w);
		} else {
			json_struct_write(w, field->fields, at);
		}
		return;
	case JSON_FIELD_OBJECTS: {
		const struct json_objects *objects = at;
		json_array_begin(w);
		for (size_t i = 0; i < objects->n; i++) {
			json_struct_write(w, field->fields, (const char *)objects->v + i * field->size);
		}
		json_array_end(w);
		return;
	}
	}
}

void json_struct_write(struct json_writer *w, const struct json_field *fields, const void *in)
{
	json_object_begin(w);
	for (const struct json_field *field = fields; field->name != NULL; field++) {
		json_key(w, field->name);
		write_field(w, field, (const char *)in + field->offset);
	}
	json_object_end(w);
}
