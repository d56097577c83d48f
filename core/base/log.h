/* What a program says of itself, on stderr if not told otherwise: one event a line in logfmt,
 *
 *   time=2026-11-22T23:58:00Z level=warn area=queue msg="job 5: agent winbox: …"
 *
 * with further members where programs would read them. A value with a space, a quote, an equals sign or
 * a control character stands in quotes, escaped as in JSON, so outside text can never forge a line or a
 * member. The level is set once, at start. */
#pragma once

#include "core/base/str.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level); /* LOG_INFO until told otherwise */
/* Where to, of a program whose stderr leads nowhere: stays the caller's, for the life of the program. */
void log_to(FILE *file);
FILE *log_file(void);
/* area is the folder or noun that speaks: "scan", "queue", "agent". */
void log_line(enum log_level level, const char *area, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(area, ...) log_line(LOG_ERROR, (area), __VA_ARGS__)
#define log_warn(area, ...) log_line(LOG_WARN, (area), __VA_ARGS__)
#define log_info(area, ...) log_line(LOG_INFO, (area), __VA_ARGS__)
#define log_debug(area, ...) log_line(LOG_DEBUG, (area), __VA_ARGS__)

/* A member: text, or the number if text is NULL. name is a literal of a-z and _. */
struct log_field {
	const char *name;
	const char *text;
	int64_t number;
};
/* An event with members, which are left out where text is "". */
void log_event(enum log_level level, const char *area, const char *msg,
	const struct log_field *fields, size_t count);

/* The line of an event, with its newline, added to `out`. */
void log_format(struct buf *out, int64_t wall_ms, enum log_level level, const char *area,
	struct str msg, const struct log_field *fields, size_t count);
