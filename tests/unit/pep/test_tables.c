/* The engine against the tables of tests/data/pep, made from the reference implementation. */
#include "core/pep/filename.h"
#include "core/pep/name.h"
#include "core/pep/requirement.h"
#include "core/pep/target.h"
#include "tests/unit/pep/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void check_name(const struct table_line *line, struct buf *answer)
{
	struct str name = line->fields[0], normal = line->fields[2];
	buf_add_text(answer, name_is_valid(name) ? "valid\t" : "invalid\t");
	name_normalise(name, answer);
	assert_true(name_equal(name, normal));
	assert_false(name_equal(name, STR("other")));
	char small[64];
	assert_true(name_normalise_to(name, small, sizeof small));
	assert_true(str_equal(str_from(small), normal));
}

static void test_names(void **state)
{
	table_check("names.txt", 1, check_name);
	char small[4];
	assert_true(name_normalise_to(STR("A_b"), small, sizeof small));
	assert_string_equal(small, "a-b");
	assert_false(name_normalise_to(STR("A_bc"), small, sizeof small));
	assert_string_equal(small, "");
}

static void check_version(const struct table_line *line, struct buf *answer)
{
	struct version v;
	struct err e;
	if (version_parse(line->fields[0], &v, &e) < 0) {
		assert_int_equal(e.code, ERR_INVALID);
		buf_add_text(answer, "invalid");
		return;
	}
	version_write(&v, answer);
	buf_add_char(answer, '\t');
	version_write_public(&v, answer);
	buf_add_text(answer, version_is_prerelease(&v) ? "\tpre" : "\tfinal");
	/* the normalised text is the same version */
	struct version again;
	assert_int_equal(version_parse(line->fields[1], &again, NULL), 0);
	assert_int_equal(version_compare(&v, &again), 0);
}

static void test_versions(void **state)
{
	table_check("versions.txt", 1, check_version);
}

static void check_order(const struct table_line *line, struct buf *answer)
{
	struct version a, b;
	if (version_parse(line->fields[0], &a, NULL) < 0 ||
		version_parse(line->fields[1], &b, NULL) < 0) {
		buf_add_text(answer, "invalid");
		return;
	}
	int order = version_compare(&a, &b), back = version_compare(&b, &a);
	assert_true((order < 0) == (back > 0) && (order == 0) == (back == 0));
	buf_add_text(answer, order < 0 ? "<" : order > 0 ? ">" : "=");
}

static void test_order(void **state)
{
	table_check("version_order.txt", 2, check_order);
}

static void test_release_parts(void **state)
{
	struct version v;
	assert_int_equal(version_parse(STR("3!10.02.rc1"), &v, NULL), 0);
	assert_int_equal(version_release_parts(&v), 2);
	assert_true(str_is(version_release_part(&v, 0), "10"));
	assert_true(str_is(version_release_part(&v, 1), "02"));
	assert_true(str_is(version_release_part(&v, 2), "0"));
	assert_true(str_is(version_release_part(&v, 9), "0"));
	assert_true(version_is_valid(STR("1")));
	assert_false(version_is_valid(STR("1.x")));
}

static void check_specifier(const struct table_line *line, struct buf *answer)
{
	struct version v;
	struct specifier_set set;
	if (version_parse(line->fields[0], &v, NULL) < 0 ||
		specifier_set_parse(line->fields[1], &set, NULL) < 0) {
		buf_add_text(answer, "invalid");
		return;
	}
	buf_add_text(answer, specifier_set_contains(&set, &v) ? "true" : "false");
}

static void test_specifiers(void **state)
{
	table_check("specifiers.txt", 2, check_specifier);
}

static void test_prerelease_flag(void **state)
{
	struct specifier_set set;
	assert_int_equal(specifier_set_parse(STR(">=1.0,<2.0rc1"), &set, NULL), 0);
	assert_true(specifier_set_allows_prereleases(&set));
	assert_int_equal(specifier_set_parse(STR("!=1.0a1,==2.*"), &set, NULL), 0);
	assert_false(specifier_set_allows_prereleases(&set));
	assert_int_equal(specifier_set_parse(STR("===1.0.dev1"), &set, NULL), 0);
	assert_true(specifier_set_allows_prereleases(&set));
}

static void check_marker(const struct table_line *line, struct buf *answer)
{
	struct pep_target target;
	assert_int_equal(pep_target_parse(line->fields[0], &target, NULL), 0);
	struct marker_environment environment = pep_target_environment(&target);
	bool result;
	if (marker_evaluate(line->fields[1], &environment, &result, NULL) < 0) {
		buf_add_text(answer, "invalid");
		return;
	}
	assert_int_equal(marker_check(line->fields[1], NULL), 0);
	buf_add_text(answer, result ? "true" : "false");
}

static void test_markers(void **state)
{
	table_check("markers.txt", 2, check_marker);
}

static bool holds(const char *marker, const struct marker_environment *environment)
{
	bool result;
	assert_int_equal(marker_evaluate(str_from(marker), environment, &result, NULL), 0);
	return result;
}

static void test_marker_environment(void **state)
{
	struct pep_target target;
	assert_int_equal(pep_target_parse(STR("cp313-win_arm64"), &target, NULL), 0);
	assert_int_equal(pep_target_set_full_version(&target, STR("3.13.0+"), NULL), ERR_INVALID);
	assert_int_equal(pep_target_set_full_version(&target, STR("3.14.0"), NULL), ERR_INVALID);
	assert_int_equal(pep_target_set_full_version(&target, STR("3.13.7"), NULL), 0);
	assert_int_equal(pep_target_set_marker(&target, STR("platform_release"), STR("11"), NULL), 0);
	assert_int_equal(pep_target_set_marker(&target, STR("os.name"), STR("x"), NULL), ERR_INVALID);
	struct marker_environment environment = pep_target_environment(&target);
	environment.values[MARKER_EXTRA] = STR("Foo.Bar");
	assert_true(holds("extra == 'foo_bar'", &environment));
	assert_true(holds("'FOO--bar' == extra", &environment));
	assert_true(
		holds("python_full_version == '3.13.7' and platform_release >= '10'", &environment));
	/* an untagged build of Python */
	environment.values[MARKER_PYTHON_FULL_VERSION] = STR("3.13.0+");
	assert_true(holds("python_full_version == '3.13.0'", &environment));
	assert_true(holds("python_full_version == '3.13.0+local'", &environment));
}

static void test_marker_depth(void **state)
{
	struct buf text = {0};
	for (int i = 0; i < 100000; i++) {
		buf_add_char(&text, '(');
	}
	struct err e;
	assert_int_equal(marker_check(buf_view(&text), &e), ERR_INVALID);
	assert_non_null(strstr(e.text, "too deep"));
	buf_finish(&text);
}

static void check_tag(const struct table_line *line, struct buf *answer)
{
	struct pep_target target;
	assert_int_equal(pep_target_parse(line->fields[0], &target, NULL), 0);
	struct tag_target tags = pep_target_tags(&target);
	struct str rest = line->fields[2], python, abi, platform;
	assert_true(str_split(&rest, '-', &python));
	assert_true(str_split(&rest, '-', &abi));
	assert_true(str_split(&rest, '-', &platform));
	int rank = tag_rank(&tags, python, abi, platform);
	buf_printf(answer, "%d\t", rank);
	/* the tag of that rank is the very same one */
	if (rank < 0 || !tag_at(&tags, rank, answer)) {
		buf_add_str(answer, line->fields[2]);
	}
}

static void test_tags(void **state)
{
	table_check("tags.txt", 1, check_tag);
}

static void test_tag_ranks_are_dense(void **state)
{
	static const char *const names[] = {"cp313-win_arm64", "cp315t-manylinux_2_39_aarch64",
		"cp310-musllinux_1_2_aarch64", "cp311-manylinux_2_28_x86_64", "cp312-win_amd64"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct pep_target target;
		assert_int_equal(pep_target_parse(str_from(names[i]), &target, NULL), 0);
		struct tag_target tags = pep_target_tags(&target);
		for (int rank = 0; rank < tag_count(&tags); rank++) {
			struct buf text = {0};
			assert_true(tag_at(&tags, rank, &text));
			struct str rest = buf_view(&text), python, abi, platform;
			assert_true(str_split(&rest, '-', &python));
			assert_true(str_split(&rest, '-', &abi));
			assert_true(str_split(&rest, '-', &platform));
			assert_int_equal(tag_rank(&tags, python, abi, platform), rank);
			buf_finish(&text);
		}
		struct buf none = {0};
		assert_false(tag_at(&tags, tag_count(&tags), &none));
		assert_false(tag_at(&tags, -1, &none));
	}
}

static bool fits_interpreter(const struct tag_target *target, const char *python, const char *abi)
{
	struct tag_interpreter i = tag_interpreter_parse(str_from(python), str_from(abi));
	return tag_fits_interpreter(target, &i);
}

static void test_interpreter_of_other_platforms(void **state)
{
	struct pep_target target;
	assert_int_equal(pep_target_parse(STR("cp313-win_arm64"), &target, NULL), 0);
	struct tag_target tags = pep_target_tags(&target);
	assert_true(fits_interpreter(&tags, "cp313", "cp313"));
	assert_true(fits_interpreter(&tags, "cp39", "abi3"));
	assert_false(fits_interpreter(&tags, "cp313", "cp313t"));
	assert_false(fits_interpreter(&tags, "cp314", "abi3"));
	assert_false(fits_interpreter(&tags, "cp313", "abi3t"));
	assert_false(fits_interpreter(&tags, "py3", "none"));
	assert_false(fits_interpreter(&tags, "cp313", "none"));
}

static void check_target_name(const char *name, bool fits)
{
	struct pep_target target;
	assert_int_equal(pep_target_parse(str_from(name), &target, NULL), fits ? 0 : ERR_INVALID);
}

static void test_target_names(void **state)
{
	static const char *const bad[] = {"", "cp313", "cp313-", "-win_arm64", "cp3-win_arm64",
		"cp2.7-win_arm64", "cp312t-win_arm64", "cp313tt-win_arm64", "cp313-win_",
		"cp313-manylinux_2", "cp313-manylinux_2_28", "cp313-manylinux_3_0_aarch64",
		"cp313-musllinux_1_02_aarch64", "cp313-macosx_11_0_arm64", "py3-win_arm64",
		"cp313-win_arm64 ", "CP313-win_arm64"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		check_target_name(bad[i], false);
	}
	check_target_name("cp314t-win_arm64", true);
	struct pep_target target;
	assert_int_equal(pep_target_parse(STR("cp314t-musllinux_1_2_aarch64"), &target, NULL), 0);
	assert_true(target.free_threaded && target.python_minor == 14 && target.libc_minor == 2);
	assert_true(str_is(pep_target_platform(&target), "musllinux_1_2_aarch64"));
	char abi[16];
	pep_target_abi(&target, abi);
	assert_string_equal(abi, "cp314t");
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_lower(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		buf_add_char(out, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
}

/* All tags, lower case, sorted, each once. */
static void write_tags(const struct filename *file, struct buf *answer)
{
	char *tags[512];
	size_t n = 0;
	struct filename_tags walk = filename_tags(file);
	struct tag tag;
	while (filename_tags_next(&walk, &tag)) {
		struct buf text = {0};
		add_lower(&text, tag.python);
		buf_add_char(&text, '-');
		add_lower(&text, tag.abi);
		buf_add_char(&text, '-');
		add_lower(&text, tag.platform);
		assert_true(n < sizeof tags / sizeof *tags);
		tags[n++] = buf_take(&text);
	}
	qsort(tags, n, sizeof *tags, by_text);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || strcmp(tags[i], tags[i - 1]) != 0) {
			buf_add_text(answer, i != 0 ? " " : "");
			buf_add_text(answer, tags[i]);
		}
	}
	for (size_t i = 0; i < n; i++) {
		free(tags[i]);
	}
}

static void check_filename(const struct table_line *line, struct buf *answer)
{
	struct filename file;
	if (filename_parse(line->fields[0], &file, NULL) < 0 || file.kind == FILENAME_OTHER) {
		buf_add_text(answer, "invalid");
		return;
	}
	buf_add_text(answer, file.kind == FILENAME_WHEEL ? "wheel\t" : "sdist\t");
	name_normalise(file.name, answer);
	buf_add_char(answer, '\t');
	version_write(&file.version, answer);
	if (file.kind == FILENAME_SDIST) {
		return;
	}
	buf_add_char(answer, '\t');
	if (file.has_build) {
		char *number = str_dup(file.build_number);
		buf_printf(answer, "%llu%.*s", strtoull(number, NULL, 10), STR_ARG(file.build_rest));
		free(number);
	}
	buf_add_char(answer, '\t');
	write_tags(&file, answer);
}

static void test_filenames(void **state)
{
	table_check("filenames.txt", 1, check_filename);
}

static void test_filename_rank(void **state)
{
	struct pep_target target;
	struct filename file;
	struct tag best;
	assert_int_equal(pep_target_parse(STR("cp313-manylinux_2_28_aarch64"), &target, NULL), 0);
	struct tag_target tags = pep_target_tags(&target);
	assert_int_equal(
		filename_parse(
			STR("x-1-cp311-abi3-manylinux_2_17_aarch64.manylinux2014_aarch64.whl"), &file, NULL),
		0);
	assert_true(filename_rank(&file, &tags, &best) >= 0);
	assert_true(str_is(best.platform, "manylinux_2_17_aarch64"));
	assert_int_equal(filename_parse(STR("x-1-cp313-cp313-win_arm64.whl"), &file, NULL), 0);
	assert_int_equal(filename_rank(&file, &tags, NULL), -1);
	assert_int_equal(filename_parse(STR("x-1.tar.gz"), &file, NULL), 0);
	assert_int_equal(filename_rank(&file, &tags, NULL), -1);
	assert_int_equal(filename_parse(STR("x-1.exe"), &file, NULL), 0);
	assert_int_equal(file.kind, FILENAME_OTHER);
}

static void check_requirement(const struct table_line *line, struct buf *answer)
{
	struct requirement r;
	if (requirement_parse(line->fields[0], &r, NULL) < 0) {
		buf_add_text(answer, "invalid");
		return;
	}
	buf_add_str(answer, r.name);
	buf_add_char(answer, '\t');
	/* at most three extras are in the table: sort by choosing the least that is greater */
	struct str last = {0}, extra;
	for (;;) {
		struct str rest = r.extras, least = {0};
		while (requirement_next_extra(&rest, &extra)) {
			if (str_compare(extra, last) > 0 && (least.n == 0 || str_compare(extra, least) < 0)) {
				least = extra;
			}
		}
		if (least.n == 0) {
			break;
		}
		buf_add_text(answer, last.n != 0 ? "," : "");
		buf_add_str(answer, least);
		last = least;
	}
	buf_add_char(answer, '\t');
	static const char *const operators[] = {"~=", "==", "!=", "<=", ">=", "<", ">", "==="};
	struct str rest = r.specifiers.text;
	struct specifier s;
	for (bool first = true; specifier_set_next(&rest, &s); first = false) {
		buf_printf(answer, "%s%s%.*s", first ? "" : ",", operators[s.op], STR_ARG(s.version_text));
	}
	buf_add_char(answer, '\t');
	buf_add_str(answer, r.url);
	buf_add_text(answer, r.marker.n != 0 ? "\tmarker" : "\t");
}

static void test_requirements(void **state)
{
	table_check("requirements.txt", 1, check_requirement);
}

static void test_requirement_applies(void **state)
{
	struct pep_target target;
	struct requirement r;
	bool applies;
	assert_int_equal(pep_target_parse(STR("cp313-win_arm64"), &target, NULL), 0);
	struct marker_environment environment = pep_target_environment(&target);
	assert_int_equal(requirement_parse(STR("x>1"), &r, NULL), 0);
	assert_int_equal(requirement_applies(&r, &environment, &applies, NULL), 0);
	assert_true(applies);
	assert_int_equal(requirement_parse(STR("x; sys_platform == 'linux'"), &r, NULL), 0);
	assert_int_equal(requirement_applies(&r, &environment, &applies, NULL), 0);
	assert_false(applies);
	assert_int_equal(requirement_parse(STR("x; os_name ~= 'nt'"), &r, NULL), 0);
	assert_int_equal(requirement_applies(&r, &environment, &applies, NULL), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_release_parts),
		cmocka_unit_test(test_specifiers),
		cmocka_unit_test(test_prerelease_flag),
		cmocka_unit_test(test_markers),
		cmocka_unit_test(test_marker_environment),
		cmocka_unit_test(test_marker_depth),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_tag_ranks_are_dense),
		cmocka_unit_test(test_interpreter_of_other_platforms),
		cmocka_unit_test(test_target_names),
		cmocka_unit_test(test_filenames),
		cmocka_unit_test(test_filename_rank),
		cmocka_unit_test(test_requirements),
		cmocka_unit_test(test_requirement_applies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
