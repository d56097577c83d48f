#include "coordinator/depend/depend.h"

#include "coordinator/depend/before.h"
#include "coordinator/depend/concern.h"
#include "coordinator/depend/judge.h"
#include "coordinator/depend/missing.h"
#include "coordinator/depend/needs.h"
#include "coordinator/depend/with_built.h"
#include "coordinator/solve/release_pack.h"
#include "coordinator/verdict/verdict.h"
#include "core/base/clock.h"

enum {
	AT_ONCE = 256, /* packages in one transaction */
	ASKED_MOST = 256, /* that are due: of more, what nobody read is found as they are judged */
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
	bool asked; /* something is to be read first */
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

/* What would have to be read of the few that are due, before anybody is judged by it. */
static int ask(struct round *r, bool *asked)
{
	int code = 0;
	r->g.wants.n = 0;
	for (size_t i = 0; code == 0 && i < r->due_count; i++) {
		uint32_t package = depend_graph_load(&r->g, str_from(r->due[i].name));
		code = before_wants(&r->g, r->due[i].package, package, r->e);
	}
	missing_add(r->out, &r->g, r->g.wants.v, r->g.wants.n);
	*asked = r->g.wants.n != 0;
	return code;
}

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
			w->known = settled_known(p->versions, p->version_count);
		}
		if (r->g.packages.v[package].fresh) {
			buf_add_str(&w->pack, buf_view(&w->judged_by));
			r->g.packages.v[package].fresh = false;
		}
		code = flush_if_many(r);
	}
	return code == 0 ? flush(r) : code;
}

/* --- judging --- */

static bool same_blockers(const struct store_blocker *a, const struct verdict_on *b, size_t count)
{
	bool same = count == b->blockers.n;
	for (size_t i = 0; same && i < count; i++) {
		const struct store_blocker *x = &a[i], *y = &b->blockers.v[i];
		same = str_equal(x->targets, y->targets) && strcmp(x->root, y->root) == 0 &&
			str_same(x->version, y->version) && strcmp(x->reason, y->reason) == 0 &&
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

static int judge_one(struct round *r, const struct concerns *concerns, const struct concern *c)
{
	struct verdict_on verdict;
	struct arena arena = {0};
	struct judge_stored stored;
	uint32_t package = depend_graph_load(&r->g, str_from(c->name));
	int code = store_blocker_list(r->o->reader, r->g.packages.v[package].id, &arena,
		&stored.blockers, &stored.blocker_count, r->e);
	stored.spoken =
		code == 0 ? concern_spoken(&r->g, concerns, stored.blockers, stored.blocker_count) : 0;
	if (code != 0 || !judge_concern(&r->judge, package, c, &stored, &verdict)) {
		arena_finish(&arena);
		return code;
	}
	r->out->counts.judged++;
	struct str now = {verdict.letters, verdict.letter_count};
	if (!str_equal(c->letters, now) ||
		!same_blockers(stored.blockers, &verdict, stored.blocker_count)) {
		struct written *w = vec_add(&r->writing);
		w->package = verdict.package;
		w->judged = true;
		w->other_word = !blocks_alike(c->letters, &verdict);
		w->verdict = verdict;
		r->out->counts.changed++;
	} else {
		verdict_on_finish(&verdict);
	}
	arena_finish(&arena);
	return code;
}

/* Loads those of whom something may move, and leaves out the others. */
static int load_concerned(struct round *r, struct concerns *concerns)
{
	size_t kept = 0;
	for (size_t i = 0; i < concerns->v.n; i++) {
		struct concern *c = &concerns->v.v[i];
		int code = store_dependency_letters(
			r->o->reader, str_from(c->name), &concerns->arena, &c->letters, r->e);
		if (code != 0) {
			return code;
		}
		if (c->due || concern_targets(&r->g, c) != 0) {
			depend_graph_load(&r->g, str_from(c->name));
			concerns->v.v[kept++] = *c;
		}
	}
	concerns->v.n = kept;
	depend_graph_close(&r->g);
	depend_graph_live(&r->g);
	return 0;
}

static int judge_all(struct round *r, struct concerns *concerns)
{
	int code = load_concerned(r, concerns);
	for (size_t i = 0; code == 0 && i < concerns->v.n; i++) {
		const struct concern *c = &concerns->v.v[i];
		uint32_t package = depend_graph_load(&r->g, str_from(c->name));
		if (r->g.packages.v[package].id != 0) {
			code = judge_one(r, concerns, c);
		}
		if (code == 0 && r->g.code != 0) {
			code = err_set(r->e, r->g.code, "%s", r->g.err.text);
		}
		code = code == 0 ? flush_if_many(r) : code;
	}
	return code == 0 ? flush(r) : code;
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
	struct concerns concerns = {0};
	int code = store_due_list(r->o->reader, &r->arena, &r->due, &r->due_count, r->e);
	if (code == 0 && r->o->ask && r->due_count <= ASKED_MOST) {
		code = ask(r, &r->asked);
	}
	if (code != 0 || r->due_count == 0 || r->asked) {
		return code;
	}
	code = read_due(r);
	if (code == 0) {
		code = concerns_find(&r->g, r->due, r->due_count, &concerns, r->e);
	}
	if (code == 0) {
		code = judge_all(r, &concerns);
	}
	r->out->counts.due = r->due_count;
	concerns_finish(&concerns);
	tell_counts(r);
	missing_add(r->out, &r->g, r->judge.wants.v, r->judge.wants.n);
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
	const bool judged = r.due_count != 0 && !r.asked;
	if (code == 0 && judged) {
		code = with_built_refresh(o, r.due, r.due_count, out, e);
	}
	if (code == 0 && judged) {
		code = store_write_wait(o->writer, write_end, &r, e);
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
