#include "core/pep/filename.h"

#include "core/pep/ascii.h"

#include <string.h>

static int invalid(struct err *e, struct str text, const char *why)
{
	return err_set(e, ERR_INVALID, "%s: '%.*s'", why, STR_ARG(text));
}

static bool is_word(char c)
{
	return ascii_is_alnum(c) || c == '_';
}

/* PEP 427: the name is escaped, each run of anything else one '_'. Old wheels keep their dots. */
static bool is_wheel_name(struct str s)
{
	bool after_underscore = false;
	for (size_t i = 0; i < s.n; i++) {
		bool underscore = s.p[i] == '_';
		if ((!is_word(s.p[i]) && s.p[i] != '.') || (underscore && after_underscore)) {
			return false;
		}
		after_underscore = underscore;
	}
	return s.n != 0;
}

/* A compressed set has no empty member. */
static bool is_tag_set(struct str set)
{
	if (set.n == 0 || set.p[0] == '.' || set.p[set.n - 1] == '.') {
		return false;
	}
	const char *end = set.p + set.n, *dot = set.p;
	while ((dot = memchr(dot, '.', (size_t)(end - dot))) != NULL) {
		if (*++dot == '.') {
			return false;
		}
	}
	return true;
}

/* The members for Pythons are identifiers. */
static bool is_python_set(struct str set)
{
	bool at_start = true;
	for (size_t i = 0; i < set.n; i++) {
		char c = set.p[i];
		if (c == '.' ? at_start : !is_word(c) || (at_start && ascii_is_digit(c))) {
			return false;
		}
		at_start = c == '.';
	}
	return !at_start;
}

static int parse_build(struct str text, struct str build, struct filename *out, struct err *e)
{
	size_t n = 0;
	while (n < build.n && ascii_is_digit(build.p[n])) {
		n++;
	}
	if (n == 0) {
		return invalid(e, text, "the build number of a wheel starts with a digit (PEP 427)");
	}
	out->has_build = true;
	out->build_number = str_slice(build, 0, n);
	out->build_rest = str_slice(build, n, build.n);
	return 0;
}

static int parse_wheel(struct str text, struct str stem, struct filename *out, struct err *e)
{
	enum { PARTS = 6 };
	struct str parts[PARTS + 1];
	size_t n = 0;
	while (n <= PARTS && str_split(&stem, '-', &parts[n])) {
		n++;
	}
	if (n != PARTS - 1 && n != PARTS) {
		return invalid(e, text, "a wheel's name has five or six parts (PEP 427)");
	}
	out->name = parts[0];
	if (!is_wheel_name(out->name)) {
		return invalid(e, text, "the name part of the wheel is not an escaped name (PEP 427)");
	}
	if (version_parse(parts[1], &out->version, NULL) < 0) {
		return invalid(e, text, "the version part is not a version (PEP 440)");
	}
	if (n == PARTS) {
		int code = parse_build(text, parts[2], out, e);
		if (code < 0) {
			return code;
		}
	}
	out->pythons = parts[n - 3];
	out->abis = parts[n - 2];
	out->platforms = parts[n - 1];
	if (!is_python_set(out->pythons) || !is_tag_set(out->abis) || !is_tag_set(out->platforms)) {
		return invalid(e, text, "a part of the tags is empty or no identifier (PEP 425)");
	}
	return 0;
}

static int parse_sdist(struct str text, struct str stem, struct filename *out, struct err *e)
{
	/* a version has no '-' once normalised, so the last one parts it from the name (PEP 625) */
	ptrdiff_t dash = str_find_last(stem, '-');
	if (dash <= 0) {
		return invalid(e, text, "a source distribution is named NAME-VERSION (PEP 625)");
	}
	out->name = str_slice(stem, 0, (size_t)dash);
	if (version_parse(str_slice(stem, (size_t)dash + 1, stem.n), &out->version, NULL) < 0) {
		return invalid(e, text, "the version part is not a version (PEP 440)");
	}
	return 0;
}

/* .whl; .tar.gz, .zip */
static enum filename_kind kind_of(struct str text, struct str *stem)
{
	char last = text.n != 0 ? text.p[text.n - 1] : '\0';
	enum filename_kind kind = FILENAME_OTHER;
	size_t suffix = 0;
	if (last == 'l' && str_ends(text, ".whl")) {
		kind = FILENAME_WHEEL;
		suffix = 4;
	} else if (last == 'z' && str_ends(text, ".tar.gz")) {
		kind = FILENAME_SDIST;
		suffix = 7;
	} else if (last == 'p' && str_ends(text, ".zip")) {
		kind = FILENAME_SDIST;
		suffix = 4;
	}
	*stem = str_slice(text, 0, text.n - suffix);
	return kind;
}

int filename_parse(struct str text, struct filename *out, struct err *e)
{
	struct str stem;
	*out = (struct filename){.kind = kind_of(text, &stem)};
	if (out->kind == FILENAME_OTHER) {
		return 0;
	}
	if (text.n > FILENAME_LIMIT) {
		return err_set(e, ERR_INVALID, "a file name of %zu bytes is over the limit", text.n);
	}
	return out->kind == FILENAME_WHEEL ? parse_wheel(text, stem, out, e)
									   : parse_sdist(text, stem, out, e);
}

struct filename_tags filename_tags(const struct filename *f)
{
	struct filename_tags t = {.file = f};
	if (f->kind == FILENAME_WHEEL) {
		t.pythons = f->pythons;
		t.abis = f->abis;
		t.platforms = f->platforms;
		str_split(&t.pythons, '.', &t.python);
		str_split(&t.abis, '.', &t.abi);
	}
	return t;
}

bool filename_tags_next(struct filename_tags *t, struct tag *out)
{
	while (!str_split(&t->platforms, '.', &out->platform)) {
		if (!str_split(&t->abis, '.', &t->abi)) {
			if (!str_split(&t->pythons, '.', &t->python)) {
				return false;
			}
			t->abis = t->file->abis;
			str_split(&t->abis, '.', &t->abi);
		}
		t->platforms = t->file->platforms;
	}
	out->python = t->python;
	out->abi = t->abi;
	return true;
}

int filename_rank(const struct filename *f, const struct tag_target *target, struct tag *best)
{
	int lowest = -1;
	struct filename_tags tags = filename_tags(f);
	struct tag tag;
	while (filename_tags_next(&tags, &tag)) {
		int rank = tag_rank(target, tag.python, tag.abi, tag.platform);
		if (rank >= 0 && (lowest < 0 || rank < lowest)) {
			lowest = rank;
			if (best != NULL) {
				*best = tag;
			}
		}
	}
	return lowest;
}
