/* What every harness here needs. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input at the very end of its own allocation, so that one byte too far is seen. */
static inline char *fuzz_copy(const uint8_t *data, size_t size)
{
	char *copy = malloc(size != 0 ? size : 1);
	for (size_t i = 0; i < size; i++) {
		copy[i] = (char)data[i];
	}
	return copy;
}

/* A rule of the parser itself was broken. */
static inline void fuzz_require(bool holds, const char *rule)
{
	if (!holds) {
		mem_bug("%s", rule);
	}
}
