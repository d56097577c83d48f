#include "tests/index/names.h"

#include "tests/index/random.h"

#include <stdio.h>

/* A core of syllables that stands for the number, and words around it: different numbers have
 * different cores, and no word has its form. */
void name_make(uint64_t seed, uint32_t k, char out[static NAME_BYTES])
{
	static const struct {
		const char *before, *after;
	} forms[] = {{"", ""}, {"", ""}, {"", ""}, {"py", ""}, {"", "-client"}, {"django-", ""},
		{"", "-utils"}, {"pytest-", ""}, {"python-", ""}, {"", "-core"}, {"types-", ""},
		{"", "-sdk"}, {"flask-", ""}, {"", "-cli"}, {"", "2"}, {"azure-mgmt-", ""}};
	static const char consonants[] = "bdfgklmnprstvzwh", vowels[] = "aeiouaei";
	struct random r = {seed};
	uint32_t offset = random_below(&r, NAMES_MAX);
	/* an odd factor permutes the numbers below a power of two */
	uint32_t number = (k * 0x9e3779b1u + offset) % NAMES_MAX;
	char core[16];
	size_t n = 0;
	for (int i = 0; i < 3; i++, number /= 128) {
		core[n++] = consonants[number % 16];
		core[n++] = vowels[number / 16 % 8];
		if (number / 16 % 8 > 4) {
			core[n++] = 'x'; /* the vowels that stand twice */
		}
	}
	core[n] = '\0';
	struct random form = {seed ^ k};
	uint32_t f = random_below(&form, sizeof(forms) / sizeof(*forms));
	snprintf(out, NAME_BYTES, "%s%s%s", forms[f].before, core, forms[f].after);
}
