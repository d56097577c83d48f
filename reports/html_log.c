#include "reports/html_log.h"

#include <string.h>

/* Lines shown of a stage that failed or runs, and of one that went well; bytes shown of one line. A
 * page stays small whatever a build prints: the whole log has its own address. */
enum { LINES_OPEN = 160, LINES_CLOSED = 60, LINE_BYTES = 2000 };

static void add_line(struct html *h, int64_t number, struct str line, bool marked)
{
	if (line.n > 0 && line.p[line.n - 1] == '\r') {
		line.n--;
	}
	html_raw_literal(h, "<li");
	struct buf id = {0};
	buf_printf(&id, "L%lld", (long long)number);
	html_attr_str(h, "id", buf_view(&id));
	buf_finish(&id);
	if (marked) {
		html_raw_literal(h, " class=\"mark\"");
	}
	html_raw_literal(h, "><a href=\"#L");
	html_format(h, "%lld", (long long)number);
	html_raw_literal(h, "\">");
	html_format(h, "%lld", (long long)number);
	html_raw_literal(h, "</a><code>");
	html_log(h, str_slice(line, 0, LINE_BYTES));
	html_raw_literal(h, "</code>");
	if (line.n > LINE_BYTES) {
		html_raw_literal(h, "<em>the line goes on for ");
		html_words(h, words_bytes, (int64_t)(line.n - LINE_BYTES));
		html_raw_literal(h, "</em>");
	}
	html_raw_literal(h, "</li>\n");
}

/* Lines [from, from + lines) are not shown here; they are one link away. */
static void add_gap(struct html *h, int64_t job, int64_t from, int64_t lines)
{
	if (lines <= 0) {
		return;
	}
	struct buf address = {0};
	buf_printf(&address, "/job/%lld/log?from=%lld&to=%lld", (long long)job, (long long)from,
		(long long)(from + lines - 1));
	html_raw_literal(h, "<li class=\"gap\"><a");
	html_attr_str(h, "href", buf_view(&address));
	html_raw_literal(h, ">");
	html_int(h, lines);
	html_cstr(h, lines == 1 ? " line" : " lines");
	html_raw_literal(h, "</a> left out here</li>\n");
	buf_finish(&address);
}

static void add_part(struct html *h, int64_t job, struct str text, const struct log_part *part)
{
	int64_t next = part->first_line;
	html_raw_literal(h, "<ol class=\"log\">\n");
	for (size_t i = 0; i < part->run_count; i++) {
		const struct log_run *run = &part->runs[i];
		add_gap(h, job, next, run->left_out);
		struct str rest = str_slice(text, run->from, run->to);
		struct str line;
		for (int64_t n = 0; n < run->line_count && str_split(&rest, '\n', &line); n++) {
			add_line(h, run->first_line + n, line, run->first_line + n == part->mark);
		}
		next = run->first_line + run->line_count;
	}
	add_gap(h, job, next, part->left_out_after);
	html_raw_literal(h, "</ol>\n");
}

static bool is_failed(const struct build_view *b, size_t stage)
{
	return b->stages[stage].status == STAGE_STATUS_FAIL;
}

static void cut_stage(
	struct log_part *part, const struct build_view *b, size_t stage, const struct job_log *log)
{
	const struct stage_view *s = &b->stages[stage];
	bool failed = is_failed(b, stage);
	size_t from = s->log_from > 0 ? (size_t)s->log_from : 0;
	size_t to = s->log_to > 0 ? (size_t)s->log_to : 0;
	log_part_cut(part, log->text, from, to, str_from(failed ? b->line : NULL),
		failed ? LINES_OPEN : LINES_CLOSED);
}

static void add_stage(struct html *h, const struct build_view *b, size_t stage,
	const struct log_part *part, struct str text)
{
	const struct stage_view *s = &b->stages[stage];
	bool failed = is_failed(b, stage);
	html_raw_literal(h, "<details class=\"stage\"");
	struct buf id = {0};
	buf_printf(&id, "stage-%s", stage_name((enum stage)stage));
	html_attr_str(h, "id", buf_view(&id));
	buf_finish(&id);
	if (failed) {
		html_raw_literal(h, " open");
	}
	html_raw_literal(h, "><summary>");
	html_raw_literal(h, "<span");
	html_attr(h, "class", failed ? "h-broken" : "h-ready");
	html_raw_literal(h, ">");
	html_cstr(h, failed ? "\xE2\x9C\x95 " : "\xE2\x9C\x93 ");
	html_cstr(h, stage_name((enum stage)stage));
	html_cstr(h, failed ? " failed" : "");
	html_raw_literal(h, "</span> <small>");
	html_seconds(h, s->wall_s);
	html_raw_literal(h, " \xC2\xB7 ");
	html_int(h, part->line_count);
	html_cstr(h, part->line_count == 1 ? " line" : " lines");
	html_raw_literal(h, "</small></summary>\n");
	if (part->line_count == 0) {
		html_raw_literal(h, "<p class=\"empty\">It printed nothing.</p>");
	} else {
		add_part(h, b->job, text, part);
	}
	html_raw_literal(h, "</details>\n");
}

/* A log whose stages are not known yet (it still runs, or its result brought none). */
static void add_whole(struct html *h, const struct build_view *b, const struct job_log *log)
{
	struct log_part part;
	log_part_cut(&part, log->text, 0, log->text.n, str_from(b->line), LINES_OPEN);
	if (part.line_count > 0) {
		add_part(h, b->job, log->text, &part);
	}
}

int64_t html_log_stages(struct html *h, const struct build_view *b, const struct job_log *log)
{
	int64_t mark = 0;
	bool any = false;
	for (size_t i = 0; i < STAGE_COUNT; i++) {
		if (b->stages[i].status == STAGE_STATUS_NOT_RUN) {
			continue;
		}
		struct log_part part;
		cut_stage(&part, b, i, log);
		add_stage(h, b, i, &part, log->text);
		mark = part.mark != 0 ? part.mark : mark;
		any = true;
	}
	if (!any) {
		add_whole(h, b, log);
	}
	return mark;
}

int64_t html_log_evidence(const struct build_view *b, const struct job_log *log)
{
	for (size_t i = 0; i < STAGE_COUNT && b->line != NULL; i++) {
		if (is_failed(b, i)) {
			struct log_part part;
			cut_stage(&part, b, i, log);
			return part.mark;
		}
	}
	return 0;
}
