#include "core/inspect/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {.p = (const char *)data, .n = size};
	struct err e;
	struct pe pe;
	for (int headers_only = 0; headers_only < 2; headers_only++) {
		pe_read(bytes, headers_only, &pe, &e);
		pe_finish(&pe);
	}
	return 0;
}
