/* What a reader keeps between two questions: names and targets, until the data have changed. */
#include "coordinator/store/names.h"
#include "coordinator/store/package.h"
#include "coordinator/store/store.h"
#include "coordinator/store/target.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	char *folder;
	char *database;
	struct store *writer, *reader;
	struct err e;
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
	const char *base = getenv("TMPDIR");
	p->folder = str_format("%s/wheelfarm-test-XXXXXX", base != NULL ? base : "/tmp");
	assert_non_null(mkdtemp(p->folder));
	p->database = file_join(p->folder, "facts.db");
	good(p, store_open(p->database, STORE_WRITE, &p->writer, &p->e));
	good(p, store_open(p->database, STORE_READ, &p->reader, &p->e));
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	store_close(p->reader);
	store_close(p->writer);
	file_remove_tree(p->folder, NULL);
	free(p->folder);
	free(p->database);
	free(p);
	return 0;
}

static void add(struct place *p, const char *name, int64_t rank)
{
	int64_t id;
	good(p, store_package_put(p->writer, str_from(name), rank, -1, &id, &p->e));
}

/* The names found, with spaces between. */
static const char *search(struct place *p, const char *part, size_t most)
{
	static char text[256];
	const struct store_names *names;
	const struct store_name *found[16];
	text[0] = '\0';
	good(p, store_names_take(p->writer, &names, &p->e));
	size_t n = store_names_search(names, str_from(part), found, most);
	for (size_t i = 0; i < n; i++) {
		strcat(strcat(text, i != 0 ? " " : ""), found[i]->name.p);
	}
	return text;
}

static void the_best_come_first(void **state)
{
	static const struct {
		const char *part;
		size_t most;
		const char *found;
	} rows[] = {
		/* the name itself, then those that begin with it, then the rest, each by rank */
		{"num", 9, "num numba numpy num-x anum sumnum"},
		{"num", 3, "num numba numpy"},
		{"num", 1, "num"},
		{"numpy", 9, "numpy"},
		{"um", 2, "numba numpy"},
		{"m", 9, "mumble numba numpy anum sumnum num-x num"},
		{"py", 9, "numpy"},
		{"ynum", 9, ""}, /* across two names */
		{"zz", 9, ""},
		{"num", 0, ""},
	};
	struct place *p = *state;
	add(p, "numba", 1);
	add(p, "numpy", 2);
	add(p, "anum", 3);
	add(p, "sumnum", 4);
	add(p, "num-x", 5);
	add(p, "num", 6);
	add(p, "mumble", 0); /* no rank: last */
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_string_equal(search(p, rows[i].part, rows[i].most), rows[i].found);
	}
}

static size_t count(struct place *p, const char *part)
{
	struct store_names_walk walk = {.part = str_from(part)};
	const struct store_name *name;
	size_t n = 0;
	good(p, store_names_take(p->reader, &walk.names, &p->e));
	while (store_names_next(&walk, &name)) {
		n++;
	}
	return n;
}

static void a_reader_follows(void **state)
{
	struct place *p = *state;
	assert_int_equal(count(p, ""), 0);
	add(p, "foo", 2);
	add(p, "foo-foo", 1);
	usleep(STORE_NAMES_MS * 1000 + 50000);
	assert_int_equal(count(p, ""), 2);
	assert_int_equal(count(p, "foo"), 2); /* a name once, however often it has it */
	assert_int_equal(count(p, "-"), 1);
}

static void targets_are_seen_at_once(void **state)
{
	struct place *p = *state;
	struct arena arena = {0};
	struct store_target *list;
	size_t n;
	for (size_t i = 0; i < 3; i++) {
		char name[32];
		snprintf(name, sizeof(name), "cp31%zu-win_arm64", i);
		good(p, store_target_list(p->reader, &arena, &list, &n, &p->e));
		assert_int_equal(n, i);
		struct store_target t = {
			.name = name, .python = "3.1", .platform = "win_arm64", .family = "windows"};
		good(p, store_target_put(p->writer, &t, &p->e));
	}
	for (int twice = 0; twice < 2; twice++) {
		good(p, store_target_list(p->reader, &arena, &list, &n, &p->e));
		assert_int_equal(n, 3);
		assert_string_equal(list[2].name, "cp312-win_arm64");
		assert_string_equal(list[2].family, "windows");
	}
	store_close(p->reader); /* what was listed is the caller's */
	p->reader = NULL;
	assert_string_equal(list[1].platform, "win_arm64");
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_best_come_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reader_follows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(targets_are_seen_at_once, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
