#include "coordinator/store/hex.h"

/* Digits in memory order are the bytes of one little-endian number. */
static uint64_t load(const char *p)
{
	uint64_t x = 0;
	for (int i = 0; i < 8; i++) {
		x |= (uint64_t)(unsigned char)p[i] << (8 * i);
	}
	return x;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The digit of each nibble 0 … 15 (one a byte): '0' + n, and 39 more from ten on. */
static uint64_t digits_of(uint64_t nibbles)
{
	uint64_t letters = ((nibbles + EACH(6)) >> 4) & EACH(1);
	return nibbles + EACH('0') + letters * 39;
}

/* Eight digits to four bytes; false unless they are what digits_of would write. */
static bool read_eight(const char *digits, unsigned char *out)
{
	uint64_t x = load(digits);
	uint64_t nibbles = (x & EACH(0x0f)) + ((x >> 6) & EACH(1)) * 9;
	if (((nibbles | x) & EACH(0x80)) != 0 || digits_of(nibbles & EACH(0x0f)) != x) {
		return false;
	}
	uint64_t y = (nibbles << 4 | nibbles >> 8) & UINT64_C(0x00ff00ff00ff00ff);
	y = (y | y >> 8) & UINT64_C(0x0000ffff0000ffff);
	y |= y >> 16;
	for (int i = 0; i < 4; i++) {
		out[i] = (unsigned char)(y >> (8 * i));
	}
	return true;
}

bool hex_read(struct str digits, unsigned char *out, size_t n)
{
	if (digits.n != 2 * n) {
		return false;
	}
	for (size_t i = 0; i < n; i += 4) {
		if (!read_eight(digits.p + 2 * i, out + i)) {
			return false;
		}
	}
	return true;
}

void hex_write(const unsigned char *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
}
