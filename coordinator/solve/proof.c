#include "coordinator/solve/round.h"

static void write_requirement(struct round *r, const struct owner *from, Id wish, struct buf *out)
{
	VEC_EACH (struct wish, w, &r->wishes) {
		if (w->id != wish) {
			continue;
		}
		const struct universe_requirement *q = &r->u->requirements.v[w->requirement];
		uint32_t place = r->set->place.v[q->package] - 1;
		if (from != NULL) {
			const struct candidates *c = &r->set->list.v[from->place];
			const struct candidate *k = &c->v[from->candidate];
			buf_add_str(out, r->u->packages.v[c->package].name);
			buf_add_char(out, ' ');
			buf_add_str(out, r->u->packages.v[c->package].versions[k->version].text);
			buf_add_text(out, " needs ");
		} else {
			buf_add_text(out, "asked for: ");
		}
		buf_add_str(out, r->u->packages.v[q->package].name);
		buf_add_str(out, r->u->specs.v[q->spec].text);
		if (pool_whatprovides_ptr(r->pool, wish)[0] == 0) {
			buf_add_text(out,
				r->set->list.v[place].count == 0
					? ", of which no version can be taken here"
					: ", which no version that can be taken here satisfies");
		}
	}
}

static void add_line(struct solve_answer *out, struct buf *line)
{
	for (size_t i = 0; i < out->proof.n; i++) {
		if (strcmp(out->proof.v[i], line->p) == 0) {
			return;
		}
	}
	*vec_add(&out->proof) = str_dup(buf_view(line));
}

/* The roots that came to this wish. */
static void add_asked(struct round *r, Id wish, struct solve_answer *out)
{
	for (size_t i = 0; i < r->set->q->root_count; i++) {
		uint32_t root = r->set->q->roots[i];
		VEC_EACH (struct wish, w, &r->wishes) {
			if (w->id == wish &&
				r->u->requirements.v[w->requirement].spec == r->u->requirements.v[root].spec) {
				*vec_add(&out->asked) = root;
				break;
			}
		}
	}
}

void round_proof(struct round *r, struct solve_answer *out)
{
	enum { LINES = 40 };
	Queue rules;
	queue_init(&rules);
	if (solver_problem_count(r->solver) != 0) {
		solver_findallproblemrules(r->solver, 1, &rules);
	}
	for (int i = 0; i < rules.count; i++) {
		Id source, target, dep;
		struct buf line = {0};
		switch (solver_ruleinfo(r->solver, rules.elements[i], &source, &target, &dep)) {
		case SOLVER_RULE_JOB:
		case SOLVER_RULE_JOB_NOTHING_PROVIDES_DEP:
		case SOLVER_RULE_JOB_UNKNOWN_PACKAGE:
			write_requirement(r, NULL, dep, &line);
			add_asked(r, dep, out);
			break;
		case SOLVER_RULE_PKG_REQUIRES:
		case SOLVER_RULE_PKG_NOTHING_PROVIDES_DEP:
			write_requirement(r, &r->owners[source], dep, &line);
			break;
		default:
			break;
		}
		if (line.n != 0 && out->proof.n < LINES) {
			add_line(out, &line);
		}
		buf_finish(&line);
	}
	queue_free(&rules);
}
