#include "coordinator/scan/serials.h"

#include "tests/fuzz/pep/fuzz.h"

/* What is asked about is "demo" and "a-b". */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t demo = 0, other = 0;
	struct map names = {0};
	struct err e;
	map_put(&names, STR("demo"), &demo);
	map_put(&names, STR("a-b"), &other);
	struct buf text = {0};
	buf_add(&text, data, size);
	size_t read = 0;
	int code = serials_read(&text, &names, &read, &e);
	fuzz_require(code <= 0 && demo >= 0 && other >= 0, "a serial is a number from 1 on");
	fuzz_require(code != 0 || demo == 0 || read != 0, "what was found was listed");
	map_finish(&names);
	buf_finish(&text);
	return 0;
}
