#include "coordinator/scan/serials.h"

#include "tests/fuzz/pep/fuzz.h"

/* The first byte says how long the pieces are; what is asked about is "demo" and "a-b". */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0) {
		return 0;
	}
	int64_t demo = 0, other = 0;
	struct map names = {0};
	struct err e;
	map_put(&names, STR("demo"), &demo);
	map_put(&names, STR("a-b"), &other);
	char *copy = fuzz_copy(data + 1, size - 1);
	struct serials_reader *r = serials_reader_create(&names);
	int code = 0;
	size_t read = 0;
	for (struct str left = {copy, size - 1}; left.n != 0 && code == 0;) {
		struct str part = str_slice(left, 0, (size_t)data[0] + 1);
		left = str_slice(left, part.n, left.n);
		code = serials_reader_feed(r, part, &e);
	}
	code = code == 0 ? serials_reader_end(r, &read, &e) : code;
	fuzz_require(code <= 0 && demo >= 0 && other >= 0, "a serial is a number from 1 on");
	fuzz_require(code != 0 || demo == 0 || read != 0, "what was found was listed");
	serials_reader_destroy(r);
	map_finish(&names);
	free(copy);
	return 0;
}
