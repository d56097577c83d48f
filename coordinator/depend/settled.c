#include "coordinator/depend/settled.h"

#include "coordinator/depend/before.h"
#include "coordinator/depend/blame.h"
#include "coordinator/solve/requires_text.h"
#include "coordinator/store/dependency.h"
#include "core/pep/name.h"

/* The package as it is now, or as it was. */
struct side {
	struct universe *u; /* of its versions; what they require is of the graph's in any case */
	uint32_t package;
	struct universe_version *versions; /* lowest first */
	uint32_t count;
	uint64_t *usable; /* of each: targets */
};

/* What somebody requires of it. */
struct asked {
	uint32_t requirement; /* of the graph's universe */
	uint32_t spec_now, spec_was; /* of each side's */
	uint64_t applies;
};

struct settling {
	struct depend_graph *g;
	struct side now, was;
	VEC(struct asked) asked; /* each once */
	struct map seen; /* of those */
	struct settled *out;
};

int64_t settled_known(const struct universe_version *versions, uint32_t count)
{
	int64_t n = 0;
	for (uint32_t v = 0; v < count; v++) {
		for (uint32_t w = 0; w < versions[v].wheel_count; w++) {
			n += versions[v].wheels[w].requires != UNIVERSE_NONE;
		}
	}
	return n;
}

/* --- what is asked of it --- */

static void add_asked(struct settling *s, struct str text)
{
	struct universe *u = &s->g->u;
	uint32_t requirement;
	struct str key = {(const char *)&requirement, sizeof(requirement)};
	if (universe_requirement(u, text, &requirement, NULL) != 0 ||
		u->requirements.v[requirement].package != s->now.package ||
		map_put(&s->seen, key, s) != NULL) {
		return;
	}
	const struct universe_requirement *r = &u->requirements.v[requirement];
	*vec_add(&s->asked) = (struct asked){.requirement = requirement,
		.spec_now = r->spec,
		.spec_was = universe_spec(s->was.u, s->was.package, u->specs.v[r->spec].text),
		.applies = r->by_extra ? u->all : r->applies};
}

static struct str name_of(struct str requirement)
{
	size_t n = 0;
	while (n < requirement.n && strchr(" [(;=<>!~@", requirement.p[n]) == NULL) {
		n++;
	}
	return str_slice(requirement, 0, n);
}

static void add_asked_by(struct settling *s, struct str text)
{
	struct str name = s->g->u.packages.v[s->now.package].name;
	struct str rest = text, value;
	char kind;
	while (requires_text_next(&rest, &kind, &value)) {
		if (kind == 'R' && name_equal(name_of(value), name)) {
			add_asked(s, value);
		}
	}
}

static void read_asked(struct settling *s)
{
	struct arena arena = {0};
	struct err e = {0};
	int64_t *ids;
	size_t count = 0;
	struct str name = s->g->u.packages.v[s->now.package].name;
	int code = store_dependency_asked(s->g->store, name, &arena, &ids, &count, &e);
	for (size_t i = 0; code == 0 && i < count; i++) {
		struct arena text_arena = {0};
		struct str text;
		code = store_dependency_text(s->g->store, ids[i], &text_arena, &text, &e);
		if (code == 0) {
			add_asked_by(s, text);
		}
		arena_finish(&text_arena);
	}
	if (code != 0 && s->g->code == 0) {
		s->g->code = err_set(&s->g->err, code, "%s", e.text);
	}
	arena_finish(&arena);
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

static bool same_extras(const struct universe_requirement *a, const struct universe_requirement *b)
{
	return a->extra_count == b->extra_count &&
		(a->extra_count == 0 ||
			memcmp(a->extras, b->extras, a->extra_count * sizeof(*a->extras)) == 0);
}

/* Whatever meets the requirement `narrow` meets `wide`. */
static bool is_met_with(struct depend_graph *g, uint32_t wide, uint32_t narrow)
{
	const struct universe_requirement a = g->u.requirements.v[wide];
	const struct universe_requirement b = g->u.requirements.v[narrow];
	if (wide == narrow) {
		return true;
	}
	if (a.package != b.package || a.url.n != 0 || b.url.n != 0 || !same_extras(&a, &b) ||
		!str_equal(a.marker, b.marker) || a.package >= g->packages.n ||
		!g->packages.v[a.package].loaded || g->packages.v[a.package].due ||
		g->u.packages.v[a.package].state != UNIVERSE_KNOWN) {
		return false;
	}
	for (uint32_t v = 0; v < g->u.packages.v[a.package].version_count; v++) {
		if (universe_matches(&g->u, b.spec, v) && !universe_matches(&g->u, a.spec, v)) {
			return false;
		}
	}
	return true;
}

/* All that the first requires the second does, or something narrower. */
static bool asks_no_more(struct depend_graph *g, uint32_t first, uint32_t second)
{
	if (first == UNIVERSE_NONE || second == UNIVERSE_NONE) {
		return false;
	}
	const struct universe_requires a = g->u.requires.v[first], b = g->u.requires.v[second];
	bool all = true;
	for (uint32_t i = 0; first != second && all && i < a.count; i++) {
		all = false;
		for (uint32_t k = 0; !all && k < b.count; k++) {
			all = is_met_with(g, a.v[i], b.v[k]);
		}
	}
	return all;
}

/* The targets among these on which w, of b, can stand in for v, of a. */
static uint64_t twin_on(struct settling *s, const struct side *a, uint32_t v, const struct side *b,
	uint32_t w, uint64_t among)
{
	const bool is_now = a == &s->now;
	uint64_t set = among & a->usable[v] & b->usable[w];
	for (size_t i = 0; set != 0 && i < s->asked.n; i++) {
		const struct asked *q = &s->asked.v[i];
		uint32_t spec_a = is_now ? q->spec_now : q->spec_was;
		uint32_t spec_b = is_now ? q->spec_was : q->spec_now;
		if ((q->applies & set) != 0 && universe_matches(a->u, spec_a, v) &&
			!universe_matches(b->u, spec_b, w)) {
			set &= ~q->applies;
		}
	}
	uint32_t last_v = UNIVERSE_NONE, last_w = UNIVERSE_NONE;
	bool no_more = false;
	for (uint64_t left = set; left != 0; left &= left - 1) {
		size_t target = (size_t)__builtin_ctzll(left);
		uint32_t of_v = wheel_on(&a->versions[v], target)->requires;
		uint32_t of_w = wheel_on(&b->versions[w], target)->requires;
		if (of_v != last_v || of_w != last_w) {
			no_more = asks_no_more(s->g, of_w, of_v);
			last_v = of_v;
			last_w = of_w;
		}
		set &= no_more ? UINT64_MAX : ~(UINT64_C(1) << target);
	}
	return set;
}

/* Of these targets, those on which v, of a, has no twin in b. */
static uint64_t alone_on(
	struct settling *s, const struct side *a, uint32_t v, const struct side *b, uint64_t among)
{
	for (uint32_t w = b->count; among != 0 && w-- > 0;) {
		among &= ~twin_on(s, a, v, b, w, among);
	}
	return among;
}

/* --- what came, and what is gone --- */

static bool same_metadata(const struct universe_wheel *a, const struct universe_wheel *b)
{
	return a->requires != UNIVERSE_NONE ? a->requires == b->requires
										: b->requires == UNIVERSE_NONE && a->keyed && b->keyed &&
			memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

/* Targets on which both versions are usable and require the very same. */
static uint64_t same_on(const struct side *a, uint32_t v, const struct side *b, uint32_t w)
{
	uint64_t set = a->usable[v] & b->usable[w];
	for (uint64_t left = set; left != 0; left &= left - 1) {
		size_t target = (size_t)__builtin_ctzll(left);
		if (!same_metadata(wheel_on(&a->versions[v], target), wheel_on(&b->versions[w], target))) {
			set &= ~(UINT64_C(1) << target);
		}
	}
	return set;
}

/* Of what is usable in a, where it is not so in b, and has no twin there. */
static uint64_t without_twin(struct settling *s, const struct side *a, const struct side *b)
{
	uint64_t set = 0;
	for (uint32_t v = 0; v < a->count; v++) {
		uint32_t w = v < b->count && str_equal(a->versions[v].text, b->versions[v].text)
			? v
			: universe_find_version(b->versions, b->count, a->versions[v].text);
		uint64_t other = a->usable[v] & ~(w != UNIVERSE_NONE ? same_on(a, v, b, w) : 0);
		set |= alone_on(s, a, v, b, other & ~set);
	}
	return set;
}

/* --- words --- */

static bool same_wheel(const struct universe_wheel *a, const struct universe_wheel *b)
{
	return a->targets == b->targets && a->yanked == b->yanked && same_metadata(a, b);
}

static bool same_version(const struct universe_version *a, const struct universe_version *b)
{
	bool same = str_equal(a->text, b->text) && a->fits == b->fits && a->yanked == b->yanked &&
		a->admitted == b->admitted && a->withdrawn == b->withdrawn &&
		a->wheel_count == b->wheel_count;
	for (uint32_t i = 0; same && i < a->wheel_count; i++) {
		same = same_wheel(&a->wheels[i], &b->wheels[i]);
	}
	return same;
}

static void find_words_of(struct settling *s, const struct asked *q)
{
	uint64_t unmet = q->applies & ~depend_living(s->g, q->requirement);
	uint32_t now = unmet != 0 ? blame_taken(s->now.u, q->spec_now) : UNIVERSE_NONE;
	uint32_t was = unmet != 0 ? blame_taken(s->was.u, q->spec_was) : UNIVERSE_NONE;
	bool both = now != UNIVERSE_NONE && was != UNIVERSE_NONE;
	uint64_t now_usable = now != UNIVERSE_NONE ? s->now.usable[now] : 0;
	uint64_t was_usable = was != UNIVERSE_NONE ? s->was.usable[was] : 0;
	uint64_t same = both ? same_on(&s->now, now, &s->was, was) : 0;
	s->out->tells |= unmet & (now_usable | was_usable) & ~same;
}

static bool is_as_it_was(const struct settling *s)
{
	bool same = s->now.count == s->was.count;
	for (uint32_t v = 0; same && v < s->now.count; v++) {
		same = same_version(&s->now.versions[v], &s->was.versions[v]);
	}
	return same;
}

static void find_words(struct settling *s)
{
	VEC_EACH (struct asked, q, &s->asked) { /* with the extras that nobody loaded asks for */
		depend_graph_reach(s->g, q->requirement);
	}
	depend_graph_close(s->g);
	depend_graph_live(s->g);
	VEC_EACH (struct asked, q, &s->asked) {
		find_words_of(s, q);
	}
}

static void compare(struct settling *s, int64_t known)
{
	uint64_t all = s->g->u.all;
	if (settled_known(s->was.versions, s->was.count) != known) {
		s->out->gains = s->out->loses = s->out->tells = all;
		return;
	}
	read_asked(s);
	s->out->gains = without_twin(s, &s->now, &s->was);
	s->out->loses = without_twin(s, &s->was, &s->now);
	s->out->tells |= s->out->loses;
	s->out->names = is_as_it_was(s) ? 0 : all;
	if ((s->out->gains | s->out->tells) != all) {
		find_words(s);
	}
}

static struct side side_of(
	struct depend_graph *g, struct universe *u, uint32_t package, struct arena *arena)
{
	struct side s = {.u = u, .package = package};
	s.versions = u->packages.v[package].versions;
	s.count = u->packages.v[package].version_count;
	s.usable = arena_new(arena, (s.count + 1) * sizeof(*s.usable));
	for (uint32_t v = 0; v < s.count; v++) {
		s.usable[v] = depend_usable(g, &s.versions[v]);
	}
	return s;
}

struct settled settled_find(
	struct depend_graph *g, uint32_t package, struct str judged, int64_t known)
{
	struct settled out = {.gains = g->u.all, .loses = g->u.all, .tells = g->u.all};
	struct arena arena = {0};
	struct before before;
	if (!before_read(&before, g, package, judged)) {
		return out;
	}
	struct settling s = {.g = g, .out = &out};
	out = (struct settled){0};
	s.now = side_of(g, &g->u, package, &arena);
	s.was = side_of(g, &before.u, before.package, &arena);
	compare(&s, known);
	map_finish(&s.seen);
	vec_finish(&s.asked);
	arena_finish(&arena);
	before_finish(&before);
	return out;
}
