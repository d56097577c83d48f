#include "core/pep/name.h"
#include "tests/fuzz/pep/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct str name = {.p = copy, .n = size};
	struct buf normal = {0}, again = {0};
	name_normalise(name, &normal);
	name_normalise(buf_view(&normal), &again);
	fuzz_require(
		str_equal(buf_view(&normal), buf_view(&again)), "normalising twice changes nothing");
	fuzz_require(name_equal(name, buf_view(&normal)), "the normalised name is the same name");
	char small[16];
	bool fits = name_normalise_to(name, small, sizeof(small));
	fuzz_require(fits == (normal.n < sizeof(small)), "it fits where there is room");
	fuzz_require(!fits || str_equal(str_from(small), buf_view(&normal)) ||
			(normal.n != 0 && memchr(normal.p, '\0', normal.n) != NULL),
		"what fits is the same text");
	if (name_is_valid(name)) {
		fuzz_require(name_is_valid(buf_view(&normal)), "the normalised name is valid too");
	}
	buf_finish(&normal);
	buf_finish(&again);
	free(copy);
	return 0;
}
