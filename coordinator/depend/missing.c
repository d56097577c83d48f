#include "coordinator/depend/missing.h"

static const char *keep(struct depend_answer *out, struct str text)
{
	return arena_copy(&out->arena, text.p, text.n);
}

void missing_add(struct depend_answer *out, const struct depend_graph *g,
	const struct depend_want *wants, size_t count)
{
	struct map seen = {0};
	for (size_t i = 0; i < count; i++) {
		const struct depend_want *w = &wants[i];
		const struct universe_package *p = &g->u.packages.v[w->package];
		struct str key = {(const char *)w, sizeof(*w)};
		if (map_put(&seen, key, out) == NULL) {
			*vec_add(&out->missing) = (struct depend_missing){
				.name = keep(out, p->name),
				.version =
					w->version != UNIVERSE_NONE ? keep(out, p->versions[w->version].text) : NULL,
			};
		}
	}
	map_finish(&seen);
}
