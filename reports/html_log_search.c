#include "reports/html_log.h"

#include <ctype.h>
#include <string.h>

/* Lines listed, bytes shown of one, lines of the log around one behind its link. */
enum { LINES_MOST = 200, LINE_BYTES = 400, AROUND = 30 };

static void add_lower(struct buf *out, struct str text)
{
	buf_reserve(out, text.n);
	for (size_t i = 0; i < text.n; i++) {
		buf_add_char(out, (char)tolower((unsigned char)text.p[i]));
	}
}

static void add_line(struct html *h, int64_t job, int64_t number, struct str line)
{
	struct buf address = {0};
	buf_printf(&address, "/job/%lld/log?from=%lld&to=%lld", (long long)job,
		(long long)(number > AROUND ? number - AROUND : 1), (long long)(number + AROUND));
	html_raw_literal(h, "<li><a");
	html_attr_str(h, "href", buf_view(&address));
	html_raw_literal(h, ">");
	html_format(h, "%lld", (long long)number);
	html_raw_literal(h, "</a><code>");
	html_log(h, str_slice(line, 0, LINE_BYTES));
	html_raw_literal(h, "</code></li>\n");
	buf_finish(&address);
}

static void add_count(struct html *h, int64_t found)
{
	html_raw_literal(h, "<p class=\"tools\" role=\"status\">");
	html_int(h, found);
	html_cstr(h, found == 1 ? " line has it" : " lines have it");
	if (found > LINES_MOST) {
		html_format(h, "; the first %d are above", LINES_MOST);
	}
	html_raw_literal(h, "</p>\n");
}

/* Letters of either case are alike; a line is where the first of its hits is. */
static void add_found(struct html *h, int64_t job, const struct job_log *log)
{
	struct buf lower = {0}, wanted = {0};
	add_lower(&lower, log->text);
	add_lower(&wanted, log->find);
	int64_t number = 0, found = 0;
	size_t line = 0;
	html_raw_literal(h, "<ol class=\"log found\">\n");
	while (line < lower.n) {
		const char *end = memchr(lower.p + line, '\n', lower.n - line);
		size_t next = end != NULL ? (size_t)(end - lower.p) : lower.n;
		number++;
		if (memmem(lower.p + line, next - line, wanted.p, wanted.n) != NULL &&
			found++ < LINES_MOST) {
			add_line(h, job, number, str_slice(log->text, line, next));
		}
		line = next + 1;
	}
	html_raw_literal(h, "</ol>\n");
	add_count(h, found);
	buf_finish(&lower);
	buf_finish(&wanted);
}

void html_log_search(struct html *h, int64_t job, const struct job_log *log)
{
	struct buf address = {0};
	buf_printf(&address, "/job/%lld", (long long)job);
	html_raw_literal(h, "<form class=\"filters\" method=\"get\" aria-label=\"Search in the log\"");
	html_attr_str(h, "action", buf_view(&address));
	html_raw_literal(h,
		"><label>Search in the log <input name=\"find\" type=\"search\" maxlength=\"200\" "
		"autocomplete=\"off\" spellcheck=\"false\"");
	html_attr_str(h, "value", log->find);
	html_raw_literal(h, "></label><button type=\"submit\">Find</button></form>\n");
	if (log->find.n != 0) {
		add_found(h, job, log);
	}
	buf_finish(&address);
}
