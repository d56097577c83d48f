/* tests/data/agent/test_counts.txt: outputs of test runs, and what is read from them. */
#include "agent/test_count.h"
#include "core/base/vec.h"
#include "core/io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define TABLE TEST_DATA "/agent/test_counts.txt"

static void check_one(struct str head, struct str output)
{
	struct test_count count;
	test_count_read(output, &count);
	char *got = str_format("%d %d %d | %.*s", (int)count.passed, (int)count.failed,
		(int)count.skipped, STR_ARG(count.first));
	if (!str_equal(str_trim(str_from(got)), str_trim(head))) {
		fail_msg("read \"%s\", the table has \"%.*s\"", got, STR_ARG(head));
	}
	free(got);
}

static void test_table(void **state)
{
	struct buf text = {0};
	struct err e = {0};
	assert_int_equal(file_read(TABLE, 1 << 20, &text, &e), 0);
	struct str rest = buf_view(&text), line, head = {0};
	const char *from = NULL;
	size_t cases = 0;
	while (str_split(&rest, '\n', &line)) {
		if (str_is(line, "%%")) {
			check_one(head, (struct str){from, (size_t)(line.p - from)});
			from = NULL;
			cases++;
		} else if (from == NULL && line.n != 0 && line.p[0] != '#') {
			head = line;
			from = rest.p;
		}
	}
	assert_true(cases >= 8);
	buf_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
