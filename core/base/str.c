#include "core/base/str.h"

#include "core/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct str str_from(const char *text)
{
	return (struct str){.p = text, .n = text != NULL ? strlen(text) : 0};
}

bool str_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool str_is(struct str a, const char *text)
{
	/* words are looked for in tables: most differ in their first byte */
	bool differs = a.n != 0 && (text == NULL || a.p[0] != text[0]);
	return !differs && str_equal(a, str_from(text));
}

static unsigned char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : (unsigned char)c;
}

bool str_equal_nocase(struct str a, struct str b)
{
	if (a.n != b.n) {
		return false;
	}
	for (size_t i = 0; i < a.n; i++) {
		if (lower(a.p[i]) != lower(b.p[i])) {
			return false;
		}
	}
	return true;
}

int str_compare(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n != 0 ? memcmp(a.p, b.p, n) : 0;
	if (order != 0) {
		return order;
	}
	return a.n < b.n ? -1 : a.n > b.n;
}

bool str_starts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);
	return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

bool str_ends(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);
	return s.n >= n && memcmp(s.p + s.n - n, suffix, n) == 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n != 0 && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n != 0 && is_space(s.p[s.n - 1])) {
		s.n--;
	}
	return s;
}

ptrdiff_t str_find(struct str s, char c)
{
	const char *at = s.n != 0 ? memchr(s.p, c, s.n) : NULL;
	return at != NULL ? at - s.p : -1;
}

ptrdiff_t str_find_last(struct str s, char c)
{
	for (size_t i = s.n; i > 0; i--) {
		if (s.p[i - 1] == c) {
			return (ptrdiff_t)(i - 1);
		}
	}
	return -1;
}

ptrdiff_t str_find_text(struct str s, struct str needle)
{
	if (needle.n == 0) {
		return 0;
	}
	size_t i = 0;
	while (s.n >= needle.n && i <= s.n - needle.n) {
		const char *first = memchr(s.p + i, needle.p[0], s.n - needle.n - i + 1);
		if (first == NULL) {
			return -1;
		}
		if (memcmp(first, needle.p, needle.n) == 0) {
			return first - s.p;
		}
		i = (size_t)(first - s.p) + 1;
	}
	return -1;
}

bool str_split(struct str *rest, char separator, struct str *part)
{
	if (rest->p == NULL) {
		return false;
	}
	ptrdiff_t at = str_find(*rest, separator);
	if (at < 0) {
		*part = *rest;
		*rest = (struct str){0};
		return true;
	}
	*part = str_slice(*rest, 0, (size_t)at);
	*rest = str_slice(*rest, (size_t)at + 1, rest->n);
	return true;
}

bool str_to_u64(struct str s, uint64_t *out)
{
	if (s.n == 0) {
		return false;
	}
	uint64_t value = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9') {
			return false;
		}
		uint64_t digit = (uint64_t)(s.p[i] - '0');
		if (value > (UINT64_MAX - digit) / 10) {
			return false;
		}
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}

bool str_to_i64(struct str s, int64_t *out)
{
	bool negative = s.n != 0 && s.p[0] == '-';
	uint64_t value;
	if (!str_to_u64(negative ? str_slice(s, 1, s.n) : s, &value)) {
		return false;
	}
	if (value > (uint64_t)INT64_MAX) {
		return false;
	}
	*out = negative ? -(int64_t)value : (int64_t)value;
	return true;
}

/* The length of the valid UTF-8 sequence at the start of p[0..n), 0 if there is none. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
	if (p[0] < 0x80) {
		return 1;
	}
	size_t length = p[0] >= 0xC2 && p[0] <= 0xDF ? 2
		: (p[0] & 0xF0) == 0xE0                  ? 3
		: p[0] >= 0xF0 && p[0] <= 0xF4           ? 4
												 : 0;
	if (length == 0 || length > n) {
		return 0;
	}
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xC0) != 0x80) {
			return 0;
		}
	}
	if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
		(p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F)) {
		return 0;
	}
	return length;
}

bool str_is_utf8(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	for (size_t i = 0; i < s.n;) {
		size_t length = utf8_length(p + i, s.n - i);
		if (length == 0) {
			return false;
		}
		i += length;
	}
	return true;
}

static bool is_start(char byte)
{
	return ((unsigned char)byte & 0xC0) != 0x80;
}

size_t str_characters(struct str s)
{
	size_t count = 0;
	for (size_t i = 0; i < s.n; i++) {
		count += is_start(s.p[i]);
	}
	return count;
}

struct str str_first(struct str s, size_t characters)
{
	size_t end = 0;
	for (size_t seen = 0; end < s.n; end++) {
		seen += is_start(s.p[end]);
		if (seen > characters) {
			break;
		}
	}
	return str_slice(s, 0, end);
}

char *str_dup(struct str s)
{
	return mem_copy(s.p, s.n);
}

void buf_finish(struct buf *b)
{
	free(b->p);
	*b = (struct buf){0};
}

void buf_reserve(struct buf *b, size_t extra)
{
	if (extra > SIZE_MAX / 2 - b->n - 1) {
		mem_bug("a buffer of %zu bytes cannot grow by %zu", b->n, extra);
	}
	size_t need = b->n + extra + 1;
	if (need <= b->capacity) {
		return;
	}
	size_t capacity = b->capacity < 64 ? 64 : b->capacity * 2;
	if (capacity < need) {
		capacity = need;
	}
	b->p = mem_resize(b->p, capacity, 1);
	b->capacity = capacity;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
	if (n >= b->capacity - b->n) {
		buf_reserve(b, n);
	}
	if (n != 0) {
		memcpy(b->p + b->n, bytes, n);
	}
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_add_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

void buf_add_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_add_char(struct buf *b, char c)
{
	if (b->capacity - b->n < 2) {
		buf_reserve(b, 1);
	}
	b->p[b->n++] = c;
	b->p[b->n] = '\0';
}

void buf_vprintf(struct buf *b, const char *format, va_list arguments)
{
	if (format == NULL) {
		mem_bug("a buffer was given no format");
	}
	enum { USUAL = 64 };
	va_list again;
	va_copy(again, arguments);
	buf_reserve(b, USUAL);
	size_t room = b->capacity - b->n;
	int n = vsnprintf(b->p + b->n, room, format, arguments);
	if (n < 0) {
		mem_bug("the format '%s' failed", format);
	}
	if ((size_t)n >= room) {
		buf_reserve(b, (size_t)n);
		vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
	}
	b->n += (size_t)n;
	va_end(again);
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	buf_vprintf(b, format, arguments);
	va_end(arguments);
}

void buf_clear(struct buf *b)
{
	b->n = 0;
	if (b->p != NULL) {
		b->p[0] = '\0';
	}
}

char *buf_take(struct buf *b)
{
	buf_reserve(b, 0);
	b->p[b->n] = '\0';
	char *p = b->p;
	*b = (struct buf){0};
	return p;
}

struct str buf_view(const struct buf *b)
{
	return (struct str){.p = b->p, .n = b->n};
}

void buf_add_utf8(struct buf *b, struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t from = 0;
	size_t i = 0;
	while (i < s.n) {
		size_t length = utf8_length(p + i, s.n - i);
		if (length != 0) {
			i += length;
			continue;
		}
		buf_add(b, s.p + from, i - from);
		buf_add_text(b, "\xEF\xBF\xBD");
		from = ++i;
	}
	buf_add(b, s.n != 0 ? s.p + from : NULL, s.n - from);
}

char *str_format(const char *format, ...)
{
	struct buf b = {0};
	va_list arguments;
	va_start(arguments, format);
	buf_vprintf(&b, format, arguments);
	va_end(arguments);
	return buf_take(&b);
}

char *arena_vprintf(struct arena *a, const char *format, va_list arguments)
{
	struct buf b = {0};
	buf_vprintf(&b, format, arguments);
	char *text = arena_copy(a, b.n != 0 ? b.p : "", b.n);
	buf_finish(&b);
	return text;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text = arena_vprintf(a, format, arguments);
	va_end(arguments);
	return text;
}
