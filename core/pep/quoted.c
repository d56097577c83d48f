#include "core/pep/quoted.h"

#include "core/pep/ascii.h"
static int hex_value(char c)
{
	if (ascii_is_digit(c)) {
		return c - '0';
	}
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode_hex(struct str s, size_t *at, size_t digits, struct buf *out)
{
	uint32_t c = 0;
	for (size_t i = 0; i < digits; i++, (*at)++) {
		int value = *at < s.n ? hex_value(s.p[*at]) : -1;
		if (value < 0) {
			return false;
		}
		c = c << 4 | (uint32_t)value;
	}
	if (c > 0x10ffff) {
		return false;
	}
	ascii_add_utf8(out, c);
	return true;
}

static void decode_octal(struct str s, size_t *at, struct buf *out)
{
	uint32_t c = 0;
	for (size_t i = 0; i < 3 && *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '7'; i++, (*at)++) {
		c = c * 8 + (uint32_t)(s.p[*at] - '0');
	}
	ascii_add_utf8(out, c);
}

/* s.p[*at] is what follows a backslash. */
static bool decode_escape(struct str s, size_t *at, struct buf *out)
{
	static const char from[] = "\\'\"abfnrtv";
	static const char to[] = "\\'\"\a\b\f\n\r\t\v";
	char c = s.p[*at];
	for (size_t i = 0; from[i] != '\0'; i++) {
		if (c == from[i]) {
			buf_add_char(out, to[i]);
			(*at)++;
			return true;
		}
	}
	if (c >= '0' && c <= '7') {
		decode_octal(s, at, out);
		return true;
	}
	if (c == '\n' || c == '\r') { /* the line goes on */
		*at += c == '\r' && *at + 1 < s.n && s.p[*at + 1] == '\n' ? 2 : 1;
		return true;
	}
	if (c == 'x' || c == 'u' || c == 'U') {
		(*at)++;
		return decode_hex(s, at, c == 'x' ? 2 : c == 'u' ? 4 : 8, out);
	}
	buf_add_char(out, '\\'); /* an unknown escape stands for itself */
	return c != 'N';
}

bool quoted_decode(struct str inner, struct buf *storage, struct str *out)
{
	*out = inner;
	bool plain = true;
	for (size_t i = 0; i < inner.n; i++) {
		plain = plain && inner.p[i] != '\\';
	}
	for (size_t at = 0; at < inner.n;) {
		char c = inner.p[at++];
		if (c == '\0' || c == '\n' || c == '\r') {
			return false;
		}
		if (c != '\\') {
			if (!plain) {
				buf_add_char(storage, c);
			}
		} else if (at == inner.n || !decode_escape(inner, &at, storage)) {
			return false;
		}
	}
	if (!plain) {
		*out = buf_view(storage);
	}
	return true;
}
