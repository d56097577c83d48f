/* Every byte as two digits and back, and every byte that is no digit at every place. */
#include "coordinator/store/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void there_and_back(void **state)
{
	for (int first = 0; first < 256; first += HEX_HASH) {
		unsigned char bytes[HEX_HASH], again[HEX_HASH];
		static const char all[] = "0123456789abcdef";
		char digits[2 * HEX_HASH], expected[2 * HEX_HASH];
		for (int i = 0; i < HEX_HASH; i++) {
			bytes[i] = (unsigned char)(first + i);
			expected[2 * i] = all[bytes[i] >> 4];
			expected[2 * i + 1] = all[bytes[i] & 15];
		}
		hex_write(bytes, HEX_HASH, digits);
		assert_memory_equal(digits, expected, sizeof(digits));
		assert_true(hex_read((struct str){digits, sizeof(digits)}, again, HEX_HASH));
		assert_memory_equal(again, bytes, HEX_HASH);
	}
}

static void nothing_else_is_a_digit(void **state)
{
	unsigned char out[HEX_HASH];
	char digits[2 * HEX_HASH];
	memset(digits, 'a', sizeof(digits));
	assert_false(hex_read((struct str){digits, sizeof(digits) - 1}, out, HEX_HASH));
	assert_false(hex_read((struct str){0}, out, HEX_HASH));
	for (size_t place = 0; place < sizeof(digits); place++) {
		for (int c = 0; c < 256; c++) {
			bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
			digits[place] = (char)c;
			assert_int_equal(hex_read((struct str){digits, sizeof(digits)}, out, HEX_HASH), digit);
		}
		digits[place] = 'a';
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(nothing_else_is_a_digit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
