/* Lock files and projects on the text cases of tests/data/check: what becomes a line, on which targets,
 * with which files; what is not checked; what is refused. */
#include "coordinator/check/poetry_constraint.h"
#include "coordinator/check/project_file.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Their letters, as cases have them. */
static const struct {
	const char *name, *python;
	char letter;
} asked[] = {
	{"cp313-manylinux_2_28_aarch64", "3.13.0", 'L'},
	{"cp313-win_arm64", "3.13.0", 'W'},
	{"cp311-manylinux_2_28_aarch64", "3.11.9", 'O'},
};
enum { TARGETS = sizeof(asked) / sizeof(*asked) };

static void write_targets(uint64_t set, struct buf *out)
{
	for (size_t t = 0; t < TARGETS; t++) {
		if ((set >> t & 1) != 0) {
			buf_add_char(out, asked[t].letter);
		}
	}
}

static void write_line(const struct check_line *line, struct buf *out)
{
	const struct check_locked *locked = line->locked;
	buf_printf(
		out, "%s %s%.*s", line->source, line->constraint ? "-c " : "", STR_ARG(line->requirement));
	if (locked != NULL) {
		buf_add_char(out, ' ');
		write_targets(locked->applies, out);
		if (locked->python.n != 0) {
			buf_printf(out, " python%.*s", STR_ARG(locked->python));
		}
		for (size_t i = 0; i < locked->file_count; i++) {
			buf_printf(out, " %.*s", STR_ARG(locked->files[i].filename));
		}
	}
	buf_add_char(out, '\n');
}

static void write_list(const struct check_list *list, struct buf *out)
{
	const struct check_project *project = NULL;
	VEC_EACH (struct check_line, line, &list->lines) {
		write_line(line, out);
		project = line->locked != NULL ? line->project : project;
	}
	VEC_EACH (struct check_not_checked, skipped, &list->not_checked) {
		buf_printf(out, "not %s %s\n", skipped->source, skipped->why);
	}
	if (project != NULL && project->python.n != 0) {
		buf_printf(out, "python %.*s\n", STR_ARG(project->python));
	}
	if (project != NULL && project->made_for != check_list_all(list)) {
		buf_add_text(out, "made for ");
		write_targets(project->made_for, out);
		buf_add_char(out, '\n');
	}
}

static void check(struct str what, struct str text, struct str wanted)
{
	struct pep_target targets[TARGETS];
	const struct pep_target *pointers[TARGETS];
	struct buf got = {0};
	struct err e = {0};
	for (size_t t = 0; t < TARGETS; t++) {
		assert_int_equal(pep_target_parse(str_from(asked[t].name), &targets[t], NULL), 0);
		pep_target_set_full_version(&targets[t], str_from(asked[t].python), NULL);
		pointers[t] = &targets[t];
	}
	struct check_list list = {.targets = pointers, .target_count = TARGETS};
	if (project_text_read(text, "f", &list, &e) == 0) {
		write_list(&list, &got);
	} else {
		buf_printf(&got, "error %s\n", e.text);
	}
	if (!str_equal(str_trim(buf_view(&got)), str_trim(wanted))) {
		fail_msg("%.*s:\n%.*s", STR_ARG(what), (int)got.n, got.n != 0 ? got.p : "");
	}
	buf_finish(&got);
	check_list_finish(&list);
}

/* "=== WHAT", the file, "---", what it comes to. */
static void check_file(const char *path, size_t least)
{
	struct buf text = {0};
	size_t count = 0;
	assert_int_equal(file_read(path, 1 << 20, &text, NULL), 0);
	struct str rest = buf_view(&text);
	ptrdiff_t at = str_find_text(rest, STR("=== "));
	while (at >= 0) {
		rest = str_slice(rest, (size_t)at + 4, rest.n);
		ptrdiff_t next = str_find_text(rest, STR("\n=== "));
		struct str one = str_slice(rest, 0, next >= 0 ? (size_t)next + 1 : rest.n), what;
		assert_true(str_split(&one, '\n', &what));
		ptrdiff_t end = str_find_text(one, STR("---\n"));
		assert_true(end >= 0);
		check(what, str_slice(one, 0, (size_t)end), str_slice(one, (size_t)end + 4, one.n));
		count++;
		at = next >= 0 ? next + 1 : -1;
	}
	assert_true(count >= least);
	buf_finish(&text);
}

static void test_pylock(void **state)
{
	check_file(TEST_DATA "/pylock_cases.txt", 10);
}

static void test_uv_lock(void **state)
{
	check_file(TEST_DATA "/uv_lock_cases.txt", 10);
}

static void test_poetry_lock(void **state)
{
	check_file(TEST_DATA "/poetry_lock_cases.txt", 8);
}

static void test_pyproject(void **state)
{
	check_file(TEST_DATA "/pyproject_cases.txt", 15);
}

/* "CONSTRAINT => SPECIFIERS", or -. */
static void test_poetry_constraint(void **state)
{
	struct buf text = {0};
	size_t count = 0;
	assert_int_equal(file_read(TEST_DATA "/constraint_cases.txt", 1 << 20, &text, NULL), 0);
	struct str rest = buf_view(&text), line;
	while (str_split(&rest, '\n', &line)) {
		ptrdiff_t arrow = str_find_text(line, STR(" => "));
		if (line.n == 0 || line.p[0] == '#') {
			continue;
		}
		assert_true(arrow >= 0);
		struct buf got = {0};
		struct str wanted = str_slice(line, (size_t)arrow + 4, line.n);
		int code = poetry_constraint_write(str_slice(line, 0, (size_t)arrow), &got, NULL);
		if (code != 0 ? !str_is(wanted, "-") : !str_equal(buf_view(&got), wanted)) {
			fail_msg("%.*s: %d %.*s", STR_ARG(line), code, STR_ARG(buf_view(&got)));
		}
		buf_finish(&got);
		count++;
	}
	assert_true(count > 30);
	buf_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_poetry_lock),
		cmocka_unit_test(test_pyproject),
		cmocka_unit_test(test_poetry_constraint),
		cmocka_unit_test(test_pylock),
		cmocka_unit_test(test_uv_lock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
