#include "core/pep/space.h"

static bool is_ascii_space(unsigned char c)
{
	return c == ' ' || (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x1f);
}

static bool is_two_byte_space(const unsigned char *p)
{
	return p[0] == 0xc2 && (p[1] == 0x85 || p[1] == 0xa0);
}

/* U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000 */
static bool is_three_byte_space(const unsigned char *p)
{
	if (p[0] == 0xe1) {
		return p[1] == 0x9a && p[2] == 0x80;
	}
	if (p[0] == 0xe2 && p[1] == 0x80) {
		return (p[2] >= 0x80 && p[2] <= 0x8a) || p[2] == 0xa8 || p[2] == 0xa9 || p[2] == 0xaf;
	}
	if (p[0] == 0xe2) {
		return p[1] == 0x81 && p[2] == 0x9f;
	}
	return p[0] == 0xe3 && p[1] == 0x80 && p[2] == 0x80;
}

size_t space_at_start(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	if (s.n >= 1 && is_ascii_space(p[0])) {
		return 1;
	}
	if (s.n >= 2 && is_two_byte_space(p)) {
		return 2;
	}
	return s.n >= 3 && is_three_byte_space(p) ? 3 : 0;
}

size_t space_at_end(struct str s)
{
	if (s.n == 0) {
		return 0;
	}
	const unsigned char *end = (const unsigned char *)s.p + s.n;
	if (is_ascii_space(end[-1])) {
		return 1;
	}
	if (s.n >= 2 && is_two_byte_space(end - 2)) {
		return 2;
	}
	return s.n >= 3 && is_three_byte_space(end - 3) ? 3 : 0;
}

static bool is_visible_ascii(char c)
{
	return c > ' ' && c < 0x7f;
}

struct str space_trim(struct str s)
{
	if (s.n != 0 && is_visible_ascii(s.p[0]) && is_visible_ascii(s.p[s.n - 1])) {
		return s; /* as nearly all are */
	}
	for (size_t n; (n = space_at_start(s)) != 0;) {
		s.p += n;
		s.n -= n;
	}
	for (size_t n; (n = space_at_end(s)) != 0;) {
		s.n -= n;
	}
	return s;
}
