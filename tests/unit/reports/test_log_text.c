#include "reports/log_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdint.h>
#include <stdio.h>

/* "line 1\n" … "line N\n" */
static void write_lines(struct buf *out, int n)
{
	for (int i = 1; i <= n; i++) {
		buf_printf(out, "line %d\n", i);
	}
}

static void test_short_part_is_whole(void **state)
{
	struct buf text = {0};
	struct log_part p;
	write_lines(&text, 10);
	log_part_cut(&p, buf_view(&text), 14, 42, STR("line 5"), 100);
	assert_int_equal(p.first_line, 3);
	assert_int_equal(p.line_count, 4);
	assert_int_equal(p.run_count, 1);
	assert_int_equal(p.runs[0].first_line, 3);
	assert_int_equal(p.runs[0].line_count, 4);
	assert_int_equal(p.mark, 5);
	assert_int_equal(p.left_out_after, 0);
	buf_finish(&text);
}

static void test_long_part_keeps_head_evidence_and_tail(void **state)
{
	struct buf text = {0};
	struct log_part p;
	write_lines(&text, 10000);
	log_part_cut(&p, buf_view(&text), 0, text.n, STR("line 5000"), 160);
	assert_int_equal(p.run_count, 3);
	assert_int_equal(p.mark, 5000);
	assert_int_equal(p.runs[0].first_line, 1);
	assert_true(p.runs[1].first_line < 5000);
	assert_true(p.runs[1].first_line + p.runs[1].line_count > 5001);
	assert_int_equal(p.runs[2].first_line + p.runs[2].line_count, 10001);
	int64_t shown = 0;
	int64_t left_out = p.left_out_after;
	for (size_t i = 0; i < p.run_count; i++) {
		shown += p.runs[i].line_count;
		left_out += p.runs[i].left_out;
		char first[32];
		struct str run = str_slice(buf_view(&text), p.runs[i].from, p.runs[i].to);
		int n = snprintf(first, sizeof(first), "line %lld\n", (long long)p.runs[i].first_line);
		assert_memory_equal(run.p, first, (size_t)n);
	}
	assert_true(shown <= 160);
	assert_int_equal(shown + left_out, 10000);
	buf_finish(&text);
}

static void test_evidence_near_an_end_merges_runs(void **state)
{
	struct buf text = {0};
	struct log_part p;
	write_lines(&text, 1000);
	log_part_cut(&p, buf_view(&text), 0, text.n, STR("line 3"), 160);
	assert_int_equal(p.mark, 3);
	assert_int_equal(p.run_count, 2);
	log_part_cut(&p, buf_view(&text), 0, text.n, STR("line 1000"), 160);
	assert_int_equal(p.mark, 1000);
	assert_int_equal(p.left_out_after, 0);
	buf_finish(&text);
}

static void test_evidence_is_found(void **state)
{
	static const struct {
		const char *log;
		const char *evidence;
		int64_t mark;
	} rows[] = {
		{"a\nb\nc\n", "b", 2},
		{"xbx\nb\n", "b", 2}, /* a whole line before a part of one */
		{"xbx\nc\n", "b", 1},
		{"\x1b[31merror: x\x1b[0m\n", "error: x", 1},
		{"  error: x  \r\n", "error: x", 1},
		{"a\n", "", 0},
		{"a\n", "zz", 0},
		{"", "a", 0},
		{"no end of line", "no end of line", 1},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct log_part p;
		struct str log = str_from(rows[i].log);
		log_part_cut(&p, log, 0, log.n, str_from(rows[i].evidence), 100);
		assert_int_equal(p.mark, rows[i].mark);
	}
}

static void test_wild_ranges_are_clamped(void **state)
{
	struct log_part p;
	log_part_cut(&p, STR("a\nb\n"), 900, 3, STR("a"), 10);
	assert_int_equal(p.line_count, 0);
	log_part_cut(&p, STR("a\nb\n"), 0, SIZE_MAX, STR("a"), 10);
	assert_int_equal(p.line_count, 2);
	log_part_cut(&p, (struct str){0}, 5, 10, STR("a"), 10);
	assert_int_equal(p.run_count, 0);
}

static void test_lines(void **state)
{
	static const struct {
		int64_t from, to;
		const char *out;
	} rows[] = {
		{1, 0, "a\nb\nc"}, {2, 2, "b\n"}, {2, 0, "b\nc"}, {3, 9, "c"}, {4, 5, ""}, {0, 1, "a\n"}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_true(str_is(log_lines(STR("a\nb\nc"), rows[i].from, rows[i].to), rows[i].out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_part_is_whole),
		cmocka_unit_test(test_long_part_keeps_head_evidence_and_tail),
		cmocka_unit_test(test_evidence_near_an_end_merges_runs),
		cmocka_unit_test(test_evidence_is_found),
		cmocka_unit_test(test_wild_ranges_are_clamped),
		cmocka_unit_test(test_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
