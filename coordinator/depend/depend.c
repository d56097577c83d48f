#include "coordinator/depend/depend.h"

#include "coordinator/depend/judge.h"
#include "coordinator/depend/needs.h"
#include "coordinator/depend/settled.h"
#include "coordinator/solve/release_pack.h"
#include "coordinator/verdict/verdict.h"
#include "core/base/clock.h"

enum {
	AT_ONCE = 256, /* packages in one transaction */
	SETTLE_MOST = 16, /* that are due at once: of more, most of the rest is concerned anyway */
};

/* What is written of one package. */
struct written {
	int64_t package;
	struct buf pack; /* empty: it stays */
	struct buf judged_by; /* of those that are due: what their dependents are judged by */
	int64_t known; /* of that, wheels with metadata that was read */
	bool has_needs;
	struct needs needs;
	bool judged;
	bool other_word; /* its headline may change */
	struct verdict_on verdict;
};

struct round {
	const struct depend_options *o;
	struct depend_answer *out;
	struct err *e;
	struct depend_graph g;
	struct judge judge;
	struct arena arena;
	struct store_due *due;
	size_t due_count;
	VEC(struct written) writing;
};

static bool is_stopped(const struct round *r)
{
	return r->o->stop != NULL && atomic_load(r->o->stop);
}

/* --- writing --- */

static void finish_writing(struct round *r)
{
	VEC_EACH (struct written, w, &r->writing) {
		buf_finish(&w->pack);
		buf_finish(&w->judged_by);
		needs_finish(&w->needs);
		verdict_on_finish(&w->verdict);
	}
	r->writing.n = 0;
}

static int write_one(
	struct store *s, const struct written *w, int64_t last, int64_t now, struct err *e)
{
	int code = 0;
	if (w->pack.n != 0) {
		code = store_dependency_pack_put(s, w->package, buf_view(&w->pack), last, e);
	}
	if (code == 0 && w->has_needs) {
		code = store_needs_replace(s, w->package, w->needs.v.v, w->needs.v.n, e);
	}
	if (code == 0 && w->has_needs) {
		code = store_judged_pack_put(s, w->package, buf_view(&w->judged_by), w->known, last, e);
	}
	if (code == 0 && w->judged) {
		const struct str letters = {w->verdict.letters, w->verdict.letter_count};
		code = store_dependency_put(
			s, w->package, letters, w->verdict.blockers.v, w->verdict.blockers.n, e);
	}
	return code == 0 && w->other_word ? verdict_refresh(s, w->package, now, e) : code;
}

static int write_all(struct store *s, void *user, struct err *e)
{
	struct round *r = user;
	int64_t now = clock_wall_ms();
	int code = 0;
	for (size_t i = 0; code == 0 && i < r->writing.n; i++) {
		code = write_one(s, &r->writing.v[i], r->due[r->due_count - 1].id, now, e);
	}
	return code;
}

static int flush(struct round *r)
{
	int code = 0;
	if (is_stopped(r)) {
		code = err_set(r->e, ERR_CANCELLED, "stopped");
	} else if (r->writing.n != 0) {
		code = store_write_wait(r->o->writer, write_all, r, r->e);
	}
	finish_writing(r);
	return code;
}

static int flush_if_many(struct round *r)
{
	return r->writing.n >= AT_ONCE ? flush(r) : 0;
}

static int write_end(struct store *s, void *user, struct err *e)
{
	struct round *r = user;
	int code = store_dependency_state_put(s, r->g.names, clock_wall_ms(), e);
	return code == 0 ? store_due_done(s, r->due[r->due_count - 1].id, e) : code;
}

/* Of other targets than before nothing that was made is good. */
static int write_begin(struct store *s, void *user, struct err *e)
{
	struct round *r = user;
	int code = store_dependency_forget(s, e);
	return code == 0 ? store_dependency_state_put(s, r->g.names, clock_wall_ms(), e) : code;
}

/* --- the round --- */

/* What is new: who it names, and its pack if it has none. */
static int read_due(struct round *r)
{
	int code = 0;
	for (size_t i = 0; code == 0 && i < r->due_count; i++) {
		uint32_t package = depend_graph_load(&r->g, str_from(r->due[i].name));
		struct written *w = vec_add(&r->writing);
		w->package = r->due[i].package;
		w->has_needs = true;
		needs_read(&r->g, package, &w->needs);
		const struct universe_package *p = &r->g.u.packages.v[package];
		if (p->state == UNIVERSE_KNOWN) {
			release_pack_write(p, &w->judged_by);
			w->known = settled_known(p);
		}
		if (r->g.packages.v[package].fresh) {
			buf_add_str(&w->pack, buf_view(&w->judged_by));
			r->g.packages.v[package].fresh = false;
		}
		code = flush_if_many(r);
	}
	return code == 0 ? flush(r) : code;
}

/* --- whom it concerns --- */

struct names {
	struct arena *arena;
	struct map seen;
	VEC(const char *) v;
};

static void add_name(struct names *n, const char *name)
{
	if (map_put(&n->seen, str_from(name), n) == NULL) {
		*vec_add(&n->v) = name;
	}
}

static int is_ok_everywhere(struct round *r, const char *name, bool *ok)
{
	struct arena arena = {0};
	struct str letters = {0};
	int code = store_dependency_letters_of(r->o->reader, str_from(name), &arena, &letters, r->e);
	*ok = letters.n != 0;
	for (size_t i = 0; i < letters.n; i++) {
		*ok &= letters.p[i] == DEPENDENCY_OK;
	}
	arena_finish(&arena);
	return code;
}

/* All who need one of these; those that are ok everywhere only if asked for. */
static int add_needers(
	struct round *r, struct names *n, const struct store_due *due, size_t count, bool with_ok)
{
	const char **found = NULL;
	size_t found_count = 0;
	int code = needs_affected(r->o->reader, due, count, n->arena, &found, &found_count, r->e);
	for (size_t i = 0; code == 0 && i < found_count; i++) {
		bool ok = false;
		if (!with_ok && !map_has(&n->seen, str_from(found[i]))) {
			code = is_ok_everywhere(r, found[i], &ok);
		}
		if (code == 0 && !ok) {
			add_name(n, found[i]);
		}
	}
	return code;
}

static int add_mentions(struct round *r, struct names *n, const char *name)
{
	const char **found = NULL;
	size_t count = 0;
	int code =
		store_dependency_mentions(r->o->reader, str_from(name), n->arena, &found, &count, r->e);
	for (size_t i = 0; code == 0 && i < count; i++) {
		add_name(n, found[i]);
	}
	return code;
}

static int find_settled(struct round *r, const struct store_due *due, enum settled *out)
{
	struct str pack;
	int64_t known;
	uint32_t package = depend_graph_load(&r->g, str_from(due->name));
	int code = store_judged_pack(r->o->reader, due->package, &r->arena, &pack, &known, r->e);
	*out = code == 0 ? settled_find(&r->g, package, pack, known) : SETTLED_MOVED;
	return code;
}

/* Those that are due, and whom that concerns; in n->v. */
static int find_concerned(struct round *r, struct names *n)
{
	VEC(struct store_due) by[SETTLED_MOVED + 1] = {0};
	bool few = r->due_count <= SETTLE_MOST;
	int code = 0;
	if (few) {
		depend_graph_close(&r->g);
		depend_graph_live(&r->g);
	}
	for (size_t i = 0; code == 0 && i < r->due_count; i++) {
		enum settled settled = SETTLED_MOVED;
		if (few) {
			code = find_settled(r, &r->due[i], &settled);
		}
		*vec_add(&by[settled]) = r->due[i];
		add_name(n, r->due[i].name);
	}
	if (code == 0) {
		code = add_needers(r, n, by[SETTLED_MOVED].v, by[SETTLED_MOVED].n, true);
	}
	if (code == 0) {
		code = add_needers(r, n, by[SETTLED_ADDED].v, by[SETTLED_ADDED].n, false);
	}
	VEC_EACH (struct store_due, due, &by[SETTLED]) {
		code = code == 0 ? add_mentions(r, n, due->name) : code;
	}
	for (size_t i = 0; i <= SETTLED_MOVED; i++) {
		vec_finish(&by[i]);
	}
	return code;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_blockers(const struct store_blocker *a, const struct verdict_on *b, size_t count)
{
	bool same = count == b->blockers.n;
	for (size_t i = 0; same && i < count; i++) {
		const struct store_blocker *x = &a[i], *y = &b->blockers.v[i];
		same = str_equal(x->targets, y->targets) && strcmp(x->root, y->root) == 0 &&
			same_text(x->version, y->version) && strcmp(x->reason, y->reason) == 0 &&
			strcmp(x->path, y->path) == 0;
	}
	return same;
}

static bool blocks_alike(struct str before, const struct verdict_on *now)
{
	bool same = true;
	for (size_t i = 0; same && (i < before.n || i < now->letter_count); i++) {
		bool was = i < before.n && before.p[i] == DEPENDENCY_BLOCKED;
		bool is = i < now->letter_count && now->letters[i] == DEPENDENCY_BLOCKED;
		same = was == is;
	}
	return same;
}

static int judge_one(struct round *r, uint32_t package)
{
	struct verdict_on verdict;
	struct arena arena = {0};
	struct str letters;
	struct store_blocker *blockers;
	size_t count = 0;
	judge_package(&r->judge, package, &verdict);
	int code = store_dependency_letters(r->o->reader, verdict.package, &arena, &letters, r->e);
	if (code == 0) {
		code = store_blocker_list(r->o->reader, verdict.package, &arena, &blockers, &count, r->e);
	}
	struct str now = {verdict.letters, verdict.letter_count};
	if (code == 0 && (!str_equal(letters, now) || !same_blockers(blockers, &verdict, count))) {
		struct written *w = vec_add(&r->writing);
		w->package = verdict.package;
		w->judged = true;
		w->other_word = !blocks_alike(letters, &verdict);
		w->verdict = verdict;
		r->out->counts.changed++;
	} else {
		verdict_on_finish(&verdict);
	}
	arena_finish(&arena);
	return code;
}

static int judge_all(struct round *r, const char *const *names, size_t count)
{
	int code = 0;
	for (size_t i = 0; i < count; i++) {
		depend_graph_load(&r->g, str_from(names[i]));
	}
	depend_graph_close(&r->g);
	depend_graph_live(&r->g);
	for (size_t i = 0; code == 0 && i < count; i++) {
		uint32_t package = depend_graph_load(&r->g, str_from(names[i]));
		if (r->g.packages.v[package].id != 0) {
			code = judge_one(r, package);
		}
		if (code == 0 && r->g.code != 0) {
			code = err_set(r->e, r->g.code, "%s", r->g.err.text);
		}
		code = code == 0 ? flush_if_many(r) : code;
	}
	return code == 0 ? flush(r) : code;
}

static void tell_missing(struct round *r)
{
	struct map seen = {0};
	const struct universe *u = &r->g.u;
	VEC_EACH (struct depend_want, w, &r->judge.wants) {
		const struct universe_package *p = &u->packages.v[w->package];
		struct str key = {(const char *)w, sizeof(*w)};
		if (map_put(&seen, key, r) == NULL) {
			struct arena *arena = &r->out->arena;
			*vec_add(&r->out->missing) =
				(struct depend_missing){.name = arena_copy(arena, p->name.p, p->name.n),
					.version = w->version == UNIVERSE_NONE
						? NULL
						: arena_copy(arena, p->versions[w->version].text.p,
							  p->versions[w->version].text.n)};
		}
	}
	map_finish(&seen);
}

static void tell_counts(struct round *r)
{
	const struct judge_counts *c = &r->judge.counts;
	struct depend_counts *out = &r->out->counts;
	out->pairs = c->pairs;
	out->dead = c->dead;
	out->witnessed = c->witnessed;
	out->solved = c->solved;
	out->unknown = c->unknown;
	out->questions = c->questions;
}

/* Inside one read transaction: what is written meanwhile is the next round's. */
static int run(struct round *r)
{
	struct names names = {.arena = &r->arena};
	int code = store_due_list(r->o->reader, &r->arena, &r->due, &r->due_count, r->e);
	if (code != 0 || r->due_count == 0) {
		return code;
	}
	code = read_due(r);
	if (code == 0) {
		code = find_concerned(r, &names);
	}
	if (code == 0) {
		code = judge_all(r, names.v.v, names.v.n);
	}
	if (code == 0) {
		code = store_write_wait(r->o->writer, write_end, r, r->e);
	}
	r->out->counts.due = r->due_count;
	r->out->counts.judged = names.v.n;
	map_finish(&names.seen);
	vec_finish(&names.v);
	tell_counts(r);
	tell_missing(r);
	return code;
}

static int begin(struct round *r, bool *wanted)
{
	const char *targets = NULL;
	int code = store_dependency_state(r->o->reader, &r->arena, &targets, r->e);
	*wanted = code == 0 && (targets != NULL || r->o->begin);
	if (!*wanted) {
		return code;
	}
	code = depend_graph_init(&r->g, r->o->reader, r->o->targets, r->e);
	judge_init(&r->judge, &r->g);
	if (code == 0 && (targets == NULL || strcmp(targets, r->g.names) != 0)) {
		code = store_write_wait(r->o->writer, write_begin, r, r->e);
	}
	return code;
}

int depend_refresh(const struct depend_options *o, struct depend_answer *out, struct err *e)
{
	struct round r = {.o = o, .out = out, .e = e};
	bool wanted = false;
	*out = (struct depend_answer){0};
	int code = begin(&r, &wanted);
	if (code == 0 && wanted) {
		code = store_begin(o->reader, e);
	}
	if (code == 0 && wanted) {
		code = run(&r);
		store_rollback(o->reader);
	}
	finish_writing(&r);
	vec_finish(&r.writing);
	judge_finish(&r.judge);
	depend_graph_finish(&r.g);
	arena_finish(&r.arena);
	return code;
}

void depend_answer_finish(struct depend_answer *a)
{
	vec_finish(&a->missing);
	arena_finish(&a->arena);
}
