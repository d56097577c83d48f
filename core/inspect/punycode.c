#include "core/inspect/punycode.h"

enum {
	TEXT_MAX = 255, /* of a file name */
	BASE = 36,
	T_MIN = 1,
	T_MAX = 26,
	SKEW = 38,
	DAMP = 700,
	BIAS = 72,
	FIRST = 0x80,
};

static size_t decode(struct str text, uint32_t out[static TEXT_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < text.n;) {
		unsigned char c = (unsigned char)text.p[i++];
		int more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
		uint32_t point = more == 0 ? c : c & (0x3fU >> more);
		for (; more > 0; more--) {
			point = point << 6 | ((unsigned char)text.p[i++] & 0x3fU);
		}
		out[n++] = point;
	}
	return n;
}

static uint32_t adapt(uint32_t delta, uint32_t count, bool is_first)
{
	uint32_t k = 0;
	delta = is_first ? delta / DAMP : delta / 2;
	delta += delta / count;
	for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE) {
		delta /= BASE - T_MIN;
	}
	return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static char digit(uint32_t value)
{
	return (char)(value < 26 ? 'a' + value : '0' + (value - 26));
}

/* The generalised variable-length integer of section 3.3. */
static void add_number(struct buf *out, uint32_t number, uint32_t bias)
{
	for (uint32_t k = BASE;; k += BASE) {
		uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
		if (number < t) {
			break;
		}
		buf_add_char(out, digit(t + (number - t) % (BASE - t)));
		number = (number - t) / (BASE - t);
	}
	buf_add_char(out, digit(number));
}

bool punycode_encode(struct str text, struct buf *out)
{
	uint32_t points[TEXT_MAX];
	if (text.n > TEXT_MAX || !str_is_utf8(text)) {
		return false;
	}
	size_t count = decode(text, points);
	uint32_t done = 0, next = FIRST, delta = 0, bias = BIAS;
	for (size_t i = 0; i < count; i++) {
		if (points[i] < FIRST) {
			buf_add_char(out, (char)points[i]);
			done++;
		}
	}
	uint32_t basic = done;
	if (basic > 0) {
		buf_add_char(out, '-');
	}
	while (done < count) { /* 255 points below 0x110000: no sum here overflows */
		uint32_t least = UINT32_MAX;
		for (size_t i = 0; i < count; i++) {
			least = points[i] >= next && points[i] < least ? points[i] : least;
		}
		delta += (least - next) * (done + 1);
		next = least;
		for (size_t i = 0; i < count; i++) {
			delta += points[i] < next;
			if (points[i] == next) {
				add_number(out, delta, bias);
				bias = adapt(delta, done + 1, done == basic);
				delta = 0;
				done++;
			}
		}
		delta++;
		next++;
	}
	return true;
}
