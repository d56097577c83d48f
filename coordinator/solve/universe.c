#include "coordinator/solve/universe.h"

#include "coordinator/solve/requires_text.h"
#include "core/pep/name.h"

void universe_init(struct universe *u, const struct pep_target *const *targets, size_t count,
	enum universe_rules rules)
{
	if (count == 0 || count > UNIVERSE_TARGETS) {
		mem_bug("a universe of %zu targets", count);
	}
	*u = (struct universe){.rules = rules, .target_count = count};
	u->targets = arena_new(&u->arena, count * sizeof(*u->targets));
	for (size_t i = 0; i < count; i++) {
		u->targets[i] = *targets[i];
	}
	u->package_names.lent = u->spec_texts.lent = u->requirement_texts.lent =
		u->requires_texts.lent = u->extra_names.lent = u->marker_results.lent = true;
	u->all = count == 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

void universe_finish(struct universe *u)
{
	vec_finish(&u->packages);
	vec_finish(&u->specs);
	vec_finish(&u->requirements);
	vec_finish(&u->requires);
	vec_finish(&u->extras);
	struct map *maps[] = {&u->package_names, &u->spec_texts, &u->requirement_texts,
		&u->requires_texts, &u->extra_names, &u->python_rules, &u->tag_texts, &u->marker_results};
	for (size_t i = 0; i < sizeof(maps) / sizeof(*maps); i++) {
		map_finish(maps[i]);
	}
	buf_finish(&u->key);
	arena_finish(&u->arena);
	if (u->room != NULL) {
		u->room_finish(u->room);
	}
	if (u->looking != NULL) {
		u->looking_finish(u->looking);
	}
	*u = (struct universe){0};
}

static struct str keep(struct universe *u, struct str text)
{
	return (struct str){arena_copy(&u->arena, text.p, text.n), text.n};
}

/* The index of a text that is known, or UNIVERSE_NONE and the text is noted for index `next`: *text is then
 * what is kept of it. */
static uint32_t find_or_note(struct universe *u, struct map *m, struct str *text, size_t next)
{
	size_t known = (size_t)(uintptr_t)map_get(m, *text);
	if (known != 0) {
		return (uint32_t)(known - 1);
	}
	*text = keep(u, *text);
	map_put(m, *text, (void *)(uintptr_t)(next + 1));
	return UNIVERSE_NONE;
}

/* Names are compared in their normalised form (PEP 503). */
static struct str normal(struct universe *u, struct str name)
{
	buf_clear(&u->key);
	name_normalise(name, &u->key);
	return buf_view(&u->key);
}

uint32_t universe_package(struct universe *u, struct str name)
{
	struct str text = normal(u, name);
	uint32_t found = find_or_note(u, &u->package_names, &text, u->packages.n);
	if (found == UNIVERSE_NONE) {
		found = (uint32_t)u->packages.n;
		vec_add(&u->packages)->name = text;
	}
	return found;
}

uint32_t universe_extra(struct universe *u, struct str name)
{
	struct str text = normal(u, name);
	uint32_t found = find_or_note(u, &u->extra_names, &text, u->extras.n);
	if (found == UNIVERSE_NONE) {
		found = (uint32_t)u->extras.n;
		*vec_add(&u->extras) = text;
	}
	return found;
}

uint32_t universe_spec(struct universe *u, uint32_t package, struct str specifiers)
{
	buf_clear(&u->key);
	buf_add(&u->key, &package, sizeof(package));
	buf_add_str(&u->key, specifiers);
	struct str text = buf_view(&u->key);
	uint32_t found = find_or_note(u, &u->spec_texts, &text, u->specs.n);
	if (found == UNIVERSE_NONE) {
		found = (uint32_t)u->specs.n;
		*vec_add(&u->specs) = (struct universe_spec){
			.package = package, .text = str_slice(text, sizeof(package), text.n)};
	}
	return found;
}

struct specifier_set universe_spec_set(const struct universe *u, uint32_t spec)
{
	struct specifier_set set;
	if (specifier_set_parse(u->specs.v[spec].text, &set, NULL) != 0) {
		mem_bug("specifiers that were read once are none");
	}
	return set;
}

uint32_t universe_find_version(
	const struct universe_version *versions, uint32_t count, struct str text)
{
	for (uint32_t v = count; v-- > 0;) {
		if (str_equal(versions[v].text, text)) {
			return v;
		}
	}
	return UNIVERSE_NONE;
}

bool universe_is_unread(const struct universe_wheel *w)
{
	return !w->yanked && w->keyed && w->requires == UNIVERSE_NONE;
}

const uint64_t *universe_match_bits(struct universe *u, uint32_t spec)
{
	struct universe_spec *s = &u->specs.v[spec];
	const struct universe_package *p = &u->packages.v[s->package];
	if (s->text.n != 0 && s->matches == NULL) {
		const struct specifier_set set = universe_spec_set(u, spec);
		s->matches = arena_new(&u->arena, (p->version_count / 64 + 1) * sizeof(*s->matches));
		for (uint32_t i = 0; i < p->version_count; i++) {
			if (specifier_set_contains(&set, &p->versions[i].version)) {
				s->matches[i / 64] |= UINT64_C(1) << (i % 64);
			}
		}
	}
	return s->matches;
}

bool universe_matches(struct universe *u, uint32_t spec, uint32_t version)
{
	const uint64_t *matches = universe_match_bits(u, spec);
	return matches == NULL || (matches[version / 64] >> (version % 64) & 1) != 0;
}

static bool has_text(struct str text, struct str part)
{
	return str_find_text(text, part) >= 0;
}

/* The targets whose environment, with this extra, the marker holds on. */
static uint64_t evaluate(const struct universe *u, struct str marker, struct str extra)
{
	uint64_t set = 0;
	for (size_t t = 0; t < u->target_count; t++) {
		struct marker_environment environment = pep_target_environment(&u->targets[t]);
		bool holds = false;
		environment.values[MARKER_EXTRA] = extra;
		if (marker_evaluate(marker, &environment, &holds, NULL) == 0 && holds) {
			set |= UINT64_C(1) << t;
		}
	}
	return set;
}

uint64_t universe_applies(struct universe *u, uint32_t requirement, uint32_t extra)
{
	const struct universe_requirement *r = &u->requirements.v[requirement];
	if (!r->by_extra || extra == UNIVERSE_NONE) {
		return r->applies;
	}
	buf_clear(&u->key);
	buf_add(&u->key, &extra, sizeof(extra));
	buf_add_str(&u->key, r->marker);
	uint64_t *known = map_get(&u->marker_results, buf_view(&u->key));
	if (known == NULL) {
		known = arena_new(&u->arena, sizeof(*known));
		*known = evaluate(u, r->marker, u->extras.v[extra]);
		map_put(&u->marker_results, keep(u, buf_view(&u->key)), known);
	}
	return *known;
}

static int read_extras(struct universe *u, const struct requirement *r,
	struct universe_requirement *out, struct err *e)
{
	struct str rest = r->extras, extra;
	VEC(uint32_t) extras = {0};
	while (extras.n < UNIVERSE_EXTRAS && requirement_next_extra(&rest, &extra)) {
		*vec_add(&extras) = universe_extra(u, extra);
	}
	out->extra_count = (uint32_t)extras.n;
	out->extras = vec_to_arena(&extras, &u->arena);
	return out->extra_count < UNIVERSE_EXTRAS
		? 0
		: err_set(e, ERR_TOO_LARGE, "requirement: %d extras and more", UNIVERSE_EXTRAS);
}

int universe_requirement(struct universe *u, struct str text, uint32_t *out, struct err *e)
{
	size_t known = (size_t)(uintptr_t)map_get(&u->requirement_texts, text);
	*out = (uint32_t)(known - 1);
	if (known != 0) {
		return 0;
	}
	struct requirement r;
	text = keep(u, text);
	int code = requirement_parse(text, &r, e);
	if (code != 0) {
		return code;
	}
	struct universe_requirement made = {.text = text, .marker = r.marker, .url = r.url};
	made.package = universe_package(u, r.name);
	made.spec = universe_spec(u, made.package, r.specifiers.text);
	made.by_extra = has_text(r.marker, STR("extra"));
	made.applies = r.marker.n == 0 ? u->all : evaluate(u, r.marker, (struct str){0});
	code = read_extras(u, &r, &made, e);
	if (code == 0) {
		*out = (uint32_t)u->requirements.n;
		*vec_add(&u->requirements) = made;
		map_put(&u->requirement_texts, text, (void *)((uintptr_t)*out + 1));
	}
	return code;
}

/* The lower bound alone, as uv has it: what a member says of versions below its own. */
static bool lower_bound_admits(const struct specifier *s, const struct version *python)
{
	switch (s->op) {
	case SPECIFIER_COMPATIBLE:
	case SPECIFIER_EQUAL:
	case SPECIFIER_GREATER_EQUAL:
		return version_compare(python, &s->version) >= 0;
	case SPECIFIER_GREATER:
		return version_compare(python, &s->version) > 0;
	default:
		return true;
	}
}

static bool admits(const struct universe *u, const struct specifier_set *set, size_t target)
{
	struct version python;
	struct specifier s;
	struct str rest = set->text;
	if (version_parse(str_from(u->targets[target].full_version), &python, NULL) != 0) {
		mem_bug("the version of a target is none");
	}
	if (u->rules == UNIVERSE_PIP) {
		return specifier_set_contains(set, &python);
	}
	while (specifier_set_next(&rest, &s)) {
		if (!lower_bound_admits(&s, &python)) {
			return false;
		}
	}
	return true;
}

uint64_t universe_admits(struct universe *u, struct str requires_python)
{
	struct specifier_set set;
	requires_python = str_trim(requires_python);
	if (requires_python.n == 0) {
		return u->all;
	}
	uint64_t *known = map_get(&u->python_rules, requires_python);
	if (known == NULL) {
		known = arena_new(&u->arena, sizeof(*known));
		bool readable = specifier_set_parse(requires_python, &set, NULL) == 0;
		for (size_t t = 0; t < u->target_count; t++) {
			*known |= !readable || admits(u, &set, t) ? UINT64_C(1) << t : 0;
		}
		map_put(&u->python_rules, requires_python, known);
	}
	return *known;
}

static void add_requirement(
	struct universe *u, struct universe_requires *out, struct str text, uint32_t *room)
{
	struct err e = {0};
	uint32_t index;
	if (out->count == UNIVERSE_REQUIREMENTS) {
		out->bad = "it has more requirements than anybody can read";
	} else if (universe_requirement(u, text, &index, &e) != 0) {
		out->bad = arena_copy(&u->arena, e.text, strlen(e.text));
	} else {
		room[out->count++] = index;
		out->by_url |= u->requirements.v[index].url.n != 0;
	}
}

uint32_t universe_requires(struct universe *u, struct str text)
{
	uint32_t found = find_or_note(u, &u->requires_texts, &text, u->requires.n);
	if (found != UNIVERSE_NONE) {
		return found;
	}
	struct universe_requires made = {.admits = u->all};
	struct str rest = text, value;
	size_t lines = 0;
	char kind;
	while (requires_text_next(&rest, &kind, &value)) {
		lines += kind == 'R';
	}
	made.v = arena_new(&u->arena, (lines + 1) * sizeof(*made.v));
	rest = text;
	while (requires_text_next(&rest, &kind, &value)) {
		if (kind == 'P') {
			made.admits = universe_admits(u, value);
		} else if (kind == 'R' && made.bad == NULL) {
			add_requirement(u, &made, value, made.v);
		}
	}
	*vec_add(&u->requires) = made;
	return (uint32_t)(u->requires.n - 1);
}

uint32_t universe_requires_bad(struct universe *u, const char *why)
{
	*vec_add(&u->requires) = (struct universe_requires){
		.admits = u->all, .bad = arena_copy(&u->arena, why, strlen(why))};
	return (uint32_t)(u->requires.n - 1);
}
