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
	for (size_t i = 0; i < s.n; i++) {
		if (!is_word(s.p[i]) && s.p[i] != '.') {
			return false;
		}
	}
	return s.n != 0 && str_find_text(s, STR("__")) < 0;
}

static bool is_identifier(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is_word(s.p[i])) {
			return false;
		}
	}
	return s.n != 0 && !ascii_is_digit(s.p[0]);
}

/* A compressed set has no empty member. */
static bool is_tag_set(struct str set, bool identifiers)
{
	struct str rest = set, member;
	while (str_split(&rest, '.', &member)) {
		if (member.n == 0 || (identifiers && !is_identifier(member))) {
			return false;
		}
	}
	return true;
}

static size_t count(struct str s, char c)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		n += s.p[i] == c;
	}
	return n;
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

static int parse_wheel(struct str text, struct str rest, struct filename *out, struct err *e)
{
	struct str version, build;
	size_t dashes = count(rest, '-');
	if (dashes != 4 && dashes != 5) {
		return invalid(e, text, "a wheel's name has five or six parts (PEP 427)");
	}
	str_split(&rest, '-', &out->name);
	if (!is_wheel_name(out->name)) {
		return invalid(e, text, "the name part of the wheel is not an escaped name (PEP 427)");
	}
	str_split(&rest, '-', &version);
	if (version_parse(version, &out->version, NULL) < 0) {
		return invalid(e, text, "the version part is not a version (PEP 440)");
	}
	if (dashes == 5) {
		str_split(&rest, '-', &build);
		int code = parse_build(text, build, out, e);
		if (code < 0) {
			return code;
		}
	}
	str_split(&rest, '-', &out->pythons);
	str_split(&rest, '-', &out->abis);
	str_split(&rest, '-', &out->platforms);
	if (!is_tag_set(out->pythons, true) || !is_tag_set(out->abis, false) ||
		!is_tag_set(out->platforms, false)) {
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

int filename_parse(struct str text, struct filename *out, struct err *e)
{
	static const struct {
		const char *suffix;
		enum filename_kind kind;
	} kinds[] = {
		{".whl", FILENAME_WHEEL},
		{".tar.gz", FILENAME_SDIST},
		{".zip", FILENAME_SDIST},
	};
	*out = (struct filename){.kind = FILENAME_OTHER};
	struct str stem = text;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (str_ends(text, kinds[i].suffix)) {
			out->kind = kinds[i].kind;
			stem = str_slice(text, 0, text.n - strlen(kinds[i].suffix));
		}
	}
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
