#include "core/inspect/wheel_parts.h"

#include "core/base/map.h"
#include "core/inspect/policy.h"
#include "core/pep/metadata.h"
#include "core/pep/name.h"

#include <stdlib.h>
#include <string.h>

enum { TAGS_MAX = 4096, METADATA_KEPT = 1 << 20 };

static const char *const file_names[WHEEL_FILE_COUNT] = {
	[WHEEL_FILE_METADATA] = "METADATA",
	[WHEEL_FILE_WHEEL] = "WHEEL",
	[WHEEL_FILE_RECORD] = "RECORD",
};

/* "manylinux_2_17_aarch64" → "aarch64": what follows the numbers, or the bare prefix. */
static struct str machine_of(struct str tag, const char *prefix)
{
	struct str rest = str_slice(tag, strlen(prefix), tag.n);
	while (rest.n != 0 && ((rest.p[0] >= '0' && rest.p[0] <= '9') || rest.p[0] == '_')) {
		rest = str_slice(rest, 1, rest.n);
	}
	return rest;
}

static struct wheel_platform platform_read(struct str tag)
{
	static const struct {
		const char *prefix;
		enum wheel_format format;
		bool is_musl;
	} families[] = {
		{"manylinux", WHEEL_ELF, false},
		{"musllinux", WHEEL_ELF, true},
		{"linux", WHEEL_ELF, false},
		{"macosx", WHEEL_MACHO, false},
	};
	static const struct {
		const char *tag;
		const char *machine;
	} windows[] = {{"win_arm64", "aarch64"}, {"win_amd64", "x86_64"}, {"win32", "i686"}};
	struct wheel_platform platform = {.tag = tag, .is_any = str_is(tag, "any")};
	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		if (str_is(tag, windows[i].tag)) {
			platform.is_known = true;
			platform.format = WHEEL_PE;
			platform.machine = str_from(windows[i].machine);
		}
	}
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]) && !platform.is_known; i++) {
		if (str_starts(tag, families[i].prefix)) {
			platform.is_known = true;
			platform.format = families[i].format;
			platform.is_musl = families[i].is_musl;
			platform.machine = machine_of(tag, families[i].prefix);
			platform.policy = policy_find(tag);
		}
	}
	if (platform.format == WHEEL_MACHO && str_is(platform.machine, "arm64")) {
		platform.machine = STR("aarch64");
	}
	return platform;
}

static int compare_texts(const void *a, const void *b)
{
	const struct str *left = a, *right = b;
	return str_compare(*left, *right);
}

/* Sorts, and drops what is there twice. */
static void tidy(struct wheel_texts *texts)
{
	size_t kept = 0;
	if (texts->n != 0) {
		qsort(texts->v, texts->n, sizeof(*texts->v), compare_texts);
	}
	for (size_t i = 0; i < texts->n; i++) {
		if (i == 0 || !str_equal(texts->v[i], texts->v[kept - 1])) {
			texts->v[kept++] = texts->v[i];
		}
	}
	texts->n = kept;
}

/* Tags are compared without regard to case; kept in lower case. */
static struct str keep_lower(struct wheel_report *r, struct str text)
{
	char *lower = wheel_lower(text);
	struct str kept = wheel_keep(r, str_from(lower));
	free(lower);
	return kept;
}

static struct str keep_tag(struct wheel_report *r, struct tag tag)
{
	struct buf text = {0};
	buf_printf(
		&text, "%.*s-%.*s-%.*s", STR_ARG(tag.python), STR_ARG(tag.abi), STR_ARG(tag.platform));
	struct str kept = keep_lower(r, buf_view(&text));
	buf_finish(&text);
	return kept;
}

static void read_tags(struct wheel_check *c)
{
	struct wheel_report *r = c->report;
	VEC(struct str) tags = {0};
	struct filename_tags walk = filename_tags(&c->filename);
	struct tag tag;
	while (tags.n < TAGS_MAX && filename_tags_next(&walk, &tag)) {
		*vec_add(&tags) = keep_tag(r, tag);
	}
	if (tags.n == TAGS_MAX) {
		wheel_problem(c, WHEEL_PROBLEM_WHEEL_TAG_MISMATCH, (struct str){0},
			"the file name stands for over %d tags", TAGS_MAX);
	}
	r->tags.v = arena_new(&r->arena, (tags.n + 1) * sizeof(struct str));
	r->tags.n = tags.n;
	if (tags.n != 0) {
		memcpy(r->tags.v, tags.v, tags.n * sizeof(struct str));
	}
	vec_finish(&tags);
	tidy(&r->tags);
	struct str rest = c->filename.platforms, part;
	r->pure = true;
	while (str_split(&rest, '.', &part)) {
		*vec_add(&c->platforms) = platform_read(keep_lower(r, part));
		r->pure = r->pure && str_equal_nocase(part, STR("any"));
	}
}

static struct str keep_normalised(struct wheel_report *r, struct str name)
{
	struct buf text = {0};
	name_normalise(name, &text);
	struct str kept = wheel_keep(r, buf_view(&text));
	buf_finish(&text);
	return kept;
}

static void read_name(struct wheel_check *c, struct str text)
{
	struct wheel_report *r = c->report;
	struct err why = {0};
	r->file = wheel_keep(r, text);
	if (filename_parse(r->file, &c->filename, &why) != 0 || c->filename.kind != FILENAME_WHEEL) {
		wheel_problem(c, WHEEL_PROBLEM_WHEEL_TAG_MISMATCH, (struct str){0},
			"the file name breaks PEP 427, so it has no tags: %s", why.text);
		return;
	}
	c->has_filename = true;
	r->name = keep_normalised(r, c->filename.name);
	struct buf version = {0};
	version_write(&c->filename.version, &version);
	r->version = wheel_keep(r, buf_view(&version));
	buf_finish(&version);
	if (c->filename.has_build) {
		struct buf build = {0};
		buf_add_str(&build, c->filename.build_number);
		buf_add_str(&build, c->filename.build_rest);
		r->build = wheel_keep(r, buf_view(&build));
		buf_finish(&build);
	}
	read_tags(c);
}

/* A whole target's name, or a platform alone, which is judged for no Python. */
static int read_target(struct wheel_check *c, struct str text, struct err *e)
{
	struct buf name = {0};
	if (text.n == 0) {
		return 0;
	}
	int rc = pep_target_parse(text, &c->target, e);
	if (rc != 0) {
		c->target_is_platform = true;
		buf_printf(&name, "cp313-%.*s", STR_ARG(text));
		if (str_is(text, "aarch64") || str_is(text, "x86_64")) {
			buf_clear(&name);
			buf_printf(&name, "cp313-manylinux_2_28_%.*s", STR_ARG(text));
		}
		rc = pep_target_parse(buf_view(&name), &c->target, NULL);
	}
	if (rc != 0) {
		err_set(
			e, rc, "\"%.*s\" is no target, such as cp313-win_arm64 or win_arm64", STR_ARG(text));
	}
	c->has_target = rc == 0;
	buf_finish(&name);
	return rc;
}

static bool fits_target(const struct wheel_check *c)
{
	struct tag_target target = pep_target_tags(&c->target);
	if (!c->target_is_platform) {
		return filename_rank(&c->filename, &target, NULL) >= 0;
	}
	VEC_EACH (const struct wheel_platform, platform, &c->platforms) {
		if (platform->is_any || tag_platform_rank(&target, platform->tag) >= 0) {
			return true;
		}
	}
	return false;
}

static void judge_expectation(struct wheel_check *c)
{
	struct wheel_report *r = c->report;
	struct version expected;
	if (!c->has_filename) {
		return;
	}
	if (c->expected_name.n != 0 && !name_equal(c->expected_name, r->name)) {
		wheel_problem(c, WHEEL_PROBLEM_BAD_METADATA, (struct str){0},
			"the file is of %.*s, expected is %.*s", STR_ARG(r->name), STR_ARG(c->expected_name));
	}
	if (c->expected_version.n != 0 &&
		(version_parse(c->expected_version, &expected, NULL) != 0 ||
			version_compare(&expected, &c->filename.version) != 0)) {
		wheel_problem(c, WHEEL_PROBLEM_BAD_METADATA, (struct str){0},
			"the file is of version %.*s, expected is %.*s", STR_ARG(r->version),
			STR_ARG(c->expected_version));
	}
	if (c->has_target && !fits_target(c)) {
		wheel_problem(c, WHEEL_PROBLEM_WHEEL_TAG_MISMATCH, (struct str){0},
			"no tag of the file name fits %.*s", STR_ARG(c->expected_target));
	}
}

int wheel_names_begin(struct wheel_check *c, const struct wheel_expectation *expect, struct err *e)
{
	struct wheel_report *r = c->report;
	int rc = 0;
	if (!str_ends(expect->file_name, ".whl")) {
		rc = err_set(e, ERR_INVALID, "the file is not named .whl");
		goto done;
	}
	rc = read_target(c, expect->target, e);
	if (rc != 0) {
		goto done;
	}
	c->expected_name = wheel_keep(r, expect->name);
	c->expected_version = wheel_keep(r, expect->version);
	c->expected_target = wheel_keep(r, expect->target);
	read_name(c, expect->file_name);
	judge_expectation(c);
done:
	if (rc != 0) {
		wheel_report_finish(r);
	}
	return rc;
}

/* "foo-1.0.dist-info" against the file name. */
static bool dist_info_fits(const struct wheel_check *c, struct str folder)
{
	struct str stem = str_slice(folder, 0, folder.n - strlen(".dist-info"));
	ptrdiff_t line = str_find(stem, '-');
	struct version version;
	return line > 0 && name_equal(str_slice(stem, 0, (size_t)line), c->report->name) &&
		version_parse(str_slice(stem, (size_t)line + 1, stem.n), &version, NULL) == 0 &&
		version_compare(&version, &c->filename.version) == 0;
}

void wheel_names_directory(struct wheel_check *c)
{
	struct map folders = {0};
	bool fits = false;
	for (size_t i = 0; i < zip_reader_count(c->zip); i++) {
		struct str path = zip_reader_entry(c->zip, i)->path, folder;
		if (!str_split(&path, '/', &folder) || path.p == NULL || !str_ends(folder, ".dist-info") ||
			map_has(&folders, folder)) {
			continue;
		}
		map_put(&folders, folder, c);
		if (folders.n > 1) {
			wheel_problem(
				c, WHEEL_PROBLEM_BAD_DIST_INFO, folder, "there is more than one .dist-info folder");
		}
		if (!fits) {
			c->dist_info = c->dist_info.n == 0 ? folder : c->dist_info;
			fits = c->has_filename && dist_info_fits(c, folder);
			c->dist_info = fits ? folder : c->dist_info;
		}
	}
	map_finish(&folders);
	if (c->dist_info.n == 0) {
		wheel_problem(
			c, WHEEL_PROBLEM_BAD_DIST_INFO, (struct str){0}, "there is no .dist-info folder");
	} else if (c->has_filename && !fits) {
		wheel_problem(c, WHEEL_PROBLEM_BAD_DIST_INFO, c->dist_info,
			"the folder's name and version are not those of the file name");
	}
}

bool wheel_names_file(const struct wheel_check *c, struct str path, enum wheel_file *which)
{
	if (c->dist_info.n == 0 || path.n <= c->dist_info.n + 1 || path.p[c->dist_info.n] != '/' ||
		!str_equal(str_slice(path, 0, c->dist_info.n), c->dist_info)) {
		return false;
	}
	struct str name = str_slice(path, c->dist_info.n + 1, path.n);
	for (size_t i = 0; i < WHEEL_FILE_COUNT; i++) {
		if (str_is(name, file_names[i])) {
			*which = (enum wheel_file)i;
			return true;
		}
	}
	return false;
}

static struct str path_of(struct wheel_check *c, enum wheel_file which)
{
	struct buf path = {0};
	buf_printf(&path, "%.*s/%s", STR_ARG(c->dist_info), file_names[which]);
	struct str kept = wheel_keep(c->report, buf_view(&path));
	buf_finish(&path);
	return kept;
}

static int take_metadata(
	void *user, enum metadata_field field, struct str name, struct str value, struct err *e)
{
	struct wheel_check *c = user;
	struct version version;
	struct str path = path_of(c, WHEEL_FILE_METADATA);
	if (field == METADATA_NAME && !name_equal(value, c->report->name)) {
		wheel_problem(c, WHEEL_PROBLEM_BAD_METADATA, path, "Name is %.*s, the file's is %.*s",
			STR_ARG(value), STR_ARG(c->report->name));
	}
	if (field == METADATA_PROJECT_VERSION) {
		if (version_parse(value, &version, e) != 0) {
			return ERR_INVALID;
		}
		if (version_compare(&version, &c->filename.version) != 0) {
			wheel_problem(c, WHEEL_PROBLEM_BAD_METADATA, path,
				"Version is %.*s, the file's is %.*s", STR_ARG(value), STR_ARG(c->report->version));
		}
	}
	return 0;
}

static void judge_metadata(struct wheel_check *c)
{
	struct str text = buf_view(&c->files[WHEEL_FILE_METADATA]);
	struct err why = {0};
	const struct metadata_handler handler = {.on_field = take_metadata};
	if (text.n <= METADATA_KEPT) {
		c->report->metadata = wheel_keep(c->report, text);
	}
	if (c->has_filename && metadata_read(text, &handler, c, &why) != 0) {
		wheel_problem(
			c, WHEEL_PROBLEM_BAD_METADATA, path_of(c, WHEEL_FILE_METADATA), "%s", why.text);
	}
}

/* What the WHEEL file says (PEP 427, "File contents"). */
struct wheel_file_facts {
	VEC(struct str) tags;
	struct str version;
	struct str purelib;
};

static void read_wheel_file(struct wheel_check *c, struct wheel_file_facts *out)
{
	struct str rest = buf_view(&c->files[WHEEL_FILE_WHEEL]), line;
	while (str_split(&rest, '\n', &line)) {
		ptrdiff_t colon = str_find(line, ':');
		struct str key = str_trim(str_slice(line, 0, colon < 0 ? 0 : (size_t)colon));
		struct str value = str_trim(str_slice(line, (size_t)(colon + 1), line.n));
		if (str_equal_nocase(key, STR("Wheel-Version"))) {
			out->version = value;
		} else if (str_equal_nocase(key, STR("Root-Is-Purelib"))) {
			out->purelib = value;
		} else if (str_equal_nocase(key, STR("Tag")) && out->tags.n < TAGS_MAX) {
			*vec_add(&out->tags) = keep_lower(c->report, value);
		}
	}
}

static void judge_tags(struct wheel_check *c, struct wheel_texts inside)
{
	struct wheel_texts outside = c->report->tags;
	struct str path = path_of(c, WHEEL_FILE_WHEEL);
	size_t i = 0, k = 0;
	while (i < outside.n || k < inside.n) {
		int order = i == outside.n ? 1
			: k == inside.n        ? -1
								   : str_compare(outside.v[i], inside.v[k]);
		if (order < 0) {
			wheel_problem(c, WHEEL_PROBLEM_WHEEL_TAG_MISMATCH, path,
				"%.*s is a tag of the file name and not of WHEEL", STR_ARG(outside.v[i]));
		} else if (order > 0) {
			wheel_problem(c, WHEEL_PROBLEM_WHEEL_TAG_MISMATCH, path,
				"%.*s is a tag of WHEEL and not of the file name", STR_ARG(inside.v[k]));
		}
		i += order <= 0;
		k += order >= 0;
	}
}

static void judge_wheel_file(struct wheel_check *c)
{
	struct wheel_file_facts facts = {0};
	struct str path = path_of(c, WHEEL_FILE_WHEEL);
	read_wheel_file(c, &facts);
	if (!str_starts(facts.version, "1.")) {
		wheel_problem(c, WHEEL_PROBLEM_BAD_DIST_INFO, path,
			"Wheel-Version is \"%.*s\", installers know 1.x", STR_ARG(facts.version));
	}
	bool is_purelib = str_equal_nocase(facts.purelib, STR("true"));
	if (!is_purelib && !str_equal_nocase(facts.purelib, STR("false"))) {
		wheel_problem(c, WHEEL_PROBLEM_BAD_DIST_INFO, path,
			"Root-Is-Purelib is \"%.*s\", not true or false", STR_ARG(facts.purelib));
	}
	if (is_purelib && c->has_filename && !c->report->pure) {
		wheel_problem_as(c, WHEEL_PROBLEM_BAD_DIST_INFO, WHEEL_WARNING, path,
			"Root-Is-Purelib is true in a wheel for one platform");
	}
	if (c->has_filename) {
		struct wheel_texts inside = {.v = facts.tags.v, .n = facts.tags.n};
		tidy(&inside);
		judge_tags(c, inside);
	}
	vec_finish(&facts.tags);
}

void wheel_names_judge(struct wheel_check *c)
{
	for (size_t i = 0; i < WHEEL_FILE_COUNT && c->dist_info.n != 0; i++) {
		bool is_expected = i != WHEEL_FILE_RECORD; /* wheel_record.c speaks of that */
		if (!c->has_file[i] && is_expected) {
			wheel_problem(c, WHEEL_PROBLEM_BAD_DIST_INFO, path_of(c, (enum wheel_file)i),
				"the file is missing or cannot be read");
		}
	}
	if (c->has_file[WHEEL_FILE_METADATA]) {
		judge_metadata(c);
	}
	if (c->has_file[WHEEL_FILE_WHEEL]) {
		judge_wheel_file(c);
	}
}
