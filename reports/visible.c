#include "reports/visible.h"

#include <stdio.h>

/* Decodes one code point of text at *i and moves behind it; -1 for a byte that starts none. The
 * whole rule of UTF-8 is str_is_utf8's; here each candidate of the length its first byte names is
 * given to it. */
static int32_t next_point(struct str text, size_t *i)
{
	unsigned char first = (unsigned char)text.p[*i];
	size_t n = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
	if (n == 0 || n > text.n - *i || !str_is_utf8((struct str){text.p + *i, n})) {
		*i += 1;
		return -1;
	}
	int32_t point = n == 1 ? first : first & (0x7F >> n);
	for (size_t k = 1; k < n; k++) {
		point = point << 6 | ((unsigned char)text.p[*i + k] & 0x3F);
	}
	*i += n;
	return point;
}

/* The length of a colour sequence at i, 0 if there is none: ESC '[' [0-9;:]* 'm'. */
static size_t colour_sequence(struct str text, size_t i)
{
	if (text.n - i < 3 || text.p[i] != '\x1b' || text.p[i + 1] != '[') {
		return 0;
	}
	for (size_t k = i + 2; k < text.n && k < i + 64; k++) {
		char c = text.p[k];
		if (c == 'm') {
			return k + 1 - i;
		}
		if ((c < '0' || c > '9') && c != ';' && c != ':') {
			return 0;
		}
	}
	return 0;
}

/* Characters that change how others are shown, or that nobody can see. */
static bool is_deceptive(int32_t c)
{
	return (c >= 0x80 && c < 0xA0) || c == 0xAD || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
		(c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
		(c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

static void add_point(
	struct buf *out, struct str text, size_t from, size_t to, int32_t c, enum visible_kind kind)
{
	if (c < 0) {
		buf_add_text(out, "\xEF\xBF\xBD");
	} else if (c == '\t' && kind == VISIBLE_LOG) {
		buf_add_char(out, '\t');
	} else if (kind == VISIBLE_LINE && (c == '\t' || c == '\n' || c == '\r')) {
		buf_add_char(out, ' ');
	} else if (c < 0x20 || c == 0x7F) {
		char picture[4] = {'\xE2', '\x90', (char)(c == 0x7F ? 0xA1 : 0x80 + c), '\0'};
		buf_add(out, picture, 3);
	} else if (is_deceptive(c)) {
		buf_printf(out, "<U+%04X>", (unsigned)c);
	} else {
		buf_add(out, text.p + from, to - from);
	}
}

void visible_add_cut(struct buf *out, struct str text, enum visible_kind kind, size_t columns)
{
	size_t used = 0;
	size_t last = out->n; /* where the point before the newest begins: what "…" replaces */
	for (size_t i = 0; i < text.n;) {
		size_t skip = kind == VISIBLE_LOG ? colour_sequence(text, i) : 0;
		if (skip != 0) {
			i += skip;
			continue;
		}
		size_t from = i;
		int32_t c = next_point(text, &i);
		if (used == columns) {
			out->n = last;
			buf_add_text(out, "\xE2\x80\xA6");
			return;
		}
		last = out->n;
		add_point(out, text, from, i, c, kind);
		used++;
	}
}

void visible_add(struct buf *out, struct str text, enum visible_kind kind)
{
	visible_add_cut(out, text, kind, SIZE_MAX);
}
