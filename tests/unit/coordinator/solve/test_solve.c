/* The solver on the text cases of tests/data/solve/cases.txt. What a case has is brought page by page and
 * release by release, as it is asked for, so that looking lazily is tested too. */
#include "coordinator/solve/explain.h"
#include "coordinator/solve/requires_text.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct release {
	struct str name, version;
	struct buf metadata;
};

struct test_case {
	struct arena arena;
	struct str what;
	struct str target;
	enum universe_rules rules;
	VEC(struct release) releases;
	VEC(struct page_file {
		size_t release;
		struct store_file file;
	})
	files;
	VEC(struct str) asked, constraints, checks;
	VEC(struct page {
		struct str name;
		VEC(struct store_file) files;
		VEC(size_t) releases; /* beside files */
	})
	pages; /* that were read */
	struct universe u;
};

static struct str word(struct str *rest)
{
	struct str out = {0};
	*rest = str_trim(*rest);
	ptrdiff_t end = str_find(*rest, ' ');
	out = str_slice(*rest, 0, end < 0 ? rest->n : (size_t)end);
	*rest = str_trim(str_slice(*rest, out.n, rest->n));
	return out;
}

static const char *file_end(struct str kind)
{
	return str_is(kind, "any")  ? "-py3-none-any.whl"
		: str_is(kind, "win")   ? "-cp313-cp313-win_arm64.whl"
		: str_is(kind, "sdist") ? ".tar.gz"
								: "-cp313-cp313-manylinux_2_28_aarch64.whl";
}

static void add_release(struct test_case *c, struct str rest)
{
	struct release *r = vec_add(&c->releases);
	struct str kind, python = {0};
	bool yanked = false;
	r->name = word(&rest);
	r->version = word(&rest);
	buf_printf(&r->metadata, "Metadata-Version: 2.1\nName: %.*s\nVersion: %.*s\n", STR_ARG(r->name),
		STR_ARG(r->version));
	while ((kind = word(&rest)).n != 0) {
		if (str_is(kind, "yanked")) {
			yanked = true;
			continue;
		}
		if (str_starts(kind, "python=")) {
			python = str_slice(kind, 7, kind.n);
			continue;
		}
		struct buf name = {0};
		struct page_file *f = vec_add(&c->files);
		for (size_t i = 0; i < r->name.n; i++) {
			buf_add_char(&name, r->name.p[i] == '-' ? '_' : r->name.p[i]);
		}
		buf_printf(&name, "-%.*s%s", STR_ARG(r->version), file_end(kind));
		f->release = c->releases.n - 1;
		f->file = (struct store_file){.filename = {arena_copy(&c->arena, name.p, name.n), name.n},
			.version = r->version,
			.requires_python = python,
			.yanked = yanked};
		buf_finish(&name);
	}
}

static bool bring_page(void *user, struct universe *u, uint32_t package)
{
	struct test_case *c = user;
	struct page page = {.name = u->packages.v[package].name};
	VEC_EACH (struct page_file, f, &c->files) {
		if (str_equal(c->releases.v[f->release].name, page.name)) {
			*vec_add(&page.files) = f->file;
			*vec_add(&page.releases) = f->release;
		}
	}
	if (page.files.n == 0) {
		u->packages.v[package].state = UNIVERSE_ABSENT;
	} else {
		universe_set_files(u, package, page.files.v, page.files.n, NULL);
	}
	*vec_add(&c->pages) = page;
	return true;
}

static bool bring_metadata(
	void *user, struct universe *u, uint32_t package, uint32_t version, uint32_t wheel)
{
	struct test_case *c = user;
	struct universe_version *v = &u->packages.v[package].versions[version];
	struct buf text = {0};
	struct err e = {0};
	VEC_EACH (struct page, page, &c->pages) {
		if (!str_equal(page->name, u->packages.v[package].name)) {
			continue;
		}
		struct release *r = &c->releases.v[page->releases.v[v->wheels[wheel].file]];
		int code = requires_text_write(buf_view(&r->metadata), page->name, v->text, &text, &e);
		v->wheels[wheel].requires =
			code == 0 ? universe_requires(u, buf_view(&text)) : universe_requires_bad(u, e.text);
	}
	buf_finish(&text);
	return true;
}

static bool has_pick(
	struct test_case *c, const struct solve_answer *a, size_t at, struct str expected)
{
	struct buf text = {0};
	const struct solve_pick *pick = &a->picks.v[at];
	const struct universe_package *p = &c->u.packages.v[pick->package];
	buf_printf(&text, "%.*s=%.*s", STR_ARG(p->name), STR_ARG(p->versions[pick->version].text));
	bool same = str_equal(buf_view(&text), expected);
	if (!same) {
		print_error("%.*s: %s, not %.*s\n", STR_ARG(c->what), text.p, STR_ARG(expected));
	}
	buf_finish(&text);
	return same;
}

static void check_blocker(struct test_case *c, const struct solve_blocker *b, struct str rest)
{
	const struct universe_package *p = &c->u.packages.v[b->package];
	struct str name = word(&rest), reason = word(&rest);
	if (!str_equal(p->name, name) || !str_is(reason, solve_reason_word(b->reason)) ||
		!str_is(rest, b->path)) {
		fail_msg("%.*s: blocker %.*s %s %s", STR_ARG(c->what), STR_ARG(p->name),
			solve_reason_word(b->reason), b->path);
	}
}

static void check_conflict(struct test_case *c, const struct solve_explanation *x, struct str rest)
{
	VEC_EACH (uint32_t, root, &x->roots) {
		struct str name = c->u.packages.v[c->u.requirements.v[*root].package].name;
		struct str expected = word(&rest);
		if (!str_equal(name, expected)) {
			fail_msg("%.*s: conflict of %.*s", STR_ARG(c->what), STR_ARG(name));
		}
	}
	assert_int_equal(rest.n, 0);
}

static void check_proof(struct test_case *c, const struct solve_explanation *x, struct str line)
{
	bool found = false;
	VEC_EACH (char *, told, &x->proof) {
		found |= str_is(line, *told);
	}
	if (!found) {
		VEC_EACH (char *, told, &x->proof) {
			print_error("%.*s: told: %s\n", STR_ARG(c->what), *told);
		}
		fail_msg("%.*s: not told: %.*s", STR_ARG(c->what), STR_ARG(line));
	}
}

static void check_answer(
	struct test_case *c, const struct solve_answer *a, const struct solve_explanation *x)
{
	size_t blockers = 0;
	VEC_EACH (struct str, check, &c->checks) {
		struct str rest = *check, kind = word(&rest);
		if (str_is(kind, "answer")) {
			bool yes = str_is(word(&rest), "yes");
			if (yes != (a->verdict == SOLVE_YES) || a->verdict == SOLVE_WAIT) {
				fail_msg("%.*s: verdict %d", STR_ARG(c->what), (int)a->verdict);
			}
			size_t n = 0;
			for (struct str pick; (pick = word(&rest)).n != 0; n++) {
				assert_true(n < a->picks.n);
				assert_true(has_pick(c, a, n, pick));
			}
			assert_int_equal(n, a->picks.n);
		} else if (str_is(kind, "blocker")) {
			if (blockers == x->blockers.n) {
				fail_msg("%.*s: no blocker %.*s", STR_ARG(c->what), STR_ARG(rest));
			}
			check_blocker(c, &x->blockers.v[blockers++], rest);
		} else if (str_is(kind, "conflict")) {
			check_conflict(c, x, rest);
		} else {
			check_proof(c, x, rest);
		}
	}
	assert_int_equal(blockers, x->blockers.n);
}

static void run_case(struct test_case *c)
{
	struct pep_target target;
	const struct pep_target *targets[] = {&target};
	VEC(uint32_t) roots = {0}, constraints = {0};
	assert_int_equal(pep_target_parse(c->target, &target, NULL), 0);
	universe_init(&c->u, targets, 1, c->rules);
	VEC_EACH (struct str, text, &c->asked) {
		assert_int_equal(universe_requirement(&c->u, *text, vec_add(&roots), NULL), 0);
	}
	VEC_EACH (struct str, text, &c->constraints) {
		assert_int_equal(universe_requirement(&c->u, *text, vec_add(&constraints), NULL), 0);
	}
	const struct solve_question q = {.roots = roots.v,
		.root_count = roots.n,
		.constraints = constraints.v,
		.constraint_count = constraints.n};
	const struct solve_source source = {.page = bring_page, .metadata = bring_metadata, .user = c};
	struct solve_answer answer;
	struct solve_explanation explanation = {0};
	solve(&c->u, &q, NULL, &source, false, &answer);
	if (answer.verdict == SOLVE_NO) {
		solve_explain(&c->u, &q, &source, &explanation);
	}
	check_answer(c, &answer, &explanation);
	solve_answer_finish(&answer);
	solve_explanation_finish(&explanation);
	universe_finish(&c->u);
	vec_finish(&roots);
	vec_finish(&constraints);
}

static void end_case(struct test_case *c)
{
	if (c->what.n != 0) {
		run_case(c);
	}
	VEC_EACH (struct release, r, &c->releases) {
		buf_finish(&r->metadata);
	}
	VEC_EACH (struct page, page, &c->pages) {
		vec_finish(&page->files);
		vec_finish(&page->releases);
	}
	vec_finish(&c->pages);
	vec_finish(&c->releases);
	vec_finish(&c->files);
	vec_finish(&c->asked);
	vec_finish(&c->constraints);
	vec_finish(&c->checks);
	arena_finish(&c->arena);
	*c = (struct test_case){.target = STR("cp313-win_arm64")};
}

static void read_line(struct test_case *c, struct str line)
{
	struct str rest = line, kind = word(&rest);
	if (kind.n == 0 || kind.p[0] == '#') {
		return;
	}
	if (str_starts(line, " ")) {
		buf_printf(&c->releases.v[c->releases.n - 1].metadata, "Requires-Dist: %.*s\n",
			STR_ARG(str_trim(line)));
	} else if (str_is(kind, "case")) {
		end_case(c);
		c->what = rest;
	} else if (str_is(kind, "target")) {
		c->target = rest;
	} else if (str_is(kind, "rules")) {
		c->rules = str_is(rest, "uv") ? UNIVERSE_UV : UNIVERSE_PIP;
	} else if (str_is(kind, "release")) {
		add_release(c, rest);
	} else if (str_is(kind, "ask")) {
		*vec_add(&c->asked) = rest;
	} else if (str_is(kind, "constrain")) {
		*vec_add(&c->constraints) = rest;
	} else {
		*vec_add(&c->checks) = line;
	}
}

static void test_cases(void **state)
{
	struct test_case c = {0};
	struct buf text = {0};
	assert_int_equal(file_read(TEST_DATA "/cases.txt", 1 << 20, &text, NULL), 0);
	struct str rest = buf_view(&text), line;
	while (str_split(&rest, '\n', &line)) {
		read_line(&c, line);
	}
	end_case(&c);
	buf_finish(&text);
}

/* A package of 3,000 versions with thousands of specifiers on it is a few candidates. */
static void test_thousands_of_versions(void **state)
{
	struct test_case c = {.target = STR("cp313-win_arm64"), .what = STR("thousands")};
	enum { VERSIONS = 400 };
	char *lines[VERSIONS];
	for (int i = 0; i < VERSIONS; i++) {
		lines[i] = str_format("big %d.0 any", i + 1);
		add_release(&c, str_from(lines[i]));
	}
	add_release(&c, STR("a 1.0 any"));
	for (int i = 1; i < VERSIONS; i++) {
		buf_printf(&c.releases.v[VERSIONS].metadata, "Requires-Dist: big>=%d\n", i / 2);
		buf_printf(&c.releases.v[VERSIONS].metadata, "Requires-Dist: big!=%d\n", VERSIONS + 2 - i);
	}
	*vec_add(&c.asked) = STR("a");
	*vec_add(&c.checks) = STR("answer yes a=1.0 big=2.0");
	c.checks.v[0] = STR("answer no");
	*vec_add(&c.checks) = STR("conflict a");
	end_case(&c);
	for (int i = 0; i < VERSIONS; i++) {
		free(lines[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_thousands_of_versions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
