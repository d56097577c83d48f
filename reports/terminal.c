#include "reports/terminal.h"

#include "core/farm_protocol/reason.h"
#include "reports/visible.h"
#include "reports/wheel_words.h"
#include "reports/words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TERMINAL_COLUMNS = 100, NAME_COLUMNS = 25, CELL_COLUMNS = 25, TABLE_TARGETS = 3 };

const char *terminal_colour(enum headline h)
{
	switch (h) {
	case HEADLINE_READY:
		return "32";
	case HEADLINE_DEGRADED:
	case HEADLINE_VANISHED:
		return "33";
	case HEADLINE_BUILDS:
		return "36";
	case HEADLINE_BLOCKED:
		return "35";
	case HEADLINE_BROKEN:
		return "31";
	default:
		return "2";
	}
}

void terminal_paint(struct terminal *t, const char *sgr)
{
	if (t->colour) {
		buf_printf(t->out, "\x1b[%sm", sgr);
	}
}

static void add_cut(struct terminal *t, const char *text, size_t columns)
{
	visible_add_cut(t->out, str_from(text), VISIBLE_LINE, columns);
}

/* Code points of what was added since `from`, colour sequences not counted. */
static size_t columns_since(const struct terminal *t, size_t from)
{
	size_t n = 0;
	for (size_t i = from; i < t->out->n; i++) {
		unsigned char c = (unsigned char)t->out->p[i];
		if (c == 0x1b) {
			while (i < t->out->n && t->out->p[i] != 'm') {
				i++;
			}
		} else if ((c & 0xC0) != 0x80) {
			n++;
		}
	}
	return n;
}

/* Spaces up to `columns` from `from`, at least two. */
static void pad(struct terminal *t, size_t from, size_t columns)
{
	size_t used = columns_since(t, from);
	size_t spaces = used + 2 <= columns ? columns - used : 2;
	for (size_t i = 0; i < spaces; i++) {
		buf_add_char(t->out, ' ');
	}
}

/* Spaces before a line's end help nobody. */
static void end_line(struct terminal *t)
{
	while (t->out->n > 0 && t->out->p[t->out->n - 1] == ' ') {
		t->out->n--;
	}
	buf_add_char(t->out, '\n');
}

static void add_headline(struct terminal *t, enum headline h)
{
	terminal_paint(t, terminal_colour(h));
	buf_printf(t->out, "%s %s", headline_glyph(h), headline_label(h));
	terminal_paint(t, "0");
}

static bool has_failed(const struct target_view *v)
{
	return v->has_build && v->build.state != NULL && strcmp(v->build.state, "fail") == 0;
}

static void add_failure(struct terminal *t, const struct build_view *b)
{
	buf_add_text(t->out, "    ");
	add_cut(t, b->stage != NULL ? b->stage : "a stage", 20);
	buf_add_text(t->out, " failed: ");
	add_cut(t, b->reason != NULL ? b->reason : "unknown", 30);
	buf_printf(t->out, " (%s), job %" PRId64 "\n", words_owner(b->owner), b->job);
	const char *sentence = words_reason(b->reason != NULL ? b->reason : "unknown");
	buf_add_text(t->out, "    ");
	add_cut(t, sentence, TERMINAL_COLUMNS - 4);
	end_line(t);
	if (b->line != NULL) {
		buf_add_text(t->out, "    | ");
		visible_add_cut(t->out, str_trim(str_from(b->line)), VISIBLE_LINE, TERMINAL_COLUMNS - 6);
		end_line(t);
	}
}

/* What is published and what was tried, in a few words. */
static void add_story(struct terminal *t, const struct target_view *v)
{
	const struct published_view *p = &v->published;
	if (p->state == NULL) {
		buf_add_text(t->out, "never scanned");
	} else {
		add_cut(t, p->state, 20);
		if (p->vanished != NULL) {
			buf_add_text(t->out, "; last wheel ");
			add_cut(t, p->vanished, 14);
		} else if (p->first_version != NULL) {
			buf_add_text(t->out, " since ");
			add_cut(t, p->first_version, 14);
		}
		if (p->behind > 0) {
			buf_printf(t->out, ", %" PRId64 " behind", p->behind);
		}
		if (p->lost_accelerator) {
			buf_add_text(t->out, ", compiled elsewhere");
		}
	}
	const struct build_view *b = &v->build;
	if (!v->has_build) {
		return;
	}
	if (b->state == NULL) {
		buf_add_text(t->out, "; build ");
		add_cut(t, b->job_state, 12);
	} else if (has_failed(v)) {
		buf_add_text(t->out, "; build failed");
	} else if (v->build.proven) {
		buf_add_text(t->out, "; built, proven");
	} else {
		buf_add_text(t->out, "; built, unproven");
	}
}

/* What is inside the published wheel, where somebody looked. Its problems with the advice only for who
 * asked for one target: forty targets share them. */
static void add_wheel(struct terminal *t, const struct wheel_view *w, bool in_full)
{
	struct buf words = {0};
	bool matters = w->errors != 0 || w->warnings != 0 || wheel_words_small_pages(w);
	if (in_full || matters) {
		wheel_words_inside(&words, w, in_full ? w->bundled_count : 2);
		buf_add_text(t->out, "    inside: ");
		add_cut(t, words.p, in_full ? 4 * TERMINAL_COLUMNS : TERMINAL_COLUMNS - 12);
		end_line(t);
	}
	for (size_t i = 0; i < w->problem_count && (in_full || matters); i++) {
		const struct wheel_problem_view *p = &w->problems[i];
		if (!in_full && (i > 0 || strcmp(p->severity, "note") == 0)) {
			break;
		}
		buf_clear(&words);
		buf_printf(&words, "%s %s: %s%s%s", p->severity, p->code, p->path,
			p->path[0] != '\0' ? ": " : "", p->detail);
		buf_add_text(t->out, "    ");
		add_cut(t, words.p, in_full ? 4 * TERMINAL_COLUMNS : TERMINAL_COLUMNS - 4);
		end_line(t);
		const char *advice = wheel_words_advice(p->code);
		bool is_last = i + 1 == w->problem_count || strcmp(w->problems[i + 1].code, p->code) != 0;
		if (advice != NULL && (is_last || !in_full)) {
			buf_printf(t->out, "      \xE2\x86\x92 %s\n", advice);
		}
	}
	buf_finish(&words);
}

static void add_package_head(struct terminal *t, const struct package_view *v)
{
	terminal_paint(t, "1");
	add_cut(t, v->display != NULL ? v->display : v->name, 60);
	terminal_paint(t, "0");
	if (v->newest != NULL) {
		buf_add_char(t->out, ' ');
		add_cut(t, v->newest, 30);
	}
	end_line(t);
	if (v->rank > 0) {
		buf_printf(t->out, "rank %" PRId64 ", ", v->rank);
	}
	if (v->downloads >= 0) {
		words_count(t->out, v->downloads);
		buf_add_text(t->out, " downloads, ");
	}
	if (v->scanned != 0) {
		buf_add_text(t->out, "scanned ");
		words_time(t->out, v->scanned);
		buf_add_text(t->out, " (");
		words_ago(t->out, v->scanned, t->now);
		buf_add_text(t->out, ")");
	} else {
		buf_add_text(t->out, "never scanned");
	}
	end_line(t);
	if (v->status != NULL && strcmp(v->status, "active") != 0) {
		buf_add_text(t->out, "the index says: ");
		add_cut(t, v->status, 40);
		end_line(t);
	}
	if (v->problem != NULL) {
		buf_add_text(t->out, "last scan failed: ");
		add_cut(t, v->problem, TERMINAL_COLUMNS - 18);
		end_line(t);
	}
}

void report_package_terminal(
	struct terminal *t, const struct package_view *v, const char *target_or_null)
{
	add_package_head(t, v);
	end_line(t);
	for (size_t i = 0; i < v->target_count; i++) {
		const struct target_view *target = &v->targets[i];
		if (target_or_null != NULL && strcmp(target->target, target_or_null) != 0) {
			continue;
		}
		size_t from = t->out->n;
		add_cut(t, target->target, 30);
		pad(t, from, 32);
		add_headline(t, words_headline(target->headline));
		pad(t, from, 50);
		add_cut(t, target->version, 12);
		pad(t, from, 60);
		size_t story = t->out->n;
		add_story(t, target);
		/* The last column takes what is left of the line. */
		char *text = str_dup((struct str){t->out->p + story, t->out->n - story});
		size_t used = columns_since(t, from) - columns_since(t, story);
		t->out->n = story;
		add_cut(t, text, TERMINAL_COLUMNS - used);
		free(text);
		end_line(t);
		if (target->wheel != NULL) {
			add_wheel(t, target->wheel, target_or_null != NULL);
		}
		for (size_t k = 0; k < target->blocker_count; k++) {
			buf_add_text(t->out, "    waits for ");
			add_cut(t, target->blockers[k].name, 60);
			end_line(t);
		}
		if (has_failed(target)) {
			add_failure(t, &target->build);
		}
	}
}

static const struct target_view *find_target(const struct package_view *v, const char *name)
{
	for (size_t i = 0; i < v->target_count; i++) {
		if (strcmp(v->targets[i].target, name) == 0) {
			return &v->targets[i];
		}
	}
	return NULL;
}

static void add_cell(struct terminal *t, const struct target_view *v)
{
	enum headline h = words_headline(v != NULL ? v->headline : NULL);
	add_headline(t, h);
	if (v == NULL || !v->has_build) {
		return;
	}
	if (has_failed(v)) {
		buf_add_text(t->out, ", ");
		add_cut(t, v->build.stage != NULL ? v->build.stage : "build", 9);
		buf_add_text(t->out, " failed");
	} else if (v->build.state == NULL) {
		buf_add_text(t->out, ", ");
		add_cut(t, v->build.job_state, 10);
	} else if (h == HEADLINE_BUILDS) {
		buf_add_text(t->out, v->build.proven ? ", proven" : ", unproven");
	} else {
		buf_add_text(t->out, ", built");
	}
}

static void add_table(struct terminal *t, struct package_view *const *packages, size_t n,
	const char *const *targets, size_t count)
{
	for (int row = 0; row < 2; row++) {
		size_t from = t->out->n;
		add_cut(t, row == 0 ? "" : "package", NAME_COLUMNS);
		for (size_t i = 0; i < count; i++) {
			pad(t, from, NAME_COLUMNS + i * CELL_COLUMNS);
			const char *platform = words_target_platform(targets[i]);
			size_t python = platform > targets[i] ? (size_t)(platform - targets[i]) - 1 : 0;
			if (row == 0) {
				visible_add_cut(t->out, (struct str){targets[i], python}, VISIBLE_LINE, 20);
			} else {
				add_cut(t, platform, CELL_COLUMNS - 2);
			}
		}
		end_line(t);
	}
	for (size_t p = 0; p < n; p++) {
		size_t from = t->out->n;
		add_cut(t, packages[p]->name, NAME_COLUMNS - 2);
		for (size_t i = 0; i < count; i++) {
			pad(t, from, NAME_COLUMNS + i * CELL_COLUMNS);
			add_cell(t, find_target(packages[p], targets[i]));
		}
		end_line(t);
	}
	end_line(t);
}

struct totals {
	int64_t headlines[HEADLINE_COUNT];
	int64_t passed;
	int64_t failed;
	int64_t proven;
};

static void count_cell(struct totals *sum, const struct target_view *v)
{
	sum->headlines[words_headline(v != NULL ? v->headline : NULL)]++;
	if (v == NULL || !v->has_build || v->build.state == NULL) {
		return;
	}
	if (has_failed(v)) {
		sum->failed++;
	} else {
		sum->passed++;
		sum->proven += v->build.proven ? 1 : 0;
	}
}

static void add_totals(struct terminal *t, const struct totals *sum)
{
	const char *separator = "";
	for (size_t i = 0; i < HEADLINE_COUNT; i++) {
		if (sum->headlines[i] != 0) {
			buf_printf(t->out, "%s%" PRId64 " %s", separator, sum->headlines[i],
				headline_label((enum headline)i));
			separator = ", ";
		}
	}
	end_line(t);
	buf_printf(t->out,
		"builds: %" PRId64 " passed (%" PRId64 " proven by an import), %" PRId64 " failed\n",
		sum->passed, sum->proven, sum->failed);
}

int64_t report_run_terminal(struct terminal *t, struct package_view *const *packages, size_t n,
	const char *const *targets, size_t target_count, const char *address)
{
	struct totals sum = {0};
	for (size_t i = 0; i < target_count; i += TABLE_TARGETS) {
		size_t left = target_count - i;
		add_table(t, packages, n, targets + i, left < TABLE_TARGETS ? left : TABLE_TARGETS);
	}
	for (size_t p = 0; p < n; p++) {
		for (size_t i = 0; i < target_count; i++) {
			const struct target_view *v = find_target(packages[p], targets[i]);
			count_cell(&sum, v);
			if (v != NULL && has_failed(v)) {
				add_cut(t, packages[p]->name, 40);
				buf_add_char(t->out, ' ');
				add_cut(t, v->build.version, 20);
				buf_add_text(t->out, " on ");
				add_cut(t, v->target, 34);
				end_line(t);
				add_failure(t, &v->build);
				end_line(t);
			}
		}
	}
	add_totals(t, &sum);
	if (address != NULL) {
		buf_printf(t->out, "dashboard: %s\n", address);
	}
	return sum.headlines[HEADLINE_BLOCKED] + sum.headlines[HEADLINE_BROKEN] +
		sum.headlines[HEADLINE_VANISHED] + sum.headlines[HEADLINE_MISSING] +
		sum.headlines[HEADLINE_UNKNOWN];
}
