#include "core/base/log.h"

#include "core/base/clock.h"

#include <stdarg.h>

static enum log_level threshold = LOG_INFO;
static FILE *stream; /* NULL: stderr */

void log_set_level(enum log_level level)
{
	threshold = level;
}

void log_to(FILE *file)
{
	stream = file;
}

FILE *log_file(void)
{
	return stream != NULL ? stream : stderr;
}

static bool is_plain(struct str value)
{
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];
		if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) {
			return false;
		}
	}
	return value.n != 0;
}

static void add_value(struct buf *out, struct str value)
{
	if (is_plain(value)) {
		buf_add_str(out, value);
		return;
	}
	buf_add_char(out, '"');
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];
		if (c == '"' || c == '\\') {
			buf_add_char(out, '\\');
			buf_add_char(out, (char)c);
		} else if (c == '\n') {
			buf_add_text(out, "\\n");
		} else if (c < 0x20 || c == 0x7f) {
			buf_printf(out, "\\u%04x", c);
		} else {
			buf_add_char(out, (char)c);
		}
	}
	buf_add_char(out, '"');
}

void log_format(struct buf *out, int64_t wall_ms, enum log_level level, const char *area,
	struct str msg, const struct log_field *fields, size_t count)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};
	char when[CLOCK_TEXT];
	clock_text(wall_ms, when);
	buf_printf(out, "time=%s level=%s area=%s msg=", when, names[level], area);
	add_value(out, msg);
	for (size_t i = 0; i < count; i++) {
		if (fields[i].text == NULL) {
			buf_printf(out, " %s=%lld", fields[i].name, (long long)fields[i].number);
		} else if (fields[i].text[0] != '\0') {
			buf_printf(out, " %s=", fields[i].name);
			add_value(out, str_from(fields[i].text));
		}
	}
	buf_add_char(out, '\n');
}

static void write_out(enum log_level level, const char *area, struct str msg,
	const struct log_field *fields, size_t count)
{
	struct buf line = {0};
	log_format(&line, clock_wall_ms(), level, area, msg, fields, count);
	fwrite(line.p, 1, line.n, log_file());
	buf_finish(&line);
}

void log_event(enum log_level level, const char *area, const char *msg,
	const struct log_field *fields, size_t count)
{
	if (level <= threshold) {
		write_out(level, area, str_from(msg), fields, count);
	}
}

void log_line(enum log_level level, const char *area, const char *format, ...)
{
	if (level > threshold) {
		return;
	}
	struct buf message = {0};
	va_list arguments;
	va_start(arguments, format);
	buf_vprintf(&message, format, arguments);
	va_end(arguments);
	write_out(level, area, buf_view(&message), NULL, 0);
	buf_finish(&message);
}
