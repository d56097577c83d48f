/* Log lines on stderr: "2026-11-22T23:58:00Z warn scan: …". Control characters in a message are
 * escaped, so outside text can never forge a line. The level is set once, at start. */
#pragma once

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level); /* LOG_INFO until told otherwise */
/* area is the folder or noun that speaks: "scan", "queue", "agent". */
void log_line(enum log_level level, const char *area, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(area, ...) log_line(LOG_ERROR, (area), __VA_ARGS__)
#define log_warn(area, ...) log_line(LOG_WARN, (area), __VA_ARGS__)
#define log_info(area, ...) log_line(LOG_INFO, (area), __VA_ARGS__)
#define log_debug(area, ...) log_line(LOG_DEBUG, (area), __VA_ARGS__)
