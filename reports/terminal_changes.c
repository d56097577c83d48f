#include "reports/terminal.h"

#include "reports/visible.h"
#include "reports/words.h"

#include <inttypes.h>

static void add_cut(struct terminal *t, const char *text, size_t columns)
{
	visible_add_cut(t->out, str_from(text), VISIBLE_LINE, columns);
}

static void add_bold(struct terminal *t, const char *text)
{
	buf_printf(t->out, "%s%s%s", t->colour ? "\x1b[1m" : "", text, t->colour ? "\x1b[0m" : "");
}

static void add_night(struct terminal *t, const struct store_night *n, const char *otherwise)
{
	if (n->id == 0) {
		buf_add_text(t->out, otherwise);
		return;
	}
	buf_printf(t->out, "night %" PRId64 " (", n->id);
	words_time(t->out, n->ended);
	buf_add_char(t->out, ')');
}

static void add_headline(struct terminal *t, enum headline h)
{
	buf_printf(t->out, "%s %s", headline_glyph(h), headline_label(h));
}

static void add_change(struct terminal *t, const struct store_change *c)
{
	buf_add_text(t->out, "  ");
	add_cut(t, c->package, 40);
	if (c->version != NULL) {
		buf_add_char(t->out, ' ');
		add_cut(t, c->version, 20);
	}
	buf_add_text(t->out, ": ");
	add_headline(t, c->was);
	buf_add_text(t->out, " \xE2\x86\x92 ");
	add_headline(t, c->became);
	buf_add_text(t->out, "\n    ");
	for (size_t i = 0; i < c->target_count && i < 2; i++) {
		buf_add_text(t->out, i != 0 ? ", " : "");
		add_cut(t, c->targets[i], 34);
	}
	if (c->target_count > 2) {
		buf_printf(t->out, " and %zu more", c->target_count - 2);
	}
	buf_add_char(t->out, '\n');
}

void report_changes_terminal(struct terminal *t, const struct changes_view *v)
{
	buf_add_text(t->out, "from ");
	add_night(t, &v->since, "the first look");
	buf_add_text(t->out, " to ");
	add_night(t, &v->until, "now");
	if (v->target != NULL) {
		buf_add_text(t->out, ", ");
		add_cut(t, v->target, 40);
	}
	buf_add_char(t->out, '\n');
	for (size_t i = 0; i < v->change_count; i++) {
		const struct store_change *c = &v->changes[i];
		if (i == 0 || c[-1].kind != c->kind) {
			buf_add_char(t->out, '\n');
			add_bold(t, c->kind != CHANGE_NONE ? change_kind_word(c->kind) : "other");
			buf_printf(t->out, ": %zu %s\n", v->packages[c->kind],
				v->packages[c->kind] == 1 ? "package" : "packages");
		}
		add_change(t, c);
	}
	if (v->change_count == 0) {
		buf_add_text(t->out, "nothing vanished, broke, appeared or was fixed\n");
	}
}
