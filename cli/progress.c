#include "cli/progress.h"

#include "core/base/log.h"
#include "reports/visible.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GREEN "\x1b[32m"
#define RED "\x1b[31m"
#define PLAIN "\x1b[0m"

void progress_init(struct progress *p, bool serves)
{
	bool terminal = isatty(STDERR_FILENO) != 0;
	*p = (struct progress){
		.terminal = terminal,
		.service = serves && !terminal,
		.colour = terminal && getenv("NO_COLOR") == NULL,
	};
}

void progress_clear(struct progress *p)
{
	if (p->status[0] != '\0') {
		fputs("\r\x1b[K", stderr);
	}
}

static void show_status(struct progress *p)
{
	if (p->status[0] != '\0') {
		fprintf(stderr, "\r\x1b[K%s", p->status);
		fflush(stderr);
	}
}

void progress_line(struct progress *p, const char *format, ...)
{
	struct buf text = {0};
	va_list arguments;
	va_start(arguments, format);
	buf_vprintf(&text, format, arguments);
	va_end(arguments);
	if (p->service) {
		log_event(LOG_INFO, "farm", text.p, NULL, 0);
		buf_finish(&text);
		return;
	}
	progress_clear(p);
	fprintf(stderr, "%s\n", text.p);
	buf_finish(&text);
	show_status(p);
}

void progress_status(struct progress *p, const char *format, ...)
{
	if (!p->terminal) {
		return;
	}
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(p->status, sizeof(p->status), format, arguments);
	va_end(arguments);
	show_status(p);
}

static const char *colour(const struct progress *p, const char *code)
{
	return p->colour ? code : "";
}

static void log_queue_event(const struct queue_event *event)
{
	static const char *const words[] = {
		[QUEUE_LEASED] = "leased",
		[QUEUE_STAGE] = "stage",
		[QUEUE_FINISHED] = "finished",
		[QUEUE_RETRY] = "retried",
	};
	const struct log_field fields[] = {
		{.name = "job", .number = event->job},
		{"package", event->package, 0},
		{"version", event->version, 0},
		{"target", event->target, 0},
		{"mode", event->mode, 0},
		{"agent", event->agent, 0},
		{"state",
			event->kind != QUEUE_FINISHED ? ""
				: event->pass             ? "pass"
										  : "fail",
			0},
		{"stage", event->stage != NULL ? event->stage : "", 0},
		{"reason", event->reason, 0},
		{"line", event->line != NULL ? event->line : "", 0},
		{.name = "seconds", .number = (int64_t)event->seconds},
	};
	log_event(LOG_INFO, "queue", words[event->kind], fields, sizeof(fields) / sizeof(*fields));
}

void progress_event(struct progress *p, const struct queue_event *event)
{
	if (p->service) {
		log_queue_event(event);
	} else if (event->kind == QUEUE_FINISHED && event->pass) {
		const char *built = event->only_tested ? "" : event->proven ? "built and " : "built, ";
		progress_line(p, "%s\xE2\x9C\x93%s %s %s  %s  %s%s  %.0f s", colour(p, GREEN),
			colour(p, PLAIN), event->package, event->version, event->target, built,
			event->proven ? "imported" : "unproven", event->seconds);
	} else if (event->kind == QUEUE_FINISHED) {
		struct buf line = {0};
		if (event->line != NULL) {
			visible_add_cut(&line, str_from(event->line), VISIBLE_LINE, 92);
		}
		progress_line(p, "%s\xE2\x9C\x97%s %s %s  %s  %s: %s  %.0f s%s%s", colour(p, RED),
			colour(p, PLAIN), event->package, event->version, event->target,
			event->stage != NULL ? event->stage : "?", event->reason, event->seconds,
			line.n != 0 ? "\n    " : "", line.n != 0 ? line.p : "");
		buf_finish(&line);
	} else if (event->kind == QUEUE_RETRY) {
		progress_line(p, "  %s %s  %s  again: %s", event->package, event->version, event->target,
			event->reason);
	}
}
