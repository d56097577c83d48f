/* Letters, digits and small steps through a view, as every one of these grammars needs them. ASCII
 * only, whatever the locale is. */
#pragma once

#include "core/base/str.h"

static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline bool ascii_is_letter(char c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

static inline bool ascii_is_alnum(char c)
{
	return ascii_is_digit(c) || ascii_is_letter(c);
}

/* Takes prefix (in lower case) off *s, letters without regard to case; false and nothing taken if it
 * is not there. */
bool ascii_take_text(struct str *s, const char *prefix);

/* Takes a small decimal off *s as tags write it: no leading zero, at most six digits. */
bool ascii_take_number(struct str *s, int *out);

/* Adds one character in UTF-8. Surrogates are encoded like any other: Python texts can hold them. */
void ascii_add_utf8(struct buf *out, uint32_t character);
