#include "core/io/json.h"

#include "core/base/clock.h"
#include "core/base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEEPEST = 63 };

static bool bit(uint64_t bits, uint32_t at)
{
	return (bits >> at & 1) != 0;
}

static void line(struct json_writer *w)
{
	static const char indented[] = "\n                                ";
	size_t spaces = (size_t)2 * w->depth, at_once = sizeof(indented) - 2;
	if (w->pretty) {
		buf_add(w->out, indented, 1 + (spaces < at_once ? spaces : at_once));
		for (; spaces > at_once; spaces--) {
			buf_add_char(w->out, ' ');
		}
	}
}

/* What comes before an item: nothing after a key, else a comma but for the first. */
static void before_item(struct json_writer *w, bool is_key)
{
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	bool in_object = w->depth != 0 && bit(w->is_object, w->depth);
	if (in_object != is_key) {
		mem_bug("JSON: %s", is_key ? "a key outside an object" : "a member without a key");
	}
	bool more = bit(w->has_items, w->depth);
	if (more && w->depth == 0) {
		mem_bug("JSON: a second value at the top");
	}
	w->has_items |= UINT64_C(1) << w->depth;
	if (more) {
		buf_add_char(w->out, ',');
	}
	if (w->depth != 0) {
		line(w);
	}
}

static void begin(struct json_writer *w, bool object)
{
	before_item(w, false);
	if (w->depth == DEEPEST) {
		mem_bug("JSON: nested deeper than %d", DEEPEST);
	}
	w->depth++;
	uint64_t mask = UINT64_C(1) << w->depth;
	w->is_object = object ? w->is_object | mask : w->is_object & ~mask;
	w->has_items &= ~mask;
	buf_add_char(w->out, object ? '{' : '[');
}

static void end(struct json_writer *w, bool object)
{
	if (w->depth == 0 || bit(w->is_object, w->depth) != object || w->after_key) {
		mem_bug("JSON: %s ended that is not open", object ? "an object" : "an array");
	}
	bool had_items = bit(w->has_items, w->depth);
	w->depth--;
	if (had_items) {
		line(w);
	}
	buf_add_char(w->out, object ? '}' : ']');
}

void json_writer_init(struct json_writer *w, struct buf *out, bool pretty)
{
	*w = (struct json_writer){.out = out, .pretty = pretty};
}

void json_writer_finish(struct json_writer *w)
{
	if (w->depth != 0 || !bit(w->has_items, 0)) {
		mem_bug("JSON: finished %s", w->depth != 0 ? "inside a value" : "without a value");
	}
	if (w->pretty) {
		buf_add_char(w->out, '\n');
	}
}

void json_object_begin(struct json_writer *w)
{
	begin(w, true);
}

void json_object_end(struct json_writer *w)
{
	end(w, true);
}

void json_array_begin(struct json_writer *w)
{
	begin(w, false);
}

void json_array_end(struct json_writer *w)
{
	end(w, false);
}

static void add_escape(struct buf *out, unsigned char c)
{
	switch (c) {
	case '"':
		buf_add_text(out, "\\\"");
		break;
	case '\\':
		buf_add_text(out, "\\\\");
		break;
	case '\b':
		buf_add_text(out, "\\b");
		break;
	case '\f':
		buf_add_text(out, "\\f");
		break;
	case '\n':
		buf_add_text(out, "\\n");
		break;
	case '\r':
		buf_add_text(out, "\\r");
		break;
	case '\t':
		buf_add_text(out, "\\t");
		break;
	default:
		buf_printf(out, "\\u%04x", c);
	}
}

static bool stands_for_itself(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

/* How many bytes at the start are ASCII that needs no escape: nearly always all. */
static size_t plain_length(struct str s)
{
	size_t i = 0;
	while (i < s.n && stands_for_itself((unsigned char)s.p[i]) && (unsigned char)s.p[i] < 0x80) {
		i++;
	}
	return i;
}

/* Runs without anything to escape go over whole; they end at ASCII bytes only, so that a sequence
 * of several bytes is never cut. */
static void add_string(struct buf *out, struct str s)
{
	size_t i = plain_length(s);
	buf_reserve(out, s.n + 2);
	buf_add_char(out, '"');
	buf_add(out, s.p, i);
	size_t from = i;
	for (; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (!stands_for_itself(c)) {
			buf_add_utf8(out, str_slice(s, from, i));
			add_escape(out, c);
			from = i + 1;
		}
	}
	if (from < s.n) {
		buf_add_utf8(out, str_slice(s, from, s.n));
	}
	buf_add_char(out, '"');
}

void json_key(struct json_writer *w, const char *key)
{
	before_item(w, true);
	add_string(w->out, str_from(key));
	buf_add_text(w->out, w->pretty ? ": " : ":");
	w->after_key = true;
}

void json_str(struct json_writer *w, struct str value)
{
	before_item(w, false);
	add_string(w->out, value);
}

void json_text(struct json_writer *w, const char *value_or_null)
{
	if (value_or_null == NULL) {
		json_null(w);
	} else {
		json_str(w, str_from(value_or_null));
	}
}

void json_int(struct json_writer *w, int64_t value)
{
	before_item(w, false);
	buf_printf(w->out, "%" PRId64, value);
}

void json_double(struct json_writer *w, double value)
{
	if (!isfinite(value)) {
		json_null(w);
		return;
	}
	before_item(w, false);
	/* The shortest form that reads back as the same number. */
	char text[40];
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value) {
			break;
		}
	}
	buf_add_text(w->out, text);
}

void json_bool(struct json_writer *w, bool value)
{
	before_item(w, false);
	buf_add_text(w->out, value ? "true" : "false");
}

void json_null(struct json_writer *w)
{
	before_item(w, false);
	buf_add_text(w->out, "null");
}

void json_time(struct json_writer *w, int64_t wall_ms)
{
	if (wall_ms == 0) {
		json_null(w);
		return;
	}
	char text[CLOCK_TEXT];
	clock_text(wall_ms, text);
	json_text(w, text);
}

void json_kv_str(struct json_writer *w, const char *key, struct str value)
{
	json_key(w, key);
	json_str(w, value);
}

void json_kv_text(struct json_writer *w, const char *key, const char *value_or_null)
{
	json_key(w, key);
	json_text(w, value_or_null);
}

void json_kv_int(struct json_writer *w, const char *key, int64_t value)
{
	json_key(w, key);
	json_int(w, value);
}

void json_kv_bool(struct json_writer *w, const char *key, bool value)
{
	json_key(w, key);
	json_bool(w, value);
}

void json_kv_time(struct json_writer *w, const char *key, int64_t wall_ms)
{
	json_key(w, key);
	json_time(w, wall_ms);
}

void json_kv_null(struct json_writer *w, const char *key)
{
	json_key(w, key);
	json_null(w);
}
