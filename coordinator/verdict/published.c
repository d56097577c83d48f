#include "coordinator/verdict/published.h"

#include "coordinator/verdict/published_fit.h"

static const char *const state_words[PUBLISHED_STATE_COUNT] = {
#define PUBLISHED_WORD(name, word) [PUBLISHED_##name] = (word),
	PUBLISHED_STATE_MAP(PUBLISHED_WORD)
#undef PUBLISHED_WORD
};

const char *published_state_word(enum published_state s)
{
	return s < PUBLISHED_STATE_COUNT ? state_words[s] : "";
}

bool published_state_find(struct str word, enum published_state *out)
{
	for (int i = 0; i < PUBLISHED_STATE_COUNT; i++) {
		if (str_is(word, state_words[i])) {
			*out = (enum published_state)i;
			return true;
		}
	}
	return false;
}

/* One question: a page and targets. Each release has a few sets of targets, made in one walk over its
 * files; every fact is read off them. */
struct release_sets {
	uint64_t *platform; /* a platform wheel fits */
	uint64_t *any; /* a wheel of platform "any" fits */
	uint64_t *sdist; /* an sdist may be used */
	uint64_t *fits; /* any of these three */
	uint64_t *admitted; /* some file admits this Python */
	uint64_t *elsewhere; /* as in struct fit_tags */
	uint64_t *emulated;
	bool compiled;
};

struct asked {
	const struct published *page;
	struct fit fit;
	struct release_sets *releases; /* beside page->releases */
	uint64_t *admitted; /* some file of the page, of whatever kind, admits this Python */
	uint32_t *looked_at; /* of each target; a release or PAGE_NOTHING, so below */
	uint32_t *newest; /* with a platform wheel; final, so below */
	uint32_t *first;
	uint32_t *sdist;
};

static void add_all(uint64_t *set, const uint64_t *a, const uint64_t *b, size_t words)
{
	for (size_t w = 0; w < words; w++) {
		set[w] |= a[w] & b[w];
	}
}

static void read_release(struct asked *q, size_t r)
{
	size_t words = q->fit.words;
	uint64_t *sets = fit_sets(&q->fit, 7);
	struct release_sets out = {.platform = sets,
		.any = sets + words,
		.sdist = sets + 2 * words,
		.admitted = sets + 3 * words,
		.elsewhere = sets + 4 * words,
		.emulated = sets + 5 * words,
		.fits = sets + 6 * words};
	const struct page_release *release = &q->page->releases[r];
	for (size_t i = 0; i < release->n; i++) {
		const struct page_entry *entry = &q->page->entries[release->files[i]];
		const uint64_t *rule = q->fit.rules[entry->rule];
		if (entry->yanked) {
			continue;
		}
		add_all(out.admitted, rule, rule, words);
		if (entry->tags == PAGE_NOTHING) {
			add_all(out.sdist, rule, rule, words);
			continue;
		}
		const struct fit_tags *tags = &q->fit.tags[entry->tags];
		add_all(out.platform, tags->platform, rule, words);
		add_all(out.any, tags->any, rule, words);
		add_all(out.elsewhere, tags->elsewhere, q->fit.all, words);
		add_all(out.emulated, tags->emulated, q->fit.all, words);
		out.compiled |= q->page->tags.v[entry->tags].compiled;
	}
	for (size_t w = 0; w < words; w++) {
		out.fits[w] = out.platform[w] | out.any[w] | out.sdist[w];
	}
	q->releases[r] = out;
}

/* Gives release r to each target of `hit` that is still in `open`, and takes it out there. */
static void settle(uint64_t *open, const uint64_t *hit, size_t words, uint32_t *answers, size_t r)
{
	for (size_t w = 0; w < words; w++) {
		uint64_t found = open[w] & hit[w];
		open[w] &= ~found;
		for (; found != 0; found &= found - 1) {
			answers[w * 64 + (size_t)__builtin_ctzll(found)] = (uint32_t)r;
		}
	}
}

static bool is_empty(const uint64_t *set, size_t words)
{
	uint64_t any = 0;
	for (size_t w = 0; w < words; w++) {
		any |= set[w];
	}
	return any == 0;
}

/* A set that starts as `whole`. */
static uint64_t *copy_set(struct asked *q, const uint64_t *whole)
{
	uint64_t *set = fit_sets(&q->fit, 1);
	memcpy(set, whole, q->fit.words * sizeof(*set));
	return set;
}

static uint32_t *no_answers(struct asked *q)
{
	uint32_t *answers = arena_new(&q->fit.arena, (q->fit.targets + 1) * sizeof(*answers));
	for (size_t i = 0; i < q->fit.targets; i++) {
		answers[i] = PAGE_NOTHING;
	}
	return answers;
}

/* The highest release with a file that fits; pre-releases only if no final one has. */
static void settle_looked_at(struct asked *q)
{
	size_t words = q->fit.words;
	uint64_t *open = copy_set(q, q->fit.all);
	q->looked_at = no_answers(q);
	for (int prereleases = 0; prereleases < 2; prereleases++) {
		for (size_t r = q->page->release_count; r-- > 0 && !is_empty(open, words);) {
			if (q->page->releases[r].prerelease == (prereleases != 0)) {
				settle(open, q->releases[r].fits, words, q->looked_at, r);
			}
		}
	}
}

/* Of the final releases, the highest with a platform wheel and with an sdist, and the lowest with a
 * platform wheel. */
static void settle_final(struct asked *q)
{
	size_t words = q->fit.words, count = q->page->release_count;
	uint64_t *wheels = copy_set(q, q->fit.all), *sdists = copy_set(q, q->fit.all);
	q->newest = no_answers(q);
	q->sdist = no_answers(q);
	q->first = no_answers(q);
	for (size_t r = count; r-- > 0 && (!is_empty(wheels, words) || !is_empty(sdists, words));) {
		if (!q->page->releases[r].prerelease) {
			settle(wheels, q->releases[r].platform, words, q->newest, r);
			settle(sdists, q->releases[r].sdist, words, q->sdist, r);
		}
	}
	uint64_t *open = copy_set(q, q->fit.all);
	for (size_t w = 0; w < words; w++) {
		open[w] &= ~wheels[w]; /* what has a highest one has a lowest */
	}
	for (size_t r = 0; r < count && !is_empty(open, words); r++) {
		if (!q->page->releases[r].prerelease) {
			settle(open, q->releases[r].platform, words, q->first, r);
		}
	}
}

/* Does the target take this wheel; `any`: also by platform "any". */
static bool takes(const struct asked *q, const struct page_entry *entry, size_t target, bool any)
{
	if (entry->yanked || entry->tags == PAGE_NOTHING ||
		!fit_has(q->fit.rules[entry->rule], target)) {
		return false;
	}
	const struct fit_tags *tags = &q->fit.tags[entry->tags];
	return fit_has(tags->platform, target) || (any && fit_has(tags->any, target));
}

/* PEP 427: without a build tag before any with one; then by number, then by text. */
static int compare_builds(const struct published_file *a, const struct published_file *b)
{
	struct filename x, y;
	filename_parse(a->filename, &x, NULL);
	filename_parse(b->filename, &y, NULL);
	if (x.has_build != y.has_build) {
		return (int)x.has_build - (int)y.has_build;
	}
	int order = version_compare_digits(x.build_number, y.build_number);
	return order != 0 ? order : str_compare(x.build_rest, y.build_rest);
}

/* The wheel of a release that pip would take, PAGE_NOTHING if none fits. Of equal ones it takes the
 * last of the page. */
static uint32_t best_wheel(const struct asked *q, const struct page_release *release, size_t target)
{
	const struct published *p = q->page;
	uint32_t best = PAGE_NOTHING;
	int64_t best_rank = 0;
	for (size_t i = 0; i < release->n; i++) {
		uint32_t file = release->files[i];
		if (!takes(q, &p->entries[file], target, true)) {
			continue;
		}
		int64_t rank = fit_rank(&q->fit, p->entries[file].tags, target);
		if (best == PAGE_NOTHING || rank < best_rank ||
			(rank == best_rank && compare_builds(&p->files[file], &p->files[best]) >= 0)) {
			best = file;
			best_rank = rank;
		}
	}
	return best;
}

/* The sdist of a release that this Python may use; of two (.tar.gz, .zip) the last of the page, as pip
 * has it. */
static uint32_t best_sdist(const struct asked *q, const struct page_release *release, size_t target)
{
	const struct published *p = q->page;
	for (size_t i = release->n; i-- > 0;) {
		const struct page_entry *entry = &p->entries[release->files[i]];
		if (entry->kind == FILENAME_SDIST && !entry->yanked &&
			fit_has(q->fit.rules[entry->rule], target)) {
			return release->files[i];
		}
	}
	return PAGE_NOTHING;
}

/* When the first wheel of the release that the target takes came; 0 if no such is dated. */
static int64_t first_upload(const struct asked *q, uint32_t r, size_t target, bool any)
{
	const struct page_release *release = &q->page->releases[r];
	int64_t first = 0;
	for (size_t i = 0; i < release->n; i++) {
		uint32_t file = release->files[i];
		int64_t date = q->page->files[file].uploaded;
		if (date != 0 && (first == 0 || date < first) &&
			takes(q, &q->page->entries[file], target, any)) {
			first = date;
		}
	}
	return first;
}

/* The final releases above r with a file that admits the target's Python. */
static int64_t count_above(const struct asked *q, uint32_t r, size_t target)
{
	int64_t count = 0;
	for (size_t i = r + 1; i < q->page->release_count; i++) {
		count += !q->page->releases[i].prerelease && fit_has(q->releases[i].admitted, target);
	}
	return count;
}

/* The text of a file's own version: 1.0 and 1.0.0 are one release. */
static struct str version_of(const struct published *p, uint32_t file)
{
	return p->versions.v[p->entries[file].version].text;
}

static void tell_looked_at(const struct asked *q, size_t target, struct published_fact *out)
{
	const struct published *p = q->page;
	uint32_t r = q->looked_at[target];
	if (r == PAGE_NOTHING) {
		out->state = fit_has(q->admitted, target) ? PUBLISHED_NONE : PUBLISHED_PYTHON_EXCLUDED;
		return;
	}
	const struct release_sets *sets = &q->releases[r];
	uint32_t file = best_wheel(q, &p->releases[r], target);
	out->state = fit_has(sets->platform, target) ? PUBLISHED_WHEEL : PUBLISHED_PURE;
	if (file == PAGE_NOTHING) {
		file = best_sdist(q, &p->releases[r], target);
		out->state = PUBLISHED_SDIST;
	}
	out->version = version_of(p, file);
	out->file = &p->files[file];
	out->compiled_elsewhere = sets->compiled;
	out->lost_accelerator = out->state == PUBLISHED_PURE && fit_has(sets->elsewhere, target);
	out->emulated_alternative = fit_has(sets->emulated, target);
}

/* What the final releases say over time. */
static void tell_history(const struct asked *q, size_t target, struct published_fact *out)
{
	const struct published *p = q->page;
	uint32_t wheel = q->newest[target], newest = wheel, r = q->looked_at[target];
	bool pure = out->state == PUBLISHED_PURE;
	if (pure && !p->releases[r].prerelease) {
		newest = r;
	}
	out->behind = -1;
	if (newest != PAGE_NOTHING) {
		out->newest_version = p->releases[newest].version;
		out->newest_date = first_upload(q, newest, target, pure);
		out->behind = count_above(q, newest, target);
	}
	if (wheel != PAGE_NOTHING) {
		uint32_t first = q->first[target];
		out->first_version = p->releases[first].version;
		out->first_date = first_upload(q, first, target, false);
		if (wheel == newest ? out->behind != 0 : count_above(q, wheel, target) != 0) {
			out->vanished = p->releases[wheel].version;
		}
	}
	if (q->sdist[target] != PAGE_NOTHING) {
		uint32_t file = best_sdist(q, &p->releases[q->sdist[target]], target);
		out->sdist_version = version_of(p, file);
		out->sdist_file = &p->files[file];
	}
}

void published_facts(const struct published *p, const struct pep_target *const *targets,
	size_t count, struct published_fact *out)
{
	struct asked q = {.page = p};
	fit_init(&q.fit, p, targets, count);
	q.releases = arena_new(&q.fit.arena, (p->release_count + 1) * sizeof(*q.releases));
	for (size_t r = 0; r < p->release_count; r++) {
		read_release(&q, r);
	}
	q.admitted = fit_sets(&q.fit, 1);
	for (size_t i = 0; i < p->rules.n; i++) {
		add_all(q.admitted, q.fit.rules[i], q.fit.rules[i], q.fit.words);
	}
	settle_looked_at(&q);
	settle_final(&q);
	for (size_t i = 0; i < count; i++) {
		out[i] = (struct published_fact){0};
		tell_looked_at(&q, i, &out[i]);
		tell_history(&q, i, &out[i]);
	}
	fit_finish(&q.fit);
}

struct str published_newest(const struct published *p, int64_t *date)
{
	*date = 0;
	for (size_t i = p->release_count; i-- > 0;) {
		const struct page_release *release = &p->releases[i];
		bool there = false;
		for (size_t k = 0; !release->prerelease && k < release->n; k++) {
			const struct published_file *file = &p->files[release->files[k]];
			if (file->yanked) {
				continue;
			}
			there = true;
			if (file->uploaded != 0 && (*date == 0 || file->uploaded < *date)) {
				*date = file->uploaded;
			}
		}
		if (there) {
			return release->version;
		}
	}
	return (struct str){0};
}

static bool is_compiled(const struct published *p, const struct page_release *release)
{
	for (size_t i = 0; i < release->n; i++) {
		const struct page_entry *entry = &p->entries[release->files[i]];
		if (!entry->yanked && entry->tags != PAGE_NOTHING && p->tags.v[entry->tags].compiled) {
			return true;
		}
	}
	return false;
}

bool published_compiled(const struct published *p, struct str version)
{
	struct version wanted, v;
	if (version_parse(version, &wanted, NULL) != 0) {
		return false;
	}
	for (size_t i = 0; i < p->release_count; i++) {
		if (version_parse(p->releases[i].version, &v, NULL) == 0 &&
			version_compare(&v, &wanted) == 0) {
			return is_compiled(p, &p->releases[i]);
		}
	}
	return false;
}
