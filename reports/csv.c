#include "reports/csv.h"

#include "core/base/clock.h"
#include "reports/visible.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_formula(struct str text)
{
	int64_t number;
	return text.n > 0 && strchr("=+-@", text.p[0]) != NULL && !str_to_i64(text, &number);
}

static bool needs_quotes(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (strchr(",\"\r\n", text.p[i]) != NULL) {
			return true;
		}
	}
	return false;
}

void csv_str(struct csv *c, struct str text)
{
	struct buf shown = {0};
	if (c->began) {
		buf_add_char(c->out, ',');
	}
	c->began = true;
	visible_add(&shown, text, VISIBLE_LINE);
	text = buf_view(&shown);
	bool quotes = needs_quotes(text);
	buf_add_text(c->out, quotes ? "\"" : "");
	buf_add_text(c->out, is_formula(text) ? "'" : "");
	for (size_t i = 0; i < text.n; i++) {
		buf_add_text(c->out, text.p[i] == '"' ? "\"" : "");
		buf_add_char(c->out, text.p[i]);
	}
	buf_add_text(c->out, quotes ? "\"" : "");
	buf_finish(&shown);
}

void csv_text(struct csv *c, const char *text_or_null)
{
	csv_str(c, str_from(text_or_null));
}

void csv_int(struct csv *c, int64_t value)
{
	char text[24];
	snprintf(text, sizeof(text), "%" PRId64, value);
	csv_text(c, text);
}

void csv_known(struct csv *c, int64_t value, int64_t absent)
{
	if (value == absent) {
		csv_text(c, NULL);
	} else {
		csv_int(c, value);
	}
}

void csv_bool(struct csv *c, bool value)
{
	csv_text(c, value ? "true" : "false");
}

void csv_time(struct csv *c, int64_t wall_ms)
{
	char text[CLOCK_TEXT] = "";
	if (wall_ms != 0) {
		clock_text(wall_ms, text);
	}
	csv_text(c, text);
}

void csv_end(struct csv *c)
{
	buf_add_text(c->out, "\r\n");
	c->began = false;
}

void csv_head(struct csv *c, const char *names)
{
	struct str rest = str_from(names);
	struct str name;
	while (str_split(&rest, ' ', &name)) {
		csv_str(c, name);
	}
	csv_end(c);
}
