#include "reports/log_text.h"

#include "reports/visible.h"

#include <string.h>

/* Takes the next line (without its end) off text[*at, to); false when nothing is left. */
static bool next_line(struct str text, size_t *at, size_t to, struct str *line)
{
	if (*at >= to) {
		return false;
	}
	const char *start = text.p + *at;
	const char *end = memchr(start, '\n', to - *at);
	size_t n = end != NULL ? (size_t)(end - start) : to - *at;
	*at += n + (end != NULL ? 1 : 0);
	if (n > 0 && start[n - 1] == '\r') {
		n--;
	}
	*line = (struct str){start, n};
	return true;
}

static int64_t count_lines(struct str text, size_t from, size_t to)
{
	int64_t n = 0;
	struct str line;
	while (next_line(text, &from, to, &line)) {
		n++;
	}
	return n;
}

/* `clean` is scratch. The evidence was cleaned by whoever found it, so a line with escapes is
 * cleaned for the comparison too. */
static bool line_matches(struct str line, struct str evidence, bool whole, struct buf *clean)
{
	if (memchr(line.p, '\x1b', line.n) != NULL) {
		buf_clear(clean);
		visible_add(clean, line, VISIBLE_LOG);
		line = buf_view(clean);
	}
	line = str_trim(line);
	return whole ? str_equal(line, evidence) : str_find_text(line, evidence) >= 0;
}

/* The number, counted from 1 in the part, of the first line that is the evidence; 0 if none. */
static int64_t find_evidence(struct str text, size_t from, size_t to, struct str evidence)
{
	evidence = str_trim(evidence);
	if (evidence.n == 0) {
		return 0;
	}
	struct buf clean = {0};
	int64_t found = 0;
	for (int pass = 0; pass < 2 && found == 0; pass++) {
		size_t at = from;
		struct str line;
		for (int64_t n = 1; next_line(text, &at, to, &line); n++) {
			if (line_matches(line, evidence, pass == 0, &clean)) {
				found = n;
				break;
			}
		}
	}
	buf_finish(&clean);
	return found;
}

struct span { /* lines of the part, from 0, end excluded */
	int64_t from;
	int64_t to;
};

static void add_span(struct span *spans, size_t *n, int64_t from, int64_t to, int64_t lines)
{
	from = from < 0 ? 0 : from;
	to = to > lines ? lines : to;
	if (*n > 0 && from <= spans[*n - 1].to) {
		if (to > spans[*n - 1].to) {
			spans[*n - 1].to = to;
		}
		return;
	}
	if (from < to) {
		spans[(*n)++] = (struct span){from, to};
	}
}

void log_part_cut(struct log_part *out, struct str text, size_t from, size_t to,
	struct str evidence, int64_t lines)
{
	to = to > text.n ? text.n : to;
	from = from > to ? to : from;
	*out = (struct log_part){
		.first_line = count_lines(text, 0, from) + 1,
		.line_count = count_lines(text, from, to),
	};
	int64_t mark = find_evidence(text, from, to, evidence);
	out->mark = mark != 0 ? out->first_line + mark - 1 : 0;

	struct span spans[LOG_RUNS];
	size_t n = 0;
	if (out->line_count <= lines) {
		add_span(spans, &n, 0, out->line_count, out->line_count);
	} else {
		/* What led to the failing line is worth more than what came after it. */
		int64_t head = lines / 16;
		int64_t tail = lines / 4;
		int64_t around = mark != 0 ? lines - head - tail : 0;
		add_span(spans, &n, 0, head, out->line_count);
		if (mark != 0) {
			add_span(spans, &n, mark - 1 - around * 2 / 3, mark - 1 + around / 3, out->line_count);
		} else {
			tail = lines - head;
		}
		add_span(spans, &n, out->line_count - tail, out->line_count, out->line_count);
	}

	size_t at = from;
	int64_t line = 0;
	int64_t shown_to = 0;
	for (size_t i = 0; i < n; i++) {
		struct str ignored;
		while (line < spans[i].from && next_line(text, &at, to, &ignored)) {
			line++;
		}
		struct log_run *run = &out->runs[out->run_count++];
		*run = (struct log_run){
			.first_line = out->first_line + spans[i].from,
			.line_count = spans[i].to - spans[i].from,
			.from = at,
			.left_out = spans[i].from - shown_to,
		};
		while (line < spans[i].to && next_line(text, &at, to, &ignored)) {
			line++;
		}
		run->to = at;
		shown_to = spans[i].to;
	}
	out->left_out_after = out->line_count - shown_to;
}

struct str log_lines(struct str text, int64_t from, int64_t to)
{
	size_t at = 0;
	size_t start = text.n;
	struct str ignored;
	for (int64_t line = 1; at < text.n && (to == 0 || line <= to); line++) {
		if (line == from || (line == 1 && from < 1)) {
			start = at;
		}
		next_line(text, &at, text.n, &ignored);
	}
	return str_slice(text, start, at > start ? at : start);
}
