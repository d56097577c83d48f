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
	bool whole; /* all targets are judged: the solver may be asked */
	bool is_hard; /* it would have to be */
	bool brief; /* nobody wants to know why not */
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

static void add_row(struct judging *x, uint64_t targets, const struct store_blocker *row)
{
	VEC_EACH (struct blocking, b, &x->blocking) {
		if (strcmp(row->root, b->row.root) == 0 && str_same(b->row.version, row->version) &&
			strcmp(b->row.reason, row->reason) == 0 && strcmp(b->row.path, row->path) == 0) {
			b->targets |= targets;
			return;
		}
	}
	*vec_add(&x->blocking) = (struct blocking){.targets = targets, .row = *row};
}

static void add_blocker(struct judging *x, uint64_t targets, uint32_t package, uint32_t version,
	const char *reason, const char *path)
{
	const struct universe_package *p = &x->j->g->u.packages.v[package];
	const struct store_blocker row = {.root = keep(x, p->name),
		.version = version != UNIVERSE_NONE ? keep(x, p->versions[version].text) : NULL,
		.reason = reason,
		.path = keep(x, str_from(path))};
	add_row(x, targets, &row);
}

/* --- the quick no --- */

/* For the first of these targets, and all on which the same is to be told: those. */
static uint64_t blame(struct judging *x, uint64_t among)
{
	struct blames blames = {0};
	blame_find(x->j->g, x->package, x->version, lowest(among), &blames);
	uint64_t targets = blames.alike & among;
	VEC_EACH (struct blame, b, &blames.v) {
		add_blocker(x, targets, b->package, b->version, b->reason, b->path);
	}
	if (blames.v.n == 0) { /* its own metadata */
		add_blocker(x, targets, x->package, x->version, solve_reason_word(SOLVE_METADATA), "");
	}
	blames_finish(&blames);
	return targets;
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
	add_blocker(x, targets, x->package, x->version, BLAME_CONFLICT, lines.p != NULL ? lines.p : "");
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
	solve(&x->j->g->u, &q, NULL, &source, x->conflict ? SOLVE_PROOF_WORDS : SOLVE_PROOF_NONE, &a);
	enum solve_verdict verdict = a.verdict;
	*done = verdict == SOLVE_NO && !x->brief ? explain(x, &q, &source, &a, among)
											 : alike(x, target, among);
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

/* The targets, `target` among them, that a witness answers; 0: none. */
static uint64_t find_witness(struct judging *x, size_t target, uint64_t among)
{
	uint64_t proven = 0;
	enum witness_finding found =
		witness_find(&x->j->witness, x->package, x->version, target, among, &proven);
	proven = found != WITNESS_NONE ? proven & among : 0;
	size_t pairs = (size_t)__builtin_popcountll(proven);
	if (found == WITNESS_YES) {
		x->j->counts.witnessed += pairs;
	} else if (found == WITNESS_UNKNOWN) {
		note_wants(x);
		x->j->counts.unknown += pairs;
	}
	put_letters(x, proven, found == WITNESS_YES ? DEPENDENCY_OK : DEPENDENCY_UNKNOWN);
	return proven;
}

static void judge_alive(struct judging *x, uint64_t left)
{
	while (left != 0) {
		size_t target = lowest(left);
		uint64_t done = find_witness(x, target, left);
		if (done == 0) {
			if (!x->whole) {
				x->is_hard = true;
				return;
			}
			char letter = ask_solver(x, target, left, &done);
			put_letters(x, done, letter);
		}
		left &= ~done;
	}
}

static void judge_version(struct judging *x, uint64_t targets)
{
	struct depend_package *d = &x->j->g->packages.v[x->package];
	uint64_t alive = d->alive[x->version] & targets;
	x->j->counts.pairs += (size_t)__builtin_popcountll(targets);
	for (uint64_t dead = x->brief ? 0 : targets & ~alive; dead != 0;) {
		uint64_t done = blame(x, dead);
		x->j->counts.dead += (size_t)__builtin_popcountll(done);
		dead &= ~done;
	}
	put_letters(x, targets & ~alive, DEPENDENCY_BLOCKED);
	judge_alive(x, alive);
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

static size_t steps_of(const char *path)
{
	size_t n = 0;
	while ((path = strstr(path, " -> ")) != NULL) {
		path += 4;
		n++;
	}
	return n;
}

/* Nearest first; a proof, of which there may be several, last. The order tells nothing of how it came to be. */
static int compare_blocking(const void *a, const void *b)
{
	const struct blocking *x = a, *y = b;
	bool x_proof = strcmp(x->row.reason, BLAME_CONFLICT) == 0,
		 y_proof = strcmp(y->row.reason, BLAME_CONFLICT) == 0;
	int order = x_proof - y_proof;
	if (order == 0 && !x_proof) {
		size_t m = steps_of(x->row.path), n = steps_of(y->row.path);
		order = (m > n) - (m < n);
	}
	if (order == 0) {
		order = strcmp(x->row.root, y->row.root);
	}
	size_t m = lowest(x->targets), n = lowest(y->targets);
	order = order == 0 ? (m > n) - (m < n) : order;
	return order != 0 ? order : strcmp(x->row.path, y->row.path);
}

static void tell(struct judging *x)
{
	size_t n = 0;
	if (x->blocking.n != 0) {
		qsort(x->blocking.v, x->blocking.n, sizeof(*x->blocking.v), compare_blocking);
	}
	VEC_EACH (struct blocking, b, &x->blocking) {
		b->row.targets = ids_of(x, b->targets);
		*vec_add(&x->out->blockers) = b->row;
	}
	for (size_t t = 0; t < x->j->g->u.target_count; t++) {
		n = (size_t)x->j->g->ids[t] > n ? (size_t)x->j->g->ids[t] : n;
	}
	x->out->letter_count = n;
}

/* --- a package --- */

static void judge_versions(
	struct judging *x, const struct store_dependency_version *rows, size_t count, uint64_t targets)
{
	const struct universe_package *p = &x->j->g->u.packages.v[x->package];
	uint64_t seen = ~targets;
	solve_focus_clear(&x->j->focus);
	for (size_t i = 0; i < count && !x->is_hard; i++) {
		x->conflict = false;
		x->version = universe_find_version(p->versions, p->version_count, rows[i].version);
		uint64_t here = depend_targets(x->j->g, rows[i].targets, '1') & ~seen;
		seen |= here;
		if (x->version != UNIVERSE_NONE) {
			judge_version(x, here & p->versions[x->version].fits);
		}
	}
}

/* Targets among these on which the release looked at is alive. */
static uint64_t alive_on(const struct judging *x, const struct store_dependency_version *rows,
	size_t count, uint64_t among)
{
	const struct universe_package *p = &x->j->g->u.packages.v[x->package];
	uint64_t set = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t version = universe_find_version(p->versions, p->version_count, rows[i].version);
		uint64_t here = depend_targets(x->j->g, rows[i].targets, '1') & among;
		among &= ~here;
		set |= version != UNIVERSE_NONE ? here & x->j->g->packages.v[x->package].alive[version] : 0;
	}
	return set;
}

static void keep_stored(
	struct judging *x, const struct concern *c, const struct judge_stored *stored, uint64_t targets)
{
	for (uint64_t left = targets; left != 0; left &= left - 1) {
		size_t place = (size_t)x->j->g->ids[lowest(left)] - 1;
		x->out->letters[place] = place < c->letters.n ? c->letters.p[place] : DEPENDENCY_UNKNOWN;
	}
	for (size_t i = 0; i < stored->blocker_count; i++) {
		const struct store_blocker *b = &stored->blockers[i];
		uint64_t here = depend_targets(x->j->g, b->targets, '1') & targets;
		if (here != 0) {
			const struct store_blocker row = {.root = keep(x, str_from(b->root)),
				.version = b->version != NULL ? keep(x, str_from(b->version)) : NULL,
				.reason = keep(x, str_from(b->reason)),
				.path = keep(x, str_from(b->path))};
			add_row(x, here, &row);
		}
	}
}

static void begin(struct judging *x, struct judge *j, uint32_t package, struct verdict_on *out)
{
	*x = (struct judging){.j = j, .out = out, .package = package};
	*out = (struct verdict_on){.package = j->g->packages.v[package].id};
	memset(out->letters, DEPENDENCY_UNKNOWN, sizeof(out->letters));
}

/* What a solver once said of one target may depend on what it was asked of another before: where it would
 * have to be asked, all is judged. `may`: the targets on which something may move. */
static bool judge_some(struct judge *j, uint32_t package, uint64_t may, const struct concern *c,
	const struct judge_stored *stored, const struct store_dependency_version *rows, size_t count,
	bool *all, struct verdict_on *out)
{
	struct judging x;
	begin(&x, j, package, out);
	const uint64_t blocked = depend_targets(j->g, c->letters, DEPENDENCY_BLOCKED);
	const uint64_t hard = alive_on(&x, rows, count, blocked);
	const uint64_t moved = c->moves.gains | c->moves.loses;
	may &= ~hard | stored->spoken | moved;
	const uint64_t alive = alive_on(&x, rows, count, may);
	*all = (hard & may & ~moved) != 0 || (alive != 0 && (hard & ~may) != 0);
	if (may == 0 || *all) {
		return false;
	}
	judge_versions(&x, rows, count, may);
	keep_stored(&x, c, stored, j->g->u.all & ~may);
	tell(&x);
	vec_finish(&x.blocking);
	*all = x.is_hard;
	if (x.is_hard) {
		verdict_on_finish(out);
	}
	return !x.is_hard;
}

static void judge_whole(struct judge *j, uint32_t package,
	const struct store_dependency_version *rows, size_t count, struct verdict_on *out)
{
	struct judging x;
	begin(&x, j, package, out);
	x.whole = true;
	judge_versions(&x, rows, count, j->g->u.all);
	tell(&x);
	vec_finish(&x.blocking);
}

static int read_versions(struct judge *j, uint32_t package, struct arena *arena,
	struct store_dependency_version **rows, size_t *count)
{
	struct err e = {0};
	*count = 0;
	int code = store_dependency_versions(
		j->g->store, j->g->packages.v[package].id, arena, rows, count, &e);
	if (code != 0 && j->g->code == 0) {
		j->g->code = err_set(&j->g->err, code, "%s", e.text);
	}
	return code;
}

bool judge_concern(struct judge *j, uint32_t package, const struct concern *c,
	const struct judge_stored *stored, struct verdict_on *out)
{
	struct arena arena = {0};
	struct store_dependency_version *rows;
	size_t count;
	(void)read_versions(j, package, &arena, &rows, &count);
	const uint64_t may = concern_targets(j->g, c);
	bool all = c->due || may == j->g->u.all;
	bool is = !all && judge_some(j, package, may, c, stored, rows, count, &all, out);
	if (all) {
		judge_whole(j, package, rows, count, out);
	}
	arena_finish(&arena);
	return is || all;
}

void judge_letters(struct judge *j, uint32_t package, uint64_t targets, char letters[STORE_TARGETS])
{
	struct judging x;
	struct verdict_on verdict;
	struct arena arena = {0};
	struct store_dependency_version *rows;
	size_t count;
	(void)read_versions(j, package, &arena, &rows, &count);
	begin(&x, j, package, &verdict);
	x.whole = x.brief = true;
	judge_versions(&x, rows, count, targets);
	for (; targets != 0; targets &= targets - 1) {
		size_t place = (size_t)j->g->ids[lowest(targets)] - 1;
		letters[place] = verdict.letters[place];
	}
	vec_finish(&x.blocking);
	verdict_on_finish(&verdict);
	arena_finish(&arena);
}
