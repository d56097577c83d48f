#include "coordinator/store/view_recipe.h"

#include "coordinator/store/store_parts.h"
#include "core/io/json_tree.h"
#include "sql/db.h"

#include <string.h>

static void add_value(struct buf *out, const struct json_node *value)
{
	const char *comma = "";
	switch (value->kind) {
	case JSON_STRING:
	case JSON_NUMBER:
		buf_add_str(out, value->text);
		break;
	case JSON_BOOL:
		buf_add_text(out, value->boolean ? "yes" : "");
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		JSON_EACH (item, value) {
			buf_add_text(out, comma);
			comma = value->kind == JSON_ARRAY ? ", " : " ";
			add_value(out, item);
		}
		break;
	case JSON_NULL:
		break;
	}
}

/* Members whose value says nothing are left out. */
static void add_fact(const struct json_node *member, struct arena *arena, struct recipe_view *out)
{
	struct buf value = {0};
	add_value(&value, member);
	if (value.n != 0 && !str_is(buf_view(&value), "0")) {
		out->facts[out->fact_count++] = (struct recipe_fact){
			.name = arena_copy(arena, member->key.p, member->key.n),
			.value = arena_copy(arena, value.p, value.n),
		};
	}
	buf_finish(&value);
}

static void read_recipe(
	const struct json_node *recipe, struct arena *arena, struct recipe_view *out)
{
	static const char *const told[] = {"commit", "dirty", "object"};
	const struct json_node *tree = json_tree_get(recipe, "commit");
	const struct json_node *dirty = json_tree_get(recipe, "dirty");
	const struct json_node *object = json_tree_get(recipe, "object");
	out->tree = tree != NULL && tree->kind == JSON_STRING ? tree->text.p : NULL;
	out->dirty = dirty != NULL && dirty->kind == JSON_BOOL && dirty->boolean;
	out->plain = object == NULL || object->kind != JSON_STRING || object->text.n == 0;
	out->facts = arena_new(arena, (recipe->count + 1) * sizeof(*out->facts));
	JSON_EACH (member, recipe) {
		bool apart = false;
		for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++) {
			apart = apart || str_is(member->key, told[i]);
		}
		if (!apart) {
			add_fact(member, arena, out);
		}
	}
}

int view_recipe_read(
	struct store *s, int64_t job, struct arena *arena, struct recipe_view *out, struct err *e)
{
	struct json_node *root = NULL;
	struct sql_query q;
	*out = (struct recipe_view){0};
	sql_start(&q, store_sql(s), SQL_VIEW_JOB_SPEC, e);
	sql_bind_int(&q, job);
	if (sql_row(&q) && json_tree_parse(sql_str(&q, 0), "job", arena, &root, NULL) == 0) {
		const struct json_node *recipe = json_tree_get(root, "recipe");
		if (recipe != NULL && recipe->kind == JSON_OBJECT) {
			out->job = job;
			read_recipe(recipe, arena, out);
		}
	}
	return sql_end(&q);
}
