#include "coordinator/depend/judge.h"

#include "coordinator/depend/alike.h"
#include "coordinator/depend/blame.h"
#include "coordinator/solve/explain.h"

/* What blocks on some targets, before it is told by their ids. */
struct blocking {
	uint64_t targets;
	struct store_blocker row;
};

struct judging {
	struct judge *j;
	struct verdict_on *out;
	uint32_t package, version;
	bool conflict; /* on some target its versions cannot be met together */
	VEC(struct blocking) blocking;
};

void verdict_on_finish(struct verdict_on *v)
{
	vec_finish(&v->blockers);
	arena_finish(&v->arena);
}

void judge_init(struct judge *j, struct depend_graph *g)
{
	*j = (struct judge){.g = g};
	witness_init(&j->witness, g);
}

void judge_finish(struct judge *j)
{
	witness_finish(&j->witness);
	solve_focus_finish(&j->focus);
	vec_finish(&j->wants);
}

static const char *keep(struct judging *x, struct str text)
{
	return arena_copy(&x->out->arena, text.p, text.n);
}

static size_t lowest(uint64_t set)
{
	return (size_t)__builtin_ctzll(set);
}

static void put_letters(struct judging *x, uint64_t set, char letter)
{
	for (; set != 0; set &= set - 1) {
		x->out->letters[x->j->g->ids[lowest(set)] - 1] = letter;
	}
}

static void note_wants(struct judging *x)
{
	VEC_EACH (struct depend_want, w, &x->j->g->wants) {
		*vec_add(&x->j->wants) = *w;
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void add_blocker(struct judging *x, uint64_t targets, uint32_t package, uint32_t version,
	const char *reason, const char *path)
{
	const struct universe_package *p = &x->j->g->u.packages.v[package];
	const char *text = version != UNIVERSE_NONE ? keep(x, p->versions[version].text) : NULL;
	VEC_EACH (struct blocking, b, &x->blocking) {
		if (str_is(p->name, b->row.root) && same_text(b->row.version, text) &&
			strcmp(b->row.reason, reason) == 0 && strcmp(b->row.path, path) == 0) {
			b->targets |= targets;
			return;
		}
	}
	*vec_add(&x->blocking) = (struct blocking){.targets = targets,
		.row = {.root = keep(x, p->name),
			.version = text,
			.reason = reason,
			.path = keep(x, str_from(path))}};
}

/* --- the quick no --- */

static void blame(struct judging *x, size_t target)
{
	uint64_t bit = UINT64_C(1) << target;
	struct blames blames = {0};
	blame_find(x->j->g, x->package, x->version, target, &blames);
	VEC_EACH (struct blame, b, &blames.v) {
		add_blocker(x, bit, b->package, b->version, b->reason, b->path);
	}
	if (blames.v.n == 0) { /* its own metadata */
		add_blocker(x, bit, x->package, x->version, solve_reason_word(SOLVE_METADATA), "");
	}
	blames_finish(&blames);
}

/* --- the solver --- */

static uint32_t pinned(struct judging *x)
{
	struct universe *u = &x->j->g->u;
	const struct universe_package *p = &u->packages.v[x->package];
	struct buf text = {0};
	uint32_t out = UNIVERSE_NONE;
	buf_add_str(&text, p->name);
	buf_add_text(&text, "==");
	buf_add_str(&text, p->versions[x->version].text);
	if (universe_requirement(u, buf_view(&text), &out, NULL) != 0) {
		mem_bug("a pinned requirement is none");
	}
	buf_finish(&text);
	return out;
}

static void add_conflict(struct judging *x, uint64_t targets, char *const *proof, size_t count)
{
	struct buf lines = {0};
	for (size_t i = 0; i < count; i++) {
		buf_printf(&lines, "%s%s", i != 0 ? "\n" : "", proof[i]);
	}
	add_blocker(x, targets, x->package, x->version, "conflict", lines.p != NULL ? lines.p : "");
	buf_finish(&lines);
	x->conflict = true;
}

static uint64_t alike(struct judging *x, size_t target, uint64_t among)
{
	return depend_alike(x->j->g, &x->j->focus, x->package, x->version, target, among);
}

/* Where the release is known to be in conflict, on other targets the proof that the solver has anyway is
 * enough; else it is found out what would have to change. The targets for which it is told. */
static uint64_t explain(struct judging *x, const struct solve_question *q,
	const struct solve_source *source, const struct solve_answer *no, uint64_t among)
{
	struct solve_explanation why;
	if (x->conflict) {
		uint64_t targets = alike(x, q->target, among);
		add_conflict(x, targets, no->proof.v, no->proof.n);
		return targets;
	}
	solve_explain(&x->j->g->u, q, source, &why);
	uint64_t targets = alike(x, q->target, among);
	VEC_EACH (struct solve_blocker, b, &why.blockers) {
		add_blocker(x, targets, b->package, b->version, solve_reason_word(b->reason), b->path);
	}
	if (why.blockers.n == 0) {
		add_conflict(x, targets, why.proof.v, why.proof.n);
	}
	solve_explanation_finish(&why);
	return targets;
}

/* For a target for which neither quick way had an answer; *done are also those where the question is the
 * same. */
static char ask_solver(struct judging *x, size_t target, uint64_t among, uint64_t *done)
{
	uint32_t root = pinned(x);
	const struct solve_question q = {
		.target = target, .roots = &root, .root_count = 1, .focus = &x->j->focus, .is_hard = true};
	const struct solve_source source = depend_source(x->j->g);
	struct solve_answer a;
	witness_focus(&x->j->witness, &x->j->focus);
	x->j->g->wants.n = 0;
	x->j->counts.questions++;
	solve(&x->j->g->u, &q, NULL, &source, x->conflict, &a);
	enum solve_verdict verdict = a.verdict;
	*done = verdict == SOLVE_NO ? explain(x, &q, &source, &a, among) : alike(x, target, among);
	size_t pairs = (size_t)__builtin_popcountll(*done);
	solve_answer_finish(&a);
	if (verdict == SOLVE_YES || verdict == SOLVE_NO) {
		x->j->counts.solved += pairs;
		return verdict == SOLVE_YES ? DEPENDENCY_OK : DEPENDENCY_BLOCKED;
	}
	x->j->counts.unknown += pairs;
	note_wants(x);
	return DEPENDENCY_UNKNOWN;
}

/* --- one release --- */

static void judge_alive(struct judging *x, uint64_t left)
{
	while (left != 0) {
		size_t target = lowest(left);
		uint64_t done = UINT64_C(1) << target, proven = 0;
		char letter = DEPENDENCY_UNKNOWN;
		enum witness_finding found =
			witness_find(&x->j->witness, x->package, x->version, target, left, &proven);
		if (found == WITNESS_YES) {
			done = proven & left;
			letter = DEPENDENCY_OK;
			x->j->counts.witnessed += (size_t)__builtin_popcountll(done);
		} else if (found == WITNESS_UNKNOWN) {
			done = proven & left;
			note_wants(x);
			x->j->counts.unknown += (size_t)__builtin_popcountll(done);
		} else {
			letter = ask_solver(x, target, left, &done);
		}
		put_letters(x, done, letter);
		left &= ~done;
	}
}

static void judge_version(struct judging *x, uint64_t targets)
{
	struct depend_package *d = &x->j->g->packages.v[x->package];
	uint64_t alive = d->alive[x->version] & targets;
	x->j->counts.pairs += (size_t)__builtin_popcountll(targets);
	for (uint64_t dead = targets & ~alive; dead != 0; dead &= dead - 1) {
		blame(x, lowest(dead));
		x->j->counts.dead++;
	}
	put_letters(x, targets & ~alive, DEPENDENCY_BLOCKED);
	judge_alive(x, alive);
}

static uint32_t find_version(const struct universe_package *p, struct str text)
{
	for (uint32_t v = p->version_count; v-- > 0;) {
		if (str_equal(p->versions[v].text, text)) {
			return v;
		}
	}
	return UNIVERSE_NONE;
}

static uint64_t bits_of(const struct depend_graph *g, struct str targets)
{
	uint64_t set = 0;
	for (size_t t = 0; t < g->u.target_count; t++) {
		int64_t id = g->ids[t];
		if ((uint64_t)id <= targets.n && targets.p[id - 1] == '1') {
			set |= UINT64_C(1) << t;
		}
	}
	return set;
}

/* Sets of targets by their ids, as the database has them. */
static struct str ids_of(struct judging *x, uint64_t set)
{
	char *text = arena_new(&x->out->arena, STORE_TARGETS + 1);
	size_t n = 0;
	memset(text, '0', STORE_TARGETS);
	for (; set != 0; set &= set - 1) {
		size_t id = (size_t)x->j->g->ids[lowest(set)];
		text[id - 1] = '1';
		n = id > n ? id : n;
	}
	return (struct str){text, n};
}

static void tell(struct judging *x)
{
	VEC_EACH (struct blocking, b, &x->blocking) {
		b->row.targets = ids_of(x, b->targets);
		*vec_add(&x->out->blockers) = b->row;
	}
	size_t n = 0;
	for (size_t t = 0; t < x->j->g->u.target_count; t++) {
		n = (size_t)x->j->g->ids[t] > n ? (size_t)x->j->g->ids[t] : n;
	}
	x->out->letter_count = n;
}

void judge_package(struct judge *j, uint32_t package, struct verdict_on *out)
{
	struct judging x = {.j = j, .out = out, .package = package};
	struct store_dependency_version *rows;
	size_t count = 0;
	struct err e = {0};
	*out = (struct verdict_on){.package = j->g->packages.v[package].id};
	memset(out->letters, DEPENDENCY_UNKNOWN, sizeof(out->letters));
	int code = store_dependency_versions(j->g->store, out->package, &out->arena, &rows, &count, &e);
	if (code != 0 && j->g->code == 0) {
		j->g->code = err_set(&j->g->err, code, "%s", e.text);
	}
	uint64_t seen = 0;
	solve_focus_clear(&j->focus);
	for (size_t i = 0; code == 0 && i < count; i++) {
		x.conflict = false;
		x.version = find_version(&j->g->u.packages.v[package], rows[i].version);
		uint64_t targets = bits_of(j->g, rows[i].targets) & ~seen;
		seen |= targets;
		if (x.version != UNIVERSE_NONE) {
			judge_version(&x, targets & j->g->u.packages.v[package].versions[x.version].fits);
		}
	}
	tell(&x);
	vec_finish(&x.blocking);
}
