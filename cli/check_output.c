#include "cli/check_output.h"

#include "reports/terminal.h"
#include "reports/visible.h"

enum { BLOCKERS_TOLD = 8 }; /* of one item, in one line */

bool check_output_fails(const struct check_output *o, const struct check_item *item)
{
	bool good = item->headline == HEADLINE_READY || item->headline == HEADLINE_DEGRADED ||
		item->headline == HEADLINE_BUILDS;
	if (item->headline == HEADLINE_NOT_APPLICABLE && item->blocker_count != 0) {
		good = strcmp(item->blockers[0].reason, solve_reason_word(SOLVE_PYTHON)) == 0;
	}
	return o->fail_on[item->headline] ||
		(good && !item->installable && o->fail_on[HEADLINE_BLOCKED]);
}

bool check_output_ok(const struct check_output *o)
{
	bool ok = true;
	VEC_EACH (struct check_item, item, &o->answer->items) {
		ok &= !check_output_fails(o, item);
	}
	return ok;
}

static const char *target_name(const struct check_output *o, const struct check_item *item)
{
	return o->answer->targets[item->target].name;
}

/* A text that came from outside, as a terminal may see it. */
static void add_visible(struct buf *out, const char *text)
{
	visible_add(out, str_from(text), VISIBLE_LINE);
}

/* --- in words --- */

static const char *reason_text(const char *reason)
{
	for (int r = 0; r < SOLVE_REASON_COUNT; r++) {
		if (strcmp(reason, solve_reason_word((enum solve_reason)r)) == 0) {
			return solve_reason_text((enum solve_reason)r);
		}
	}
	return strcmp(reason, CHECK_NOT_LOCKED) == 0 ? "was not locked for this target"
		: strcmp(reason, CHECK_NOT_READ) == 0    ? "is not in the database"
												 : "cannot be met as all of it is asked for";
}

/* A proof of one line: nothing else has to do with it. */
static const char *blocker_text(const struct check_blocker *b)
{
	bool alone = strcmp(b->reason, CHECK_CONFLICT) == 0 && strchr(b->path, '\n') == NULL;
	return alone ? "has no version that is asked for" : reason_text(b->reason);
}

static void add_what(struct buf *out, const struct check_item *item)
{
	bool newest = item->version != NULL && item->newest_allowed != NULL &&
		strcmp(item->version, item->newest_allowed) == 0;
	if (item->installable) {
		add_visible(out, item->version);
		if (!newest && item->newest_allowed != NULL) {
			buf_add_text(out, ", not ");
			add_visible(out, item->newest_allowed);
		}
		return;
	}
	for (size_t i = 0; i < item->blocker_count && i < BLOCKERS_TOLD; i++) {
		const struct check_blocker *b = &item->blockers[i];
		buf_add_text(out, i != 0 ? "; " : "");
		add_visible(out, b->name);
		buf_printf(out, " %s", blocker_text(b));
	}
	if (item->blocker_count > BLOCKERS_TOLD) {
		buf_printf(out, "; and %zu more", item->blocker_count - BLOCKERS_TOLD);
	}
}

static void add_path(struct buf *out, const struct check_blocker *b, const char *before)
{
	struct str rest = str_from(b->path), line;
	while (str_split(&rest, '\n', &line)) {
		buf_add_text(out, before);
		visible_add(out, line, VISIBLE_LINE);
		buf_add_char(out, '\n');
	}
}

static void add_names(struct buf *out, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count && i < BLOCKERS_TOLD; i++) {
		buf_add_text(out, i != 0 ? ", " : "");
		add_visible(out, names[i]);
	}
	if (count > BLOCKERS_TOLD) {
		buf_printf(out, " and %zu more", count - BLOCKERS_TOLD);
	}
}

static void add_source(struct buf *out, const struct check_source *s, const char *before)
{
	switch (s->state) {
	case CHECK_NOT_ASKED:
		return;
	case CHECK_BUILT_UNKNOWN:
		buf_printf(out, "%swhat it would need if it were built is not known: ", before);
		add_visible(out, s->why);
		break;
	case CHECK_BUILT_BLOCKED:
		buf_printf(out, "%sif it were built, what it needs could not be had: ", before);
		if (s->blocker_count != 0) {
			add_names(out, s->blockers, s->blocker_count);
		} else { /* versions that nobody can meet together */
			add_names(out, s->requires, s->require_count);
		}
		break;
	case CHECK_BUILT_OK:
		buf_printf(out, "%sif it were built, it would need %s", before,
			s->require_count != 0 ? "what can be had: " : "nothing else");
		add_names(out, s->requires, s->require_count);
		break;
	}
	buf_add_char(out, '\n');
}

static size_t longest_requirement(const struct check_output *o)
{
	enum { MOST = 40 };
	size_t width = 0;
	VEC_EACH (struct check_item, item, &o->answer->items) {
		size_t n = item->line->requirement.n;
		width = n > width && n <= MOST ? n : width;
	}
	return width;
}

static void add_item(
	const struct check_output *o, const struct check_item *item, size_t width, struct buf *out)
{
	struct buf text = {0};
	visible_add(&text, item->line->requirement, VISIBLE_LINE);
	struct terminal t = {.out = out, .colour = o->colour};
	const char *colour = terminal_colour(item->headline);
	buf_add_text(out, "  ");
	terminal_paint(&t, colour);
	buf_add_text(out, headline_glyph(item->headline));
	terminal_paint(&t, "0");
	buf_printf(out, " %-*s  ", (int)width, text.n != 0 ? text.p : "");
	terminal_paint(&t, colour);
	buf_printf(out, "%-14s", headline_word(item->headline));
	terminal_paint(&t, "0");
	buf_add_text(out, "  ");
	buf_finish(&text);
	add_what(out, item);
	if (strcmp(item->line->source, "argument") != 0) {
		buf_add_text(out, "  (");
		add_visible(out, item->line->source);
		buf_add_char(out, ')');
	}
	buf_add_char(out, '\n');
	for (size_t i = 0; o->explain && i < item->blocker_count; i++) {
		add_path(out, &item->blockers[i], "      ");
		add_source(out, &item->blockers[i].source, "        ");
	}
}

static void add_roots(const struct check_output *o, struct buf *out)
{
	enum { MOST = 10 };
	if (o->answer->roots.n != 0) {
		buf_add_text(out, "blocked by\n");
	}
	for (size_t i = 0; i < o->answer->roots.n && i < MOST; i++) {
		const struct check_root *root = &o->answer->roots.v[i];
		buf_add_text(out, "  ");
		add_visible(out, root->name);
		buf_printf(out, " %s: %zu %s\n", reason_text(root->reason), root->blocks.n,
			root->blocks.n == 1 ? "line waits" : "lines wait");
	}
	if (o->answer->roots.n > MOST) {
		buf_printf(out, "  and %zu more\n", o->answer->roots.n - MOST);
	}
}

void check_output_text(const struct check_output *o, struct buf *out)
{
	size_t width = longest_requirement(o);
	for (size_t t = 0; t < o->answer->target_count; t++) {
		size_t n = 0, installable = 0;
		buf_printf(out, "%s\n", o->answer->targets[t].name);
		VEC_EACH (struct check_item, item, &o->answer->items) {
			if (item->target == t) {
				add_item(o, item, width, out);
				n++;
				installable += item->installable;
			}
		}
		buf_printf(out, "  %zu of %zu can be installed\n", installable, n);
	}
	add_roots(o, out);
	VEC_EACH (struct check_not_checked, skipped, &o->list->not_checked) {
		buf_add_text(out, "not checked: ");
		add_visible(out, skipped->source);
		buf_add_text(out, ": ");
		add_visible(out, skipped->why);
		buf_add_char(out, '\n');
	}
}

/* --- for GitHub --- */

/* A pipe or a mark of markdown's own in a cell. */
static void add_cell(struct buf *out, struct str text)
{
	struct buf seen = {0};
	visible_add(&seen, text, VISIBLE_LINE);
	for (size_t i = 0; i < seen.n; i++) {
		if (strchr("|\\`*_<>[]&", seen.p[i]) != NULL) {
			buf_add_char(out, '\\');
		}
		buf_add_char(out, seen.p[i]);
	}
	buf_finish(&seen);
}

/* As code, so that nothing in it means anything. */
static void add_why(const struct check_output *o, const struct check_item *item, struct buf *out)
{
	buf_add_text(out, "\n");
	add_cell(out, item->line->requirement);
	buf_add_text(out, " on ");
	add_cell(out, str_from(target_name(o, item)));
	buf_add_text(out, ":\n\n");
	for (size_t i = 0; i < item->blocker_count; i++) {
		add_path(out, &item->blockers[i], "    ");
		add_source(out, &item->blockers[i].source, "      ");
	}
}

void check_output_markdown(const struct check_output *o, struct buf *out)
{
	buf_add_text(out, "| requirement | target | | what |\n|---|---|---|---|\n");
	VEC_EACH (struct check_item, item, &o->answer->items) {
		struct buf what = {0};
		add_what(&what, item);
		buf_add_text(out, "| ");
		add_cell(out, item->line->requirement);
		buf_add_text(out, " | ");
		add_cell(out, str_from(target_name(o, item)));
		buf_printf(
			out, " | %s %s | ", headline_glyph(item->headline), headline_label(item->headline));
		add_cell(out, buf_view(&what));
		buf_add_text(out, " |\n");
		buf_finish(&what);
	}
	VEC_EACH (struct check_root, root, &o->answer->roots) {
		buf_add_text(out, "\n- **");
		add_cell(out, str_from(root->name));
		buf_printf(out, "** %s: blocks %zu", reason_text(root->reason), root->blocks.n);
	}
	buf_add_text(out, o->answer->roots.n != 0 ? "\n" : "");
	VEC_EACH (struct check_item, item, &o->answer->items) {
		if (o->explain && item->blocker_count != 0) {
			add_why(o, item, out);
		}
	}
	VEC_EACH (struct check_not_checked, skipped, &o->list->not_checked) {
		buf_add_text(out, "\n- not checked: ");
		add_cell(out, str_from(skipped->source));
		buf_add_text(out, ": ");
		add_cell(out, str_from(skipped->why));
	}
	buf_add_text(out, o->list->not_checked.n != 0 ? "\n" : "");
}

/* Workflow commands escape what would end them. */
static void add_escaped(struct buf *out, struct str text, bool property)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c == '%' || c < ' ' || (property && (c == ':' || c == ','))) {
			buf_printf(out, "%%%02X", c);
		} else {
			buf_add_char(out, (char)c);
		}
	}
}

/* File and line, where it has them. */
static void add_place(struct buf *out, struct str source)
{
	ptrdiff_t colon = str_find_last(source, ':');
	if (colon > 0) {
		buf_add_text(out, "file=");
		add_escaped(out, str_slice(source, 0, (size_t)colon), true);
		buf_add_text(out, ",line=");
		add_escaped(out, str_slice(source, (size_t)colon + 1, source.n), true);
		buf_add_char(out, ',');
	}
}

void check_output_github(const struct check_output *o, struct buf *out)
{
	VEC_EACH (struct check_item, item, &o->answer->items) {
		if (!check_output_fails(o, item)) {
			continue;
		}
		struct buf what = {0};
		buf_add_text(out, "::error ");
		add_place(out, str_from(item->line->source));
		buf_printf(out, "title=%s on %s::", headline_label(item->headline), target_name(o, item));
		buf_add_str(&what, item->line->requirement);
		buf_add_text(&what, ": ");
		add_what(&what, item);
		add_escaped(out, buf_view(&what), false);
		buf_add_char(out, '\n');
		buf_finish(&what);
	}
	VEC_EACH (struct check_not_checked, skipped, &o->list->not_checked) {
		buf_add_text(out, "::notice ");
		add_place(out, str_from(skipped->source));
		buf_add_text(out, "title=not checked::");
		add_escaped(out, str_from(skipped->why), false);
		buf_add_char(out, '\n');
	}
}
