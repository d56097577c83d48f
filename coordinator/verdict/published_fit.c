#include "coordinator/verdict/published_fit.h"

#include "core/pep/filename.h"
#include "core/pep/specifier.h"

/* The distinct Pythons, platforms and Python versions of the targets, each with who has it. */
struct part {
	struct tag_target tags; /* of one of them */
	const char *full_version;
	uint64_t *targets;
};

struct parts {
	struct part *v;
	size_t n;
};

#define RANK_ANY (INT64_C(1) << 62)
#define RANK_GROUP (INT64_C(1) << 32)

uint64_t *fit_sets(struct fit *f, size_t count)
{
	return arena_new(&f->arena, count * f->words * sizeof(uint64_t));
}

static void add(uint64_t *set, size_t target)
{
	set[target / 64] |= UINT64_C(1) << (target % 64);
}

static void add_all(uint64_t *set, const uint64_t *other, size_t words)
{
	for (size_t w = 0; w < words; w++) {
		set[w] |= other[w];
	}
}

static bool same_python(const struct part *a, const struct part *b)
{
	return a->tags.python_major == b->tags.python_major &&
		a->tags.python_minor == b->tags.python_minor &&
		a->tags.free_threaded == b->tags.free_threaded;
}

static bool same_platform(const struct part *a, const struct part *b)
{
	return a->tags.platform == b->tags.platform && a->tags.libc_major == b->tags.libc_major &&
		a->tags.libc_minor == b->tags.libc_minor && str_equal(a->tags.arch, b->tags.arch);
}

static bool same_version(const struct part *a, const struct part *b)
{
	return strcmp(a->full_version, b->full_version) == 0;
}

/* The index of the part that the target has. */
static uint32_t join(struct fit *f, struct parts *parts, const struct pep_target *target,
	size_t index, bool (*same)(const struct part *, const struct part *))
{
	struct part part = {.tags = pep_target_tags(target), .full_version = target->full_version};
	size_t i = 0;
	while (i < parts->n && !same(&parts->v[i], &part)) {
		i++;
	}
	if (i == parts->n) {
		part.targets = fit_sets(f, 1);
		parts->v[parts->n++] = part;
	}
	add(parts->v[i].targets, index);
	return (uint32_t)i;
}

/* The lower of two ranks of which either may be -1, none. */
static int better(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* What one "python-abi" text, which may be a compressed set, says to each Python. */
struct interpreter_sets {
	uint64_t *platform;
	uint64_t *any;
	uint64_t *own;
};

static void ask_interpreter(struct fit *f, const struct parts *pythons, struct str text,
	int *groups, int *any_places, struct interpreter_sets *out)
{
	struct str abis = text, tags, python, abi;
	str_split(&abis, '-', &tags);
	for (size_t i = 0; i < pythons->n; i++) {
		groups[i] = any_places[i] = -1;
	}
	while (str_split(&tags, '.', &python)) {
		struct str rest = abis;
		while (str_split(&rest, '.', &abi)) {
			struct tag_interpreter read = tag_interpreter_parse(python, abi);
			for (size_t i = 0; i < pythons->n; i++) {
				const struct tag_target *target = &pythons->v[i].tags;
				groups[i] = better(groups[i], tag_interpreter_group(target, &read));
				any_places[i] = better(any_places[i], tag_interpreter_any(target, &read));
				if (tag_fits_interpreter(target, &read)) {
					add_all(out->own, pythons->v[i].targets, f->words);
				}
			}
		}
	}
	for (size_t i = 0; i < pythons->n; i++) {
		if (groups[i] >= 0) {
			add_all(out->platform, pythons->v[i].targets, f->words);
		}
		if (any_places[i] >= 0) {
			add_all(out->any, pythons->v[i].targets, f->words);
		}
	}
}

/* What one platform text, which may be a compressed set, says to each platform. */
struct system_sets {
	uint64_t *platform;
	uint64_t *other; /* it speaks of a platform that is not theirs, nor "any" */
	bool any;
	bool win_amd64;
};

static void ask_system(struct fit *f, const struct parts *platforms, struct str text, int *places,
	struct system_sets *out)
{
	struct str one;
	for (size_t i = 0; i < platforms->n; i++) {
		places[i] = -1;
	}
	while (str_split(&text, '.', &one)) {
		struct tag_system read = tag_system_parse(one);
		out->any |= read.kind == TAG_SYSTEM_ANY;
		out->win_amd64 |=
			read.kind == TAG_SYSTEM_WINDOWS && str_equal_nocase(read.arch, STR("amd64"));
		for (size_t i = 0; i < platforms->n; i++) {
			int place = tag_system_rank(&platforms->v[i].tags, &read);
			places[i] = better(places[i], place);
			if (place < 0 && read.kind != TAG_SYSTEM_ANY) {
				add_all(out->other, platforms->v[i].targets, f->words);
			}
		}
	}
	for (size_t i = 0; i < platforms->n; i++) {
		if (places[i] >= 0) {
			add_all(out->platform, platforms->v[i].targets, f->words);
		}
	}
}

static void combine(struct fit *f, const struct interpreter_sets *interpreters,
	const struct system_sets *systems, const uint64_t *windows_arm)
{
	const struct published *page = f->page;
	f->tags = arena_new(&f->arena, (page->tags.n + 1) * sizeof(*f->tags));
	for (size_t i = 0; i < page->tags.n; i++) {
		const struct interpreter_sets *a = &interpreters[page->tags.v[i].interpreter];
		const struct system_sets *b = &systems[page->tags.v[i].system];
		struct fit_tags *tags = &f->tags[i];
		uint64_t *sets = fit_sets(f, 4);
		*tags = (struct fit_tags){.platform = sets,
			.any = sets + f->words,
			.elsewhere = sets + 2 * f->words,
			.emulated = sets + 3 * f->words};
		for (size_t w = 0; w < f->words; w++) {
			tags->platform[w] = a->platform[w] & b->platform[w];
			tags->any[w] = b->any ? a->any[w] : 0;
			tags->elsewhere[w] = a->own[w] & b->other[w];
			tags->emulated[w] = b->win_amd64 ? a->own[w] & windows_arm[w] : 0;
		}
	}
}

/* One that is no specifier excludes nobody, as pip has it. */
static void ask_rules(struct fit *f, const struct parts *versions)
{
	const struct map *texts = &f->page->rules;
	f->rules = arena_new(&f->arena, (texts->n + 1) * sizeof(*f->rules));
	struct version *read = arena_new(&f->arena, (versions->n + 1) * sizeof(*read));
	bool *valid = arena_new(&f->arena, versions->n + 1);
	for (size_t i = 0; i < versions->n; i++) {
		valid[i] = version_parse(str_from(versions->v[i].full_version), &read[i], NULL) == 0;
	}
	for (size_t r = 0; r < texts->n; r++) {
		struct str text = texts->entries[r].key;
		struct specifier_set set;
		bool asks = text.n != 0 && specifier_set_parse(text, &set, NULL) == 0;
		f->rules[r] = asks ? fit_sets(f, 1) : f->all;
		for (size_t i = 0; asks && i < versions->n; i++) {
			if (!valid[i] || specifier_set_contains(&set, &read[i])) {
				add_all(f->rules[r], versions->v[i].targets, f->words);
			}
		}
	}
}

static bool is_windows_arm(const struct tag_target *t)
{
	return t->platform == TAG_WINDOWS && str_is(t->arch, "arm64");
}

void fit_init(struct fit *f, const struct published *page, const struct pep_target *const *targets,
	size_t count)
{
	*f = (struct fit){.targets = count, .words = count / 64 + 1, .page = page};
	struct part *room = arena_new(&f->arena, (3 * count + 1) * sizeof(*room));
	struct parts pythons = {.v = room}, platforms = {.v = room + count};
	struct parts versions = {.v = room + 2 * count};
	f->all = fit_sets(f, 1);
	f->python_of = arena_new(&f->arena, (count + 1) * sizeof(*f->python_of));
	f->platform_of = arena_new(&f->arena, (count + 1) * sizeof(*f->platform_of));
	for (size_t i = 0; i < count; i++) {
		add(f->all, i);
		f->python_of[i] = join(f, &pythons, targets[i], i, same_python);
		f->platform_of[i] = join(f, &platforms, targets[i], i, same_platform);
		join(f, &versions, targets[i], i, same_version);
	}
	f->python_count = pythons.n;
	f->platform_count = platforms.n;
	ask_rules(f, &versions);

	const struct map *texts = &page->interpreters;
	struct interpreter_sets *interpreters =
		arena_new(&f->arena, (texts->n + 1) * sizeof(*interpreters));
	f->groups = arena_new(&f->arena, (texts->n * pythons.n + 1) * sizeof(int));
	f->any_places = arena_new(&f->arena, (texts->n * pythons.n + 1) * sizeof(int));
	for (size_t i = 0; i < texts->n; i++) {
		uint64_t *sets = fit_sets(f, 3);
		interpreters[i] = (struct interpreter_sets){sets, sets + f->words, sets + 2 * f->words};
		ask_interpreter(f, &pythons, texts->entries[i].key, f->groups + i * pythons.n,
			f->any_places + i * pythons.n, &interpreters[i]);
	}
	texts = &page->systems;
	struct system_sets *systems = arena_new(&f->arena, (texts->n + 1) * sizeof(*systems));
	f->places = arena_new(&f->arena, (texts->n * platforms.n + 1) * sizeof(int));
	for (size_t i = 0; i < texts->n; i++) {
		systems[i].platform = fit_sets(f, 2);
		systems[i].other = systems[i].platform + f->words;
		ask_system(f, &platforms, texts->entries[i].key, f->places + i * platforms.n, &systems[i]);
	}
	uint64_t *windows_arm = fit_sets(f, 1);
	for (size_t i = 0; i < platforms.n; i++) {
		if (is_windows_arm(&platforms.v[i].tags)) {
			add_all(windows_arm, platforms.v[i].targets, f->words);
		}
	}
	combine(f, interpreters, systems, windows_arm);
}

void fit_finish(struct fit *f)
{
	arena_finish(&f->arena);
	*f = (struct fit){0};
}

int64_t fit_rank(const struct fit *f, uint32_t tags, size_t target)
{
	const struct page_tags *t = &f->page->tags.v[tags];
	size_t python = t->interpreter * f->python_count + f->python_of[target];
	if (!fit_has(f->tags[tags].platform, target)) {
		return RANK_ANY + f->any_places[python];
	}
	int place = f->places[t->system * f->platform_count + f->platform_of[target]];
	return f->groups[python] * RANK_GROUP + place;
}
