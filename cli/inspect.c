#include "cli/inspect.h"

#include "cli/inspect_run.h"
#include "cli/main.h"
#include "cli/options.h"
#include "core/base/clock.h"
#include "core/io/json.h"
#include "reports/terminal_wheel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROGRESS_MS = 100 };

struct asked {
	struct option_list files;
	const char *target;
	const char *depth;
	bool json;
};

struct inspecting {
	const struct asked *asked;
	struct wheel_total total;
	int code;
	struct buf json; /* shown at the end, if all could be read */
	struct json_writer writer;
	bool in_colour;
	bool has_bar;
	int64_t bar_ms; /* when it was last drawn */
};

static void clear_bar(struct inspecting *s)
{
	if (s->has_bar) {
		fputs("\r\033[K", stderr);
	}
}

static void on_progress(void *user, size_t judged)
{
	struct inspecting *s = user;
	int64_t now = clock_steady_ms();
	if (s->has_bar && now - s->bar_ms >= PROGRESS_MS) {
		s->bar_ms = now;
		fprintf(stderr, "\r%zu of %zu wheels\033[K", judged, s->asked->files.n);
	}
}

static void add_json(struct inspecting *s, const struct inspected *i)
{
	struct json_writer *w = &s->writer;
	json_object_begin(w);
	wheel_report_json_members(&i->report, w);
	if (i->is_remote) {
		json_key(w, "transfer");
		json_object_begin(w);
		json_kv_int(w, "received", (int64_t)i->received);
		json_kv_int(w, "size", (int64_t)i->report.size);
		json_kv_int(w, "requests", i->requests);
		json_kv_bool(w, "whole", i->whole);
		json_object_end(w);
	}
	json_object_end(w);
}

static void on_judged(void *user, const struct inspected *i)
{
	struct inspecting *s = user;
	s->total.received += i->received;
	clear_bar(s);
	if (i->exit_code != EXIT_FINE) {
		fprintf(stderr, "wheelfarm inspect: %s\n", i->err.text);
		s->total.unread++;
		s->code = i->exit_code > s->code ? i->exit_code : s->code;
		return;
	}
	wheel_total_add(&s->total, &i->report);
	if (!i->report.ok && s->code == EXIT_FINE) {
		s->code = EXIT_NOT_FINE;
	}
	if (s->asked->json) {
		add_json(s, i);
		return;
	}
	struct buf text = {0};
	struct terminal t = {.out = &text, .colour = s->in_colour};
	const struct wheel_transfer transfer = {
		.received = i->received, .requests = i->requests, .whole = i->whole};
	report_wheel_terminal(&t, &i->report, &transfer);
	fwrite(text.p, 1, text.n, stdout);
	buf_finish(&text);
}

static void print_total(struct inspecting *s)
{
	struct buf text = {0};
	struct terminal t = {.out = &text, .colour = s->in_colour};
	report_wheel_total_terminal(&t, &s->total);
	printf("\n%s", text.p);
	buf_finish(&text);
}

static int inspect(const struct asked *a, enum wheel_depth depth)
{
	struct inspecting s = {
		.asked = a,
		.in_colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL,
		.has_bar = isatty(STDERR_FILENO) && a->files.n > 1,
	};
	const struct inspect_run_options options = {
		.words = a->files.v,
		.n = a->files.n,
		.target = a->target,
		.depth = depth,
		.on_judged = on_judged,
		.on_progress = on_progress,
		.user = &s,
	};
	json_writer_init(&s.writer, &s.json, true);
	if (a->files.n > 1) {
		json_array_begin(&s.writer);
	}
	inspect_run(&options);
	clear_bar(&s);
	if (a->files.n > 1) {
		json_array_end(&s.writer);
	}
	if (a->json && s.code <= EXIT_NOT_FINE) {
		json_writer_finish(&s.writer);
		fwrite(s.json.p, 1, s.json.n, stdout);
	} else if (!a->json && a->files.n > 1) {
		print_total(&s);
	}
	buf_finish(&s.json);
	return s.code;
}

static int read_depth(const char *word, enum wheel_depth *out)
{
	if (word != NULL && strcmp(word, "full") != 0 && strcmp(word, "headers") != 0) {
		return options_wrong("inspect", "--depth is full or headers, not '%s'", word);
	}
	*out = word != NULL && strcmp(word, "headers") == 0 ? WHEEL_HEADERS : WHEEL_FULL;
	return OPTIONS_GO;
}

int command_inspect(int argc, char **argv)
{
	struct asked a = {0};
	enum wheel_depth depth = WHEEL_FULL;
	const struct option table[] = {
		{"target", 't', OPTION_TEXT, &a.target, "TARGET",
			"also: does it fit there? cp313-win_arm64, or win_arm64, aarch64"},
		{"depth", 0, OPTION_TEXT, &a.depth, "full|headers",
			"headers: of a URL only the parts with names and headers are fetched"},
		{"json", 0, OPTION_FLAG, &a.json, NULL, "one JSON document"},
		{0},
	};
	const struct options options = {
		.command = "inspect",
		.usage = "(FILE.whl | URL)… [OPTION…]",
		.about =
			"Opens wheels and judges their bytes against their tags.\n"
			"Ends with 1 if some wheel has a problem of severity error, 2 if a file cannot be\n"
			"opened or is not named .whl, 3 if a server cannot be reached or lies.",
		.example = "wheelfarm inspect --target cp313-win_arm64 dist/*.whl",
		.table = table,
		.words_min = 1,
		.words_max = SIZE_MAX,
	};
	int code = options_parse(&options, argc, argv, &a.files);
	if (code == OPTIONS_GO) {
		code = read_depth(a.depth, &depth);
	}
	if (code == OPTIONS_GO) {
		code = inspect(&a, depth);
	}
	options_list_finish(&a.files);
	return code;
}
