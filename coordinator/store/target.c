#include "coordinator/store/target.h"

#include "coordinator/store/store_parts.h"
#include "sql/db.h"

#include <stdlib.h>
#include <string.h>

static void read_row(struct sql_query *q, struct arena *arena, struct store_target *out)
{
	*out = (struct store_target){
		.id = sql_int(q, 0),
		.name = sql_text(q, 1, arena),
		.python = sql_text(q, 2, arena),
		.free_threaded = sql_int(q, 3) != 0,
		.platform = sql_text(q, 4, arena),
		.family = sql_text(q, 5, arena),
	};
}

int store_target_put(struct store *s, struct store_target *t, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_TARGET_PUT, e);
	sql_bind_text(&q, t->name);
	sql_bind_text(&q, t->python);
	sql_bind_int(&q, t->free_threaded);
	sql_bind_text(&q, t->platform);
	sql_bind_text(&q, t->family);
	if (sql_row(&q)) {
		t->id = sql_int(&q, 0);
	}
	int code = sql_run(&q);
	if (code == 0 && (t->id < 1 || t->id > STORE_TARGETS)) {
		code = err_set(
			e, ERR_TOO_LARGE, "%s: the database has over %d targets", t->name, STORE_TARGETS);
	}
	return code;
}

int store_target_get(
	struct store *s, struct str name, struct arena *arena, struct store_target *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_TARGET_GET, e);
	sql_bind_str(&q, name);
	bool found = sql_row(&q);
	if (found) {
		read_row(&q, arena, out);
	}
	return store_end_named(&q, found, "target", name, e);
}

void target_cache_finish(struct target_cache *c)
{
	free(c->v);
	buf_finish(&c->texts);
	*c = (struct target_cache){0};
}

/* The members of a target that are text. */
static const char **texts_of(struct store_target *t, size_t i)
{
	const char **const texts[] = {&t->name, &t->python, &t->platform, &t->family};
	return texts[i];
}
enum { TARGET_TEXTS = 4 };

static void fill_cache(
	struct target_cache *c, int64_t version, const struct store_target *v, size_t n)
{
	target_cache_finish(c);
	*c = (struct target_cache){.version = version, .v = mem_new(n, sizeof(*v)), .n = n};
	for (size_t i = 0; i < n; i++) {
		struct store_target t = v[i];
		for (size_t k = 0; k < TARGET_TEXTS; k++) {
			buf_add(&c->texts, *texts_of(&t, k), strlen(*texts_of(&t, k)) + 1);
		}
		c->v[i] = t;
	}
	const char *at = c->texts.p;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < TARGET_TEXTS; k++) {
			*texts_of(&c->v[i], k) = at;
			at += strlen(at) + 1;
		}
	}
}

static struct store_target *copy_cache(const struct target_cache *c, struct arena *arena)
{
	struct store_target *copy = store_list_copy(arena, c->v, c->n, sizeof(*c->v));
	const char *texts = arena_copy(arena, c->texts.p, c->texts.n);
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; k < TARGET_TEXTS; k++) {
			const char **text = texts_of(&copy[i], k);
			*text = texts + (*text - c->texts.p);
		}
	}
	return copy;
}

static int read_list(
	struct store *s, struct arena *arena, struct store_target **out, size_t *count, struct err *e)
{
	VEC(struct store_target) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_TARGET_LIST, e);
	while (sql_row(&q)) {
		read_row(&q, arena, vec_add(&list));
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

int store_target_list(
	struct store *s, struct arena *arena, struct store_target **out, size_t *count, struct err *e)
{
	struct target_cache *cache = store_target_cache(s);
	int64_t version = 0;
	*out = NULL;
	*count = 0;
	int code = store_data_version(s, &version, e);
	if (code == 0 && version != 0 && cache->version == version) {
		*out = copy_cache(cache, arena);
		*count = cache->n;
		return 0;
	}
	code = code == 0 ? read_list(s, arena, out, count, e) : code;
	if (code == 0 && version != 0) {
		fill_cache(cache, version, *out, *count);
	}
	return code;
}
