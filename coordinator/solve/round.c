#include "coordinator/solve/round.h"

#include <solv/poolarch.h>
#include <solv/repo.h>

enum { UNMET }; /* the text of what nothing provides */

/* What a universe keeps from round to round: libsolv's own tables, and texts that are numbers. */
struct universe_room {
	Pool *pool;
	VEC(Id) texts;
};

static void finish_room(struct universe_room *room)
{
	pool_free(room->pool);
	vec_finish(&room->texts);
	free(room);
}

static struct universe_room *room_of(struct universe *u)
{
	if (u->room == NULL) {
		u->room = MEM_NEW(struct universe_room);
		u->room_finish = finish_room;
		u->room->pool = pool_create();
		pool_setdisttype(u->room->pool, DISTTYPE_RPM);
		pool_setarch(u->room->pool, NULL);
	}
	return u->room;
}

/* No name of a package means anything to libsolv: what has a name there has a number, and so has a rank. */
static Id text_id(struct round *r, uint32_t n)
{
	struct universe_room *room = r->u->room;
	while (room->texts.n <= n) {
		char text[24];
		snprintf(text, sizeof(text), "%zu", room->texts.n);
		*vec_add(&room->texts) = pool_str2id(room->pool, text, 1);
	}
	return room->texts.v[n];
}

static Id base_id(struct round *r, uint32_t place, uint32_t candidate)
{
	uint32_t extras = (uint32_t)r->set->list.v[place].extras.n;
	return text_id(r, r->places[place].text + 1 + extras + candidate);
}

static Id wish_id(struct round *r, uint32_t requirement, uint32_t extra)
{
	uint32_t spec = r->u->requirements.v[requirement].spec;
	uint64_t key = (uint64_t)spec << 32 | extra;
	struct str text = {.p = (const char *)&key, .n = sizeof(key)};
	size_t known = (size_t)(uintptr_t)map_get(&r->wish_ids, text);
	if (known == 0) {
		*vec_add(&r->wishes) =
			(struct wish){.id = text_id(r, r->texts++), .requirement = requirement, .extra = extra};
		known = r->wishes.n;
		map_put(&r->wish_ids, text, (void *)(uintptr_t)known);
	}
	return r->wishes.v[known - 1].id;
}

/* Calls `with` for each id that the requirement comes to: one for each extra, else one for the package. */
static void each_wish(
	struct round *r, uint32_t requirement, void (*with)(void *user, Id wish), void *user)
{
	const struct universe_requirement *q = &r->u->requirements.v[requirement];
	for (uint32_t i = 0; i < q->extra_count; i++) {
		with(user, wish_id(r, requirement, q->extras[i]));
	}
	if (q->extra_count == 0) {
		with(user, wish_id(r, requirement, UNIVERSE_NONE));
	}
}

struct requiring {
	struct round *round;
	Solvable *solvable;
};

static void add_require(void *user, Id wish)
{
	struct requiring *q = user;
	q->solvable->requires = repo_addid(q->round->repo, q->solvable->requires, wish);
}

static void add_requires(struct round *r, Solvable *s, uint32_t requires, uint32_t extra)
{
	struct requiring q = {.round = r, .solvable = s};
	if (requires == UNIVERSE_NONE) {
		return;
	}
	const struct universe_requires *all = &r->u->requires.v[requires];
	for (uint32_t i = 0; i < all->count; i++) {
		uint64_t applies = universe_applies(r->u, all->v[i], extra);
		/* An extra adds what applies with it; what applies without is the package's own. */
		bool own = extra != UNIVERSE_NONE &&
			universe_has(r->u->requirements.v[all->v[i]].applies, r->set->q->target);
		if (universe_has(applies, r->set->q->target) && !own &&
			r->u->requirements.v[all->v[i]].url.n == 0) {
			each_wish(r, all->v[i], add_require, &q);
		}
	}
}

static bool extra_by_url(struct round *r, uint32_t requires, uint32_t extra)
{
	const struct universe_requires *all = &r->u->requires.v[requires];
	for (uint32_t i = 0; all->by_url && i < all->count; i++) {
		if (r->u->requirements.v[all->v[i]].url.n != 0 &&
			universe_has(universe_applies(r->u, all->v[i], extra), r->set->q->target)) {
			return true;
		}
	}
	return false;
}

static void add_solvable(
	struct round *r, Id p, Id name, uint32_t place, uint32_t candidate, uint32_t extra)
{
	struct candidates *c = &r->set->list.v[place];
	Solvable *s = pool_id2solvable(r->pool, p);
	s->name = name;
	s->evr = text_id(r, candidate);
	s->arch = ARCH_NOARCH;
	r->owners[p] = (struct owner){.place = place, .candidate = candidate, .extra = extra};
	add_requires(r, s, c->v[candidate].requires, extra);
	if (extra != UNIVERSE_NONE) {
		Id base = base_id(r, place, candidate);
		s->requires = repo_addid(r->repo, s->requires, base);
		if (c->v[candidate].requires != UNIVERSE_NONE &&
			extra_by_url(r, c->v[candidate].requires, extra)) {
			s->requires = repo_addid(r->repo, s->requires, text_id(r, UNMET));
		}
	}
}

/* The solvables of a package: its candidates, then those again for each extra. */
static Id first_solvable(const struct round *r, uint32_t place, uint32_t extra)
{
	const struct candidates *c = &r->set->list.v[place];
	uint32_t block = 0;
	while (extra != UNIVERSE_NONE && c->extras.v[block] != extra) {
		block++;
	}
	return r->places[place].first + (Id)((extra != UNIVERSE_NONE ? block + 1 : 0) * c->count);
}

/* Numbers for the names of all that was reached: a package, each of its extras, and where it has some each
 * of its candidates. */
static void name_places(struct round *r)
{
	r->places = mem_new(r->set->list.n + 1, sizeof(*r->places));
	r->texts = UNMET + 1;
	for (uint32_t place = 0; place < r->set->list.n; place++) {
		const struct candidates *c = &r->set->list.v[place];
		r->places[place].text = r->texts;
		r->texts += 1 + (uint32_t)c->extras.n + (c->extras.n != 0 ? c->count : 0);
	}
}

static void add_solvables(struct round *r)
{
	size_t all = (size_t)r->pool->nsolvables + 1;
	VEC_EACH (struct candidates, c, &r->set->list) {
		all += c->count * (c->extras.n + 1);
	}
	r->owners = mem_new(all, sizeof(*r->owners));
	for (uint32_t place = 0; place < r->set->list.n; place++) {
		struct candidates *c = &r->set->list.v[place];
		int count = (int)(c->count * (c->extras.n + 1));
		Id first = count != 0 ? repo_add_solvable_block(r->repo, count) : 0;
		r->places[place].first = first;
		Id name = text_id(r, r->places[place].text);
		for (uint32_t k = 0; k < c->count; k++) {
			add_solvable(r, first + (Id)k, name, place, k, UNIVERSE_NONE);
		}
		for (uint32_t x = 0; x < c->extras.n; x++) {
			name = text_id(r, r->places[place].text + 1 + x);
			for (uint32_t k = 0; k < c->count; k++) {
				Id p = first + (Id)((x + 1) * c->count + k);
				add_solvable(r, p, name, place, k, c->extras.v[x]);
			}
		}
	}
}

static void set_provides(struct round *r, Id id, Queue *q)
{
	pool_set_whatprovides(r->pool, id, pool_queuetowhatprovides(r->pool, q));
	queue_empty(q);
}

/* libsolv learns who provides what from us: no names are compared there. */
static void tell_provides(struct round *r)
{
	Queue q;
	queue_init(&q);
	text_id(r, r->texts); /* all there are, before it makes its table */
	pool_createwhatprovides(r->pool);
	for (uint32_t place = 0; place < r->set->list.n; place++) {
		struct candidates *c = &r->set->list.v[place];
		for (uint32_t x = 0; x <= c->extras.n; x++) {
			for (uint32_t k = 0; k < c->count; k++) {
				queue_push(&q, r->places[place].first + (Id)(x * c->count + k));
			}
			set_provides(r, text_id(r, r->places[place].text + x), &q);
		}
		for (uint32_t k = 0; c->extras.n != 0 && k < c->count; k++) {
			queue_push(&q, r->places[place].first + (Id)k);
			set_provides(r, base_id(r, place, k), &q);
		}
	}
	VEC_EACH (struct wish, w, &r->wishes) {
		const struct universe_requirement *req = &r->u->requirements.v[w->requirement];
		uint32_t place = r->set->place.v[req->package] - 1;
		struct candidates *c = &r->set->list.v[place];
		for (uint32_t k = 0; k < c->count; k++) {
			if (c->v[k].version == UNIVERSE_NONE ||
				universe_matches(r->u, req->spec, c->v[k].version)) {
				queue_push(&q, first_solvable(r, place, w->extra) + (Id)k);
			}
		}
		set_provides(r, w->id, &q);
	}
	queue_free(&q);
}

static void add_job(void *user, Id wish)
{
	queue_push2(user, SOLVER_INSTALL | SOLVER_SOLVABLE_PROVIDES, wish);
}

bool round_solve(struct round *r, struct candidate_set *set)
{
	const struct universe *u = set->u;
	const struct solve_question *q = set->q;
	*r = (struct round){.u = set->u, .set = set};
	candidate_set_fill(set);
	queue_init(&r->job);
	r->pool = room_of(set->u)->pool;
	r->repo = repo_create(r->pool, "index");
	name_places(r);
	add_solvables(r);
	for (size_t i = 0; i < q->root_count; i++) {
		if (universe_has(u->requirements.v[q->roots[i]].applies, q->target)) {
			each_wish(r, q->roots[i], add_job, &r->job);
		}
	}
	tell_provides(r);
	r->solver = solver_create(r->pool);
	return solver_solve(r->solver, &r->job) == 0;
}

void round_finish(struct round *r)
{
	solver_free(r->solver);
	queue_free(&r->job);
	map_finish(&r->wish_ids);
	vec_finish(&r->wishes);
	free(r->owners);
	free(r->places);
	repo_free(r->repo, 1);
	candidate_set_clear(r->set);
}
