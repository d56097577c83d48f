#include "coordinator/store/view_wheel.h"

#include "coordinator/store/store_parts.h"
#include "core/io/json_tree.h"
#include "sql/db.h"

#include <string.h>

static const char *text_of(const struct json_node *object, const char *key)
{
	const struct json_node *node = json_tree_get(object, key);
	return node != NULL && node->kind == JSON_STRING ? node->text.p : "";
}

/* What the database holds is our own JSON; where it is not, there is nothing to show. */
static const struct json_node *array_of(const char *json, struct arena *arena)
{
	struct json_node *root = NULL;
	if (json == NULL || json_tree_parse(str_from(json), "wheel", arena, &root, NULL) != 0 ||
		root->kind != JSON_ARRAY) {
		return NULL;
	}
	return root;
}

static void read_bundled(const char *json, struct arena *arena, struct wheel_view *out)
{
	const struct json_node *root = array_of(json, arena);
	out->bundled = arena_new(arena, ((root != NULL ? root->count : 0) + 1) * sizeof(char *));
	JSON_EACH (node, root) {
		if (node->kind == JSON_STRING) {
			out->bundled[out->bundled_count++] = node->text.p;
		}
	}
}

static void read_problems(const char *json, struct arena *arena, struct wheel_view *out)
{
	const struct json_node *root = array_of(json, arena);
	out->problems =
		arena_new(arena, ((root != NULL ? root->count : 0) + 1) * sizeof(*out->problems));
	JSON_EACH (node, root) {
		out->problems[out->problem_count++] = (struct wheel_problem_view){
			.code = text_of(node, "code"),
			.severity = text_of(node, "severity"),
			.path = text_of(node, "path"),
			.detail = text_of(node, "detail"),
		};
	}
}

int view_wheels_read(struct store *s, int64_t package, struct arena *arena, struct wheel_view **out,
	size_t *count, struct err *e)
{
	VEC(struct wheel_view) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_WHEEL_OF_PACKAGE, e);
	sql_bind_int(&q, package);
	while (sql_row(&q)) {
		struct wheel_view *w = vec_add(&list);
		*w = (struct wheel_view){
			.sha256 = sql_text(&q, 0, arena),
			.file = sql_text(&q, 1, arena),
			.depth = sql_text(&q, 2, arena),
			.inspected = sql_int(&q, 3),
			.size = sql_int(&q, 4),
			.machine = sql_text(&q, 5, arena),
			.glibc = sql_text(&q, 6, arena),
			.page_size = sql_int(&q, 7),
			.errors = sql_int(&q, 9),
			.warnings = sql_int(&q, 10),
			.broken = sql_text(&q, 12, arena),
		};
		read_bundled(sql_text(&q, 8, arena), arena, w);
		read_problems(sql_text(&q, 11, arena), arena, w);
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

const struct wheel_view *view_wheel_find(
	const struct wheel_view *wheels, size_t count, const char *sha256)
{
	for (size_t i = 0; i < count; i++) {
		if (sha256 != NULL && strcmp(wheels[i].sha256, sha256) == 0) {
			return &wheels[i];
		}
	}
	return NULL;
}
