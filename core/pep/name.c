#include "core/pep/name.h"

#include "core/pep/ascii.h"
static bool is_separator(char c)
{
	return c == '-' || c == '_' || c == '.';
}

/* The normalised form one byte at a time; false at the end. */
static bool next_byte(struct str s, size_t *at, char *out)
{
	if (*at >= s.n) {
		return false;
	}
	if (!is_separator(s.p[*at])) {
		*out = ascii_lower(s.p[(*at)++]);
		return true;
	}
	while (*at < s.n && is_separator(s.p[*at])) {
		(*at)++;
	}
	*out = '-';
	return true;
}

bool name_is_valid(struct str s)
{
	if (s.n == 0 || !ascii_is_alnum(s.p[0]) || !ascii_is_alnum(s.p[s.n - 1])) {
		return false;
	}
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_alnum(s.p[i]) && !is_separator(s.p[i])) {
			return false;
		}
	}
	return true;
}

void name_normalise(struct str s, struct buf *out)
{
	buf_reserve(out, s.n);
	size_t at = 0;
	char c;
	while (next_byte(s, &at, &c)) {
		buf_add_char(out, c);
	}
}

bool name_normalise_to(struct str s, char *out, size_t capacity)
{
	size_t at = 0, n = 0;
	char c;
	while (next_byte(s, &at, &c)) {
		if (n + 1 >= capacity) {
			n = 0;
			at = 0;
			break;
		}
		out[n++] = c;
	}
	if (capacity != 0) {
		out[n] = '\0';
	}
	return capacity != 0 && at == s.n;
}

bool name_equal(struct str a, struct str b)
{
	size_t at_a = 0, at_b = 0;
	char x, y;
	for (;;) {
		bool more_a = next_byte(a, &at_a, &x);
		bool more_b = next_byte(b, &at_b, &y);
		if (!more_a || !more_b) {
			return more_a == more_b;
		}
		if (x != y) {
			return false;
		}
	}
}
