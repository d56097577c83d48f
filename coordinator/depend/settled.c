#include "coordinator/depend/settled.h"

#include "coordinator/solve/release_pack.h"
#include "coordinator/solve/requires_text.h"
#include "coordinator/store/dependency.h"

struct settling {
	struct depend_graph *g;
	uint32_t package;
	const struct universe_package *was; /* in a universe of its own */
	VEC(uint32_t) asked; /* requirements on the package, of the graph's universe */
};

static int64_t known_of(const struct universe_version *v)
{
	int64_t n = 0;
	for (uint32_t w = 0; w < v->wheel_count; w++) {
		n += v->wheels[w].requires != UNIVERSE_NONE;
	}
	return n;
}

int64_t settled_known(const struct universe_package *p)
{
	int64_t n = 0;
	for (uint32_t v = 0; v < p->version_count; v++) {
		n += known_of(&p->versions[v]);
	}
	return n;
}

/* --- what was is as it was --- */

static bool same_wheel(const struct universe_wheel *a, const struct universe_wheel *b)
{
	return a->targets == b->targets && a->yanked == b->yanked && a->keyed && b->keyed &&
		memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

static bool same_version(const struct universe_version *a, const struct universe_version *b)
{
	bool same = str_equal(a->text, b->text) && a->fits == b->fits && a->yanked == b->yanked &&
		a->admitted == b->admitted && a->sdist == b->sdist && a->withdrawn == b->withdrawn &&
		a->wheel_count == b->wheel_count;
	for (uint32_t i = 0; same && i < a->wheel_count; i++) {
		same = same_wheel(&a->wheels[i], &b->wheels[i]);
	}
	return same;
}

/* Both are lowest first. Sets *is_new, a byte a version of now. */
static bool all_are_there(
	const struct universe_package *was, const struct universe_package *now, unsigned char *is_new)
{
	uint32_t next = 0;
	for (uint32_t v = 0; v < now->version_count; v++) {
		bool same =
			next < was->version_count && same_version(&was->versions[next], &now->versions[v]);
		is_new[v] = !same;
		next += same;
	}
	return next == was->version_count;
}

/* Of the versions that were there, the wheels whose metadata is known now. */
static int64_t known_of_old(const struct universe_package *now, const unsigned char *is_new)
{
	int64_t n = 0;
	for (uint32_t v = 0; v < now->version_count; v++) {
		n += is_new[v] == 0 ? known_of(&now->versions[v]) : 0;
	}
	return n;
}

/* --- what is asked of it --- */

static void add_asked(struct settling *s, struct str text)
{
	struct universe *u = &s->g->u;
	struct str rest = text, value;
	uint32_t requirement;
	char kind;
	while (requires_text_next(&rest, &kind, &value)) {
		if (kind == 'R' && universe_requirement(u, value, &requirement, NULL) == 0 &&
			u->requirements.v[requirement].package == s->package) {
			*vec_add(&s->asked) = requirement;
		}
	}
}

static bool read_asked(struct settling *s)
{
	struct arena arena = {0};
	struct err e = {0};
	int64_t *ids;
	size_t count = 0;
	struct str name = s->g->u.packages.v[s->package].name;
	int code = store_dependency_asked(s->g->store, name, &arena, &ids, &count, &e);
	for (size_t i = 0; code == 0 && i < count; i++) {
		struct arena text_arena = {0};
		struct str text;
		code = store_dependency_text(s->g->store, ids[i], &text_arena, &text, &e);
		if (code == 0) {
			add_asked(s, text);
		}
		arena_finish(&text_arena);
	}
	if (code != 0 && s->g->code == 0) {
		s->g->code = err_set(&s->g->err, code, "%s", e.text);
	}
	arena_finish(&arena);
	return code == 0;
}

/* --- twins --- */

static const struct universe_wheel *wheel_on(const struct universe_version *v, size_t target)
{
	for (uint32_t i = 0; i < v->wheel_count; i++) {
		if (!v->wheels[i].yanked && universe_has(v->wheels[i].targets, target)) {
			return &v->wheels[i];
		}
	}
	return NULL;
}

/* Wherever v is usable w is, and requires the very same. */
static bool stands_in(const struct settling *s, uint32_t w, uint32_t v)
{
	const struct depend_package *d = &s->g->packages.v[s->package];
	const struct universe_version *versions = s->g->u.packages.v[s->package].versions;
	if ((d->usable[v] & ~d->usable[w]) != 0) {
		return false;
	}
	for (uint64_t left = d->usable[v]; left != 0; left &= left - 1) {
		size_t target = (size_t)__builtin_ctzll(left);
		const struct universe_wheel *a = wheel_on(&versions[v], target);
		const struct universe_wheel *b = wheel_on(&versions[w], target);
		if (a == NULL || b == NULL || a->requires == UNIVERSE_NONE || a->requires != b->requires) {
			return false;
		}
	}
	return true;
}

static bool is_admitted_alike(struct settling *s, uint32_t w, uint32_t v)
{
	struct universe *u = &s->g->u;
	VEC_EACH (uint32_t, requirement, &s->asked) {
		uint32_t spec = u->requirements.v[*requirement].spec;
		if (universe_matches(u, spec, v) && !universe_matches(u, spec, w)) {
			return false;
		}
	}
	return true;
}

static bool has_twin(struct settling *s, const unsigned char *is_new, uint32_t v)
{
	for (uint32_t w = s->g->u.packages.v[s->package].version_count; w-- > 0;) {
		if (is_new[w] == 0 && stands_in(s, w, v) && is_admitted_alike(s, w, v)) {
			return true;
		}
	}
	return false;
}

/* No walk after the reasons of a "no" comes to the version. */
static bool is_off_the_way(struct settling *s, uint32_t v)
{
	struct universe *u = &s->g->u;
	VEC_EACH (uint32_t, requirement, &s->asked) {
		const struct universe_requirement *r = &u->requirements.v[*requirement];
		uint64_t applies = r->by_extra ? u->all : r->applies;
		if (universe_matches(u, r->spec, v) &&
			(applies & ~depend_living(s->g, *requirement)) != 0) {
			return false;
		}
	}
	return true;
}

static bool nothing_moves(struct settling *s, const unsigned char *is_new)
{
	if (!read_asked(s)) {
		return false;
	}
	VEC_EACH (uint32_t, requirement, &s->asked) { /* with the extras that nobody loaded asks for */
		depend_graph_reach(s->g, *requirement);
	}
	depend_graph_close(s->g);
	depend_graph_live(s->g);
	for (uint32_t v = 0; v < s->g->u.packages.v[s->package].version_count; v++) {
		if (is_new[v] != 0 && (!has_twin(s, is_new, v) || !is_off_the_way(s, v))) {
			return false;
		}
	}
	return true;
}

static enum settled compare(struct settling *s, int64_t known)
{
	const struct universe_package *now = &s->g->u.packages.v[s->package];
	enum settled found = SETTLED_MOVED;
	unsigned char *is_new = mem_new(now->version_count + 1, sizeof(*is_new));
	if (all_are_there(s->was, now, is_new)) {
		found = known_of_old(now, is_new) == known && nothing_moves(s, is_new) ? SETTLED
																			   : SETTLED_ADDED;
	}
	free(is_new);
	return found;
}

enum settled settled_find(
	struct depend_graph *g, uint32_t package, struct str judged, int64_t known)
{
	struct settling s = {.g = g, .package = package};
	struct universe before;
	const struct pep_target *targets[UNIVERSE_TARGETS];
	enum settled found = SETTLED_MOVED;
	if (judged.n == 0 || g->u.packages.v[package].state != UNIVERSE_KNOWN) {
		return found;
	}
	for (size_t i = 0; i < g->u.target_count; i++) {
		targets[i] = &g->u.targets[i];
	}
	universe_init(&before, targets, g->u.target_count, g->u.rules);
	uint32_t old = universe_package(&before, g->u.packages.v[package].name);
	if (release_pack_read(&before, old, judged, NULL) == 0) {
		s.was = &before.packages.v[old];
		found = compare(&s, known);
	}
	vec_finish(&s.asked);
	universe_finish(&before);
	return found;
}
