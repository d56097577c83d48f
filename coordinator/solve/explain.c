#include "coordinator/solve/explain.h"

#include <stdlib.h>

struct explaining {
	struct universe *u;
	const struct solve_question *q;
	const struct solve_source *source;
	unsigned char *relaxed; /* a byte a package */
	size_t relaxed_count;
	size_t needed; /* packages that are relaxed */
	struct solve_answer answer; /* the last yes, which takes all that is relaxed; or the proof */
};

/* Keeps the answer unless there was a better one. */
static enum solve_verdict try_relaxed(struct explaining *x, bool all)
{
	const struct solve_relax relax = {
		.all = all, .packages = x->relaxed, .count = x->relaxed_count};
	struct solve_answer answer;
	solve(x->u, x->q, &relax, x->source, all ? SOLVE_PROOF_WORDS : SOLVE_PROOF_NONE, &answer);
	enum solve_verdict verdict = answer.verdict;
	if (verdict == SOLVE_YES || all) {
		solve_answer_finish(&x->answer);
		x->answer = answer;
	} else {
		solve_answer_finish(&answer);
	}
	return verdict;
}

/* What the answer took although something speaks against it, and nothing else, may be taken. */
static void relax_used(struct explaining *x)
{
	free(x->relaxed);
	x->relaxed_count = x->u->packages.n;
	x->relaxed = mem_new(x->relaxed_count + 1, 1);
	x->needed = 0;
	VEC_EACH (struct solve_pick, pick, &x->answer.picks) {
		x->relaxed[pick->package] = pick->reason != SOLVE_USABLE;
		x->needed += pick->reason != SOLVE_USABLE;
	}
}

/* Takes back what is not needed. Afterwards `answer` is one with what is left. A last one is needed:
 * with nothing relaxed the question was answered with no. */
static enum solve_verdict shrink(struct explaining *x)
{
	for (size_t i = 0; i < x->relaxed_count && x->needed > 1; i++) {
		if (x->relaxed[i] == 0) {
			continue;
		}
		x->relaxed[i] = 0;
		enum solve_verdict v = try_relaxed(x, false);
		if (v == SOLVE_YES) {
			relax_used(x);
		} else if (v == SOLVE_NO) {
			x->relaxed[i] = 1;
		} else {
			return v;
		}
	}
	return SOLVE_YES;
}

/* The way to each pick, from the roots on: who brought it in. */
struct paths {
	struct explaining *x;
	const struct solve_pick **pick; /* of each package; NULL: none */
	uint32_t *from; /* of each package: the package that wanted it; UNIVERSE_NONE: the user */
	bool *seen;
	VEC(uint32_t) open;
};

static void walk_to(struct paths *p, uint32_t package, uint32_t from)
{
	if (!p->seen[package] && p->pick[package] != NULL) {
		p->seen[package] = true;
		p->from[package] = from;
		*vec_add(&p->open) = package;
	}
}

/* Which extras were asked for matters not: what no extra brings in was not picked. */
static void walk_from(struct paths *p, uint32_t package)
{
	const struct universe *u = p->x->u;
	const struct solve_pick *pick = p->pick[package];
	if (pick->version == UNIVERSE_NONE) {
		return;
	}
	const struct universe_wheel *w =
		solve_wheel(&u->packages.v[package].versions[pick->version], p->x->q->target);
	if (w == NULL || w->requires == UNIVERSE_NONE) {
		return;
	}
	const struct universe_requires *r = &u->requires.v[w->requires];
	for (uint32_t i = 0; i < r->count; i++) {
		walk_to(p, u->requirements.v[r->v[i]].package, package);
	}
}

static char *write_path(const struct paths *p, uint32_t package)
{
	enum { MOST = 64 };
	const struct universe *u = p->x->u;
	uint32_t steps[MOST];
	size_t n = 0;
	struct buf out = {0};
	for (uint32_t at = package; at != UNIVERSE_NONE && n < MOST; at = p->from[at]) {
		steps[n++] = at;
	}
	while (n-- > 0) {
		const struct universe_package *step = &u->packages.v[steps[n]];
		uint32_t version = p->pick[steps[n]]->version;
		buf_add_str(&out, step->name);
		if (version != UNIVERSE_NONE) {
			buf_add_char(&out, ' ');
			buf_add_str(&out, step->versions[version].text);
		}
		buf_add_text(&out, n != 0 ? " -> " : "");
	}
	return buf_take(&out);
}

static void tell_blockers(struct explaining *x, struct solve_explanation *out)
{
	struct universe *u = x->u;
	struct paths p = {.x = x};
	p.pick = mem_new(u->packages.n + 1, sizeof(*p.pick));
	p.from = mem_new(u->packages.n + 1, sizeof(*p.from));
	p.seen = mem_new(u->packages.n + 1, sizeof(*p.seen));
	for (size_t i = 0; i < u->packages.n; i++) {
		p.from[i] = UNIVERSE_NONE;
	}
	VEC_EACH (struct solve_pick, pick, &x->answer.picks) {
		p.pick[pick->package] = pick;
	}
	for (size_t i = 0; i < x->q->root_count; i++) {
		walk_to(&p, u->requirements.v[x->q->roots[i]].package, UNIVERSE_NONE);
	}
	for (size_t i = 0; i < p.open.n; i++) {
		walk_from(&p, p.open.v[i]);
	}
	VEC_EACH (struct solve_pick, pick, &x->answer.picks) {
		if (pick->reason != SOLVE_USABLE) {
			*vec_add(&out->blockers) = (struct solve_blocker){.package = pick->package,
				.version = pick->version,
				.reason = pick->reason,
				.path = write_path(&p, pick->package)};
		}
	}
	vec_finish(&p.open);
	free(p.pick);
	free(p.from);
	free(p.seen);
}

/* The roots of the proof, those left out without which it is still none. */
static enum solve_verdict tell_conflict(struct explaining *x, struct solve_explanation *out)
{
	const struct solve_relax all = {.all = true};
	VEC(uint32_t) roots = {0};
	for (size_t i = 0; i < x->q->root_count; i++) {
		bool asked = false;
		for (size_t k = 0; k < x->answer.asked.n && !asked; k++) {
			asked = x->answer.asked.v[k] == x->q->roots[i];
		}
		if (asked) {
			*vec_add(&roots) = x->q->roots[i];
		}
	}
	for (size_t i = 0; roots.n > 1 && i < roots.n;) {
		struct solve_answer answer;
		uint32_t out_of_it = roots.v[i];
		memmove(&roots.v[i], &roots.v[i + 1], (roots.n - i - 1) * sizeof(*roots.v));
		roots.n--;
		struct solve_question q = *x->q;
		q.roots = roots.v;
		q.root_count = roots.n;
		solve(x->u, &q, &all, x->source, SOLVE_PROOF_WORDS, &answer);
		if (answer.verdict == SOLVE_NO) {
			solve_answer_finish(&x->answer);
			x->answer = answer;
			continue;
		}
		solve_answer_finish(&answer);
		roots.n++;
		memmove(&roots.v[i + 1], &roots.v[i], (roots.n - i - 1) * sizeof(*roots.v));
		roots.v[i++] = out_of_it;
	}
	VEC_EACH (uint32_t, root, &roots) {
		*vec_add(&out->roots) = *root;
	}
	vec_finish(&roots);
	VEC_EACH (char *, line, &x->answer.proof) {
		*vec_add(&out->proof) = *line;
	}
	x->answer.proof.n = 0;
	return SOLVE_NO;
}

void solve_explain(struct universe *u, const struct solve_question *q,
	const struct solve_source *source, struct solve_explanation *out)
{
	struct explaining x = {.u = u, .q = q, .source = source};
	*out = (struct solve_explanation){0};
	out->verdict = try_relaxed(&x, true);
	if (out->verdict == SOLVE_YES) {
		relax_used(&x);
		out->verdict = shrink(&x);
	}
	if (out->verdict == SOLVE_YES) {
		tell_blockers(&x, out);
	} else if (out->verdict == SOLVE_NO) {
		out->verdict = tell_conflict(&x, out);
	}
	solve_answer_finish(&x.answer);
	free(x.relaxed);
}

void solve_explanation_finish(struct solve_explanation *x)
{
	VEC_EACH (struct solve_blocker, b, &x->blockers) {
		free(b->path);
	}
	vec_finish(&x->blockers);
	vec_finish(&x->roots);
	VEC_EACH (char *, line, &x->proof) {
		free(*line);
	}
	vec_finish(&x->proof);
}
