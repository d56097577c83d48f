#include "core/base/log.h"

#include "core/base/clock.h"
#include "core/base/str.h"

#include <stdarg.h>
#include <stdio.h>

static enum log_level threshold = LOG_INFO;

void log_set_level(enum log_level level)
{
	threshold = level;
}

void log_line(enum log_level level, const char *area, const char *format, ...)
{
	if (level > threshold) {
		return;
	}
	static const char *const names[] = {"error", "warn", "info", "debug"};
	char when[CLOCK_TEXT];
	clock_text(clock_wall_ms(), when);
	struct buf message = {0};
	va_list arguments;
	va_start(arguments, format);
	buf_vprintf(&message, format, arguments);
	va_end(arguments);
	struct buf line = {0};
	buf_printf(&line, "%s %s %s: ", when, names[level], area);
	for (size_t i = 0; i < message.n; i++) {
		unsigned char c = (unsigned char)message.p[i];
		if (c < 0x20 || c == 0x7f) {
			buf_printf(&line, "\\x%02x", c);
		} else {
			buf_add_char(&line, (char)c);
		}
	}
	buf_add_char(&line, '\n');
	fwrite(line.p, 1, line.n, stderr);
	buf_finish(&message);
	buf_finish(&line);
}
