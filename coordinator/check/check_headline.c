#include "coordinator/check/check_parts.h"

#include "coordinator/verdict/headline.h"
#include "core/pep/filename.h"

#include <stdlib.h>

struct specs {
	VEC(uint32_t) list;
};

/* What a version must match: the requirement, and the constraints of that package. */
static void collect_specs(
	struct checking *c, const struct universe_requirement *r, struct specs *out)
{
	*vec_add(&out->list) = r->spec;
	VEC_EACH (uint32_t, constraint, &c->constraints) {
		const struct universe_requirement *k = &c->u.requirements.v[*constraint];
		if (k->package == r->package && universe_has(k->applies, c->target)) {
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

static bool contains_all(struct checking *c, const struct specs *specs, const struct version *v)
{
	VEC_EACH (uint32_t, spec, &specs->list) {
		if (!specifier_set_contains(&c->u.specs.v[*spec].set, v)) {
			return false;
		}
	}
	return true;
}

/* What is published of the versions that match. */
static void read_facts(struct checking *c, const struct universe_requirement *r,
	const struct specs *specs, const struct pep_target *target, struct headline_facts *out)
{
	const struct store_file *files;
	size_t count, n = 0;
	struct version v;
	struct published_fact fact;
	struct str name = c->u.packages.v[r->package].name;
	bool admits = false;
	gather_files(c->options->gather, name, &files, &count);
	struct published_file *admitted = mem_new(count + 1, sizeof(*admitted));
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || !str_equal(files[i].version, files[i - 1].version)) {
			admits = version_parse(files[i].version, &v, NULL) == 0 && contains_all(c, specs, &v);
		}
		if (admits) {
			admitted[n++] = (struct published_file){.filename = files[i].filename,
				.requires_python = files[i].requires_python,
				.yanked = files[i].yanked,
				.uploaded = files[i].uploaded};
		}
	}
	struct published *page = published_create(name, admitted, n);
	published_facts(page, &target, 1, &fact);
	*out = (struct headline_facts){
		.scanned = n != 0,
		.state = scope_find(c->options->scope, name, str_from(target->name)) != NULL
			? PUBLISHED_NOT_APPLICABLE
			: fact.state,
		.lost_accelerator = fact.lost_accelerator,
		.vanished = fact.vanished.n != 0,
		.compiled_elsewhere = fact.compiled_elsewhere,
	};
	published_destroy(page);
	free(admitted);
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

int check_headline(struct checking *c, struct check_item *item, uint32_t requirement)
{
	struct universe_requirement r = c->u.requirements.v[requirement];
	const struct pep_target *target = c->options->targets[c->target];
	struct headline_facts facts;
	struct specs specs = {0};
	collect_specs(c, &r, &specs);
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
	read_facts(c, &r, &specs, target, &facts);
	vec_finish(&specs.list);
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
