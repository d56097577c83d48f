/* What a person sees of a run while it goes on, on stderr: a line for each thing that ended, and on a
 * terminal one more line that says what is under way and how far it is. A service, which nobody looks
 * at, writes events for programs instead (core/base/log.h). */
#pragma once

#include "coordinator/queue/queue.h"

#include <stdbool.h>

struct progress {
	bool terminal;
	bool colour;
	bool service; /* nobody looks */
	char status[160]; /* the line that is on the screen now, without a newline */
};

/* serves: it is a service where stderr is no terminal. */
void progress_init(struct progress *p, bool serves);
/* A line of its own, above the status line. */
void progress_line(struct progress *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Replaces the status line; nothing where stderr is no terminal. */
void progress_status(struct progress *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Says what happened to a job. */
void progress_event(struct progress *p, const struct queue_event *event);
void progress_clear(struct progress *p);
