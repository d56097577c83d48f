#include "web/readers.h"

#include "core/base/mem.h"

#include <stdlib.h>

static int open_one(const struct readers *r, struct store **out, struct err *e)
{
	int code = store_open(r->database, STORE_READ, out, e);
	if (code == 0) {
		store_set_default_python(*out, r->python);
	}
	return code;
}

int readers_init(struct readers *r, const char *database, const char *python, struct err *e)
{
	*r = (struct readers){
		.database = str_dup(str_from(database)),
		.python = python != NULL ? str_dup(str_from(python)) : NULL,
	};
	if (uv_mutex_init(&r->lock) != 0) {
		mem_bug("web: no mutex to be had");
	}
	struct store *first;
	int code = open_one(r, &first, e);
	if (code != 0) {
		readers_finish(r);
		return code;
	}
	readers_give(r, first);
	return 0;
}

void readers_finish(struct readers *r)
{
	for (size_t i = 0; i < r->free_count; i++) {
		store_close(r->free[i]);
	}
	free(r->free);
	free(r->database);
	free(r->python);
	uv_mutex_destroy(&r->lock);
}

int readers_take(struct readers *r, struct store **out, struct err *e)
{
	*out = NULL;
	uv_mutex_lock(&r->lock);
	if (r->free_count > 0) {
		*out = r->free[--r->free_count];
	}
	uv_mutex_unlock(&r->lock);
	return *out != NULL ? 0 : open_one(r, out, e);
}

void readers_give(struct readers *r, struct store *s)
{
	uv_mutex_lock(&r->lock);
	if (r->free_count == r->free_capacity) {
		r->free_capacity = r->free_capacity == 0 ? 4 : r->free_capacity * 2;
		r->free = mem_resize(r->free, r->free_capacity, sizeof(struct store *));
	}
	r->free[r->free_count++] = s;
	uv_mutex_unlock(&r->lock);
}
