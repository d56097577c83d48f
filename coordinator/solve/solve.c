/* The rounds: what the solution of one has not looked at yet is brought for the next. A version that
 * nobody looked at requires nothing, so that a "no" is final; a "yes" is one when everything in it was
 * looked at. */
#include "coordinator/solve/round.h"

#include <stdlib.h>

enum {
	BATCH_DOUBLES =
		5, /* versions of a package whose metadata is brought at once: up to 2 to this */
	LOOK_FIRST =
		16, /* that are known, and looked at beside the first one picked; then twice as many */
};

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

/* May the version be taken by what is known of it, or is it the one that was? */
static bool may_be_taken(struct round *r, uint32_t package, uint32_t version, uint32_t picked)
{
	bool excluded;
	return candidate_reason(r->set, package, version, &excluded) == SOLVE_USABLE
		? !excluded
		: version == picked;
}

/* What is known is looked at: more older versions of a package that is looked at again and again. */
static void look_at(struct round *r, uint32_t package, uint32_t picked)
{
	struct solve_focus *f = r->set->q->focus;
	solve_focus_add(f, r->u, package, picked, r->set->q->target);
	uint32_t looks = solve_focus_look(f, package);
	uint32_t more = LOOK_FIRST << (looks < BATCH_DOUBLES ? looks : BATCH_DOUBLES);
	for (uint32_t v = picked; v-- > 0 && more != 0;) {
		const struct universe_wheel *w =
			solve_wheel(&r->u->packages.v[package].versions[v], r->set->q->target);
		if (!solve_focus_has(f, package, v) && w != NULL && w->requires != UNIVERSE_NONE &&
			may_be_taken(r, package, v, picked)) {
			solve_focus_add(f, r->u, package, v, r->set->q->target);
			more--;
		}
	}
}

/* The metadata of that version and of older ones: as many as are looked at that are at hand, and ever more that
 * must be fetched. */
static bool bring_metadata(
	struct round *r, const struct solve_source *source, uint32_t package, uint32_t picked)
{
	struct universe_package *p = &r->u->packages.v[package];
	uint32_t looks = p->looks++;
	uint32_t batch = 1u << (looks < BATCH_DOUBLES ? looks : BATCH_DOUBLES);
	uint32_t brought = 0;
	for (uint32_t v = picked + 1; v-- > 0 && batch != 0 && brought <= LOOK_FIRST;) {
		struct universe_version *version = &r->u->packages.v[package].versions[v];
		struct universe_wheel *w = solve_wheel(version, r->set->q->target);
		if (w != NULL && w->requires == UNIVERSE_NONE && may_be_taken(r, package, v, picked)) {
			bool at_hand =
				source->metadata(source->user, r->u, package, v, (uint32_t)(w - version->wheels));
			brought += at_hand;
			batch -= !at_hand;
		}
	}
	return brought != 0;
}

static bool bring(struct round *r, const struct solve_source *source, const struct candidates *c,
	const struct candidate *k, bool *failed)
{
	struct universe *u = r->u;
	if (k->version == UNIVERSE_NONE) {
		*failed |= u->packages.v[c->package].state == UNIVERSE_UNREACHED;
		return u->packages.v[c->package].state == UNIVERSE_UNASKED &&
			source->page(source->user, u, c->package);
	}
	const struct universe_wheel *w =
		solve_wheel(&u->packages.v[c->package].versions[k->version], r->set->q->target);
	if (w->requires == UNIVERSE_NONE && !bring_metadata(r, source, c->package, k->version)) {
		return false;
	}
	if (w->requires != UNIVERSE_NONE) {
		look_at(r, c->package, k->version);
	}
	return true;
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
		const struct candidates *c = &r->set->list.v[owner->place];
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

static void solve_in_rounds(struct candidate_set *set, const struct solve_source *source,
	enum solve_proof proof, struct solve_answer *out)
{
	bool again = true;
	while (again) {
		struct round r;
		solve_answer_finish(out);
		again = false;
		if (round_solve(&r, set)) {
			again = read_solution(&r, source, out);
		} else {
			out->verdict = SOLVE_NO;
			if (proof != SOLVE_PROOF_NONE) {
				round_proof(&r, out);
			}
		}
		round_finish(&r);
	}
}

/* A quick yes, or a quick no; else what was found out of versions that are dead is in *refuting. */
static bool solve_at_once(struct candidate_set *set, const struct solve_source *source,
	enum solve_proof proof, struct refuting **refuting, struct solve_answer *out)
{
	if (look_ahead(set, source, NULL, out)) {
		return true;
	}
	*refuting = refuting_create(set, source);
	if (refute(*refuting, proof != SOLVE_PROOF_NONE ? out : NULL)) {
		out->verdict = SOLVE_NO;
		return true;
	}
	if (look_ahead(set, source, *refuting, out)) {
		return true;
	}
	refuting_focus(*refuting, set->q->focus);
	return false;
}

void solve(struct universe *u, const struct solve_question *q, const struct solve_relax *relax,
	const struct solve_source *source, enum solve_proof proof, struct solve_answer *out)
{
	struct solve_focus focus = {0};
	struct solve_question asked = *q;
	struct candidate_set set;
	struct refuting *refuting = NULL;
	asked.focus = q->focus != NULL ? q->focus : &focus;
	*out = (struct solve_answer){0};
	candidate_set_facts(&set, u, &asked, relax);
	/* with something relaxed it is another question than the one that is hard */
	if ((q->is_hard && relax == NULL) || !solve_at_once(&set, source, proof, &refuting, out)) {
		set.dead = refuting;
		solve_in_rounds(&set, source, proof, out);
		if (out->verdict == SOLVE_NO && proof == SOLVE_PROOF_WORDS && refuting != NULL) {
			set.dead = NULL; /* the words are of those that are dead, too */
			solve_in_rounds(&set, source, proof, out);
		}
	}
	refuting_destroy(refuting);
	candidate_set_finish(&set);
	solve_focus_finish(&focus);
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
