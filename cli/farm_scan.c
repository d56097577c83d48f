#include "cli/farm_scan.h"

#include "cli/export_files.h"
#include "cli/main.h"
#include "core/base/clock.h"
#include "core/io/loop.h"

static void write_export(void *user)
{
	struct farm_scan *s = user;
	const struct config *c = &s->in->config;
	s->export.code = export_night(c->database, c->export, clock_wall_ms(), c->keep.export_days,
		&s->export.packages, &s->export.err);
}

static void on_exported(void *user)
{
	struct farm_scan *s = user;
	if (s->export.code == 0) {
		progress_line(s->progress, "%s: facts.sqlite and packages.jsonl, %zu packages",
			s->in->config.export, s->export.packages);
	} else {
		progress_line(s->progress, "wheelfarm: export: %s", s->export.err.text);
	}
	s->done(s->user);
}

static void on_dependencies(void *user)
{
	struct farm_scan *s = user;
	struct buf line = {0};
	dependencies_tell(&s->dependencies, &line);
	if (line.n != 0) {
		progress_line(s->progress, "%s", line.p);
	}
	buf_finish(&line);
	if (s->dependencies.code != 0 && !s->stopped) {
		progress_line(s->progress, "wheelfarm: %s", s->dependencies.err.text);
	}
	if (s->in->config.export != NULL && !s->stopped) {
		loop_work(s->loop, write_export, on_exported, s);
	} else {
		s->done(s->user);
	}
}

static void start_dependencies(struct farm_scan *s)
{
	const struct dependencies_options options = {
		.db = s->in->config.database,
		.writer = s->in->writer,
		.index = s->in->config.index,
		.contact = s->in->config.contact,
		.rate = s->in->config.scan_rate,
		.targets = &s->in->recipes.targets,
		.scope = &s->in->recipes.scope,
		.fetch = s->in->config.scan_dependencies,
	};
	dependencies_start(s->loop, &s->dependencies, &options, on_dependencies, s);
}

static void on_progress(void *user, const struct scan_counts *c)
{
	struct farm_scan *s = user;
	progress_status(s->progress, "scanned %zu of %zu packages", scan_done(c), c->asked);
}

static void on_report(void *user, const char *line)
{
	struct farm_scan *s = user;
	s->on_report(s->user, line);
}

static void on_end(void *user, const struct scan_counts *counts)
{
	struct farm_scan *s = user;
	s->scan = NULL;
	s->counts = *counts;
	progress_line(s->progress, "scanned %zu package%s: %zu changed, %zu as before%s", counts->asked,
		counts->asked == 1 ? "" : "s", counts->changed, counts->unchanged,
		counts->failed != 0 ? "; some could not be reached" : "");
	if (s->stopped) {
		s->done(s->user);
	} else {
		start_dependencies(s);
	}
}

void farm_scan_start(uv_loop_t *loop, struct farm_scan *s, struct farm_inputs *in,
	struct progress *progress, void (*report)(void *user, const char *line),
	void (*done)(void *user), void *user)
{
	*s = (struct farm_scan){.loop = loop,
		.in = in,
		.progress = progress,
		.on_report = report,
		.done = done,
		.user = user};
	const struct scan_options options = {
		.loop = loop,
		.index = &in->index,
		.contact = in->config.contact,
		.connections = in->config.scan_connections,
		.rate = in->config.scan_rate,
		.store = in->reader,
		.writer = in->writer,
		.targets = &in->recipes.targets,
		.scope = &in->recipes.scope,
		.packages = in->config.packages.v,
		.package_count = in->config.packages.n,
		.on_report = on_report,
		.on_progress = on_progress,
		.on_end = on_end,
		.user = s,
	};
	s->scan = scan_start(&options);
}

void farm_scan_stop(struct farm_scan *s)
{
	s->stopped = true;
	atomic_store(&s->dependencies.stop, true);
	if (s->scan != NULL) {
		scan_cancel(s->scan);
	}
}

int farm_scan_exit_code(const struct farm_scan *s)
{
	int code = scan_exit_code(&s->counts);
	bool failed = (s->dependencies.code != 0 && !s->stopped) || s->dependencies.failed != 0 ||
		s->export.code != 0;
	return failed && code < EXIT_WORLD ? EXIT_WORLD : code;
}
