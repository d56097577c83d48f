#include "agent/sandbox.h"

#include <string.h>

static void add_bind(struct sandbox_spec *s, struct arena *a, struct sandbox_bind bind)
{
	struct sandbox_binds *l = &s->binds;
	if (l->n == l->capacity) {
		size_t capacity = l->capacity == 0 ? 16 : l->capacity * 2;
		struct sandbox_bind *v = arena_new(a, capacity * sizeof(*v));
		if (l->n != 0) {
			memcpy(v, l->v, l->n * sizeof(*v));
		}
		l->v = v;
		l->capacity = capacity;
	}
	bind.from = arena_copy(a, bind.from, strlen(bind.from));
	bind.to = arena_copy(a, bind.to, strlen(bind.to));
	l->v[l->n++] = bind;
}

void sandbox_bind(
	struct sandbox_spec *s, struct arena *a, const char *from, const char *to, bool writable)
{
	add_bind(s, a, (struct sandbox_bind){.from = from, .to = to, .writable = writable});
}

void sandbox_bind_optional(
	struct sandbox_spec *s, struct arena *a, const char *from, const char *to)
{
	add_bind(s, a, (struct sandbox_bind){.from = from, .to = to, .optional = true});
}
