#include "coordinator/depend/blame.h"

/* Packages on the way from the one that was asked about. */
struct step {
	uint32_t package, version;
	uint32_t requirement; /* that brought it in: its extras count; UNIVERSE_NONE: nobody's */
	uint32_t from; /* index of the step before; UNIVERSE_NONE: the first */
};

struct blaming {
	struct depend_graph *g;
	size_t target;
	VEC(struct step) steps; /* each package once */
	struct blames *out;
};

static void add_step_text(struct blaming *b, struct buf *out, const struct step *s)
{
	const struct universe_package *p = &b->g->u.packages.v[s->package];
	buf_add_str(out, p->name);
	buf_add_char(out, ' ');
	buf_add_str(out, p->versions[s->version].text);
	buf_add_text(out, " -> ");
}

static void add_way(struct blaming *b, struct buf *out, uint32_t step)
{
	enum { MOST = 64 };
	uint32_t way[MOST];
	size_t n = 0;
	for (; step != UNIVERSE_NONE && n < MOST; step = b->steps.v[step].from) {
		way[n++] = step;
	}
	while (n-- > 0) {
		add_step_text(b, out, &b->steps.v[way[n]]);
	}
}

/* `wanted`: the requirement that nothing meets, empty if some version is named. */
static void add_root(struct blaming *b, uint32_t package, uint32_t version, const char *reason,
	uint32_t from, struct str wanted)
{
	const struct universe_package *p = &b->g->u.packages.v[package];
	struct buf path = {0};
	VEC_EACH (struct blame, known, &b->out->v) {
		if (known->package == package) {
			return;
		}
	}
	if (b->out->v.n == BLAMES_MOST) {
		return;
	}
	add_way(b, &path, from);
	buf_add_str(&path, wanted.n != 0 ? wanted : p->name);
	if (version != UNIVERSE_NONE) {
		buf_add_char(&path, ' ');
		buf_add_str(&path, p->versions[version].text);
	}
	*vec_add(&b->out->v) = (struct blame){
		.package = package, .version = version, .reason = reason, .path = buf_take(&path)};
}

/* Is the target in the set? On those that would have answered otherwise nothing is told. */
static bool ask(struct blaming *b, uint64_t set)
{
	bool has = universe_has(set, b->target);
	b->out->alike &= has ? set : ~set;
	return has;
}

static enum solve_reason reason_of(struct blaming *b, uint32_t package, uint32_t version)
{
	const struct universe_version *v = &b->g->u.packages.v[package].versions[version];
	if (ask(b, v->fits)) {
		for (uint32_t i = 0; i < v->wheel_count; i++) {
			const struct universe_wheel *w = &v->wheels[i];
			if (!w->yanked && ask(b, w->targets) && w->requires != UNIVERSE_NONE &&
				!ask(b, b->g->u.requires.v[w->requires].admits)) {
				return SOLVE_PYTHON;
			}
		}
		return SOLVE_METADATA;
	}
	if (v->withdrawn || ask(b, v->yanked)) {
		return SOLVE_YANKED;
	}
	return ask(b, v->admitted) ? SOLVE_NO_WHEEL : SOLVE_PYTHON;
}

/* The newest, but a final one that is not withdrawn if there is any. */
uint32_t blame_taken(struct universe *u, uint32_t spec)
{
	const struct universe_package *p = &u->packages.v[u->specs.v[spec].package];
	uint32_t best[3] = {UNIVERSE_NONE, UNIVERSE_NONE, UNIVERSE_NONE};
	for (uint32_t v = p->version_count; v-- > 0 && best[0] == UNIVERSE_NONE;) {
		if (universe_matches(u, spec, v)) {
			int rank = p->versions[v].withdrawn ? 2 : p->versions[v].prerelease ? 1 : 0;
			best[rank] = best[rank] == UNIVERSE_NONE ? v : best[rank];
		}
	}
	return best[0] != UNIVERSE_NONE ? best[0] : best[1] != UNIVERSE_NONE ? best[1] : best[2];
}

static bool was_met(const struct blaming *b, uint32_t package)
{
	VEC_EACH (struct step, s, &b->steps) {
		if (s->package == package) {
			return true;
		}
	}
	return false;
}

static void blame_requirement(struct blaming *b, uint32_t requirement, uint32_t from)
{
	const struct universe_requirement q = b->g->u.requirements.v[requirement];
	if (q.url.n != 0) {
		return;
	}
	if (b->g->u.packages.v[q.package].state == UNIVERSE_ABSENT) {
		add_root(
			b, q.package, UNIVERSE_NONE, solve_reason_word(SOLVE_ABSENT), from, (struct str){0});
		return;
	}
	uint32_t version = blame_taken(&b->g->u, q.spec);
	if (version == UNIVERSE_NONE) {
		add_root(b, q.package, UNIVERSE_NONE, BLAME_CONFLICT, from, q.text);
	} else if (!ask(b, b->g->packages.v[q.package].usable[version])) {
		enum solve_reason reason = reason_of(b, q.package, version);
		add_root(b, q.package, version, solve_reason_word(reason), from, (struct str){0});
	} else if (!was_met(b, q.package)) {
		*vec_add(&b->steps) = (struct step){
			.package = q.package, .version = version, .requirement = requirement, .from = from};
	}
}

/* All that the version asks for and nothing alive meets. */
static void blame_version(struct blaming *b, uint32_t at)
{
	struct step s = b->steps.v[at];
	struct universe_requirement q = {0};
	if (s.requirement != UNIVERSE_NONE) {
		q = b->g->u.requirements.v[s.requirement];
	}
	const struct universe_version *v = &b->g->u.packages.v[s.package].versions[s.version];
	for (uint32_t i = 0; i < v->wheel_count; i++) {
		if (v->wheels[i].yanked || v->wheels[i].requires == UNIVERSE_NONE ||
			!ask(b, v->wheels[i].targets)) {
			continue;
		}
		struct universe_requires r = b->g->u.requires.v[v->wheels[i].requires];
		for (uint32_t k = 0; k < r.count; k++) {
			uint64_t applies = depend_applies(b->g, r.v[k], q.extras, q.extra_count);
			if (ask(b, applies & ~depend_living(b->g, r.v[k]))) {
				blame_requirement(b, r.v[k], at);
			}
		}
	}
}

void blame_find(
	struct depend_graph *g, uint32_t package, uint32_t version, size_t target, struct blames *out)
{
	struct blaming b = {.g = g, .target = target, .out = out};
	out->alike = UINT64_MAX;
	*vec_add(&b.steps) = (struct step){.package = package,
		.version = version,
		.requirement = UNIVERSE_NONE,
		.from = UNIVERSE_NONE};
	for (size_t i = 0; i < b.steps.n; i++) {
		blame_version(&b, (uint32_t)i);
	}
	vec_finish(&b.steps);
}

void blames_finish(struct blames *b)
{
	VEC_EACH (struct blame, blame, &b->v) {
		free(blame->path);
	}
	vec_finish(&b->v);
}
