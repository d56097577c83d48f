#include "coordinator/verdict/published.h"

#include "coordinator/verdict/published_page.h"

static const char *const words[PUBLISHED_STATE_COUNT] = {
#define PUBLISHED_WORD(name, word) [PUBLISHED_##name] = (word),
	PUBLISHED_STATE_MAP(PUBLISHED_WORD)
#undef PUBLISHED_WORD
};

const char *published_state_word(enum published_state s)
{
	return s < PUBLISHED_STATE_COUNT ? words[s] : "";
}

bool published_state_find(struct str word, enum published_state *out)
{
	for (int i = 0; i < PUBLISHED_STATE_COUNT; i++) {
		if (str_is(word, words[i])) {
			*out = (enum published_state)i;
			return true;
		}
	}
	return false;
}

/* One question: a page and a target. */
struct asked {
	struct published *page;
	struct page_column *python;
	struct tag_target tags;
	unsigned platforms; /* of enum page_platform: what can fit at all */
};

static bool usable(const struct asked *q, const struct page_entry *entry)
{
	return !entry->file->yanked && page_admits(q->page, q->python, entry->rule);
}

/* The rank of a usable entry's best tag, -1 if it does not fit; *pure: that tag's platform is any. */
static int rank_of(const struct asked *q, const struct page_entry *entry, bool *pure)
{
	if ((entry->platforms & q->platforms) == 0 || !usable(q, entry)) {
		return -1;
	}
	struct tag best;
	int rank = filename_rank(&entry->name, &q->tags, &best);
	*pure = rank >= 0 && str_equal_nocase(best.platform, STR("any"));
	return rank;
}

/* PEP 427: without a build tag before any with one; then by number, then by text. */
static int compare_builds(const struct filename *a, const struct filename *b)
{
	if (a->has_build != b->has_build) {
		return a->has_build ? 1 : -1;
	}
	int order = version_compare_digits(a->build_number, b->build_number);
	return order != 0 ? order : str_compare(a->build_rest, b->build_rest);
}

/* The wheel of a release that pip would take, NULL if none fits. */
static const struct page_entry *best_wheel(
	const struct asked *q, const struct page_release *release, bool *pure)
{
	const struct page_entry *best = NULL;
	int best_rank = -1;
	for (size_t i = 0; i < release->n; i++) {
		const struct page_entry *entry = &release->entries[i];
		bool entry_pure = false;
		int rank = rank_of(q, entry, &entry_pure);
		bool better = rank >= 0 &&
			(best == NULL || rank < best_rank ||
				(rank == best_rank && compare_builds(&entry->name, &best->name) > 0));
		if (better) {
			best = entry;
			best_rank = rank;
			*pure = entry_pure;
		}
	}
	return best;
}

/* The sdist of a release that this Python may use, the .tar.gz where there are two. */
static const struct page_entry *best_sdist(
	const struct asked *q, const struct page_release *release)
{
	const struct page_entry *best = NULL;
	for (size_t i = 0; i < release->n; i++) {
		const struct page_entry *entry = &release->entries[i];
		if (entry->name.kind == FILENAME_SDIST && usable(q, entry) &&
			(best == NULL || str_ends(entry->file->filename, ".tar.gz"))) {
			best = entry;
		}
	}
	return best;
}

static bool has_platform_wheel(const struct asked *q, const struct page_release *release)
{
	for (size_t i = 0; i < release->n; i++) {
		bool pure = false;
		if (rank_of(q, &release->entries[i], &pure) >= 0 && !pure) {
			return true;
		}
	}
	return false;
}

/* The highest release with a file that fits; pre-releases only if no final one has. */
static const struct page_release *release_looked_at(
	const struct asked *q, struct published_fact *out)
{
	for (int prerelease = 0; prerelease < 2; prerelease++) {
		for (size_t i = q->page->release_count; i-- > 0;) {
			const struct page_release *release = &q->page->releases[i];
			if (release->prerelease != (prerelease != 0)) {
				continue;
			}
			bool pure = false;
			const struct page_entry *file = best_wheel(q, release, &pure);
			out->state = pure ? PUBLISHED_PURE : PUBLISHED_WHEEL;
			if (file == NULL) {
				file = best_sdist(q, release);
				out->state = PUBLISHED_SDIST;
			}
			if (file != NULL) {
				out->version = release->version;
				out->file = file->file->filename;
				return release;
			}
		}
	}
	return NULL;
}

static bool has_compiled(const struct page_release *release)
{
	for (size_t i = 0; i < release->n; i++) {
		if (!release->entries[i].file->yanked &&
			(release->entries[i].platforms & ~(unsigned)PAGE_ANY) != 0) {
			return true;
		}
	}
	return false;
}

/* Does a wheel of the release carry a tag with this target's python and abi for `platform` (empty:
 * for any platform but "any")? */
static bool has_interpreter_wheel(
	const struct asked *q, const struct page_release *release, struct str platform)
{
	for (size_t i = 0; i < release->n; i++) {
		const struct page_entry *entry = &release->entries[i];
		if (entry->file->yanked || (entry->platforms & ~(unsigned)PAGE_ANY) == 0) {
			continue;
		}
		struct filename_tags walk = filename_tags(&entry->name);
		struct tag tag;
		while (filename_tags_next(&walk, &tag)) {
			bool other = !str_equal_nocase(tag.platform, STR("any"));
			bool wanted = platform.n != 0 ? str_equal_nocase(tag.platform, platform) : other;
			if (wanted && tag_fits_interpreter(&q->tags, tag.python, tag.abi)) {
				return true;
			}
		}
	}
	return false;
}

/* The lowest final release with a fitting platform wheel, and when the first such wheel came. */
static void find_first(const struct asked *q, struct published_fact *out)
{
	for (size_t i = 0; i < q->page->release_count; i++) {
		const struct page_release *release = &q->page->releases[i];
		if (release->prerelease || !has_platform_wheel(q, release)) {
			continue;
		}
		out->first_version = release->version;
		for (size_t k = 0; k < release->n; k++) {
			bool pure = false;
			int64_t date = release->entries[k].file->uploaded;
			if (rank_of(q, &release->entries[k], &pure) >= 0 && !pure && date != 0 &&
				(out->first_date == 0 || date < out->first_date)) {
				out->first_date = date;
			}
		}
		return;
	}
}

/* Among the final releases with a file for this Python: the highest with a fitting platform wheel, if
 * a higher one has none. */
static void find_vanished(const struct asked *q, struct published_fact *out)
{
	if (out->first_version.n == 0) {
		return; /* what never was cannot vanish */
	}
	bool higher = false;
	for (size_t i = q->page->release_count; i-- > 0;) {
		const struct page_release *release = &q->page->releases[i];
		if (release->prerelease) {
			continue;
		}
		if (has_platform_wheel(q, release)) {
			out->vanished = higher ? release->version : (struct str){0};
			return;
		}
		for (size_t k = 0; !higher && k < release->n; k++) {
			higher = usable(q, &release->entries[k]);
		}
	}
}

static void find_sdist(const struct asked *q, struct published_fact *out)
{
	for (size_t i = q->page->release_count; i-- > 0;) {
		const struct page_release *release = &q->page->releases[i];
		const struct page_entry *sdist = release->prerelease ? NULL : best_sdist(q, release);
		if (sdist != NULL) {
			out->sdist_version = release->version;
			out->sdist_file = sdist->file->filename;
			return;
		}
	}
}

static unsigned platforms_of_target(const struct pep_target *target)
{
	if (strcmp(target->arch, "aarch64") == 0) {
		return PAGE_ANY | PAGE_AARCH64;
	}
	if (strcmp(target->arch, "arm64") == 0) {
		return PAGE_ANY | PAGE_ARM64;
	}
	return PAGE_ANY | PAGE_AARCH64 | PAGE_ARM64 | PAGE_OTHER;
}

void published_fact(struct published *p, const struct pep_target *target, bool out_of_scope,
	struct published_fact *out)
{
	const struct asked q = {
		.page = p,
		.python = page_column_of(p, target->full_version),
		.tags = pep_target_tags(target),
		.platforms = platforms_of_target(target),
	};
	*out = (struct published_fact){0};
	const struct page_release *release = release_looked_at(&q, out);
	if (release != NULL) {
		out->compiled_elsewhere = has_compiled(release);
		out->lost_accelerator =
			out->state == PUBLISHED_PURE && has_interpreter_wheel(&q, release, (struct str){0});
		out->emulated_alternative = target->platform == TAG_WINDOWS &&
			strcmp(target->arch, "arm64") == 0 &&
			has_interpreter_wheel(&q, release, STR("win_amd64"));
	} else {
		out->state = page_admits_any(p, q.python) ? PUBLISHED_NONE : PUBLISHED_PYTHON_EXCLUDED;
	}
	find_first(&q, out);
	find_vanished(&q, out);
	find_sdist(&q, out);
	if (out_of_scope) {
		out->state = PUBLISHED_NOT_APPLICABLE;
	}
}

struct str published_newest(const struct published *p, int64_t *date)
{
	*date = 0;
	for (size_t i = p->release_count; i-- > 0;) {
		const struct page_release *release = &p->releases[i];
		bool there = false;
		for (size_t k = 0; k < release->n; k++) {
			const struct published_file *file = release->entries[k].file;
			if (release->prerelease || file->yanked) {
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

bool published_compiled(const struct published *p, struct str version)
{
	for (size_t i = 0; i < p->release_count; i++) {
		if (str_equal(p->releases[i].version, version)) {
			return has_compiled(&p->releases[i]);
		}
	}
	return false;
}
