/* A page (FILENAME, tab, requires-python, tab, "y" if yanked; a line each) and the facts of many targets
 * at once, against the plain rule of facts.md: each file asked alone, release by release. */
#include "coordinator/verdict/published.h"
#include "core/pep/name.h"
#include "core/pep/specifier.h"
#include "tests/fuzz/pep/fuzz.h"

static const char *const platforms[] = {"win_arm64", "win_amd64", "manylinux_2_28_aarch64",
	"manylinux_2_39_aarch64", "musllinux_1_2_aarch64", "manylinux_2_17_x86_64"};
enum { PLATFORMS = 6, PYTHONS = 12, TARGETS = PLATFORMS * PYTHONS, FILES = 64 };

static void make_targets(struct pep_target *targets, const struct pep_target **asked)
{
	for (int i = 0; i < TARGETS; i++) {
		struct buf name = {0};
		int python = i / PLATFORMS;
		bool free_threaded = python >= 9;
		buf_printf(&name, "cp3%d%s-%s", free_threaded ? python + 4 : python + 7,
			free_threaded ? "t" : "", platforms[i % PLATFORMS]);
		fuzz_require(pep_target_parse(buf_view(&name), &targets[i], NULL) == 0, "a target");
		asked[i] = &targets[i];
		buf_finish(&name);
	}
}

static bool admits(const struct published_file *f, const struct pep_target *target)
{
	struct specifier_set set;
	struct version python;
	struct str text = str_trim(f->requires_python);
	return text.n == 0 || specifier_set_parse(text, &set, NULL) != 0 ||
		version_parse(str_from(target->full_version), &python, NULL) != 0 ||
		specifier_set_contains(&set, &python);
}

/* -1: it does not fit; 0: an sdist; 1: a wheel for any platform; 2: for one. */
static int fit_of(
	const struct published_file *f, const struct pep_target *target, struct filename *name)
{
	struct tag_target tags = pep_target_tags(target);
	struct tag best;
	if (filename_parse(f->filename, name, NULL) != 0 || name->kind == FILENAME_OTHER ||
		!name_equal(name->name, STR("demo")) || f->yanked || !admits(f, target)) {
		return -1;
	}
	if (name->kind == FILENAME_SDIST) {
		return 0;
	}
	if (filename_rank(name, &tags, &best) < 0) {
		return -1;
	}
	return str_equal_nocase(best.platform, STR("any")) ? 1 : 2;
}

/* Is a better than b, of two fits; final releases first, then the higher, then wheels. */
static bool is_better(const struct filename *a, int a_fit, const struct filename *b, int b_fit)
{
	bool a_pre = version_is_prerelease(&a->version), b_pre = version_is_prerelease(&b->version);
	int order = version_compare(&a->version, &b->version);
	if (a_pre != b_pre || order != 0) {
		return a_pre != b_pre ? b_pre : order > 0;
	}
	return a_fit > b_fit;
}

static void check(const struct published_file *files, size_t count, const struct pep_target *target,
	const struct published_fact *fact)
{
	static const enum published_state states[] = {PUBLISHED_SDIST, PUBLISHED_PURE, PUBLISHED_WHEEL};
	struct filename best = {0}, supported = {0}, name;
	int best_fit = -1;
	bool has_support = false, any = false;
	for (size_t i = 0; i < count; i++) {
		any = any || admits(&files[i], target);
		int fit = fit_of(&files[i], target, &name);
		if (fit >= 0 && (best_fit < 0 || is_better(&name, fit, &best, best_fit))) {
			best = name;
			best_fit = fit;
		}
		if (fit == 2 && !version_is_prerelease(&name.version) &&
			(!has_support || version_compare(&name.version, &supported.version) > 0)) {
			supported = name;
			has_support = true;
		}
	}
	enum published_state state = best_fit >= 0 ? states[best_fit]
		: any                                  ? PUBLISHED_NONE
											   : PUBLISHED_PYTHON_EXCLUDED;
	fuzz_require(fact->state == state, "the state is that of the best file");
	fuzz_require((fact->first_version.n != 0) == has_support, "a first release where any fits");
	fuzz_require(fact->vanished.n == 0 || has_support, "only what was can vanish");
	struct version v;
	if (best_fit >= 0) {
		fuzz_require(fit_of(fact->file, target, &name) == best_fit, "the file fits as well");
		fuzz_require(
			version_parse(fact->version, &v, NULL) == 0 && version_compare(&v, &best.version) == 0,
			"the version is the best file's");
	}
	if (has_support && state != PUBLISHED_PURE) {
		fuzz_require(version_parse(fact->newest_version, &v, NULL) == 0 &&
				version_compare(&v, &supported.version) == 0,
			"the newest that supports it is the highest with a wheel");
	}
	fuzz_require((fact->behind >= 0) == (fact->newest_version.n != 0), "behind what there is");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pep_target targets[TARGETS];
	static const struct pep_target *asked[TARGETS];
	struct published_file files[FILES];
	struct published_fact facts[TARGETS];
	size_t count = 0;
	char *copy = fuzz_copy(data, size);
	struct str rest = {.p = copy, .n = size}, line;
	if (asked[0] == NULL) {
		make_targets(targets, asked);
	}
	while (count < FILES && str_split(&rest, '\n', &line)) {
		struct published_file *file = &files[count++];
		*file = (struct published_file){.uploaded = (int64_t)(line.n % 5)};
		str_split(&line, '\t', &file->filename);
		str_split(&line, '\t', &file->requires_python);
		file->yanked = line.n != 0 && line.p[0] == 'y';
	}
	struct published *p = published_create(STR("demo"), files, count);
	published_facts(p, asked, TARGETS, facts);
	for (size_t i = 0; i < TARGETS; i++) {
		check(files, count, asked[i], &facts[i]);
	}
	int64_t date;
	published_newest(p, &date);
	published_destroy(p);
	free(copy);
	return 0;
}
