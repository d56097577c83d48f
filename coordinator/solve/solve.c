/* The rounds: what the solution of one has not looked at yet is brought for the next. A version that
 * nobody looked at requires nothing, so that a "no" is final; a "yes" is one when everything in it was
 * looked at. */
#include "coordinator/solve/round.h"

#include <stdlib.h>

enum { BATCH_DOUBLES = 5 }; /* versions of a package at once: up to 2 to this */

static const struct {
	const char *word;
	const char *text;
} reasons[SOLVE_REASON_COUNT] = {
#define REASON_ROW(name, word, text) [SOLVE_##name] = {(word), (text)},
	SOLVE_REASON_MAP(REASON_ROW)
#undef REASON_ROW
};

const char *solve_reason_word(enum solve_reason r)
{
	return reasons[r].word;
}

const char *solve_reason_text(enum solve_reason r)
{
	return reasons[r].text;
}

/* More versions of a package that is asked about again and again. */
static bool bring(struct round *r, const struct solve_source *source, const struct candidates *c,
	const struct candidate *k, bool *failed)
{
	struct universe *u = r->u;
	if (k->version == UNIVERSE_NONE) {
		*failed |= u->packages.v[c->package].state == UNIVERSE_UNREACHED;
		return u->packages.v[c->package].state == UNIVERSE_UNASKED &&
			source->page(source->user, u, c->package);
	}
	uint32_t looks = u->packages.v[c->package].looks++;
	uint32_t batch = 1u << (looks < BATCH_DOUBLES ? looks : BATCH_DOUBLES);
	bool brought = false;
	for (uint32_t v = k->version + 1; v-- > 0 && batch != 0;) {
		struct universe_version *version = &u->packages.v[c->package].versions[v];
		struct universe_wheel *w = solve_wheel(version, r->set.q->target);
		bool excluded;
		enum solve_reason reason = candidate_reason(&r->set, c->package, v, &excluded);
		if (w != NULL && w->requires == UNIVERSE_NONE && !excluded &&
			(v == k->version || reason == SOLVE_USABLE)) {
			brought |=
				source->metadata(source->user, u, c->package, v, (uint32_t)(w - version->wheels));
			batch--;
		}
	}
	return brought;
}

static int compare_picks(const void *a, const void *b, void *user)
{
	const struct universe *u = user;
	const struct solve_pick *x = a, *y = b;
	return str_compare(u->packages.v[x->package].name, u->packages.v[y->package].name);
}

void solve_sort_picks(const struct universe *u, struct solve_answer *out)
{
	if (out->picks.n != 0) {
		qsort_r(out->picks.v, out->picks.n, sizeof(*out->picks.v), compare_picks, (void *)u);
	}
}

/* Reads the solution; true if something was brought, so that there must be another round. */
static bool read_solution(
	struct round *r, const struct solve_source *source, struct solve_answer *out)
{
	Queue q;
	bool brought = false, waits = false, failed = false;
	queue_init(&q);
	solver_get_decisionqueue(r->solver, &q);
	for (int i = 0; i < q.count; i++) {
		if (q.elements[i] <= SYSTEMSOLVABLE || r->owners[q.elements[i]].extra != UNIVERSE_NONE) {
			continue;
		}
		const struct owner *owner = &r->owners[q.elements[i]];
		const struct candidates *c = &r->set.list.v[owner->place];
		const struct candidate *k = &c->v[owner->candidate];
		if (k->unknown) {
			waits = true;
			brought |= bring(r, source, c, k, &failed);
		}
		*vec_add(&out->picks) =
			(struct solve_pick){.package = c->package, .version = k->version, .reason = k->reason};
	}
	queue_free(&q);
	out->verdict = !waits ? SOLVE_YES : failed ? SOLVE_UNREACHED : SOLVE_WAIT;
	if (!brought) {
		solve_sort_picks(r->u, out);
	}
	return brought;
}

void solve(struct universe *u, const struct solve_question *q, const struct solve_relax *relax,
	const struct solve_source *source, bool proof, struct solve_answer *out)
{
	*out = (struct solve_answer){0};
	bool again = !look_ahead(u, q, relax, source, out);
	if (again && !proof && refute(u, q, relax, source)) {
		out->verdict = SOLVE_NO;
		return;
	}
	while (again) {
		struct round r;
		solve_answer_finish(out);
		again = false;
		if (round_solve(&r, u, q, relax)) {
			again = read_solution(&r, source, out);
		} else {
			out->verdict = SOLVE_NO;
			if (proof) {
				round_proof(&r, out);
			}
		}
		round_finish(&r);
	}
}

void solve_answer_finish(struct solve_answer *a)
{
	vec_finish(&a->picks);
	VEC_EACH (char *, line, &a->proof) {
		free(*line);
	}
	vec_finish(&a->proof);
	vec_finish(&a->asked);
	*a = (struct solve_answer){0};
}
