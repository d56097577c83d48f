/* Kinds of changes by a table, the log's net between nights, and nights that are begun, killed and
 * found. */
#include "coordinator/store/package.h"
#include "coordinator/store/published.h"
#include "coordinator/store/view_changes.h"
#include "core/base/clock.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct place {
	char *folder;
	struct store *store;
	int64_t targets[2];
	int64_t packages[2];
	struct err e;
	int64_t now;
};

static void good(const struct place *p, int code)
{
	if (code != 0) {
		fail_msg("%d: %s", code, p->e.text);
	}
}

static int set_up(void **state)
{
	struct place *p = MEM_NEW(struct place);
	p->folder = str_format(
		"%s/wheelfarm-change-XXXXXX", getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(p->folder));
	char *database = file_join(p->folder, "facts.db");
	good(p, store_open(database, STORE_WRITE, &p->store, &p->e));
	free(database);
	static const char *const names[] = {"cp313-win_arm64", "cp314-win_arm64"};
	static const char *const packages[] = {"alpha", "beta"};
	for (int i = 0; i < 2; i++) {
		struct store_target t = {
			.name = names[i], .python = "3.13", .platform = "win_arm64", .family = "windows"};
		good(p, store_target_put(p->store, &t, &p->e));
		p->targets[i] = t.id;
		good(p,
			store_package_put(p->store, str_from(packages[i]), i + 1, -1, &p->packages[i], &p->e));
	}
	assert_true(clock_parse(STR("2026-11-20T02:00:00Z"), &p->now));
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	store_close(p->store);
	file_remove_tree(p->folder, NULL);
	free(p->folder);
	free(p);
	return 0;
}

/* fact and word before, after, kind; every cell of the table in change.h has a line */
static const struct {
	const char *was, *became;
	enum change_kind kind;
} cases[] = {
	{"wr", "pr", CHANGE_NONE}, /* works, works */
	{"wr", "ld", CHANGE_BROKE},
	{"wr", "wx", CHANGE_BROKE},
	{"wr", "wk", CHANGE_BROKE},
	{"wr", "Sv", CHANGE_VANISHED},
	{"pr", "Wr", CHANGE_VANISHED}, /* pip still finds an older wheel: the newest release has none */
	{"wr", "sm", CHANGE_VANISHED},
	{"wr", ".u", CHANGE_VANISHED}, /* the project is gone */
	{"wr", "xn", CHANGE_VANISHED},
	{"wr", "an", CHANGE_NONE}, /* policy */
	{"wr", "sb", CHANGE_NONE}, /* this farm has it, the index no longer: still there to be used */
	{"sb", "wr", CHANGE_APPEARED},
	{"sb", "ld", CHANGE_BROKE},
	{"sb", "Sv", CHANGE_VANISHED},
	{"sb", "sm", CHANGE_BROKE},
	{"sb", "xn", CHANGE_NONE},
	{"ld", "wr", CHANGE_FIXED},
	{"wx", "wr", CHANGE_FIXED},
	{"wk", "sb", CHANGE_FIXED},
	{"ld", "wx", CHANGE_NONE},
	{"ld", "Sv", CHANGE_VANISHED},
	{"ld", "sm", CHANGE_VANISHED},
	{"ld", "xn", CHANGE_NONE},
	{"Sv", "wr", CHANGE_FIXED},
	{"Wr", "wr", CHANGE_FIXED},
	{"Sv", "sb", CHANGE_FIXED},
	{"Sv", "ld", CHANGE_NONE},
	{"Sv", "Wr", CHANGE_NONE},
	{"Sv", "sm", CHANGE_NONE},
	{"Sv", "xn", CHANGE_NONE},
	{"sm", "wr", CHANGE_APPEARED},
	{"su", "pr", CHANGE_APPEARED},
	{"nm", "sb", CHANGE_APPEARED},
	{"sm", "ld", CHANGE_NONE},
	{"sm", "Sv", CHANGE_NONE},
	{"su", "sm", CHANGE_NONE},
	{"sm", "xn", CHANGE_NONE},
	{"xn", "wr", CHANGE_APPEARED},
	{"xn", "sb", CHANGE_APPEARED},
	{"an", "wr", CHANGE_NONE}, /* policy */
	{"xn", "ld", CHANGE_NONE},
	{"xn", "Sv", CHANGE_NONE},
	{"xn", "sm", CHANGE_NONE},
	{"xn", "an", CHANGE_NONE},
	{"?r", "?v", CHANGE_VANISHED}, /* from before facts were logged */
	{"?m", "?r", CHANGE_APPEARED},
};

static void kinds(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct store_condition was = {cases[i].was[0], cases[i].was[1]};
		const struct store_condition became = {cases[i].became[0], cases[i].became[1]};
		enum change_kind have = change_kind_of(was, became);
		if (have != cases[i].kind) {
			fail_msg("%s to %s is %s, not %s", cases[i].was, cases[i].became,
				change_kind_word(have), change_kind_word(cases[i].kind));
		}
	}
}

/* What a scan does to a package: facts by letters, stored, and headlines to match. */
static void stand(struct place *p, int package, const char *letters, const char *version)
{
	struct arena arena = {0};
	struct store_standing before, after = {.n = 2};
	struct store_published facts[2] = {0};
	struct store_published_set set;
	int64_t id = p->packages[package];
	good(p, store_standing_get(p->store, id, &arena, &before, &p->e));
	for (int i = 0; i < 2; i++) {
		char fact = letters[2 * i], word = letters[2 * i + 1];
		facts[i] = (struct store_published){.state = fact == 'w' || fact == 'W' ? "wheel"
				: fact == 'l'                                                   ? "pure"
																				: "sdist",
			.version = version,
			.lost_accelerator = fact == 'l',
			.vanished = fact == 'W' || fact == 'S' ? "1" : NULL};
		after.v[p->targets[i] - 1] =
			(struct store_pair){.fact = fact, .word = word, .version = version};
	}
	store_published_share(facts, 2, &arena, &set);
	good(p, store_published_replace(p->store, id, &set, p->targets, &p->e));
	good(p, store_standing_put(p->store, id, &before, &after, p->now, &p->e));
	arena_finish(&arena);
}

static int64_t begin(struct place *p, const char *list)
{
	int64_t night, started;
	p->now += 60 * 1000;
	good(p, store_night_begin(p->store, list, 2, p->now, &night, &started, &p->e));
	return night;
}

static void end(struct place *p, int64_t night)
{
	p->now += 60 * 1000;
	good(p, store_night_end(p->store, night, 7, p->now, &p->e));
	p->now += INT64_C(86400000);
}

static void expect(struct place *p, const char *since, const char *until, const char *want)
{
	struct changes_view v;
	struct buf have = {0};
	const struct changes_query q = {.since = str_from(since), .until = str_from(until)};
	good(p, store_changes_view(p->store, &q, &v, &p->e));
	for (size_t i = 0; i < v.change_count; i++) {
		const struct store_change *c = &v.changes[i];
		buf_printf(&have, "%s %s %s-%s %zu; ", change_kind_word(c->kind), c->package,
			c->was_version != NULL ? c->was_version : "", c->version != NULL ? c->version : "",
			c->target_count);
	}
	assert_string_equal(have.n != 0 ? have.p : "", want);
	changes_view_finish(&v);
	buf_finish(&have);
}

static void net_of_nights(void **state)
{
	struct place *p = *state;
	int64_t first = begin(p, "x");
	stand(p, 0, "wrwr", "1");
	stand(p, 1, "smsm", "1");
	end(p, first);
	expect(p, "", "", ""); /* what is seen first is no change */

	int64_t second = begin(p, "x");
	stand(p, 0, "SvWr", "2");
	stand(p, 1, "wrsm", "2");
	end(p, second);
	expect(p, "", "", "vanished alpha 1-2 1; vanished alpha 1-2 1; appeared beta 1-2 1; ");

	int64_t third = begin(p, "x");
	stand(p, 0, "wrwr", "3"); /* back again */
	stand(p, 1, "wrsm", "3"); /* another release, the same facts: no change */
	end(p, third);
	expect(p, "", "", "fixed alpha 2-3 1; fixed alpha 2-3 1; ");
	expect(p, "1", "3", "appeared beta 1-2 1; ");
	expect(p, "1", "last", "appeared beta 1-2 1; ");
	expect(p, "3", "1", "vanished beta 2-1 1; "); /* backwards */
	expect(p, "2026-11-20", "2026-11-21",
		"vanished alpha 1-2 1; vanished alpha 1-2 1; appeared beta 1-2 1; ");
	expect(p, "3", "", "");

	/* a build between nights counts as of now, not of a night */
	stand(p, 1, "wrsb", "3");
	expect(p, "3", "", "appeared beta 3-3 1; ");
	expect(p, "2", "3", "fixed alpha 2-3 1; fixed alpha 2-3 1; ");

	struct changes_view v;
	struct changes_query q = {.since = STR("99")};
	assert_int_equal(store_changes_view(p->store, &q, &v, &p->e), ERR_NOT_FOUND);
	changes_view_finish(&v);
	q.since = STR("2026-11-19");
	assert_int_equal(store_changes_view(p->store, &q, &v, &p->e), ERR_NOT_FOUND);
	changes_view_finish(&v);
	q.since = STR("yesterday");
	assert_int_equal(store_changes_view(p->store, &q, &v, &p->e), ERR_INVALID);
	changes_view_finish(&v);
	q = (struct changes_query){.since = STR("1"), .until = STR("2"), .target = "cp313-win_arm64"};
	good(p, store_changes_view(p->store, &q, &v, &p->e));
	assert_int_equal(v.change_count, 2);
	assert_int_equal(v.packages[CHANGE_VANISHED], 1);
	assert_int_equal(v.packages[CHANGE_APPEARED], 1);
	assert_string_equal(v.changes[0].targets[0], "cp313-win_arm64");
	changes_view_finish(&v);
	q.target = "cp399-win_arm64";
	assert_int_equal(store_changes_view(p->store, &q, &v, &p->e), ERR_NOT_FOUND);
	changes_view_finish(&v);
}

static void nights_go_on(void **state)
{
	struct place *p = *state;
	struct arena arena = {0};
	struct store_night *list;
	size_t count;
	int64_t started, again;
	int64_t first = begin(p, "x"); /* killed */
	int64_t began = p->now;
	const struct store_mark mark = {.package = p->packages[0], .downloads = -1};
	good(p, store_packages_unchanged(p->store, first, &mark, 1, p->now, &p->e));
	p->now += 3600 * 1000;
	good(p, store_night_begin(p->store, "x", 2, p->now, &again, &started, &p->e));
	assert_int_equal(again, first);
	assert_int_equal(started, began);
	good(p, store_package_problem(p->store, p->packages[1], first, "bad page: no JSON", &p->e));
	end(p, first);
	good(p, store_night_list(p->store, 9, &arena, &list, &count, &p->e));
	assert_int_equal(count, 1);
	assert_true(list[0].whole);
	assert_int_equal(list[0].asked, 2);
	assert_int_equal(list[0].unchanged, 1);
	assert_int_equal(list[0].bad, 1);
	assert_int_equal(list[0].failed, 0);
	assert_int_equal(list[0].received, 7);

	/* another list takes its place, and so does one that is a day old */
	int64_t other = begin(p, "y");
	assert_int_equal(other, first + 1);
	int64_t third = begin(p, "z");
	assert_int_equal(third, first + 2);
	p->now += STORE_NIGHT_CONTINUE_MS;
	int64_t fourth = begin(p, "z");
	assert_int_equal(fourth, first + 3);
	end(p, fourth);
	good(p, store_night_list(p->store, 9, &arena, &list, &count, &p->e));
	assert_int_equal(count, 4);
	assert_true(list[0].whole && !list[1].whole && !list[2].whole);
	assert_true(list[1].ended != 0 && list[2].ended != 0);
	assert_int_equal(list[0].failed, 2); /* nothing came of either */
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test_setup_teardown(net_of_nights, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nights_go_on, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
