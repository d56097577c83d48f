#include "reports/terminal_wheel.h"

#include "coordinator/inspect/wheel_facts.h"
#include "reports/visible.h"
#include "reports/words.h"

#include <inttypes.h>

enum {
	ALIKE_MAX = 5, /* problems of one kind that are shown */
	BUNDLED_MAX = 6,
};

static void add_text(struct terminal *t, struct str text)
{
	visible_add(t->out, text, VISIBLE_LINE);
}

static const char *severity_colour(enum wheel_severity severity)
{
	static const char *const colours[] = {
		[WHEEL_NOTE] = "36", [WHEEL_WARNING] = "33", [WHEEL_ERROR] = "31"};
	return colours[severity];
}

static void add_count(struct terminal *t, size_t n, const char *word, const char **comma)
{
	if (n != 0) {
		buf_printf(t->out, "%s%zu %s%s", *comma, n, word, n == 1 ? "" : "s");
		*comma = ", ";
	}
}

static void add_verdict(struct terminal *t, const struct wheel_facts *f)
{
	const char *comma = "";
	terminal_paint(t, f->errors != 0 ? "31" : f->warnings != 0 ? "33" : "32");
	if (f->errors == 0 && f->warnings == 0) {
		buf_add_text(t->out, "fine");
		comma = ", ";
	}
	add_count(t, f->errors, "error", &comma);
	add_count(t, f->warnings, "warning", &comma);
	add_count(t, f->notes, "note", &comma);
	terminal_paint(t, "0");
}

static void add_facts(struct terminal *t, const struct wheel_report *r, const struct wheel_facts *f)
{
	if (r->binaries.n == 0) {
		buf_add_text(t->out, "; no binary");
		return;
	}
	buf_printf(t->out, "; %zu binar%s, ", r->binaries.n, r->binaries.n == 1 ? "y" : "ies");
	add_text(t, f->machine);
	if (f->glibc.n != 0) {
		buf_add_text(t->out, "; glibc ");
		add_text(t, f->glibc);
		buf_add_text(t->out, "+");
	}
	if (r->manylinux.n != 0) {
		buf_add_text(t->out, "; keeps ");
		add_text(t, r->manylinux);
	}
	if (f->page_size != 0) {
		buf_printf(t->out, "; pages to %" PRIu64 " KiB", f->page_size >> 10);
	}
}

static void add_bundled(struct terminal *t, const struct wheel_facts *f)
{
	if (f->bundled.n == 0) {
		return;
	}
	buf_add_text(t->out, "  brings ");
	for (size_t i = 0; i < f->bundled.n && i < BUNDLED_MAX; i++) {
		buf_add_text(t->out, i != 0 ? ", " : "");
		add_text(t, f->bundled.v[i]);
	}
	if (f->bundled.n > BUNDLED_MAX) {
		buf_printf(t->out, " and %zu more", f->bundled.n - BUNDLED_MAX);
	}
	buf_add_char(t->out, '\n');
}

static void add_transfer(
	struct terminal *t, const struct wheel_report *r, const struct wheel_transfer *transfer)
{
	if (transfer->received == 0) {
		return;
	}
	buf_add_text(t->out, "  read ");
	words_bytes(t->out, (int64_t)transfer->received);
	buf_add_text(t->out, " of ");
	words_bytes(t->out, (int64_t)r->size);
	buf_printf(t->out, " in %u request%s%s\n", transfer->requests,
		transfer->requests == 1 ? "" : "s",
		transfer->whole ? ": all of it, as the server knows no ranges" : "");
}

static void add_problem(struct terminal *t, const struct wheel_problem *p)
{
	buf_add_text(t->out, "    ");
	if (p->path.n != 0) {
		add_text(t, p->path);
		buf_add_text(t->out, ": ");
	}
	add_text(t, p->detail);
	buf_add_char(t->out, '\n');
}

static bool alike(const struct wheel_problem *a, const struct wheel_problem *b)
{
	return a->code == b->code && a->severity == b->severity;
}

/* All of one kind: the kind, the places, what to do. */
static void add_kind(struct terminal *t, const struct wheel_problem *first, size_t n)
{
	buf_add_text(t->out, "  ");
	terminal_paint(t, severity_colour(first->severity));
	buf_add_text(t->out, wheel_severity_name(first->severity));
	terminal_paint(t, "0");
	buf_printf(t->out, " %s\n", wheel_problem_name(first->code));
	for (size_t i = 0; i < n && i < ALIKE_MAX; i++) {
		add_problem(t, &first[i]);
	}
	if (n > ALIKE_MAX) {
		buf_printf(t->out, "    and %zu more; --json lists them\n", n - ALIKE_MAX);
	}
	buf_printf(t->out, "    \xE2\x86\x92 %s\n", wheel_problem_advice(first->code));
}

void report_wheel_terminal(
	struct terminal *t, const struct wheel_report *r, const struct wheel_transfer *transfer)
{
	struct arena arena = {0};
	struct wheel_facts facts;
	VEC(struct wheel_problem) left = {0};
	wheel_facts_of(r, &arena, &facts);
	terminal_paint(t, "1");
	add_text(t, r->file);
	terminal_paint(t, "0");
	buf_add_text(t->out, ": ");
	add_verdict(t, &facts);
	add_facts(t, r, &facts);
	buf_add_text(t->out, r->depth == WHEEL_HEADERS ? "; headers only\n" : "\n");
	add_bundled(t, &facts);
	add_transfer(t, r, transfer);
	/* worst first already; within a severity the kinds are put together */
	VEC_EACH (const struct wheel_problem, p, &r->problems) {
		size_t at = left.n;
		*vec_add(&left) = *p;
		for (size_t k = 0; k < left.n - 1; k++) {
			if (alike(&left.v[k], p) && !alike(&left.v[k + 1], p)) {
				memmove(&left.v[k + 2], &left.v[k + 1], (at - k - 1) * sizeof(*left.v));
				left.v[k + 1] = *p;
				break;
			}
		}
	}
	for (size_t i = 0, n; i < left.n; i += n) {
		for (n = 1; i + n < left.n && alike(&left.v[i], &left.v[i + n]); n++) {
		}
		add_kind(t, &left.v[i], n);
	}
	vec_finish(&left);
	arena_finish(&arena);
}

void wheel_total_add(struct wheel_total *total, const struct wheel_report *r)
{
	bool seen[WHEEL_PROBLEM_COUNT] = {0};
	enum wheel_severity worst = WHEEL_NOTE;
	VEC_EACH (const struct wheel_problem, p, &r->problems) {
		total->by_code[p->severity][p->code] += !seen[p->code]; /* worst first */
		seen[p->code] = true;
		worst = p->severity > worst ? p->severity : worst;
	}
	total->files++;
	total->fine += worst == WHEEL_NOTE;
	total->warned += worst == WHEEL_WARNING;
	total->wrong += worst == WHEEL_ERROR;
}

void report_wheel_total_terminal(struct terminal *t, const struct wheel_total *total)
{
	buf_printf(t->out, "%zu file%s: %zu fine", total->files + total->unread,
		total->files + total->unread == 1 ? "" : "s", total->fine);
	const struct {
		size_t n;
		const char *words;
		const char *colour;
	} parts[] = {{total->warned, "with warnings", "33"}, {total->wrong, "with errors", "31"},
		{total->unread, "not read", "31"}};
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (parts[i].n != 0) {
			buf_add_text(t->out, ", ");
			terminal_paint(t, parts[i].colour);
			buf_printf(t->out, "%zu %s", parts[i].n, parts[i].words);
			terminal_paint(t, "0");
		}
	}
	if (total->received != 0) {
		buf_add_text(t->out, "; ");
		words_bytes(t->out, (int64_t)total->received);
		buf_add_text(t->out, " fetched");
	}
	buf_add_char(t->out, '\n');
	for (int severity = WHEEL_ERROR; severity >= WHEEL_NOTE; severity--) {
		for (size_t code = 0; code < WHEEL_PROBLEM_COUNT; code++) {
			size_t files = total->by_code[severity][code];
			if (files != 0) {
				buf_printf(t->out, "  %-7s %s in %zu\n",
					wheel_severity_name((enum wheel_severity)severity),
					wheel_problem_name((enum wheel_problem_code)code), files);
			}
		}
	}
}
