#include "core/inspect/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e;
	struct record record;
	record_read((struct str){.p = (const char *)data, .n = size}, &record, &e);
	record_finish(&record);
	return 0;
}
