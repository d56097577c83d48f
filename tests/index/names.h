/* Names of packages that nobody has, but that look as if. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	NAMES_MAX = 1 << 21, /* different ones of one seed */
	NAME_BYTES = 48,
};

/* Name number k of the seed; two numbers below NAMES_MAX never give the same name. Normalised. */
void name_make(uint64_t seed, uint32_t k, char out[static NAME_BYTES]);
