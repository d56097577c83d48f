/* The published fact on the pages of tests/data/facts: each line `expect` is one check. */
#include "coordinator/verdict/published.h"
#include "core/base/clock.h"
#include "core/base/vec.h"
#include "core/io/file.h"
#include "recipes/data.h"
#include "recipes/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The page that is being read, and how many expectations were met and missed. */
struct reading {
	const char *name; /* of the data file */
	int line;
	const struct target_set *targets;
	struct str package;
	VEC(struct published_file) files;
	size_t met, missed;
};

static void complain(struct reading *r, const char *key, struct str want, struct str have)
{
	fprintf(stderr, "%s.txt:%d: %s is \"%.*s\", not \"%.*s\"\n", r->name, r->line, key,
		STR_ARG(have), STR_ARG(want));
	r->missed++;
}

static void read_file(struct reading *r, struct str rest)
{
	struct published_file *file = vec_add(&r->files);
	struct str word;
	str_split(&rest, ' ', &file->filename);
	while (str_split(&rest, ' ', &word)) {
		if (str_is(word, "yanked")) {
			file->yanked = true;
		} else if (str_starts(word, "python=")) {
			file->requires_python = str_slice(word, 7, word.n);
		} else if (str_starts(word, "date=")) {
			char text[40];
			snprintf(text, sizeof(text), "%.*sT00:00:00Z", (int)(word.n - 5), word.p + 5);
			assert_true(clock_parse(str_from(text), &file->uploaded));
		} else {
			fail_msg("%s.txt:%d: unknown word %.*s", r->name, r->line, STR_ARG(word));
		}
	}
}

static struct str yes(bool value)
{
	return value ? STR("yes") : STR("no");
}

static void expect(struct reading *r, struct str rest)
{
	struct str name, word;
	str_split(&rest, ' ', &name);
	const struct recipe_target *target = target_set_find(r->targets, name);
	if (target == NULL) {
		fail_msg("%s.txt:%d: no target %.*s", r->name, r->line, STR_ARG(name));
		return;
	}
	struct published *p = published_create(r->package, r->files.v, r->files.n);
	struct published_fact fact;
	published_fact(p, &target->pep, false, &fact);
	char date[CLOCK_TEXT] = "";
	if (fact.first_date != 0) {
		clock_text(fact.first_date, date);
		date[10] = '\0';
	}
	const struct {
		const char *key;
		struct str value;
	} values[] = {
		{"state", str_from(published_state_word(fact.state))},
		{"version", fact.version},
		{"file", fact.file},
		{"first", fact.first_version},
		{"date", str_from(date)},
		{"vanished", fact.vanished},
		{"sdist", fact.sdist_version},
		{"lost", yes(fact.lost_accelerator)},
		{"emulated", yes(fact.emulated_alternative)},
		{"elsewhere", yes(fact.compiled_elsewhere)},
	};
	while (str_split(&rest, ' ', &word)) {
		ptrdiff_t equal = str_find(word, '=');
		assert_true(equal > 0);
		struct str key = str_slice(word, 0, (size_t)equal);
		struct str want = str_slice(word, (size_t)equal + 1, word.n);
		bool known = false;
		for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
			if (!str_is(key, values[i].key)) {
				continue;
			}
			known = true;
			struct str have = values[i].value.n != 0 ? values[i].value : STR("-");
			if (str_equal(want, have)) {
				r->met++;
			} else {
				complain(r, values[i].key, want, have);
			}
		}
		assert_true(known);
	}
	published_destroy(p);
}

static void expect_newest(struct reading *r, struct str want)
{
	struct published *p = published_create(r->package, r->files.v, r->files.n);
	int64_t date;
	struct str have = published_newest(p, &date);
	have = have.n != 0 ? have : STR("-");
	if (str_equal(want, have)) {
		r->met++;
	} else {
		complain(r, "newest", want, have);
	}
	published_destroy(p);
}

static void read_line(struct reading *r, struct str line)
{
	struct str word, rest = line;
	if (line.n == 0 || line.p[0] == '#' || !str_split(&rest, ' ', &word)) {
		return;
	}
	if (str_is(word, "package")) {
		r->package = rest;
		vec_finish(&r->files);
	} else if (str_is(word, "file")) {
		read_file(r, rest);
	} else if (str_is(word, "expect")) {
		expect(r, rest);
	} else if (str_is(word, "newest")) {
		expect_newest(r, rest);
	} else {
		fail_msg("%s.txt:%d: what is %.*s?", r->name, r->line, STR_ARG(word));
	}
}

static void test_pages(void **state)
{
	static const char *const names[] = {"compressed_tags_and_builds", "dates",
		"each_python_is_a_target", "excluded", "libc_versions", "only_prereleases",
		"platform_wheels_without_abi", "pure_beside_platform", "sdist_only", "stable_abi",
		"vanished", "yanked_prerelease_python"};
	struct target_set targets;
	struct err e = {0};
	if (target_set_load(RECIPES, &targets, &e) != 0) {
		fail_msg("%s", e.text);
	}
	size_t met = 0, missed = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct reading r = {.name = names[i], .targets = &targets};
		char *path = str_format("%s/facts/%s.txt", TEST_DATA, names[i]);
		struct buf text = {0};
		if (file_read(path, 1 << 20, &text, &e) != 0) {
			fail_msg("%s", e.text);
		}
		struct str rest = buf_view(&text), line;
		while (str_split(&rest, '\n', &line)) {
			r.line++;
			read_line(&r, str_trim(line));
		}
		met += r.met;
		missed += r.missed;
		vec_finish(&r.files);
		buf_finish(&text);
		free(path);
	}
	target_set_finish(&targets);
	assert_int_equal(missed, 0);
	assert_true(met > 100);
}

static void test_out_of_scope(void **state)
{
	struct pep_target target;
	assert_int_equal(pep_target_parse(STR("cp313-win_arm64"), &target, NULL), 0);
	const struct published_file file = {.filename = STR("uvloop-0.22.1.tar.gz")};
	struct published *p = published_create(STR("uvloop"), &file, 1);
	struct published_fact fact;
	published_fact(p, &target, true, &fact);
	assert_int_equal(fact.state, PUBLISHED_NOT_APPLICABLE);
	published_destroy(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_out_of_scope),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
