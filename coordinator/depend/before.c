#include "coordinator/depend/before.h"

#include "coordinator/solve/release_pack.h"
#include "coordinator/store/dependency.h"

bool before_read(struct before *b, struct depend_graph *g, uint32_t package, struct str judged)
{
	const struct pep_target *targets[UNIVERSE_TARGETS];
	if (judged.n == 0 || g->u.packages.v[package].state != UNIVERSE_KNOWN) {
		return false;
	}
	for (size_t i = 0; i < g->u.target_count; i++) {
		targets[i] = &g->u.targets[i];
	}
	universe_init(&b->u, targets, g->u.target_count, g->u.rules);
	b->package = universe_package(&b->u, g->u.packages.v[package].name);
	if (release_pack_read(&b->u, b->package, judged, NULL) != 0) {
		universe_finish(&b->u);
		return false;
	}
	const struct universe_package *p = &b->u.packages.v[b->package];
	depend_graph_requires(g, g->packages.v[package].id, p->versions, p->version_count);
	return true;
}

void before_finish(struct before *b)
{
	universe_finish(&b->u);
}

static bool is_unread(const struct universe_version *v)
{
	bool unread = false;
	for (uint32_t w = 0; w < v->wheel_count; w++) {
		unread |= universe_is_unread(&v->wheels[w]);
	}
	return unread;
}

int before_wants(struct depend_graph *g, int64_t id, uint32_t package, struct err *e)
{
	struct arena arena = {0};
	struct before b;
	struct str pack;
	int64_t known;
	int code = store_judged_pack(g->store, id, &arena, &pack, &known, e);
	if (code == 0 && before_read(&b, g, package, pack)) {
		const struct universe_package *p = &g->u.packages.v[package];
		const struct universe_package *was = &b.u.packages.v[b.package];
		for (uint32_t v = 0; v < p->version_count; v++) {
			if (is_unread(&p->versions[v]) &&
				universe_find_version(was->versions, was->version_count, p->versions[v].text) ==
					UNIVERSE_NONE) {
				*vec_add(&g->wants) = (struct depend_want){.package = package, .version = v};
			}
		}
		before_finish(&b);
	}
	arena_finish(&arena);
	return code;
}
