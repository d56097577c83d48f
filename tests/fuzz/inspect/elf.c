#include "core/inspect/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {.p = (const char *)data, .n = size};
	struct err e;
	struct elf elf;
	for (int headers_only = 0; headers_only < 2; headers_only++) {
		elf_read(bytes, headers_only, &elf, &e);
		elf_finish(&elf);
	}
	return 0;
}
