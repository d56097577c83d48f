#include "core/io/json.h"
#include "core/io/json_tree.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_node(struct json_writer *w, const struct json_node *node)
{
	switch (node->kind) {
	case JSON_NULL:
		json_null(w);
		break;
	case JSON_BOOL:
		json_bool(w, node->boolean);
		break;
	case JSON_NUMBER:
	case JSON_STRING:
		json_str(w, node->text);
		break;
	case JSON_ARRAY:
		json_array_begin(w);
		JSON_EACH (child, node) {
			write_node(w, child);
		}
		json_array_end(w);
		break;
	case JSON_OBJECT:
		json_object_begin(w);
		JSON_EACH (child, node) {
			json_key(w, child->key.p);
			write_node(w, child);
		}
		json_object_end(w);
		break;
	}
}

struct item {
	const char *name;
	int64_t size;
};
struct thing {
	const char *name;
	double ratio;
	bool yes;
	struct json_texts words;
	struct item item;
	struct json_objects items;
};
static const struct json_field item_fields[] = {
	JSON_FIELD(struct item, name, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct item, size, JSON_FIELD_INT, false), {0}};
static const struct json_field fields[] = {JSON_FIELD(struct thing, name, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct thing, ratio, JSON_FIELD_DOUBLE, false),
	JSON_FIELD(struct thing, yes, JSON_FIELD_BOOL, false),
	JSON_FIELD(struct thing, words, JSON_FIELD_TEXTS, false),
	{JSON_NAME("item"), .type = JSON_FIELD_OBJECT, .offset = offsetof(struct thing, item),
		.fields = item_fields},
	{JSON_NAME("items"), .type = JSON_FIELD_OBJECTS, .offset = offsetof(struct thing, items),
		.fields = item_fields, .size = sizeof(struct item)},
	{0}};

/* What was read must write, and what was written must read again. */
static void round_trip(const struct json_node *root, struct arena *arena)
{
	struct buf out = {0};
	struct json_writer w;
	struct err e;
	struct thing t = {0};
	struct json_node *again;
	if (json_struct_read(root, fields, &t, "thing", arena, &e) == 0) {
		json_writer_init(&w, &out, true);
		json_struct_write(&w, fields, &t);
		json_writer_finish(&w);
		struct thing other = {0};
		if (json_tree_parse(buf_view(&out), "again", arena, &again, &e) != 0 ||
			json_struct_read(again, fields, &other, "again", arena, &e) != 0) {
			abort();
		}
	}
	buf_finish(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct json_node *root;
	struct err e;
	struct str text = {.p = (const char *)data, .n = size};
	if (json_tree_parse(text, "fuzz", &arena, &root, &e) == 0) {
		struct buf out = {0};
		struct json_writer w;
		json_writer_init(&w, &out, size % 2 != 0);
		/* the writer nests one level less than the reader */
		struct json_node *again;
		if (size < 60) {
			write_node(&w, root);
			json_writer_finish(&w);
			(void)json_tree_parse(buf_view(&out), "again", &arena, &again, &e);
		}
		buf_finish(&out);
		round_trip(root, &arena);
	}
	arena_finish(&arena);
	return 0;
}
