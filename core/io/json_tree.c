#include "core/io/json_tree.h"

#include "core/base/map.h"
#include "core/io/json.h"

#include <string.h>

enum { LEVELS = 64, FEW_KEYS = 32 };

struct builder {
	struct arena *arena;
	struct json_node *root;
	struct json_node *open[LEVELS];
	struct json_node *last[LEVELS]; /* child of the open one */
	size_t depth;
	struct str key;
};

static struct json_node *add(struct builder *b, enum json_kind kind)
{
	struct json_node *node = arena_new(b->arena, sizeof(*node));
	node->kind = kind;
	if (b->depth == 0) {
		b->root = node;
		return node;
	}
	struct json_node *parent = b->open[b->depth - 1];
	struct json_node *last = b->last[b->depth - 1];
	if (parent->kind == JSON_OBJECT) {
		node->key = b->key;
	}
	if (last != NULL) {
		last->next = node;
	} else {
		parent->first = node;
	}
	b->last[b->depth - 1] = node;
	parent->count++;
	return node;
}

static void push(struct builder *b, enum json_kind kind)
{
	struct json_node *node = add(b, kind);
	b->open[b->depth] = node;
	b->last[b->depth] = NULL;
	b->depth++;
}

static int on_object_begin(void *user, struct err *e)
{
	push(user, JSON_OBJECT);
	return 0;
}

static int on_array_begin(void *user, struct err *e)
{
	push(user, JSON_ARRAY);
	return 0;
}

static int on_array_end(void *user, struct err *e)
{
	struct builder *b = user;
	b->depth--;
	return 0;
}

static int duplicate(struct str key, struct err *e)
{
	return err_set(
		e, ERR_INVALID, "the key \"%.*s\" is there twice", (int)(key.n < 100 ? key.n : 100), key.p);
}

/* Objects with many keys come from outside only: a hash keeps them linear. */
static int check_many_keys(const struct json_node *object, struct err *e)
{
	struct map seen = {0};
	int code = 0;
	JSON_EACH (child, object) {
		if (map_put(&seen, child->key, (void *)child) != NULL) {
			code = duplicate(child->key, e);
			break;
		}
	}
	map_finish(&seen);
	return code;
}

static int on_object_end(void *user, struct err *e)
{
	struct builder *b = user;
	const struct json_node *object = b->open[--b->depth];
	if (object->count > FEW_KEYS) {
		return check_many_keys(object, e);
	}
	JSON_EACH (child, object) {
		for (const struct json_node *other = child->next; other != NULL; other = other->next) {
			if (child->key.n == other->key.n && str_equal(child->key, other->key)) {
				return duplicate(child->key, e);
			}
		}
	}
	return 0;
}

static int on_key(void *user, struct str key, struct err *e)
{
	struct builder *b = user;
	b->key = key;
	return 0;
}

static int on_string(void *user, struct str value, struct err *e)
{
	add(user, JSON_STRING)->text = value;
	return 0;
}

static int on_number(void *user, struct str text, struct err *e)
{
	add(user, JSON_NUMBER)->text = text;
	return 0;
}

static int on_boolean(void *user, bool value, struct err *e)
{
	add(user, JSON_BOOL)->boolean = value;
	return 0;
}

static int on_null(void *user, struct err *e)
{
	add(user, JSON_NULL);
	return 0;
}

static const struct json_sink sink = {
	.object_begin = on_object_begin,
	.object_key = on_key,
	.object_end = on_object_end,
	.array_begin = on_array_begin,
	.array_end = on_array_end,
	.string = on_string,
	.number = on_number,
	.boolean = on_boolean,
	.null = on_null,
};

int json_tree_parse(
	struct str text, const char *what, struct arena *arena, struct json_node **out, struct err *e)
{
	struct builder b = {.arena = arena};
	/* A string may be as long as the whole: a message can carry a recipe or a log's evidence. */
	const struct json_limits limits = {
		.depth = LEVELS, .string_bytes = 32 << 20, .total_bytes = 32 << 20};
	char *copy = arena_room(arena, text.n + JSON_PADDING);
	if (text.n != 0) {
		memcpy(copy, text.p, text.n);
	}
	int code = json_read(copy, text.n, &sink, &b, &limits, e);
	if (code < 0) {
		return err_prefix(e, code, "%s", what);
	}
	*out = b.root;
	return 0;
}

const struct json_node *json_tree_get(const struct json_node *object, const char *key)
{
	if (object == NULL || object->kind != JSON_OBJECT) {
		return NULL;
	}
	struct str wanted = str_from(key);
	JSON_EACH (child, object) {
		if (child->key.n == wanted.n && str_equal(child->key, wanted)) {
			return child;
		}
	}
	return NULL;
}
