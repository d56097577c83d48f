#include "cli/scan_inspect.h"

#include "cli/main.h"
#include "coordinator/inspect/wheel_round.h"
#include "coordinator/store/writer.h"
#include "core/base/clock.h"
#include "core/io/loop.h"
#include "reports/visible.h"
#include "reports/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PROGRESS_MS = 100,
	REPORT_COLUMNS = 400,
	REFRESH_AT_ONCE = 200, /* rows in one transaction */
};

struct inspecting {
	const struct scan_inspect_options *options;
	struct loop_signals signals;
	struct fetch *fetch;
	struct wheel_round *round;
	struct wheel_round_counts counts;
	size_t refreshed; /* rows of the last write */
	bool interrupted;
	bool bar;
	int64_t bar_ms;
};

bool scan_inspect_depth(const char *word, enum wheel_depth *out)
{
	*out = strcmp(word, "full") == 0 ? WHEEL_FULL : WHEEL_HEADERS;
	return word[0] == '\0' || strcmp(word, "headers") == 0 || strcmp(word, "full") == 0;
}

static void clear_bar(const struct inspecting *s)
{
	if (s->bar) {
		fputs("\r\033[K", stderr);
	}
}

static void on_report(void *user, const char *line)
{
	struct inspecting *s = user;
	struct buf shown = {0};
	visible_add_cut(&shown, str_from(line), VISIBLE_LINE, REPORT_COLUMNS);
	clear_bar(s);
	fprintf(stderr, "%s\n", shown.p);
	buf_finish(&shown);
}

static void on_progress(void *user, const struct wheel_round_counts *c)
{
	struct inspecting *s = user;
	int64_t now = clock_steady_ms();
	if (s->bar && now - s->bar_ms >= PROGRESS_MS) {
		s->bar_ms = now;
		fprintf(stderr, "\r%zu of %zu packages, %zu wheels inspected, %.1f MB\033[K", c->packages,
			s->options->package_count, c->inspected, (double)c->received / 1e6);
	}
}

static void on_end(void *user, const struct wheel_round_counts *counts)
{
	struct inspecting *s = user;
	s->counts = *counts;
	s->round = NULL;
	clear_bar(s);
	fetch_destroy(s->fetch);
	loop_signals_stop(&s->signals);
}

static void on_stop(struct loop_signals *signals, int signal_number)
{
	struct inspecting *s = signals->user;
	s->interrupted = true;
	if (s->round != NULL) {
		wheel_round_cancel(s->round);
	}
}

static int refresh(struct store *store, void *user, struct err *e)
{
	struct inspecting *s = user;
	return wheel_round_refresh_columns(store, REFRESH_AT_ONCE, clock_wall_ms(), &s->refreshed, e);
}

/* Rows that an older program made, before anything new is fetched. */
static int refresh_all(struct inspecting *s)
{
	struct err e = {0};
	int code;
	do {
		code = store_write_wait(s->options->writer, refresh, s, &e);
	} while (code == 0 && s->refreshed == REFRESH_AT_ONCE);
	if (code != 0) {
		fprintf(stderr, "wheelfarm scan: %s\n", e.text);
	}
	return code;
}

static void print_counts(const struct wheel_round_counts *c)
{
	const struct {
		size_t n;
		const char *words;
	} parts[] = {{c->known, "known"}, {c->wrong, "with errors"}, {c->bad, "not as promised"},
		{c->failed, "unreachable"}};
	struct buf text = {0};
	buf_printf(&text, "%zu wheel%s inspected", c->inspected, c->inspected == 1 ? "" : "s");
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (parts[i].n != 0) {
			buf_printf(&text, ", %zu %s", parts[i].n, parts[i].words);
		}
	}
	if (c->received != 0) {
		buf_add_text(&text, "; ");
		words_bytes(&text, (int64_t)c->received);
		buf_add_text(&text, " fetched");
	}
	printf("%s\n", text.p);
	buf_finish(&text);
}

static void run_round(struct inspecting *s, const char *const *names)
{
	const struct scan_inspect_options *o = s->options;
	const struct wheel_round_options options = {
		.loop = o->loop,
		.fetch = s->fetch,
		.auth_url = o->index->url,
		.auth = o->index->auth,
		.folder = o->index->folder,
		.store = o->store,
		.writer = o->writer,
		.packages = names,
		.package_count = o->package_count,
		.depth = o->depth,
		.rate = o->rate,
		.on_report = on_report,
		.on_progress = on_progress,
		.on_end = on_end,
		.user = s,
	};
	loop_signals_start(o->loop, &s->signals, on_stop, s, NULL);
	s->round = wheel_round_start(&options);
	uv_run(o->loop, UV_RUN_DEFAULT);
}

int scan_inspect(const struct scan_inspect_options *options)
{
	struct inspecting s = {.options = options, .bar = isatty(STDERR_FILENO) != 0};
	if (refresh_all(&s) != 0) {
		return EXIT_WORLD;
	}
	char *user_agent = options->contact != NULL
		? str_format("wheelfarm/%s (%s)", WHEELFARM_VERSION, options->contact)
		: str_format("wheelfarm/%s", WHEELFARM_VERSION);
	const char **names = mem_new(options->package_count + 1, sizeof(*names));
	for (size_t i = 0; i < options->package_count; i++) {
		names[i] = options->packages[i].name;
	}
	s.fetch = fetch_create(options->loop,
		&(struct fetch_options){.user_agent = user_agent,
			.ca_file = options->index->ca_file,
			.proxy = options->index->proxy});
	run_round(&s, names);
	print_counts(&s.counts);
	free(names);
	free(user_agent);
	return s.interrupted       ? EXIT_INTERRUPT
		: s.counts.failed != 0 ? EXIT_WORLD
		: s.counts.bad != 0    ? EXIT_NOT_FINE
							   : EXIT_FINE;
}
