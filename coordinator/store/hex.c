#include "coordinator/store/hex.h"

#include <string.h>

/* Digits in memory order are the bytes of one little-endian number. A loop over them would be four
 * times slower, as compilers do not see through it. */
static uint64_t little_endian_64(uint64_t x)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return __builtin_bswap64(x);
#else
	return x;
#endif
}

static uint32_t little_endian_32(uint32_t x)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return __builtin_bswap32(x);
#else
	return x;
#endif
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The digit of each nibble 0 … 15 (one a byte): '0' + n, and 39 more from ten on. */
static uint64_t digits_of(uint64_t nibbles)
{
	uint64_t letters = ((nibbles + EACH(6)) >> 4) & EACH(1);
	return nibbles + EACH('0') + letters * 39;
}

/* Eight digits to four bytes; what is left over is not 0 unless they are what digits_of would write. */
static uint64_t read_eight(const char *digits, unsigned char *out)
{
	uint64_t x;
	memcpy(&x, digits, sizeof(x));
	x = little_endian_64(x);
	uint64_t nibbles = (x & EACH(0x0f)) + ((x >> 6) & EACH(1)) * 9;
	uint64_t wrong = (x & EACH(0x80)) | (digits_of(nibbles & EACH(0x0f)) ^ x);
	uint64_t y = (nibbles << 4 | nibbles >> 8) & UINT64_C(0x00ff00ff00ff00ff);
	y = (y | y >> 8) & UINT64_C(0x0000ffff0000ffff);
	uint32_t bytes = little_endian_32((uint32_t)(y | y >> 16));
	memcpy(out, &bytes, sizeof(bytes));
	return wrong;
}

bool hex_read(struct str digits, unsigned char *out, size_t n)
{
	uint64_t wrong = 0;
	if (digits.n != 2 * n) {
		return false;
	}
	for (size_t i = 0; i < n; i += 4) {
		wrong |= read_eight(digits.p + 2 * i, out + i);
	}
	return wrong == 0;
}

static void write_four(const unsigned char *bytes, char *out)
{
	uint32_t four;
	memcpy(&four, bytes, sizeof(four));
	uint64_t y = little_endian_32(four);
	y = (y | y << 16) & UINT64_C(0x0000ffff0000ffff);
	y = (y | y << 8) & UINT64_C(0x00ff00ff00ff00ff);
	y = little_endian_64(digits_of((y >> 4 | y << 8) & EACH(0x0f)));
	memcpy(out, &y, sizeof(y));
}

void hex_write(const unsigned char *bytes, size_t n, char *out)
{
	for (size_t i = 0; i < n; i += 4) {
		write_four(bytes + i, out + 2 * i);
	}
}
