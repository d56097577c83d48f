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

typedef unsigned char lanes __attribute__((vector_size(16)));

static lanes load(const void *from)
{
	lanes out;
	memcpy(&out, from, sizeof(out));
	return out;
}

/* What each digit stands for; *wrong gets bits where one is none. */
static lanes nibbles_of(lanes digits, lanes *wrong)
{
	lanes number = digits - '0', letter = digits - 'a';
	lanes is_number = (lanes)(number <= 9), is_letter = (lanes)(letter <= 5);
	*wrong |= ~(is_number | is_letter);
	return (is_number & number) | (is_letter & (letter + 10));
}

/* Thirty-two digits to sixteen bytes. */
static void read_step(const char *digits, unsigned char *out, lanes *wrong)
{
	lanes a = nibbles_of(load(digits), wrong), b = nibbles_of(load(digits + 16), wrong);
	lanes high =
		__builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
	lanes low =
		__builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
	lanes both = high << 4 | low;
	memcpy(out, &both, sizeof(both));
}

bool hex_read(struct str digits, unsigned char *out, size_t n)
{
	lanes wrong = {0};
	uint64_t halves[2];
	if (digits.n != 2 * n) {
		return false;
	}
	for (size_t i = 0; i < n; i += sizeof(lanes)) {
		read_step(digits.p + 2 * i, out + i, &wrong);
	}
	memcpy(halves, &wrong, sizeof(halves));
	return (halves[0] | halves[1]) == 0;
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
