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

static void day_of(int64_t date, char out[static CLOCK_TEXT])
{
	out[0] = '\0';
	if (date != 0) {
		clock_text(date, out);
		out[10] = '\0';
	}
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
	const struct pep_target *asked = &target->pep;
	struct published_fact fact;
	published_facts(p, &asked, 1, &fact);
	char first_date[CLOCK_TEXT], newest_date[CLOCK_TEXT], behind[32];
	day_of(fact.first_date, first_date);
	day_of(fact.newest_date, newest_date);
	snprintf(behind, sizeof(behind), "%lld", (long long)fact.behind);
	const struct {
		const char *key;
		struct str value;
	} values[] = {
		{"state", str_from(published_state_word(fact.state))},
		{"version", fact.version},
		{"file", fact.file != NULL ? fact.file->filename : (struct str){0}},
		{"first", fact.first_version},
		{"date", str_from(first_date)},
		{"newest", fact.newest_version},
		{"newest_date", str_from(newest_date)},
		{"behind", str_from(behind)},
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
		"each_python_is_a_target", "excluded", "libc_versions", "newest", "only_prereleases",
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

static bool same_fact(const struct published_fact *a, const struct published_fact *b)
{
	return a->state == b->state && a->file == b->file && a->sdist_file == b->sdist_file &&
		str_equal(a->version, b->version) && str_equal(a->first_version, b->first_version) &&
		str_equal(a->newest_version, b->newest_version) && a->behind == b->behind &&
		str_equal(a->vanished, b->vanished) && a->first_date == b->first_date &&
		a->newest_date == b->newest_date && a->lost_accelerator == b->lost_accelerator &&
		a->emulated_alternative == b->emulated_alternative;
}

/* More targets than bits in a word: each is told the same as if it were asked alone. */
static void test_many_targets(void **state)
{
	static const char *const platforms[] = {"win_arm64", "manylinux_2_28_aarch64",
		"manylinux_2_17_aarch64", "musllinux_1_1_aarch64", "win_amd64"};
	enum { FIRST = 5, LAST = 45, PLATFORMS = 5, COUNT = (LAST - FIRST) * PLATFORMS };
	static const struct {
		const char *name, *python;
	} lines[] = {
		{"demo-1.0-cp36-abi3-win_arm64.whl", ""},
		{"demo-1.1-cp340-cp340-win_arm64.whl", ""},
		{"demo-1.1-py3-none-any.whl", "<3.30"},
		{"demo-1.1-cp338-cp338.abi3-win_amd64.manylinux_2_20_aarch64.whl", ""},
		{"demo-1.2-py3-none-musllinux_1_0_aarch64.whl", ""},
		{"demo-1.3.tar.gz", ">=3.22,!=3.33.*"},
	};
	enum { FILES = sizeof(lines) / sizeof(*lines) };
	struct published_file files[FILES] = {{{0}}};
	for (size_t i = 0; i < FILES; i++) {
		files[i].filename = str_from(lines[i].name);
		files[i].requires_python = str_from(lines[i].python);
		files[i].uploaded = (int64_t)i + 1;
	}
	struct pep_target *targets = mem_new(COUNT, sizeof(*targets));
	const struct pep_target **asked = mem_new(COUNT, sizeof(*asked));
	struct published_fact *facts = mem_new(COUNT, sizeof(*facts)), alone;
	struct published *p = published_create(STR("demo"), files, FILES);
	for (size_t i = 0; i < COUNT; i++) {
		char name[64];
		snprintf(
			name, sizeof(name), "cp3%d-%s", FIRST + (int)(i / PLATFORMS), platforms[i % PLATFORMS]);
		assert_int_equal(pep_target_parse(str_from(name), &targets[i], NULL), 0);
		asked[i] = &targets[i];
	}
	published_facts(p, asked, COUNT, facts);
	size_t states[PUBLISHED_STATE_COUNT] = {0};
	for (size_t i = 0; i < COUNT; i++) {
		published_facts(p, &asked[i], 1, &alone);
		assert_true(same_fact(&facts[i], &alone));
		states[alone.state]++;
	}
	assert_true(states[PUBLISHED_WHEEL] > 10 && states[PUBLISHED_PURE] > 10 &&
		states[PUBLISHED_SDIST] > 10);
	published_destroy(p);
	free(facts);
	free(asked);
	free(targets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_many_targets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
