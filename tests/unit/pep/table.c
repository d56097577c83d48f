#include "tests/unit/pep/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static char *read_table(const char *name, size_t *n)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", TEST_DATA, name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	struct buf text = {0};
	char piece[4096];
	while ((*n = fread(piece, 1, sizeof piece, file)) != 0) {
		buf_add(&text, piece, *n);
	}
	fclose(file);
	*n = text.n;
	return buf_take(&text);
}

/* The line from field `first` on. */
static struct str expected(struct str line, size_t first)
{
	struct str part;
	for (size_t i = 0; i < first; i++) {
		assert_true(str_split(&line, '\t', &part));
	}
	return line;
}

void table_check(const char *name, size_t first,
	void (*check)(const struct table_line *line, struct buf *answer))
{
	size_t n, count = 0, wrong = 0;
	char *text = read_table(name, &n);
	struct str rest = {.p = text, .n = n}, line;
	struct buf answer = {0};
	while (rest.n != 0 && str_split(&rest, '\n', &line)) {
		if (str_starts(line, "#")) {
			continue;
		}
		struct table_line fields = {0};
		struct str columns = line;
		while (fields.n < TABLE_FIELDS && str_split(&columns, '\t', &fields.fields[fields.n])) {
			fields.n++;
		}
		buf_clear(&answer);
		check(&fields, &answer);
		count++;
		if (!str_equal(buf_view(&answer), expected(line, first))) {
			wrong++;
			fprintf(stderr, "%s: %.*s\n  answered: %.*s\n", name, STR_ARG(line), (int)answer.n,
				answer.n != 0 ? answer.p : "");
		}
	}
	buf_finish(&answer);
	free(text);
	assert_true(count > 10); /* an empty table proves nothing */
	assert_int_equal(wrong, 0);
}
