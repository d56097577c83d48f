#include "coordinator/check/check_parts.h"

#include "core/pep/filename.h"

#include <stdlib.h>

struct specs {
	VEC(uint32_t) list;
};

/* What a version must match: the requirement, and the constraints of that package. */
static void collect_specs(
	struct checking *c, const struct universe_requirement *r, size_t target, struct specs *out)
{
	*vec_add(&out->list) = r->spec;
	VEC_EACH (uint32_t, constraint, &c->constraints) {
		const struct universe_requirement *k = &c->u.requirements.v[*constraint];
		if (k->package == r->package && universe_has(k->applies, target)) {
			*vec_add(&out->list) = k->spec;
		}
	}
}

static bool matches_all(struct checking *c, const struct specs *specs, uint32_t version)
{
	VEC_EACH (uint32_t, spec, &specs->list) {
		if (!universe_matches(&c->u, *spec, version)) {
			return false;
		}
	}
	return true;
}

/* The newest version that is not yanked, a final one if there is any. */
static uint32_t newest(
	struct checking *c, const struct universe_requirement *r, const struct specs *specs)
{
	const struct universe_package *p = &c->u.packages.v[r->package];
	uint32_t last_resort = UNIVERSE_NONE;
	for (uint32_t i = p->version_count; i-- > 0;) {
		if (p->versions[i].withdrawn || !matches_all(c, specs, i)) {
			continue;
		}
		if (!p->versions[i].prerelease) {
			return i;
		}
		last_resort = last_resort == UNIVERSE_NONE ? i : last_resort;
	}
	return last_resort;
}

static bool contains_all(struct checking *c, const struct specs *specs, struct str text)
{
	struct version v;
	bool all = version_parse(text, &v, NULL) == 0;
	for (size_t i = 0; i < specs->list.n && all; i++) {
		const struct specifier_set set = universe_spec_set(&c->u, specs->list.v[i]);
		all = specifier_set_contains(&set, &v);
	}
	return all;
}

static void read_facts(struct gather_asked *asked, const struct store_file *files,
	const uint32_t *places, size_t count)
{
	struct check_facts *f = mem_container_of(asked, struct check_facts, asked);
	struct checking *c = f->checking;
	const struct universe_requirement *r = &c->u.requirements.v[f->requirement];
	const struct universe_package *package = &c->u.packages.v[r->package];
	const struct pep_target *target = c->options->targets[f->target];
	struct specs specs = {0};
	size_t n = 0;
	struct published_fact fact;
	bool admits = false;
	struct published_file *admitted = mem_resize(NULL, count + 1, sizeof(*admitted));
	collect_specs(c, r, f->target, &specs);
	for (size_t i = 0; i < count; i++) {
		bool is_ours = places[i] != UNIVERSE_NONE;
		if (i == 0 || places[i] != places[i - 1] || !is_ours) {
			admits = is_ours ? matches_all(c, &specs, places[i])
							 : contains_all(c, &specs, files[i].version);
		}
		if (admits) {
			admitted[n++] = (struct published_file){.filename = files[i].filename,
				.version = is_ours ? &package->versions[places[i]].version : NULL,
				.requires_python = files[i].requires_python,
				.yanked = files[i].yanked,
				.uploaded = files[i].uploaded};
		}
	}
	vec_finish(&specs.list);
	struct published *page = published_create(package->name, admitted, n);
	published_facts(page, &target, 1, &fact);
	f->facts = (struct headline_facts){
		.scanned = n != 0,
		.state = fact.state,
		.lost_accelerator = fact.lost_accelerator,
		.vanished = fact.vanished.n != 0,
		.compiled_elsewhere = fact.compiled_elsewhere,
	};
	published_destroy(page);
	free(admitted);
}

void check_facts_ask(struct checking *c)
{
	const size_t targets = c->options->target_count;
	VEC_EACH (struct check_asked, asked, &c->all) {
		const struct universe_requirement *r = &c->u.requirements.v[asked->requirement];
		asked->facts = arena_new(&c->out->arena, targets * sizeof(*asked->facts));
		for (size_t t = 0; t < targets; t++) {
			if (universe_has(r->applies, t)) {
				asked->facts[t] = (struct check_facts){.asked.read = read_facts,
					.checking = c,
					.requirement = asked->requirement,
					.target = t};
				gather_ask(
					c->options->gather, c->u.packages.v[r->package].name, &asked->facts[t].asked);
			}
		}
	}
}

/* Did this farm make a wheel of that version that fits? */
static bool is_built(
	struct checking *c, uint32_t package, uint32_t version, const struct pep_target *target)
{
	const struct store_file *files;
	size_t count, n = 0;
	struct published_fact fact;
	const struct universe_package *p = &c->u.packages.v[package];
	gather_built(c->options->gather, p->name, &files, &count);
	if (count == 0) {
		return false;
	}
	struct published_file *made = mem_new(count + 1, sizeof(*made));
	for (size_t i = 0; i < count; i++) {
		if (str_equal(files[i].version, p->versions[version].text)) {
			made[n++] = (struct published_file){
				.filename = files[i].filename, .requires_python = files[i].requires_python};
		}
	}
	struct published *page = published_create(p->name, made, n);
	published_facts(page, &target, 1, &fact);
	published_destroy(page);
	free(made);
	return fact.state == PUBLISHED_WHEEL || fact.state == PUBLISHED_PURE;
}

/* The requirement with its extras, of one version alone. */
static uint32_t pinned(struct checking *c, const struct universe_requirement *r, struct str version)
{
	struct buf text = {0};
	uint32_t out;
	buf_add_str(&text, c->u.packages.v[r->package].name);
	for (uint32_t i = 0; i < r->extra_count; i++) {
		buf_add_char(&text, i == 0 ? '[' : ',');
		buf_add_str(&text, c->u.extras.v[r->extras[i]]);
	}
	buf_printf(&text, "%s==%.*s", r->extra_count != 0 ? "]" : "", STR_ARG(version));
	if (universe_requirement(&c->u, buf_view(&text), &out, NULL) != 0) {
		mem_bug("a pinned requirement is none");
	}
	buf_finish(&text);
	return out;
}

static int can_install(struct checking *c, uint32_t requirement, bool *yes, const char **version)
{
	struct solve_answer a;
	int code = check_ask(c, &requirement, 1, &a);
	if (code != 0) {
		return code;
	}
	*yes = a.verdict == SOLVE_YES;
	VEC_EACH (struct solve_pick, pick, &a.picks) {
		if (version != NULL && pick->package == c->u.requirements.v[requirement].package) {
			*version = check_keep(c, c->u.packages.v[pick->package].versions[pick->version].text);
		}
	}
	solve_answer_finish(&a);
	return 0;
}

int check_headline(struct checking *c, struct check_item *item, const struct check_asked *asked)
{
	const uint32_t requirement = asked->requirement;
	struct universe_requirement r = c->u.requirements.v[requirement];
	const struct pep_target *target = c->options->targets[c->target];
	struct headline_facts facts = asked->facts[c->target].facts;
	struct specs specs = {0};
	collect_specs(c, &r, c->target, &specs);
	uint32_t version = newest(c, &r, &specs);
	bool yes = true;
	int code = 0;
	if (version != UNIVERSE_NONE) {
		item->newest_allowed = check_keep(c, c->u.packages.v[r.package].versions[version].text);
	}
	bool is_newest = item->version != NULL && item->newest_allowed != NULL &&
		strcmp(item->version, item->newest_allowed) == 0;
	if (item->nearest == NULL && item->installable) {
		item->nearest = item->version;
		if (!is_newest) {
			code = can_install(c, requirement, &yes, &item->nearest);
		}
	}
	vec_finish(&specs.list);
	if (scope_find(c->options->scope, c->u.packages.v[r.package].name, str_from(target->name)) !=
		NULL) {
		facts.state = PUBLISHED_NOT_APPLICABLE;
	}
	if (code == 0 && version != UNIVERSE_NONE && !is_newest) {
		struct str text = c->u.packages.v[r.package].versions[version].text;
		code = can_install(c, pinned(c, &r, text), &yes, NULL);
	}
	if (version != UNIVERSE_NONE && is_built(c, r.package, version, target)) {
		facts.build = HEADLINE_BUILT;
	}
	facts.dependencies = yes ? DEPENDENCIES_OK : DEPENDENCIES_BLOCKED;
	item->headline = headline_of(&facts);
	return code;
}
