#include "cli/inspect.h"

#include "cli/main.h"
#include "cli/options.h"
#include "core/inspect/wheel.h"
#include "core/io/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ALIKE_MAX = 5 }; /* problems of one kind in a row that a terminal is shown */

/* Outside text for a terminal: control characters could move the cursor or lie about colour. */
static void print_text(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c < 0x20 || c == 0x7f) {
			printf("\\x%02x", c);
		} else {
			putchar(c);
		}
	}
}

static void print_severity(enum wheel_severity severity, bool in_colour)
{
	static const char *const colours[] = {
		[WHEEL_NOTE] = "\033[36m", [WHEEL_WARNING] = "\033[33m", [WHEEL_ERROR] = "\033[31m"};
	printf("  %s%-7s%s ", in_colour ? colours[severity] : "", wheel_severity_name(severity),
		in_colour ? "\033[0m" : "");
}

static void print_problem(const struct wheel_problem *problem, bool in_colour)
{
	print_severity(problem->severity, in_colour);
	printf("%s: ", wheel_problem_name(problem->code));
	if (problem->path.n != 0) {
		print_text(problem->path);
		printf(": ");
	}
	print_text(problem->detail);
	putchar('\n');
}

static bool alike(const struct wheel_problem *a, const struct wheel_problem *b)
{
	return a->code == b->code && a->severity == b->severity;
}

/* One line of what it is, then the problems, worst first; what to do is said once behind all of a
 * kind. */
static void print_report(const struct wheel_report *r, bool in_colour)
{
	print_text(r->file);
	printf(": %s", !r->ok ? "not fine" : r->problems.n != 0 ? "fine, with remarks" : "fine");
	printf(", %zu binar%s", r->binaries.n, r->binaries.n == 1 ? "y" : "ies");
	if (r->manylinux.n != 0) {
		printf(", runs on %.*s", STR_ARG(r->manylinux));
	}
	if (r->glibc.n != 0) {
		printf(", needs glibc %.*s", STR_ARG(r->glibc));
	}
	putchar('\n');
	for (size_t i = 0, run = 0; i < r->problems.n; i++) {
		const struct wheel_problem *problem = &r->problems.v[i];
		if (run < ALIKE_MAX) {
			print_problem(problem, in_colour);
		}
		run++;
		if (i + 1 == r->problems.n || !alike(problem, problem + 1)) {
			if (run > ALIKE_MAX) {
				printf("          and %zu more; --json lists them\n", run - ALIKE_MAX);
			}
			printf("          → %s\n", wheel_problem_advice(problem->code));
			run = 0;
		}
	}
}

/* Opens all; returns the exit code so far. A file that cannot be judged says so on stderr. */
static int open_all(
	const struct option_list *files, const char *target, struct wheel_report *out, size_t *count)
{
	const struct wheel_expectation expect = {.target = str_from(target)};
	int code = EXIT_FINE;
	for (size_t i = 0; i < files->n; i++) {
		struct err e = {0};
		struct wheel_report *r = &out[*count];
		int rc = wheel_check_file(files->v[i], &expect, r, &e);
		if (rc != 0) {
			fprintf(stderr, "wheelfarm inspect: %s\n", e.text);
			int failed = rc == -EIO ? EXIT_WORLD : EXIT_USAGE;
			code = failed > code ? failed : code;
			continue;
		}
		if (!r->ok && code == EXIT_FINE) {
			code = EXIT_NOT_FINE;
		}
		(*count)++;
	}
	return code;
}

static void print_json(const struct wheel_report *reports, size_t count, bool as_array)
{
	struct buf text = {0};
	struct json_writer w;
	json_writer_init(&w, &text, true);
	if (as_array) {
		json_array_begin(&w);
	}
	for (size_t i = 0; i < count; i++) {
		wheel_report_json(&reports[i], &w);
	}
	if (as_array) {
		json_array_end(&w);
	}
	json_writer_finish(&w);
	fwrite(text.p, 1, text.n, stdout);
	buf_finish(&text);
}

int command_inspect(int argc, char **argv)
{
	const char *target = NULL;
	bool in_json = false;
	const struct option table[] = {
		{.name = "target",
			.kind = OPTION_TEXT,
			.out = &target,
			.value = "TARGET",
			.help = "also: does it fit there? cp313-win_arm64, or win_arm64, aarch64"},
		{.name = "json", .kind = OPTION_FLAG, .out = &in_json, .help = "one JSON document"},
		{.name = NULL},
	};
	const struct options options = {
		.command = "inspect",
		.usage = "FILE.whl… [OPTION…]",
		.about = "Opens wheels and judges their bytes against their tags.\n"
				 "Exit code 1: some file has a problem of severity error.",
		.example = "wheelfarm inspect --target cp313-win_arm64 dist/*.whl",
		.table = table,
		.words_min = 1,
		.words_max = SIZE_MAX,
	};
	struct option_list files = {0};
	struct wheel_report *reports = NULL;
	size_t count = 0;
	int code = options_parse(&options, argc, argv, &files);
	if (code != OPTIONS_GO) {
		goto done;
	}
	reports = mem_new(files.n, sizeof(*reports));
	code = open_all(&files, target, reports, &count);
	if (in_json && code <= EXIT_NOT_FINE) {
		print_json(reports, count, files.n > 1);
	} else if (!in_json) {
		bool in_colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
		for (size_t i = 0; i < count; i++) {
			print_report(&reports[i], in_colour);
		}
	}
done:
	for (size_t i = 0; i < count; i++) {
		wheel_report_finish(&reports[i]);
	}
	free(reports);
	options_list_finish(&files);
	return code;
}
