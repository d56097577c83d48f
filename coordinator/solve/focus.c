#include "coordinator/solve/question.h"

static struct solve_focus_package *package_of(
	struct solve_focus *f, const struct universe *u, uint32_t package)
{
	vec_fill(&f->all, u->packages.n);
	struct solve_focus_package *p = &f->all.v[package];
	if (p->versions == NULL) {
		p->versions = mem_new(u->packages.v[package].version_count / 64 + 1, sizeof(*p->versions));
		*vec_add(&f->packages) = package;
	}
	return p;
}

static uint32_t requires_of(const struct universe_package *p, uint32_t version, size_t target)
{
	const struct universe_wheel *w = solve_wheel(&p->versions[version], target);
	return w != NULL ? w->requires : UNIVERSE_NONE;
}

static void add_bit(struct solve_focus_package *p, uint32_t version)
{
	p->versions[version / 64] |= UINT64_C(1) << (version % 64);
}

void solve_focus_add(struct solve_focus *f, const struct universe *u, uint32_t package,
	uint32_t version, size_t target)
{
	const struct universe_package *p = &u->packages.v[package];
	struct solve_focus_package *known = package_of(f, u, package);
	uint32_t requires = requires_of(p, version, target);
	add_bit(known, version);
	if (requires == UNIVERSE_NONE) {
		return;
	}
	for (uint32_t v = version; v-- > 0 && requires_of(p, v, target) == requires;) {
		add_bit(known, v);
	}
	for (uint32_t v = version + 1; v < p->version_count && requires_of(p, v, target) == requires;
		 v++) {
		add_bit(known, v);
	}
}

uint32_t solve_focus_look(struct solve_focus *f, uint32_t package)
{
	return f->all.v[package].looks++;
}

const uint64_t *solve_focus_versions(const struct solve_focus *f, uint32_t package)
{
	return package < f->all.n ? f->all.v[package].versions : NULL;
}

bool solve_focus_has(const struct solve_focus *f, uint32_t package, uint32_t version)
{
	const uint64_t *words = solve_focus_versions(f, package);
	return words != NULL && (words[version / 64] >> (version % 64) & 1) != 0;
}

void solve_focus_clear(struct solve_focus *f)
{
	VEC_EACH (uint32_t, package, &f->packages) {
		free(f->all.v[*package].versions);
		f->all.v[*package] = (struct solve_focus_package){0};
	}
	f->packages.n = 0;
}

void solve_focus_finish(struct solve_focus *f)
{
	solve_focus_clear(f);
	vec_finish(&f->all);
	vec_finish(&f->packages);
}
