#include "core/pep/ascii.h"

#include <string.h>

bool ascii_take_text(struct str *s, const char *prefix)
{
	size_t n = 0;
	for (; prefix[n] != '\0'; n++) {
		if (n == s->n || ascii_lower(s->p[n]) != prefix[n]) {
			return false;
		}
	}
	*s = str_slice(*s, n, s->n);
	return true;
}

bool ascii_take_number(struct str *s, int *out)
{
	enum { DIGITS = 6 };
	size_t n = 0;
	int value = 0;
	while (n < s->n && n < DIGITS && ascii_is_digit(s->p[n])) {
		value = value * 10 + (s->p[n] - '0');
		n++;
	}
	if (n == 0 || (n > 1 && s->p[0] == '0')) {
		return false;
	}
	*out = value;
	*s = str_slice(*s, n, s->n);
	return true;
}

void ascii_add_utf8(struct buf *out, uint32_t character)
{
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	if (character < 0x80) {
		buf_add_char(out, (char)character);
		return;
	}
	char bytes[4];
	size_t n = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
	for (size_t i = n; i > 1; i--) {
		bytes[i - 1] = (char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	bytes[0] = (char)(lead[n] | character);
	buf_add(out, bytes, n);
}
